//! Who started a process: found again by number, and named only where the one with that number
//! began before its child.

use super::super::PARENTS;
use super::known::Known;
use super::{Processes, Read, TICK};
use crate::platform::{ProcessFacts, ProgramSeen};

impl Processes {
    /// The parent of a process that lives. A number is not used again while a child has it for its
    /// parent's, so what began in one tick with it is its parent if it still has it afterwards.
    pub(super) fn parent_of_living(
        &mut self,
        child: &ProcessFacts,
        at: u64,
        read: &mut Read,
        depth: usize,
    ) -> Option<Known> {
        let parent = deeper(child.parent, depth).and_then(&mut *read)?;
        let (began, until) = (parent.run.since, child.run.since);
        let still = |read: &mut Read| {
            let again = read(child.run.pid);
            again.is_some_and(|again| again.run == child.run && again.parent == child.parent)
        };
        let fits = parent.run.pid == child.parent
            && (began + TICK <= until || began <= until && still(read));
        fits.then(|| self.parent(&parent, at, read, depth))
    }

    /// The parent that the kernel told of: the one that lives if it is old enough, else the one that
    /// it told of later than of the child, or that was seen alive later than the child began.
    pub(super) fn parent_of_told(
        &mut self,
        child: &ProgramSeen,
        at: u64,
        read: &mut Read,
        depth: usize,
    ) -> Option<Known> {
        let (pid, until) = (deeper(child.parent, depth)?, child.run.since);
        let alive = read(pid).filter(|facts| facts.run.pid == pid);
        if let Some(parent) = alive.filter(|facts| facts.run.since + TICK <= until) {
            return Some(self.parent(&parent, at, read, depth));
        }
        let order = self
            .entries
            .last(child.run.pid, until)
            .map_or(0, |(_, entry)| entry.order);
        let (run, entry) = self.entries.last(pid, u64::MAX)?;
        let lived = entry.alive >= until || entry.order > order;
        if run.since > until || !lived {
            return None;
        }
        self.known(run, entry.alive, read, depth + 1)
    }

    fn parent(&mut self, facts: &ProcessFacts, at: u64, read: &mut Read, depth: usize) -> Known {
        let run = facts.run;
        let entry = self.entries.used(run, at);
        let known = entry.and_then(|entry| entry.known);
        if let Some(known) = known.filter(|known| known.is_fresh(at)) {
            return known;
        }
        let known = self.living(run, facts, at, read, depth + 1);
        self.entries.keep(run, known.clone(), at);
        known
    }
}

/// There is no parent of the first process, nor one that is told beyond so many.
fn deeper(pid: u32, depth: usize) -> Option<u32> {
    (pid != 0 && depth < PARENTS).then_some(pid)
}
