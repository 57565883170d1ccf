//! The part of a file that is in memory: one frozen slab, and how far it was read. What is cut off
//! at a slab's end is carried over to the next one; everything else stays where it was read to.

use super::input::read_full;
use crate::capture::pool::Pool;
use bytes::Bytes;
use std::io::Read;

pub(super) struct Window {
    input: Box<dyn Read + Send>,
    pub slab: Bytes,
    /// Where the unread bytes of the slab begin and end.
    pub start: usize,
    end: usize,
    /// The slab's place in the file.
    base: u64,
    /// Why the input gave no more, other than by ending.
    pub failure: Option<std::io::Error>,
}

impl Window {
    pub(super) fn new(input: Box<dyn Read + Send>) -> Window {
        Window {
            input,
            slab: Bytes::new(),
            start: 0,
            end: 0,
            base: 0,
            failure: None,
        }
    }

    /// The unread bytes in memory.
    pub(super) fn rest(&self) -> &[u8] {
        self.slab.get(self.start..self.end).unwrap_or_default()
    }

    /// How far into the file reading has come.
    pub(super) fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    pub(super) fn consume(&mut self, bytes: usize) {
        self.start += bytes;
    }

    /// The next `count` bytes, or fewer where the file ends.
    pub(super) fn peek(&mut self, count: usize, pool: &mut Pool) -> &[u8] {
        if self.rest().len() < count {
            self.refill(count, pool);
        }
        let rest = self.rest();
        rest.get(..count).unwrap_or(rest)
    }

    /// Moves the unread bytes to the front of a fresh slab of at least `least` bytes and fills it
    /// up; false where there are not that many left.
    pub(super) fn refill(&mut self, least: usize, pool: &mut Pool) -> bool {
        let mut slab = pool.slab(least);
        let rest = self.rest();
        let carried = rest.len();
        if let Some(front) = slab.get_mut(..carried) {
            front.copy_from_slice(rest);
        }
        let place = slab.get_mut(carried..).unwrap_or_default();
        let (got, failure) = read_full(&mut *self.input, place);
        self.failure = self.failure.take().or(failure);
        self.base += self.start as u64;
        (self.slab, self.start, self.end) = (slab.freeze(), 0, carried + got);
        self.end >= least
    }
}
