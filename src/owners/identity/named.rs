//! Which rule names a program: the first that applies.

use super::bundle::{bundle_of, in_bundle};
use super::group::Place;
use super::interpreter::{Runs, runs};
use super::packages::{flatpak, image, snap};
use super::paths::file_name;
use super::program::Program;
use super::short;
use super::versions::{lasting, name_of};
use crate::platform::Bundle;

/// An app before its texts are made harmless and its container is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub name: String,
    pub path: Option<String>,
    pub via: Option<String>,
    pub helps: bool,
}

impl Named {
    pub(super) fn new(name: &str, path: String) -> Named {
        Named {
            name: name.to_owned(),
            path: Some(path),
            via: None,
            helps: false,
        }
    }
}

pub(super) fn named(program: &Program, place: &Place, bundle: Option<&Bundle>) -> Named {
    let unreadable = || Named {
        name: short::name(program),
        path: None,
        via: None,
        helps: false,
    };
    let packed = flatpak(place);
    match program.executable {
        Some(executable) => packed.unwrap_or_else(|| readable(executable, program, place, bundle)),
        None if program.kernel => unreadable(),
        None => packed
            .or_else(|| snap(None, None, place))
            .unwrap_or_else(unreadable),
    }
}

fn readable(executable: &str, program: &Program, place: &Place, bundle: Option<&Bundle>) -> Named {
    if let Some(memory) = executable.strip_prefix("/memfd:") {
        let name = format!("memfd:{memory}");
        return Named::new(&name, name.clone());
    }
    let executable = renamed(executable, program.arguments);
    let runs = runs(name_of(&executable), program);
    let script = match &runs {
        Runs::Script { file, .. } => file.as_deref(),
        _ => None,
    };
    if let Some(packed) = image(&executable, program.image)
        .or_else(|| snap(Some(&executable), script, place))
        .or_else(|| in_bundle_of(&executable, &runs, bundle))
    {
        return packed;
    }
    plain(&executable, runs)
}

/// A file that is deleted while it runs from a network share is called `.nfs...` there.
fn renamed(executable: &str, arguments: &[String]) -> String {
    let called = arguments.first().map_or("", |called| file_name(called));
    match executable.rsplit_once('/') {
        Some((folder, name)) if name.starts_with(".nfs0") && !called.is_empty() => {
            format!("{folder}/{called}")
        }
        _ => executable.to_owned(),
    }
}

/// Python for macOS is a bundle itself: its scripts are apps of their own, unless they are in the
/// same bundle.
fn in_bundle_of(executable: &str, runs: &Runs, bundle: Option<&Bundle>) -> Option<Named> {
    let within = bundle_of(executable)?;
    match runs {
        Runs::Script {
            file: Some(file), ..
        } if file.starts_with(&format!("{within}/")) => {}
        Runs::Script { .. } => return None,
        _ => {}
    }
    in_bundle(executable, bundle)
}

fn plain(executable: &str, runs: Runs) -> Named {
    let path = lasting(executable);
    match runs {
        Runs::Script { name, what, file } => {
            let what = file.as_deref().map_or(what, lasting);
            Named::new(&name, format!("{path} {what}"))
        }
        Runs::Itself => Named::new(name_of(executable), path),
        Runs::Helps => Named {
            helps: true,
            ..Named::new(name_of(executable), path)
        },
    }
}
