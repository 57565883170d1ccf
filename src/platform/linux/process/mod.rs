//! What `/proc/PID` says of a process: texts that others chose, cut to a length and otherwise as
//! they are. Knows no socket.

mod stat;

use super::folder::{Folder, numbered};
use crate::platform::{Error, ProcessFacts, Run};
use stat::Stat;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// How many arguments are told, and how many bytes of them in all.
const ARGUMENTS: usize = 8;
const ARGUMENT_BYTES: usize = 4096;
/// How far an environment is searched: it may have 2 MiB.
const ENVIRONMENT_BYTES: usize = 64 << 10;
const STATUS_BYTES: usize = 4096;
const GROUP_BYTES: usize = 16 << 10;
/// A process may call another program while we look: then once more.
const ATTEMPTS: usize = 3;
/// How many children of a process are told.
const CHILDREN: usize = 1024;
const CHILDREN_BYTES: usize = 16 << 10;
const THREADS: usize = 64;

pub(crate) fn process(pid: u32) -> Result<ProcessFacts, Error> {
    facts(pid).ok_or(Error::Gone { pid })
}

/// When the process with this number began: the second half of its [`Run`].
pub(crate) fn started(pid: u32) -> Option<u64> {
    Stat::of(&Folder::open(pid).ok()?).map(|stat| stat.since)
}

/// The processes that this one has started and that still run.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    let Ok(folder) = Folder::open(pid) else {
        return Vec::new();
    };
    let Ok(mut threads) = folder.list("task") else {
        return Vec::new();
    };
    let threads = threads.iter().flatten().filter_map(|entry| {
        let thread: u32 = entry.file_name().to_str().ok()?.parse().ok()?;
        folder
            .read(&format!("task/{thread}/children"), CHILDREN_BYTES)
            .ok()
    });
    let mut found = Vec::new();
    for list in threads.take(THREADS) {
        let list = String::from_utf8_lossy(&list);
        found.extend(
            list.split_ascii_whitespace()
                .filter_map(|it| it.parse::<u32>().ok()),
        );
    }
    found.truncate(CHILDREN);
    found
}

/// The run of the process that a folder is of: a thread's stands for its process.
pub(super) fn run_of(folder: &Folder) -> Option<Run> {
    let mut stat = Stat::of(folder)?;
    if stat.thread {
        let process = status(folder)?.process;
        stat = Stat::of(&Folder::open(process).ok()?)?;
    }
    Some(Run {
        pid: stat.pid,
        since: stat.since,
    })
}

fn facts(pid: u32) -> Option<ProcessFacts> {
    let folder = Folder::open(pid).ok()?;
    let mut facts = looked_at(&folder)?;
    for _ in 1..ATTEMPTS {
        if is_steady(&folder, &facts) {
            break;
        }
        std::thread::yield_now();
        facts = looked_at(&folder)?;
    }
    Some(facts.0)
}

/// Whether it runs the same program as before, and that one has been called already: for a moment
/// it has no arguments, not even a name.
fn is_steady(folder: &Folder, (facts, link): &(ProcessFacts, Option<OsString>)) -> bool {
    let now = folder.link("exe").ok();
    now.is_none() || now == *link && !facts.arguments.is_empty()
}

/// The facts, and where its executable's link led before they were read. Everything comes through
/// one folder and can only be of one process; it has to be there still in the end.
fn looked_at(folder: &Folder) -> Option<(ProcessFacts, Option<OsString>)> {
    let link = folder.link("exe").ok();
    let status = status(folder)?;
    let executable = link.clone().map(|link| executable(folder, link));
    let (executable, replaced) = executable.map_or((None, false), |(it, gone)| (Some(it), gone));
    let arguments = folder.read("cmdline", ARGUMENT_BYTES).unwrap_or_default();
    let group = folder.read("cgroup", GROUP_BYTES).ok();
    let image = folder.read("environ", ENVIRONMENT_BYTES).ok();
    let network = folder.link("ns/net").ok();
    let folder_of_work = folder.link("cwd").ok();
    let stat = Stat::of(folder)?;
    let facts = ProcessFacts {
        run: Run {
            pid: status.process,
            since: stat.since,
        },
        parent: stat.parent,
        user: status.user,
        effective_user: status.effective_user,
        short_name: stat.name,
        executable,
        replaced,
        arguments: split(&arguments),
        folder: folder_of_work.map(PathBuf::from),
        group: group.and_then(|lines| group_of(&String::from_utf8_lossy(&lines))),
        image: image.and_then(|variables| image_of(&variables)),
        network: network.and_then(|link| numbered(&link, "net")),
    };
    Some((facts, link))
}

struct Status {
    process: u32,
    user: u32,
    effective_user: u32,
}

fn status(folder: &Folder) -> Option<Status> {
    let content = folder.read("status", STATUS_BYTES).ok()?;
    let content = String::from_utf8_lossy(&content);
    let numbers = |name: &str| {
        let line = content.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.split_ascii_whitespace().map(str::parse::<u32>))
    };
    let mut users = numbers("Uid:")?;
    Some(Status {
        process: numbers("Tgid:")?.next()?.ok()?,
        user: users.next()?.ok()?,
        effective_user: users.next()?.ok()?,
    })
}

/// The kernel says ` (deleted)` after the name of a file that has none any more, and a file may
/// also be called that.
fn executable(folder: &Folder, link: OsString) -> (PathBuf, bool) {
    const DELETED: &[u8] = b" (deleted)";
    let mut name = link.into_vec();
    let marked = name.ends_with(DELETED);
    let gone = marked && folder.behind("exe").map_or(true, |file| file.st_nlink == 0);
    if gone {
        name.truncate(name.len() - DELETED.len());
    }
    (OsString::from_vec(name).into(), gone)
}

/// Arguments end with a zero byte, the last one too unless it was cut off.
fn split(arguments: &[u8]) -> Vec<String> {
    let whole = arguments.strip_suffix(b"\0").unwrap_or(arguments);
    if whole.is_empty() {
        return Vec::new();
    }
    let arguments = whole.split(|byte| *byte == 0).take(ARGUMENTS);
    arguments
        .map(|argument| String::from_utf8_lossy(argument).into_owned())
        .collect()
}

/// The group in cgroup v2's tree; else in systemd's own of v1; else in any.
fn group_of(lines: &str) -> Option<String> {
    let groups = || {
        lines.lines().filter_map(|line| {
            let (number, rest) = line.split_once(':')?;
            let (controllers, group) = rest.split_once(':')?;
            Some((number, controllers, group)).filter(|(_, _, group)| *group != "/")
        })
    };
    let second = groups().find(|(number, controllers, _)| *number == "0" && controllers.is_empty());
    let systemd = || groups().find(|(_, controllers, _)| *controllers == "name=systemd");
    let best = second.or_else(systemd).or_else(|| groups().next());
    let root = || lines.lines().next().map(|_| "/");
    best.map(|(_, _, group)| group)
        .or_else(root)
        .map(str::to_owned)
}

/// What an AppImage's starter leaves in the environment: the image's path.
fn image_of(environment: &[u8]) -> Option<PathBuf> {
    let mut variables = environment.split(|byte| *byte == 0);
    let path = variables.find_map(|variable| variable.strip_prefix(b"APPIMAGE="))?;
    path.starts_with(b"/")
        .then(|| PathBuf::from(OsStr::from_bytes(path)))
}

/// For those who look through folders: whether a failure says that we may not look.
pub(super) fn is_forbidden(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied
}

#[cfg(test)]
mod tests;
