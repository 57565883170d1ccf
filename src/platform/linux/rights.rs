//! What this process may see of others, and what it lacks: told once, instead of an error for each
//! process that cannot be looked into.

use super::read;
use crate::platform::Sight;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

/// The capabilities that help, by their number, and what each is for.
pub(super) const WANTED: [(u32, &str); 6] = [
    (2, "CAP_DAC_READ_SEARCH"),
    (12, "CAP_NET_ADMIN"),
    (NET_RAW, "CAP_NET_RAW"),
    (19, "CAP_SYS_PTRACE"),
    (38, "CAP_PERFMON"),
    (39, "CAP_BPF"),
];
const NET_RAW: u32 = 13;
/// How many processes of others are tried.
const TRIED: usize = 512;
/// What has the rights of one of these too.
const SYS_ADMIN: u32 = 21;

pub(crate) fn may_look_at_others() -> Sight {
    let mounts = read("/proc/self/mountinfo").unwrap_or_default();
    Sight {
        others: sees_others(),
        missing: missing(capabilities().unwrap_or(0)),
        hidden: hides_processes(&mounts),
    }
}

/// Capturing takes CAP_NET_RAW, whoever has it.
pub fn may_capture() -> bool {
    capabilities().map_or_else(super::super::is_root, |mask| mask & 1 << NET_RAW != 0)
}

/// The proof: rights may be there and not help, as under Landlock. Root's own are others, too, where
/// there is nobody else: a process that is locked in sees none of them.
fn sees_others() -> bool {
    let mut others = others().take(TRIED);
    others.any(|pid| sees_files_of(&pid)) || super::super::is_root() && sees_files_of(&parent())
}

/// Processes that are not ours, by number, the first one first.
fn others() -> impl Iterator<Item = String> {
    let us = super::super::user();
    let listed = fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_number = |name: &String| name.bytes().all(|byte| byte.is_ascii_digit());
    let processes = listed.filter_map(move |entry| {
        let name = entry.file_name().into_string().ok().filter(is_number)?;
        (entry.metadata().ok()?.uid() != us).then_some(name)
    });
    // Where a program has rights of its own, its process looks like root's.
    processes.filter(|pid| *pid != std::process::id().to_string())
}

/// One without files proves nothing: the kernel's threads have none.
fn sees_files_of(pid: &str) -> bool {
    let Ok(mut files) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    files.next().is_some_and(|file| {
        let path = file.map(|file| file.path());
        path.is_ok_and(|path| fs::read_link(path).is_ok())
    })
}

fn parent() -> String {
    nix::unistd::getppid().to_string()
}

/// The capabilities that this process has now, a bit each; `None` where they cannot be read.
fn capabilities() -> Option<u64> {
    effective(&read("/proc/self/status").ok()?)
}

fn effective(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

fn missing(effective: u64) -> Vec<&'static str> {
    let has = |number: u32| effective & 1 << number != 0;
    let by_all = |number: u32| number >= 38 && has(SYS_ADMIN);
    let lacks = |(number, _): &&(u32, &str)| !has(*number) && !by_all(*number);
    WANTED.iter().filter(lacks).map(|(_, name)| *name).collect()
}

/// `/proc` is mounted so that others' processes are not shown.
fn hides_processes(mounts: &str) -> bool {
    mounts.lines().any(|line| {
        let at_proc = line.split(' ').nth(4) == Some("/proc");
        let option = line
            .split([' ', ','])
            .find_map(|it| it.strip_prefix("hidepid="));
        at_proc && option.is_some_and(|value| value != "0" && value != "off")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(missing(u64::MAX), [] as [&str; 0]);
        assert_eq!(missing(0).len(), WANTED.len());
        let status = "Name:\tx\nCapEff:\t0000000000002000\n";
        assert_eq!(effective(status), Some(1 << NET_RAW));
        assert!(!missing(1 << NET_RAW).contains(&"CAP_NET_RAW"));
        assert_eq!(missing(1 << SYS_ADMIN).len(), WANTED.len() - 2);
        assert_eq!(effective("nothing"), None);
    }

    #[test]
    fn hidden_processes_are_noticed() {
        let mount = |options| format!("24 29 0:22 / /proc rw,nosuid - proc proc {options}\n");
        for (options, hidden) in [
            ("rw", false),
            ("rw,hidepid=0", false),
            ("rw,hidepid=invisible", true),
            ("rw,gid=4,hidepid=2", true),
        ] {
            assert_eq!(hides_processes(&mount(options)), hidden, "{options}");
        }
    }

    #[test]
    fn root_sees_others() {
        if super::super::super::is_root() {
            let sight = may_look_at_others();
            assert!(sight.others && !sight.hidden, "{sight:?}");
        }
    }
}
