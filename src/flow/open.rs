//! A second that is open in one worker: what each flow did in it so far, and what was in no flow.
//! Only what changed is in here, so a cut takes it as it is. The counters that every frame writes
//! lie apart from what a row is called, one cache line a flow.

use super::row::{OpenTotal, Row, Unflowed};
use crate::decode::Reason;
use crate::key::InterfaceId;
use crate::units::{Direction, Nanos, Traffic};

/// Where a flow's row of an open second lies, and of which use of the slot that is true.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    generation: u32,
    index: u32,
}

/// What a flow did in this second so far.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
pub(super) struct Count {
    pub traffic: Traffic,
    pub first: Nanos,
    pub last: Nanos,
}

impl Count {
    /// Counts one frame.
    #[inline]
    pub(super) fn frame(&mut self, direction: Direction, length: u32, at: Nanos) {
        self.traffic.side(direction).count(length);
        self.first = self.first.min(at);
        self.last = self.last.max(at);
    }
}

#[derive(Debug, Default)]
pub(super) struct OpenSecond {
    /// Counts how often the slot was used; 0 never is, so that a fresh flow has no row.
    generation: u32,
    /// What the rows are called, and what they count: equally long. The former's traffic is empty
    /// until the second is taken.
    rows: Vec<Row>,
    counts: Vec<Count>,
    unflowed: Vec<Unflowed>,
}

impl OpenSecond {
    pub(super) fn new() -> OpenSecond {
        OpenSecond {
            generation: 1,
            ..OpenSecond::default()
        }
    }

    /// The counters at a place, if that is still of this second.
    #[inline]
    pub(super) fn count(&self, place: Place) -> Option<&Count> {
        if place.generation == self.generation {
            self.counts.get(place.index as usize)
        } else {
            None
        }
    }

    /// The same, to count in.
    #[inline]
    pub(super) fn count_mut(&mut self, place: Place) -> Option<&mut Count> {
        if place.generation != self.generation {
            return None;
        }
        self.counts.get_mut(place.index as usize)
    }

    /// Adds a flow's row of this second, with its first frame counted.
    #[inline]
    pub(super) fn push(&mut self, row: Row, count: Count) -> Place {
        let place = Place {
            generation: self.generation,
            index: self.rows.len() as u32,
        };
        self.rows.push(row);
        self.counts.push(count);
        place
    }

    /// Counts a frame that is in no flow.
    pub(super) fn unflowed(
        &mut self,
        interface: InterfaceId,
        reason: Reason,
        direction: Direction,
        length: u32,
    ) {
        let known = self
            .unflowed
            .iter()
            .position(|entry| entry.interface == interface);
        let index = known.unwrap_or_else(|| {
            self.unflowed.push(Unflowed {
                interface,
                by_reason: Vec::new(),
            });
            self.unflowed.len() - 1
        });
        let by_reason = &mut self.unflowed[index].by_reason;
        let known = by_reason.iter().position(|(known, _)| *known == reason);
        let place = known.unwrap_or_else(|| {
            by_reason.push((reason, Traffic::default()));
            by_reason.len() - 1
        });
        by_reason[place].1.side(direction).count(length);
    }

    /// What the interfaces carried so far.
    pub(super) fn totals(&self) -> Vec<OpenTotal> {
        let mut totals: Vec<OpenTotal> = Vec::new();
        let flowed = self.rows.iter().zip(&self.counts);
        let flowed = flowed.map(|(row, count)| (row.key.interface(), count.traffic));
        let unflowed = self.unflowed.iter().flat_map(|entry| {
            entry
                .by_reason
                .iter()
                .map(|(_, traffic)| (entry.interface, *traffic))
        });
        for (interface, traffic) in flowed.chain(unflowed) {
            match totals.iter_mut().find(|total| total.interface == interface) {
                Some(total) => total.traffic += traffic,
                None => totals.push(OpenTotal { interface, traffic }),
            }
        }
        totals
    }

    /// Takes everything, tells `each` row with its counts, and makes the slot ready for its next
    /// second: that is likely to have as many rows.
    pub(super) fn take(&mut self, mut each: impl FnMut(&Row, &Count)) -> (Vec<Row>, Vec<Unflowed>) {
        let room = self.rows.len();
        let mut rows = std::mem::replace(&mut self.rows, Vec::with_capacity(room));
        for (row, count) in rows.iter_mut().zip(&self.counts) {
            row.traffic = count.traffic;
            each(row, count);
        }
        self.counts.clear();
        self.generation = self.generation.wrapping_add(1).max(1);
        (rows, std::mem::take(&mut self.unflowed))
    }
}
