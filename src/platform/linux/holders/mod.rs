//! Which process has a socket open. What is known is asked first, then those who are likely to have
//! it, then all of them: those of the socket's user first, newest first. All that is seen on the way
//! is remembered. Never believed unseen: whoever is told had the socket open a moment ago.

mod budget;
mod likely;
mod memory;
mod newcomers;
mod scan;

use super::folder::{self, Folder};
use super::process::{is_forbidden, run_of};
use crate::clock::Clock;
use crate::platform::Run;
use crate::units::Nanos;
use ahash::AHashMap;
use budget::Budget;
use likely::Likely;
use memory::{Memory, Place};
use newcomers::Newcomers;
use scan::{Visit, sockets};

/// How long a socket that nobody has is not looked for among all processes: doubled each time.
const PATIENCE: i64 = 40_000_000;
const LONGEST_DOUBLING: u32 = 8;
/// How many sockets that nobody has, and processes with very many files, are remembered.
const AT_MOST: usize = 4096;
/// What it costs to list a process among all, in looks.
const LISTING: usize = 2;

/// Who has which socket open, with what was seen before.
pub struct Holders {
    clock: Clock,
    budget: Budget,
    memory: Memory,
    likely: Likely,
    newcomers: Newcomers,
    /// Sockets that nobody had when all were looked at: how often, and when to look again.
    missed: AHashMap<u64, (u32, Nanos)>,
    /// Processes with more files than one visit sees: where to go on.
    unfinished: AHashMap<u32, u32>,
    forbidden: bool,
}

impl Holders {
    pub fn new(clock: Clock) -> Holders {
        Holders {
            budget: Budget::new(clock.now().steady),
            clock,
            memory: Memory::default(),
            likely: Likely::default(),
            newcomers: Newcomers::new(),
            missed: AHashMap::new(),
            unfinished: AHashMap::new(),
            forbidden: false,
        }
    }

    /// A process that has this socket open now. `user` is the socket's: whose processes to look at
    /// first. `hints` are processes to look at before others: who listens, and its children.
    /// `None`: nobody has it, or nobody who may be looked at, or looking costs too much just now -
    /// worth another try a little later.
    pub fn find(&mut self, inode: u64, user: Option<u32>, hints: &[u32]) -> Option<Run> {
        if inode == 0 {
            return None;
        }
        if let Some(run) = self
            .remembered(inode)
            .or_else(|| self.next_to_known(inode, user))
        {
            return Some(run);
        }
        let found = hints
            .iter()
            .find_map(|pid| self.visited(*pid, inode))
            .or_else(|| self.new_here(inode))
            .or_else(|| self.likely_again(inode, user))
            .or_else(|| self.anybody(inode, user));
        if found.is_some() {
            self.missed.remove(&inode);
        }
        found
    }

    /// Tells of a process that began just now, where somebody hears of that.
    pub fn began(&mut self, pid: u32) {
        self.newcomers.began(pid);
    }

    /// Tells of a process that has ended.
    pub fn ended(&mut self, pid: u32) {
        self.newcomers.forget(pid);
        self.likely.forget(pid);
        self.unfinished.remove(&pid);
    }

    /// Some processes may not be looked into: their sockets have no owner that we can tell.
    pub fn met_forbidden(&self) -> bool {
        self.forbidden
    }

    fn remembered(&mut self, inode: u64) -> Option<Run> {
        let Place { run, descriptor } = self.memory.get(inode)?;
        self.budget.spend(1);
        if self.likely.has(run, descriptor, inode) {
            return Some(run);
        }
        self.memory.forget(inode);
        None
    }

    /// Whoever has just opened a socket often opens the next one in the same place.
    fn next_to_known(&mut self, inode: u64, user: Option<u32>) -> Option<Run> {
        let (found, looks) = self.likely.near(inode, user);
        self.budget.spend(looks);
        let place = found?;
        self.memory.insert(inode, place);
        Some(place.run)
    }

    fn new_here(&mut self, inode: u64) -> Option<Run> {
        let newest: Vec<u32> = self.newcomers.newest().collect();
        newest.into_iter().find_map(|pid| self.visited(pid, inode))
    }

    /// All files of those who opened sockets lately.
    fn likely_again(&mut self, inode: u64, user: Option<u32>) -> Option<Run> {
        let pids = self.likely.pids(user);
        pids.into_iter().find_map(|pid| self.visited(pid, inode))
    }

    fn anybody(&mut self, inode: u64, user: Option<u32>) -> Option<Run> {
        let now = self.clock.now().steady;
        let waits = self
            .missed
            .get(&inode)
            .is_some_and(|(_, until)| now < *until);
        if waits || !self.budget.allows(now) {
            return None;
        }
        let pids = self.everybody(user);
        let found = pids.into_iter().find_map(|pid| self.visit(pid, inode));
        if found.is_none() {
            self.miss(inode, now);
        }
        found
    }

    /// Those of this user first, the newest first of each.
    fn everybody(&mut self, user: Option<u32>) -> Vec<u32> {
        let pids = folder::pids().unwrap_or_default();
        self.budget.spend(LISTING * pids.len());
        let last = self.newcomers.last();
        let mut pids: Vec<(bool, u32, u32)> = pids
            .into_iter()
            .map(|pid| (!belongs_to(pid, user), last.wrapping_sub(pid), pid))
            .collect();
        pids.sort_unstable();
        pids.into_iter().map(|(_, _, pid)| pid).collect()
    }

    fn miss(&mut self, inode: u64, now: Nanos) {
        if self.missed.len() >= AT_MOST {
            self.missed.clear();
        }
        let (times, until) = self.missed.entry(inode).or_default();
        *until = Nanos(now.0 + (PATIENCE << (*times).min(LONGEST_DOUBLING)));
        *times += 1;
    }

    /// Looks at all files of a process, if that is allowed.
    fn visited(&mut self, pid: u32, inode: u64) -> Option<Run> {
        let now = self.clock.now().steady;
        self.budget.allows(now).then(|| self.visit(pid, inode))?
    }

    fn visit(&mut self, pid: u32, inode: u64) -> Option<Run> {
        let folder = Folder::open(pid).ok()?;
        let mut seen: Vec<(u64, u32)> = Vec::new();
        let from = self.unfinished.get(&pid).copied().unwrap_or(0);
        let visit = sockets(&folder, from, &mut |inode, descriptor| {
            seen.push((inode, descriptor));
        });
        match visit {
            Ok(visit) => self.note_visit(pid, &visit),
            Err(error) => {
                self.forbidden |= is_forbidden(&error);
                self.budget.spend(LISTING);
            }
        }
        if seen.is_empty() {
            return None;
        }
        let run = run_of(&folder)?;
        for (inode, descriptor) in &seen {
            let descriptor = *descriptor;
            self.memory.insert(*inode, Place { run, descriptor });
        }
        let (_, descriptor) = seen.iter().find(|(seen, _)| *seen == inode)?;
        self.likely.keep(run, &folder, *descriptor);
        Some(run)
    }

    fn note_visit(&mut self, pid: u32, visit: &Visit) {
        self.budget.spend(visit.looks);
        match visit.next {
            Some(next) if self.unfinished.len() < AT_MOST => {
                self.unfinished.insert(pid, next);
            }
            _ => {
                self.unfinished.remove(&pid);
            }
        }
    }
}

fn belongs_to(pid: u32, user: Option<u32>) -> bool {
    let Some(user) = user else { return true };
    let owner = std::fs::metadata(format!("/proc/{pid}"));
    owner.is_ok_and(|folder| std::os::unix::fs::MetadataExt::uid(&folder) == user)
}

#[cfg(test)]
mod tests;
