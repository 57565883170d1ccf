//! Seconds that the history does not have, and why: they could not be written in time, and then it is
//! told what they held; or they were forgotten. A record spans at most a day, so that a reader knows how
//! far back to look.

use super::codec::{Damaged, In, Out};
use super::layout::order;
use crate::tick::Delta;
use crate::units::{Moment, Second, Traffic};

const FORMAT: u8 = 1;
/// The longest span of one record, in seconds.
pub(super) const LONGEST: i64 = 86_400;
/// The longest that seconds which could not be written make up.
const LONGEST_UNWRITTEN: i64 = 3600;

/// Why seconds are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The disk did not take them in time.
    Unwritten,
    /// Somebody wished it.
    Forgotten,
}

/// A run of seconds that are not in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    pub first: Moment,
    /// How many seconds it lasts.
    pub seconds: u32,
    pub why: Why,
    /// What was counted in them, on all interfaces; nothing where they were forgotten.
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
            why: Why::Unwritten,
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
        let fits = i64::from(self.seconds) + i64::from(next.seconds) <= LONGEST_UNWRITTEN;
        let follows = order(next.first) == order(end) && self.why == next.why && fits;
        if follows {
            self.seconds += next.seconds;
            self.traffic += next.traffic;
        }
        follows
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Out::envelope(FORMAT);
        out.byte(match self.why {
            Why::Unwritten => 1,
            Why::Forgotten => 2,
        });
        out.number(self.seconds.into());
        out.traffic(self.traffic);
        out.sealed()
    }

    pub(super) fn decode(first: Moment, value: &[u8]) -> Result<Gap, Damaged> {
        let mut input = In::envelope(value, FORMAT)?;
        let why = match input.byte()? {
            1 => Why::Unwritten,
            2 => Why::Forgotten,
            _ => return Err(Damaged("a kind of gap that is not known here")),
        };
        let gap = Gap {
            first,
            why,
            seconds: input.small()?,
            traffic: input.traffic()?,
        };
        input.end()?;
        Ok(gap)
    }
}
