//! Which processes are new: the kernel says which number it gave last, so that nobody has to list
//! them all to find the few that began since.

use std::collections::VecDeque;
use std::fs::File;
use std::os::unix::fs::FileExt;

/// How many of the newest are looked at, newest first.
const AT_MOST: usize = 24;
/// More than this since the last time: then it takes a list of them all.
const TOO_MANY: u32 = 512;

pub(super) struct Newcomers {
    /// `/proc/loadavg`; `None` where it is not shown.
    source: Option<File>,
    last: u32,
    newest: VecDeque<u32>,
}

impl Newcomers {
    pub(super) fn new() -> Newcomers {
        let mut newcomers = Newcomers {
            source: File::open("/proc/loadavg").ok(),
            last: 0,
            newest: VecDeque::new(),
        };
        newcomers.last = newcomers.last_given().unwrap_or(0);
        newcomers
    }

    /// The numbers that were given lately, newest first. They may be of threads.
    pub(super) fn newest(&mut self) -> impl Iterator<Item = u32> {
        if let Some(last) = self.last_given() {
            self.note(last);
        }
        self.newest.iter().copied()
    }

    /// The number that was given last: numbers are given upwards, and from the start again.
    pub(super) fn last(&self) -> u32 {
        self.last
    }

    /// One that somebody heard of.
    pub(super) fn began(&mut self, pid: u32) {
        if !self.newest.contains(&pid) {
            self.newest.push_front(pid);
            self.newest.truncate(AT_MOST);
        }
    }

    pub(super) fn forget(&mut self, pid: u32) {
        self.newest.retain(|it| *it != pid);
    }

    fn note(&mut self, last: u32) {
        let given = last.wrapping_sub(self.last);
        if given < TOO_MANY {
            for pid in self.last + 1..=last {
                self.newest.push_front(pid);
            }
        }
        self.newest.truncate(AT_MOST);
        self.last = last;
    }

    /// The fifth column.
    fn last_given(&self) -> Option<u32> {
        let mut line = [0; 128];
        let length = self.source.as_ref()?.read_at(&mut line, 0).ok()?;
        let line = str::from_utf8(line.get(..length)?).ok()?;
        line.split_ascii_whitespace().nth(4)?.parse().ok()
    }
}
