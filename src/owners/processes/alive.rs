//! A process by what the kernel told of it, and by a look at it where it lives and still runs that.

use super::super::identity::{Around, Identified, agree, is_its_own, of_program};
use super::known::{Known, of_facts, process};
use super::{Processes, Read, TICK};
use crate::platform::{ProcessFacts, ProgramSeen, Run};

impl Processes {
    /// A process that is alive, by what the system says of it.
    pub(super) fn living(
        &mut self,
        run: Run,
        facts: &ProcessFacts,
        at: u64,
        read: &mut Read,
        depth: usize,
    ) -> Known {
        let parent = self.parent_of_living(facts, at, read, depth);
        let found = helped(self.identified(facts), facts, parent.as_ref());
        of_facts(facts, process(run, found, parent.as_ref()), at)
    }

    pub(super) fn told(
        &mut self,
        seen: &ProgramSeen,
        at: u64,
        read: &mut Read,
        depth: usize,
    ) -> Known {
        let parent = self.parent_of_told(seen, at, read, depth);
        let around = Around {
            executable: parent
                .as_ref()
                .and_then(|parent| parent.executable.as_deref()),
            folder: parent.as_ref().and_then(|parent| parent.folder.as_deref()),
            group: parent.as_ref().and_then(Known::group_of_children),
            resolve: self.files.resolve,
        };
        let facts = read(seen.run.pid).map(|facts| untitled(seen, facts));
        let facts = facts.filter(|facts| self.is_still(seen, facts, at, &around));
        match facts {
            Some(facts) if parent.is_none() && is_its_child(seen, &facts, at) => {
                self.living(seen.run, &facts, at, read, depth)
            }
            Some(facts) => {
                let found = helped(self.identified(&facts), &facts, parent.as_ref());
                of_facts(&facts, process(seen.run, found, parent.as_ref()), at)
            }
            None => gone(seen, at, parent.as_ref(), &around),
        }
    }

    /// Whether a living process is the one that was told, and runs the same program. What began in
    /// the tick that is asked about can be another one: then their parents have to be the same, too.
    fn is_still(&self, seen: &ProgramSeen, facts: &ProcessFacts, at: u64, around: &Around) -> bool {
        let Run { pid, since } = facts.run;
        let began = since <= at && (seen.run.since == 0 || since <= seen.run.since);
        let certain = since + TICK <= at;
        let likely = seen.parent != 0 && seen.parent == facts.parent;
        pid == seen.run.pid
            && began
            && (certain || likely)
            && (facts.executable.is_some() || seen.file.is_none())
            && !self.entries.has_later(seen.run)
            && agree(seen, facts, around)
    }
}

/// Whether the parent that a living process has is the one that was told, if one was.
fn is_its_child(seen: &ProgramSeen, facts: &ProcessFacts, at: u64) -> bool {
    facts.run.since + TICK <= at && [0, facts.parent].contains(&seen.parent)
}

/// A process may write over its arguments: those that it was called with say more.
fn untitled(seen: &ProgramSeen, facts: ProcessFacts) -> ProcessFacts {
    let is_title = match facts.arguments.as_slice() {
        [only] => only.contains([' ', ':']) && seen.arguments.len() > 1,
        _ => false,
    };
    if !is_title {
        return facts;
    }
    ProcessFacts {
        arguments: seen.arguments.clone(),
        ..facts
    }
}

/// The part of an app that does not say which app is what its parent is, if that runs the same file.
fn helped(found: Identified, facts: &ProcessFacts, parent: Option<&Known>) -> Identified {
    let executable = facts
        .executable
        .as_deref()
        .map(std::path::Path::to_string_lossy);
    let same = |parent: &&Known| parent.executable.as_deref() == executable.as_deref();
    match parent.filter(same) {
        Some(parent) if found.helps && executable.is_some() => Identified {
            app: crate::label::App {
                user: found.app.user,
                ..parent.process.app.clone()
            },
            ..found
        },
        _ => found,
    }
}

/// What is gone, by what was told. What was forked off and executed nothing is what its parent was.
fn gone(seen: &ProgramSeen, at: u64, parent: Option<&Known>, around: &Around) -> Known {
    let found = of_program(seen, around);
    let forked = |parent: &&Known| seen.file.is_none() && is_called(seen, parent);
    let found = match parent.filter(forked) {
        Some(parent) => Identified {
            app: crate::label::App {
                user: found.app.user,
                ..parent.process.app.clone()
            },
            via: parent.process.via.clone(),
            container: parent.process.container.clone(),
            unit: parent.process.unit.clone(),
            helps: false,
        },
        None => found,
    };
    Known {
        process: process(seen.run, found, parent),
        at,
        short_name: seen.short_name.as_str().into(),
        executable: match seen.file.as_deref() {
            Some(file) if is_its_own(file) => around.executable.map(Into::into),
            file => file.map(Into::into),
        },
        folder: around.folder.map(Into::into),
        group: around.group.map(Into::into),
    }
}

fn is_called(seen: &ProgramSeen, parent: &Known) -> bool {
    !seen.short_name.is_empty() && *parent.short_name == *seen.short_name
}
