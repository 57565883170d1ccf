//! Frames that wait to be counted: parts of packets whose first part has not come. Bounded: where
//! there is no more room a frame does not wait.

use crate::capture::{Frame, Slot};
use crate::decode::FragmentId;
use crate::key::Tuple;
use ahash::RandomState;
use std::collections::HashMap;

/// Frames that one worker lets wait at most.
const MOST: usize = 1024;
/// What is kept of a frame: its headers, for the filters that sort flows into classes.
const HEADERS: usize = 256;

/// A frame that waits, and the tuple that it counts on.
#[derive(Debug)]
pub(super) struct Parked {
    pub tuple: Tuple,
    pub frame: Frame,
    pub bytes: Box<[u8]>,
}

impl Parked {
    /// With its own tuple: that of no ports.
    pub(super) fn new(tuple: Tuple, frame: Frame, bytes: &[u8]) -> Parked {
        Parked {
            tuple,
            frame,
            bytes: bytes.get(..HEADERS).unwrap_or(bytes).into(),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Parking {
    waiting: HashMap<FragmentId, Vec<Parked>, RandomState>,
    ready: Vec<Parked>,
    /// How many there are, waiting or ready.
    count: usize,
}

impl Parking {
    /// Takes a frame in; false if there is no room.
    pub(super) fn take(&mut self, id: FragmentId, parked: Parked) -> bool {
        if self.count >= MOST {
            return false;
        }
        self.count += 1;
        self.waiting.entry(id).or_default().push(parked);
        true
    }

    /// The first part has come: what waited for it counts as it does.
    pub(super) fn release(&mut self, id: &FragmentId, tuple: Tuple) {
        for parked in self.waiting.remove(id).into_iter().flatten() {
            self.ready.push(Parked { tuple, ..parked });
        }
    }

    pub(super) fn ready(&mut self) -> Vec<Parked> {
        self.count -= self.ready.len();
        std::mem::take(&mut self.ready)
    }

    /// What waits in this slot, or all, by frame number.
    pub(super) fn overdue(&mut self, slot: Slot, all: bool) -> Vec<Parked> {
        let mut overdue = Vec::new();
        self.waiting.retain(|_, parts| {
            overdue.extend(parts.extract_if(.., |it| all || it.frame.slot == slot));
            !parts.is_empty()
        });
        self.count -= overdue.len();
        overdue.sort_unstable_by_key(|it| it.frame.number);
        overdue
    }
}
