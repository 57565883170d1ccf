//! What is remembered, in two generations: what is used moves to the young one, and when that is
//! full the old one is dropped for it. Ordered by number and beginning.

use super::known::Known;
use crate::platform::{ProgramSeen, Run};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Default)]
pub(super) struct Entry {
    /// What the kernel told.
    pub seen: Option<Arc<ProgramSeen>>,
    pub known: Option<Known>,
    /// The last time at which it is known to have lived.
    pub alive: u64,
    /// Counts what was told.
    pub order: u64,
}

pub(super) struct Generations {
    young: BTreeMap<Run, Entry>,
    old: BTreeMap<Run, Entry>,
    /// Of one generation.
    most: usize,
    told: u64,
}

impl Generations {
    pub(super) fn new(most: usize) -> Generations {
        Generations {
            young: BTreeMap::new(),
            old: BTreeMap::new(),
            most: (most / 2).max(1),
            told: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    pub(super) fn learn(&mut self, seen: ProgramSeen) {
        self.told += 1;
        let entry = Entry {
            alive: seen.run.since,
            order: self.told,
            known: None,
            seen: Some(Arc::new(seen)),
        };
        if let Some(run) = entry.seen.as_ref().map(|seen| seen.run) {
            self.old.remove(&run);
            self.insert(run, entry);
        }
    }

    /// What is remembered of a run that lived at `at`.
    pub(super) fn used(&mut self, run: Run, at: u64) -> Option<Entry> {
        let mut entry = self.young.remove(&run).or_else(|| self.old.remove(&run))?;
        entry.alive = entry.alive.max(at);
        self.insert(run, entry.clone());
        Some(entry)
    }

    pub(super) fn keep(&mut self, run: Run, known: Known, at: u64) {
        let entry = self.used(run, at).unwrap_or_default();
        let known = Some(known);
        self.insert(
            run,
            Entry {
                known,
                alive: entry.alive.max(at),
                ..entry
            },
        );
    }

    pub(super) fn changed(&mut self, pid: u32) {
        let holds = |run: &Run, entry: &Entry| run.pid != pid || entry.seen.is_some();
        for generation in [&mut self.young, &mut self.old] {
            generation.retain(|run, entry| holds(run, entry));
        }
    }

    /// Whether the kernel told of another process or program with this number since.
    pub(super) fn has_later(&self, run: Run) -> bool {
        self.last(run.pid, u64::MAX)
            .is_some_and(|(last, _)| last.since > run.since)
    }

    /// The last that the kernel told of with a number, of those that began until `until`.
    pub(super) fn last(&self, pid: u32, until: u64) -> Option<(Run, &Entry)> {
        let range = Run { pid, since: 0 }..=Run { pid, since: until };
        let last = |generation: &'_ BTreeMap<Run, Entry>| {
            let told = generation
                .range(range.clone())
                .rev()
                .find(|(_, entry)| entry.seen.is_some());
            told.map(|(run, _)| *run)
        };
        let run = last(&self.young).max(last(&self.old))?;
        let entry = self.young.get(&run).or_else(|| self.old.get(&run))?;
        Some((run, entry))
    }

    fn insert(&mut self, run: Run, entry: Entry) {
        if self.young.len() >= self.most && !self.young.contains_key(&run) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(run, entry);
    }
}
