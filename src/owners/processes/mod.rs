//! Which process it was that had a number at a time: by what the kernel told, and by a look at the
//! living, whichever is certain. Owns what was told and found, bounded; reads nothing itself. Knows no
//! flows.
//!
//! A number is used again, and a process may execute another program: a living process counts only
//! where it began before the time that is asked about and still runs what was told. In doubt it is
//! called by what was told; where nothing was, by nothing.

mod alive;
mod generations;
mod known;
mod lineage;

use super::Process;
use super::identity::{Identified, app_in, bundle_of};
use crate::platform::{Bundle, ProcessFacts, ProgramSeen, Run};
use generations::{Entry, Generations};
use known::Known;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How exactly a living process's beginning is told, in nanoseconds.
const TICK: u64 = 10_000_000;
/// How long what was read of a living process holds, in nanoseconds, where the kernel would not tell
/// that it executed another program.
const FRESH: u64 = 1_000_000_000;
/// As many arguments of a program are kept, and as many bytes of each text.
const ARGUMENTS: usize = 32;
const TEXT: usize = 4096;

/// Tells what the system says of the living process with a number.
pub(super) type Read<'a> = dyn FnMut(u32) -> Option<ProcessFacts> + 'a;

/// What is asked of the file system; paths may be anybody's choice.
#[derive(Clone, Copy)]
pub(super) struct Files {
    /// The file that a path leads to when its links are followed.
    pub resolve: fn(&Path) -> Option<PathBuf>,
    /// What a bundle says of itself; macOS only.
    pub bundle: fn(&Path) -> Option<Bundle>,
}

/// The processes that were asked about or told of lately.
pub(super) struct Processes {
    entries: Generations,
    files: Files,
}

impl Processes {
    /// Remembers `most` processes at most: which were not asked about for longest are forgotten.
    pub(super) fn new(most: usize, files: Files) -> Processes {
        Processes {
            entries: Generations::new(most),
            files,
        }
    }

    /// Takes in what the kernel tells. To be told in the kernel's order, before its flows.
    pub(super) fn learn(&mut self, seen: ProgramSeen) {
        self.entries.learn(bounded(seen));
    }

    /// The process with this number has executed another program or has ended: what was read of it,
    /// and was not told, does not hold any more.
    pub(super) fn changed(&mut self, pid: u32) {
        self.entries.changed(pid);
    }

    /// The process that was `run`. It had its number at `at`, when it was seen to use a socket, in
    /// nanoseconds since the system was started: a later time than that only if it is certain that
    /// the process still had it. `None`: it cannot be told for certain, and may be asked again later.
    pub(super) fn of(&mut self, run: Run, at: u64, read: &mut Read) -> Option<Arc<Process>> {
        let known = self.known(run, at, read, 0)?;
        Some(known.process)
    }

    /// The process that the system says is alive as `run`, by when it was forked off: whichever program
    /// it has executed since, and the kernel told of.
    pub(super) fn alive(&mut self, run: Run, at: u64, read: &mut Read) -> Option<Arc<Process>> {
        let told = self.entries.last(run.pid, at).map(|(told, _)| told);
        let later = told.filter(|told| told.since > run.since);
        let is_still = |_: &Run| read(run.pid).is_some_and(|facts| facts.run == run);
        let known_as = later.filter(is_still).unwrap_or(run);
        self.of(known_as, at, read)
    }

    /// How many are remembered.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    fn known(&mut self, run: Run, at: u64, read: &mut Read, depth: usize) -> Option<Known> {
        let entry = self.entries.used(run, at);
        match entry {
            Some(Entry {
                known: Some(known),
                seen,
                ..
            }) if seen.is_some() || known.is_fresh(at) => Some(known),
            Some(Entry {
                seen: Some(seen), ..
            }) => {
                let known = self.told(&seen, at, read, depth);
                self.entries.keep(run, known.clone(), at);
                Some(known)
            }
            entry => {
                let alive = self.untold(run, at, read, depth);
                // Whoever is only known by number may have been followed by another.
                let before = || entry.and_then(|entry| entry.known);
                alive.or_else(|| before().filter(|_| run.since != 0))
            }
        }
    }

    fn identified(&self, facts: &ProcessFacts) -> Identified {
        let executable = facts.executable.as_deref().map(Path::to_string_lossy);
        let bundle = executable.as_deref().and_then(bundle_of);
        let bundle = bundle.and_then(|path| (self.files.bundle)(Path::new(path)));
        app_in(facts, bundle.as_ref())
    }

    /// A process of which the kernel told nothing by this beginning: it told of it as of when it was
    /// forked off exactly, or executed something, if at all. It must have lived for a tick at `at`:
    /// another one may have begun, with its number, in the tick that it ended in.
    fn untold(&mut self, run: Run, at: u64, read: &mut Read, depth: usize) -> Option<Known> {
        let facts = read(run.pid)?;
        let began = facts.run.since;
        let fits = facts.run.pid == run.pid && began + TICK <= at;
        let same = run.since == 0
            || began <= run.since && !self.entries.has_later(run)
            || facts.run == run && !self.entries.has_later(Run { since: at, ..run });
        if !fits || !same {
            return None;
        }
        let known = self.living(run, &facts, at, read, depth);
        self.entries.keep(run, known.clone(), at);
        Some(known)
    }
}

/// Programs choose the lengths of their texts.
fn bounded(mut seen: ProgramSeen) -> ProgramSeen {
    let cut = |text: &mut String| {
        if text.len() > TEXT {
            text.truncate(text.floor_char_boundary(TEXT));
        }
    };
    seen.arguments.truncate(ARGUMENTS);
    seen.arguments.iter_mut().for_each(cut);
    seen.file.iter_mut().for_each(cut);
    cut(&mut seen.short_name);
    seen
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
