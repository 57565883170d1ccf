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
use budget::{Budget, used};
use likely::Likely;
use memory::{Memory, Place};
use newcomers::Newcomers;
use scan::sockets;

/// How long a socket that nobody has is not looked for among all processes: doubled each time.
const PATIENCE: i64 = 40_000_000;
const LONGEST_DOUBLING: u32 = 8;
/// How many hints are followed.
const HINTS: usize = 64;
/// How many sockets that nobody has, and processes with very many files, are remembered.
const AT_MOST: usize = 4096;

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
        if let Some(run) = self.remembered(inode) {
            return Some(run);
        }
        let before = used();
        let found = self.search(inode, user, hints);
        self.budget.spend(used() - before);
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
        if self.likely.has(run, descriptor, inode) {
            return Some(run);
        }
        self.memory.forget(inode);
        None
    }

    fn search(&mut self, inode: u64, user: Option<u32>, hints: &[u32]) -> Option<Run> {
        if !self.budget.allows_a_look(self.clock.now().steady) {
            return None;
        }
        let mut hints = hints.iter().take(HINTS);
        self.next_to_known(inode, user)
            .or_else(|| hints.find_map(|pid| self.visit(*pid, inode)))
            .or_else(|| self.new_here(inode))
            .or_else(|| self.likely_again(inode, user))
            .or_else(|| self.anybody(inode, user))
    }

    /// Whoever has just opened a socket often opens the next one in the same place.
    fn next_to_known(&mut self, inode: u64, user: Option<u32>) -> Option<Run> {
        let place = self.likely.near(inode, user)?;
        self.memory.insert(inode, place);
        Some(place.run)
    }

    fn new_here(&mut self, inode: u64) -> Option<Run> {
        let newest: Vec<u32> = self.newcomers.newest().collect();
        newest.into_iter().find_map(|pid| self.visit(pid, inode))
    }

    /// All files of those who opened sockets lately.
    fn likely_again(&mut self, inode: u64, user: Option<u32>) -> Option<Run> {
        let pids = self.likely.pids(user);
        pids.into_iter().find_map(|pid| self.visit(pid, inode))
    }

    fn anybody(&mut self, inode: u64, user: Option<u32>) -> Option<Run> {
        let now = self.clock.now().steady;
        let waits = self
            .missed
            .get(&inode)
            .is_some_and(|(_, until)| now < *until);
        if waits || !self.budget.allows_everybody(now) {
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

    /// Looks at the files of a process, and remembers its sockets.
    fn visit(&mut self, pid: u32, inode: u64) -> Option<Run> {
        let folder = Folder::open(pid).ok()?;
        let files = folder.below("fd");
        self.forbidden |= files.as_ref().is_err_and(is_forbidden);
        let files = files.ok()?;
        let mut seen: Vec<(u64, u32)> = Vec::new();
        let from = self.unfinished.get(&pid).copied().unwrap_or(0);
        let next = sockets(&files, from, &mut |inode, descriptor| {
            seen.push((inode, descriptor));
        });
        self.go_on_later(pid, next.ok().flatten());
        if seen.is_empty() {
            return None;
        }
        let run = run_of(&folder)?;
        for (inode, descriptor) in &seen {
            let descriptor = *descriptor;
            self.memory.insert(*inode, Place { run, descriptor });
        }
        let (_, descriptor) = seen.iter().find(|(seen, _)| *seen == inode)?;
        self.likely.keep(run, files, *descriptor);
        Some(run)
    }

    fn go_on_later(&mut self, pid: u32, next: Option<u32>) {
        match next {
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
