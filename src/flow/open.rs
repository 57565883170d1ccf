//! A second that is open in one worker: what each flow did in it so far, and what was in no flow.
//! Only what changed is in here, so a cut takes it as it is.

use super::row::{OpenTotal, Row, Unflowed};
use crate::decode::Reason;
use crate::key::InterfaceId;
use crate::units::{Direction, Traffic};

/// Where a flow's row of an open second lies, and of which use of the slot that is true.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    generation: u32,
    index: u32,
}

#[derive(Debug, Default)]
pub(super) struct OpenSecond {
    /// Counts how often the slot was used; 0 never is, so that a fresh flow has no row.
    generation: u32,
    pub rows: Vec<Row>,
    totals: Vec<Traffic>,
    unflowed: Vec<Unflowed>,
}

impl OpenSecond {
    pub(super) fn new() -> OpenSecond {
        OpenSecond {
            generation: 1,
            ..OpenSecond::default()
        }
    }

    /// The row at a place, if that is still of this second.
    #[inline]
    pub(super) fn row(&mut self, place: Place) -> Option<&mut Row> {
        if place.generation != self.generation {
            return None;
        }
        self.rows.get_mut(place.index as usize)
    }

    /// Adds a flow's first row of this second.
    #[inline]
    pub(super) fn push(&mut self, row: Row) -> Place {
        let place = Place {
            generation: self.generation,
            index: self.rows.len() as u32,
        };
        self.rows.push(row);
        place
    }

    /// Counts a frame in the interface's sum.
    #[inline]
    pub(super) fn total(&mut self, interface: InterfaceId, direction: Direction, length: u32) {
        let index = usize::from(interface.0);
        if index >= self.totals.len() {
            self.totals.resize(index + 1, Traffic::default());
        }
        self.totals[index].side(direction).count(length);
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
        let total = |(index, traffic): (usize, &Traffic)| OpenTotal {
            interface: InterfaceId(index as u16),
            traffic: *traffic,
        };
        let carried = self.totals.iter().enumerate();
        carried
            .filter(|(_, traffic)| **traffic != Traffic::default())
            .map(total)
            .collect()
    }

    /// Takes everything, and makes the slot ready for its next second. The next one is likely to
    /// have as many rows.
    pub(super) fn take(&mut self) -> (Vec<Row>, Vec<Unflowed>) {
        let room = self.rows.len();
        let rows = std::mem::replace(&mut self.rows, Vec::with_capacity(room));
        let unflowed = std::mem::take(&mut self.unflowed);
        self.totals.clear();
        self.generation = self.generation.wrapping_add(1).max(1);
        (rows, unflowed)
    }
}
