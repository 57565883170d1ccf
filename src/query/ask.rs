//! What a question may say: a range, interfaces, a step, a page. Checked here, once.

use super::error::Error;
use crate::units::Second;
use std::ops::Range;

/// The longest range that is answered from seconds.
const LONGEST: i64 = 8 * 86_400;
/// The longest step of a series.
const LONGEST_STEP: i64 = 366 * 86_400;
/// The range when none is asked for.
const HOUR: i64 = 3_600;
/// Seconds that a timestamp in nanoseconds can tell.
const TIMES: std::ops::Range<i64> = -9_200_000_000..9_200_000_000;
/// Points of a series: what is chosen, and what may be asked for.
const POINTS: i64 = 600;
const MOST_POINTS: i64 = 10_000;
/// Items of a page: usual and most.
const PAGE: usize = 100;
const MOST_ITEMS: usize = 1_000;

/// A question's arguments; `Default` and `now` ask for the last hour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// The current second of the wall clock.
    pub now: Second,
    pub from: Option<Second>,
    /// Exclusive.
    pub to: Option<Second>,
    /// Names; none means what a total counts.
    pub interfaces: Vec<String>,
    pub limit: Option<usize>,
    /// Seconds a point of a series covers.
    pub step: Option<i64>,
    pub cursor: Option<String>,
}

impl Ask {
    /// The last hour, or whatever is changed about it.
    pub fn at(now: Second) -> Ask {
        Ask {
            now,
            ..Ask::default()
        }
    }

    /// A range that is read by the second.
    pub(super) fn range(&self) -> Result<Range<Second>, Error> {
        let range = self.long_range()?;
        if range.end.0 - range.start.0 > LONGEST {
            return wrong("from", "a range may be at most 8 days long");
        }
        Ok(range)
    }

    /// A range of any length, for whoever hands all of it on.
    pub fn whole_range(&self) -> Result<Range<Second>, Error> {
        self.long_range()
    }

    /// A range of any length: it is read from coarser tiers.
    pub(super) fn long_range(&self) -> Result<Range<Second>, Error> {
        let to = self.to.unwrap_or(Second(self.now.0.saturating_add(1)));
        let from = self.from.unwrap_or(Second(to.0.saturating_sub(HOUR)));
        if !TIMES.contains(&from.0) || !TIMES.contains(&to.0) {
            return wrong("from", "times lie between the years 1678 and 2262");
        }
        let length = to.0 - from.0;
        if length <= 0 {
            return wrong("from", "it must lie before `to`");
        }
        Ok(from..to)
    }

    pub(super) fn limit(&self) -> Result<usize, Error> {
        self.limit_or(PAGE)
    }

    pub(super) fn limit_or(&self, usual: usize) -> Result<usize, Error> {
        match self.limit.unwrap_or(usual) {
            limit @ 1..=MOST_ITEMS => Ok(limit),
            _ => wrong("limit", "it must be from 1 to 1000"),
        }
    }

    /// The step, and the range with its start moved back to a multiple of it, so that points stay
    /// where they are while time moves on.
    pub(super) fn steps(&self) -> Result<(i64, Range<Second>), Error> {
        let range = self.long_range()?;
        let length = range.end.0 - range.start.0;
        let step = self.step.unwrap_or_else(|| usual_step(length));
        if !(1..=LONGEST_STEP).contains(&step) {
            return wrong("step", "it must be from 1 second to 366 days");
        }
        if length / step > MOST_POINTS {
            return wrong("step", "that would be more than 10,000 points");
        }
        let start = Second(range.start.0 - range.start.0.rem_euclid(step));
        Ok((step, start..range.end))
    }
}

/// At most [`POINTS`], of whole minutes, hours or days where they are as long: coarser tiers have those.
fn usual_step(length: i64) -> i64 {
    let least = (length + POINTS - 1) / POINTS;
    let unit = [86_400, 3_600, 60, 1]
        .into_iter()
        .find(|unit| least >= *unit);
    let unit = unit.unwrap_or(1);
    (least + unit - 1) / unit * unit
}

fn wrong<T>(what: &'static str, why: &'static str) -> Result<T, Error> {
    Err(Error::Asked { what, why })
}
