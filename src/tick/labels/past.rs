//! Flows that have ended and whose owner may still be found out: their names would be forgotten else,
//! and a late owner would put an address in their place. For as long as a label may come late; bounded.

use super::LATE;
use super::known::Known;
use crate::units::{FrameNumber, Second};
use ahash::AHashMap;

pub(super) struct Past {
    younger: AHashMap<FrameNumber, Known>,
    elder: AHashMap<FrameNumber, Known>,
    most: usize,
    /// When the younger generation began.
    since: Second,
}

impl Past {
    pub(super) fn new(most: usize) -> Past {
        Past {
            younger: AHashMap::new(),
            elder: AHashMap::new(),
            most,
            since: Second(0),
        }
    }

    pub(super) fn keep(&mut self, flow: FrameNumber, known: Known, now: Second) {
        // A clock that jumps begins a generation, too.
        let age = now.0.wrapping_sub(self.since.0);
        if !(0..LATE).contains(&age) || self.younger.len() >= self.most {
            self.elder = std::mem::take(&mut self.younger);
            self.since = now;
        }
        self.younger.insert(flow, known);
    }

    pub(super) fn len(&self) -> usize {
        self.younger.len() + self.elder.len()
    }

    pub(super) fn take(&mut self, flow: FrameNumber) -> Option<Known> {
        self.younger
            .remove(&flow)
            .or_else(|| self.elder.remove(&flow))
    }
}
