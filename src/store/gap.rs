//! Seconds that were counted but could not be written in time: from when to when, and what they
//! held. A record spans at most an hour, so that a reader knows how far back to look.

use super::codec::{Damaged, In, Out};
use super::layout::order;
use crate::tick::Delta;
use crate::units::{Moment, Second, Traffic};

const FORMAT: u8 = 1;
/// Why: the disk did not take them. (1; further reasons get further numbers.)
const UNWRITTEN: u8 = 1;
/// The longest span of one record, in seconds.
pub(super) const LONGEST: i64 = 3600;

/// A run of seconds that are not in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    pub first: Moment,
    /// How many seconds it lasts.
    pub seconds: u32,
    /// What was counted in them, on all interfaces.
    pub traffic: Traffic,
}

impl Gap {
    pub(super) fn of(delta: &Delta) -> Gap {
        let counted = delta
            .interfaces
            .iter()
            .map(crate::tick::InterfaceSecond::counted);
        Gap {
            first: delta.moment,
            seconds: 1,
            traffic: counted.fold(Traffic::default(), |mut sum, one| {
                sum += one;
                sum
            }),
        }
    }

    /// The second after the last.
    pub fn end(&self) -> Second {
        Second(self.first.second.0.saturating_add(self.seconds.into()))
    }

    /// Takes in the gap that follows without a break, if it does.
    pub(super) fn extend(&mut self, next: &Gap) -> bool {
        let end = Moment {
            second: self.end(),
            epoch: self.first.epoch,
        };
        let fits = i64::from(self.seconds) + i64::from(next.seconds) <= LONGEST;
        let follows = order(next.first) == order(end) && fits;
        if follows {
            self.seconds += next.seconds;
            self.traffic += next.traffic;
        }
        follows
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Out::envelope(FORMAT);
        out.byte(UNWRITTEN);
        out.number(self.seconds.into());
        out.traffic(self.traffic);
        out.sealed()
    }

    pub(super) fn decode(first: Moment, value: &[u8]) -> Result<Gap, Damaged> {
        let mut input = In::envelope(value, FORMAT)?;
        if input.byte()? != UNWRITTEN {
            return Err(Damaged("a kind of gap that is not known here"));
        }
        let gap = Gap {
            first,
            seconds: input.small()?,
            traffic: input.traffic()?,
        };
        input.end()?;
        Ok(gap)
    }
}
