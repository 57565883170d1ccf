//! Programs that run programs: `python3 foo.py` is foo.py. Also what a process wrote over its own
//! arguments (its title), applets of BusyBox, and Windows programs under Wine.

use super::families::{Family, family_of};
use super::options::{Target, target};
use super::paths::{absolute, file_name};
use super::program::Program;
use super::versions::name_of;

/// What an executable runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Runs {
    /// No other program than itself.
    Itself,
    /// A part of the app that started it.
    Helps,
    /// What a person calls it, and what comes behind the executable in its path. `file` is the
    /// script as a path, where there is one.
    Script {
        name: String,
        what: String,
        file: Option<String>,
    },
}

/// `executable` is called by the name `called` in the system's tables.
pub(super) fn runs(called: &str, program: &Program) -> Runs {
    match called {
        "busybox" | "toybox" => applet(called, program),
        "wine" | "wine64" | "wine-preloader" | "wine64-preloader" => windows(program),
        _ => match family_of(called) {
            Some(family) => in_family(family, program.arguments, program.folder),
            None => Runs::Itself,
        },
    }
}

fn in_family(family: &Family, arguments: &[String], folder: Option<&str>) -> Runs {
    let Some((own, rest)) = arguments.split_first() else {
        return Runs::Itself;
    };
    let found = target(family, rest);
    if found == Target::Itself && rest.iter().all(String::is_empty) && !is_called(family, own) {
        return title(own);
    }
    told(found, folder)
}

fn told(target: Target, folder: Option<&str>) -> Runs {
    match target {
        Target::Itself => Runs::Itself,
        Target::Helps => Runs::Helps,
        Target::File(path) => file(path, folder),
        Target::Module(module) => Runs::Script {
            name: module_name(module).to_owned(),
            what: format!("-m {module}"),
            file: None,
        },
        Target::Class(class) => Runs::Script {
            name: class_name(class).to_owned(),
            what: class.to_owned(),
            file: None,
        },
    }
}

/// What is read from a descriptor has no name that means anything.
fn file(path: &str, folder: Option<&str>) -> Runs {
    let path = absolute(path, folder);
    let name = name_of(&path);
    if name.is_empty() || path.starts_with("/dev/") || path.starts_with("/proc/") {
        return Runs::Itself;
    }
    Runs::Script {
        name: name.to_owned(),
        what: path.clone(),
        file: Some(path),
    }
}

/// A module is called what it is, and Java's `module/class` by the class.
fn module_name(module: &str) -> &str {
    module
        .split_once('/')
        .map_or(module, |(_, class)| class_name(class))
}

/// A class by its last part, unless that could be anybody's.
fn class_name(class: &str) -> &str {
    const ANYBODY: &[&str] = &[
        "Main",
        "App",
        "Application",
        "Bootstrap",
        "Cli",
        "Launcher",
        "JarLauncher",
        "Program",
        "Runner",
        "Server",
        "Start",
        "Starter",
        "Startup",
    ];
    match class.rsplit(['.', '/']).next() {
        Some(last) if !last.is_empty() && !ANYBODY.contains(&last) => last,
        _ => class,
    }
}

fn is_called(family: &Family, own: &str) -> bool {
    let own = file_name(own.trim_start_matches('-'));
    family_of(own).is_some_and(|other| std::ptr::eq(family, other))
}

/// A title says first what the process is, then what it does: `gunicorn: master [app]`.
fn title(own: &str) -> Runs {
    let word = own.trim_start_matches('[');
    let word = word
        .split([' ', ':', '(', '[', ']', '\t'])
        .next()
        .unwrap_or("");
    let word = file_name(word);
    if word.len() < 2 || !word.contains(|letter: char| letter.is_alphabetic()) {
        return Runs::Itself;
    }
    Runs::Script {
        name: word.to_owned(),
        what: word.to_owned(),
        file: None,
    }
}

/// The applet that the box was called as or for; a shell among them runs scripts itself.
fn applet(called: &str, program: &Program) -> Runs {
    let called_by = |argument: &String| file_name(argument.trim_start_matches('-')).to_owned();
    let Some((own, rest)) = program.arguments.split_first() else {
        return Runs::Itself;
    };
    let (name, arguments) = match rest.first() {
        Some(next) if called_by(own).starts_with(called) => (called_by(next), rest),
        _ => (called_by(own), program.arguments),
    };
    if let Some(family) = family_of(&name)
        && let script @ Runs::Script { .. } = in_family(family, arguments, program.folder)
    {
        return script;
    }
    if name.is_empty() || name.starts_with(called) {
        return Runs::Itself;
    }
    Runs::Script {
        what: name.clone(),
        name,
        file: None,
    }
}

fn windows(program: &Program) -> Runs {
    let is_program = |argument: &&String| argument.to_ascii_lowercase().ends_with(".exe");
    let Some(path) = program.arguments.iter().take(3).find(is_program) else {
        return Runs::Itself;
    };
    Runs::Script {
        name: path.rsplit(['\\', '/']).next().unwrap_or(path).to_owned(),
        what: path.clone(),
        file: None,
    }
}
