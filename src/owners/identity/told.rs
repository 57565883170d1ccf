//! A program that is gone, from what the kernel told of it; and whether a living process still runs
//! the program that was told. Ends at the same app as the living process would have, where what was
//! told is enough: a file is called by whatever name it was called by, so links are followed by a
//! function that is handed in.
//!
//! It cannot be the same app: where the file has gone as well and its name was a link; for a script
//! that was called by a path from a folder which is not known; for what the group or the environment
//! say (containers, Flatpak, AppImage) where no parent is known; where an argument was cut.

use super::program::Program;
use super::{Identified, app, identify};
use crate::platform::{ProcessFacts, ProgramSeen};
use std::path::{Path, PathBuf};

/// As many bytes of an argument as the kernel tells: one that has them may have had more.
const CAUGHT: usize = 63;

/// As many bytes as Linux keeps of a name.
const SHORT: usize = 15;

/// What is known of where a program was started.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    /// What its parent runs.
    pub executable: Option<&'a str>,
    /// The folder that it was started in: the parent's.
    pub folder: Option<&'a str>,
    /// The group that it was started in: the parent's.
    pub group: Option<&'a str>,
    /// The file that a path leads to when its links are followed.
    pub resolve: fn(&Path) -> Option<PathBuf>,
}

/// What a program was, by what the kernel told. Only the short name where the kernel was not
/// watching when it was executed.
pub(crate) fn of_program(seen: &ProgramSeen, around: &Around) -> Identified {
    let arguments = with_script(seen, whole(&seen.arguments));
    let executable = seen
        .file
        .as_deref()
        .map(|file| executable(file, &arguments, around));
    identify(
        &Program {
            executable: executable.as_deref().filter(|file| !file.is_empty()),
            arguments: &arguments,
            folder: around.folder,
            short_name: &seen.short_name,
            group: around.group,
            image: None,
            kernel: false,
            user: seen.user,
        },
        None,
    )
}

/// The arguments up to one that was cut: a part of a path is another path.
fn whole(arguments: &[String]) -> Vec<String> {
    let uncut = arguments
        .iter()
        .take_while(|argument| argument.len() < CAUGHT);
    uncut.cloned().collect()
}

/// Of a script that names its interpreter (`#!`), the kernel puts the interpreter, and its option if
/// there is one, before the script's own path.
fn script_at(file: &str, arguments: &[String]) -> Option<usize> {
    let called = arguments.first()?;
    let at = arguments
        .iter()
        .take(3)
        .position(|argument| argument == file)?;
    (at > 0 && called != file && called.starts_with('/')).then_some(at)
}

fn executable(file: &str, arguments: &[String], around: &Around) -> String {
    let runs = match (script_at(file, arguments), arguments.first()) {
        (Some(_), Some(interpreter)) => interpreter,
        _ => file,
    };
    if is_its_own(runs) {
        return itself(runs, around).to_owned();
    }
    let path = super::paths::absolute(runs, around.folder);
    let contained = around
        .group
        .is_some_and(|it| super::group::place(it).container.is_some());
    // Within a container the same path leads to another file.
    let found = (path.starts_with('/') && !contained).then(|| (around.resolve)(Path::new(&path)));
    found
        .flatten()
        .map_or(path, |found| found.to_string_lossy().into_owned())
}

/// A path that leads each process to another file: a browser starts its helpers by
/// `/proc/self/exe`, a service manager its services by `/dev/fd/5`. It is not to be followed here.
pub(crate) fn is_its_own(file: &str) -> bool {
    file.starts_with("/proc/") || file.starts_with("/dev/fd/")
}

/// What such a path meant: the program itself is what the process was forked off from; a file that it
/// had open is not known.
fn itself<'a>(file: &str, around: &Around<'a>) -> &'a str {
    let parents = around.executable.filter(|it| !is_its_own(it));
    parents
        .filter(|_| file.ends_with("/exe"))
        .unwrap_or_default()
}

/// A script's own path is told whole as the file, though it may be cut among the arguments.
fn with_script(seen: &ProgramSeen, mut arguments: Vec<String>) -> Vec<String> {
    if let Some(file) = &seen.file
        && let Some(cut) = seen.arguments.get(arguments.len())
        && matches!(arguments.len(), 1 | 2)
        && file.starts_with(cut.trim_end_matches(char::REPLACEMENT_CHARACTER))
    {
        arguments.push(file.clone());
    }
    arguments
}

/// Whether a living process runs the program that was told, and not another one since. In doubt it
/// does not.
pub(crate) fn agree(seen: &ProgramSeen, facts: &ProcessFacts, around: &Around) -> bool {
    if seen.user != facts.user && seen.user != facts.effective_user {
        return false;
    }
    let Some(file) = &seen.file else {
        return is_called(&seen.short_name, facts);
    };
    let told = of_program(seen, around).app;
    let alive = app(facts).app;
    told.path.is_some() && told.path == alive.path
        || runs(file, seen, facts, around) && same_arguments(seen, &facts.arguments)
}

/// Known only by its short name: that is its name still, or its file's.
fn is_called(short_name: &str, facts: &ProcessFacts) -> bool {
    let file = facts.executable.as_deref().and_then(Path::file_name);
    let file = file.map(|name| name.to_string_lossy().into_owned());
    !short_name.is_empty()
        && (facts.short_name == short_name || file.is_some_and(|name| name.starts_with(short_name)))
}

/// It is the file that was told; or where the file cannot be found from here, one of its name; or any
/// where the file had no name of its own.
fn runs(file: &str, seen: &ProgramSeen, facts: &ProcessFacts, around: &Around) -> bool {
    if is_its_own(file) {
        return true;
    }
    let alive = super::program::executable(facts);
    let told = executable(file, &with_script(seen, whole(&seen.arguments)), around);
    let apart = super::group::place(facts.group.as_deref().unwrap_or("")).is_apart();
    let found = told.starts_with('/') && (around.resolve)(Path::new(&told)).is_some();
    if found && !apart {
        return alive.is_some_and(|alive| alive == told);
    }
    let name = super::paths::file_name(file);
    let short = &facts.short_name;
    short.len() >= name.len().min(SHORT) && name.starts_with(short.as_str())
        || alive.is_some_and(|alive| super::paths::file_name(&alive) == name)
}

fn same_arguments(seen: &ProgramSeen, alive: &[String]) -> bool {
    let same = |(told, alive): (&String, &String)| {
        told == alive || told.len() >= CAUGHT && alive.starts_with(told.as_str())
    };
    !seen.arguments.is_empty()
        && alive.len() >= seen.arguments.len()
        && seen.arguments.iter().zip(alive).all(same)
}
