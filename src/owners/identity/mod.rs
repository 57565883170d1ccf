//! From what the system says of a process to what a person calls it: the app, the container and the
//! unit. Pure logic over texts that others chose; it opens no file and asks no system. A program that
//! is gone is called by what the kernel told of it, by the same rules ([`of_program`]).

mod bundle;
mod families;
mod group;
mod interpreter;
mod named;
mod options;
mod packages;
mod paths;
mod program;
mod short;
mod told;
mod versions;

pub(super) use bundle::bundle_of;
pub(super) use told::{Around, agree, is_its_own, of_program};

use crate::label::{App, harmless};
use crate::platform::{Bundle, ProcessFacts};
use named::{Named, named};
use program::Program;
use std::sync::Arc;

/// How long an app's name, its path, a unit's and a container's name may be, in bytes.
const NAME: usize = 64;
const PATH: usize = 1024;
const UNIT: usize = 256;
const CONTAINER: usize = 48;

/// What a process is a run of, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identified {
    pub app: App,
    /// The part of an app that does its work for it: a bundle within its bundle.
    pub via: Option<Arc<str>>,
    pub container: Option<Arc<str>>,
    pub unit: Option<Arc<str>>,
    /// It was started by its app to do a part of the work, and does not say which app that is: it is
    /// the parent's where the parent runs the same executable.
    pub helps: bool,
}

/// What a living process is.
pub(super) fn app(facts: &ProcessFacts) -> Identified {
    app_in(facts, None)
}

/// What a living process is, with what its bundle says of itself ([`bundle_of`] tells which).
pub(super) fn app_in(facts: &ProcessFacts, bundle: Option<&Bundle>) -> Identified {
    let executable = program::executable(facts);
    let folder = facts.folder.as_deref().map(program::text);
    let image = facts.image.as_deref().map(program::text);
    identify(
        &Program {
            executable: executable.as_deref(),
            arguments: &facts.arguments,
            folder: folder.as_deref().map(program::undeleted),
            short_name: &facts.short_name,
            group: facts.group.as_deref(),
            image: image.as_deref(),
            kernel: facts.parent == KERNEL_THREADS || facts.run.pid == KERNEL_THREADS,
            user: facts.user,
        },
        bundle,
    )
}

/// The process that starts the kernel's own threads on Linux.
const KERNEL_THREADS: u32 = 2;

fn identify(program: &Program, bundle: Option<&Bundle>) -> Identified {
    let place = group::place(program.group.unwrap_or(""));
    let named = named(program, &place, bundle);
    Identified {
        app: labelled(&named, place.container.as_deref(), program.user),
        via: named.via.as_deref().map(|via| harmless(via, NAME).into()),
        helps: named.helps,
        container: place.container.map(|it| harmless(&it, CONTAINER).into()),
        unit: place.unit.map(|unit| harmless(&unit, UNIT).into()),
    }
}

/// A file within a container is another app than a file of that name outside.
fn labelled(named: &Named, container: Option<&str>, user: u32) -> App {
    let Some(container) = container.map(|it| harmless(it, CONTAINER)) else {
        return App {
            name: shown(&named.name, NAME).into(),
            path: named
                .path
                .as_deref()
                .map(|path| harmless(path, PATH).into()),
            user: Some(user),
        };
    };
    let place = within(" (container ", &container, NAME / 2);
    let name = shown(&named.name, NAME - place.len()) + &place;
    let path = |path: &String| harmless(&format!("container:{container}:{path}"), PATH).into();
    App {
        name: name.into(),
        path: named.path.as_ref().map(path),
        user: Some(user),
    }
}

fn within(before: &str, container: &str, most: usize) -> String {
    format!("{before}{})", harmless(container, most - before.len() - 1))
}

/// A name that can be seen.
fn shown(name: &str, most: usize) -> String {
    let name = harmless(name.trim(), most);
    if name.is_empty() {
        return "unnamed".to_owned();
    }
    name
}

#[cfg(test)]
mod tests;
