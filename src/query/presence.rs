//! Which seconds of a range were watched: a bit each. What is missing is a gap, never a zero.

use super::look::Picked;
use super::shape::Loss;
use crate::units::Second;
use std::ops::Range;

const SECOND_MS: u64 = 1_000;

pub(super) struct Presence {
    start: Second,
    bits: Vec<u64>,
}

impl Presence {
    pub(super) fn new(range: &Range<Second>) -> Presence {
        let length = range.end.0.saturating_sub(range.start.0).max(0);
        Presence {
            start: range.start,
            bits: vec![0; length as usize / 64 + 1],
        }
    }

    /// Notes a second of which something was watched.
    pub(super) fn note(&mut self, picked: &Picked) {
        if was_watched(picked) {
            let place = self.place(picked.second.moment.second);
            if let Some(word) = self.bits.get_mut(place / 64) {
                *word |= 1 << (place % 64);
            }
        }
    }

    /// Milliseconds of the seconds of a range that are missing altogether.
    pub(super) fn missing_ms(&self, range: Range<Second>) -> u64 {
        let seconds = range.start.0..range.end.0;
        let missing = seconds.filter(|second| !self.has(Second(*second)));
        missing.count() as u64 * SECOND_MS
    }

    fn has(&self, second: Second) -> bool {
        let place = self.place(second);
        let word = self.bits.get(place / 64).copied().unwrap_or(0);
        word & 1 << (place % 64) != 0
    }

    fn place(&self, second: Second) -> usize {
        second.0.saturating_sub(self.start.0).max(0) as usize
    }
}

/// Some interface that counts was watched for some of this second.
pub(super) fn was_watched(picked: &Picked) -> bool {
    let watched = |gap_ms: u32| u64::from(gap_ms) < SECOND_MS;
    picked.nics.iter().any(|nic| watched(nic.gap_ms))
}

/// A second's loss over the interfaces that count. The gap of a second that was not watched at all
/// is left to [`Presence::missing_ms`].
pub(super) fn loss(picked: &Picked) -> Loss {
    let mut loss = Loss::default();
    picked
        .nics
        .iter()
        .for_each(|nic| loss.beside(Loss::of(nic)));
    if !was_watched(picked) {
        loss.gap_ms = 0;
    }
    loss
}
