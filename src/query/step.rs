//! How long the points of a series are: as many seconds, or as long as the calendar has it.

use super::ask::wrong;
use super::error::Error;
use super::look::Fit;
use crate::store::{Calendar, Cycle, Tier};
use crate::units::Second;
use std::ops::Range;
use std::str::FromStr;

pub(super) const HOUR: i64 = 3_600;
pub(super) const DAY: i64 = 86_400;
/// The longest step in seconds.
const LONGEST: i64 = 366 * DAY;
/// Points of a series: what is chosen, and what may be asked for.
const POINTS: i64 = 600;
pub(super) const MOST_POINTS: i64 = 10_000;

/// What one point of a series covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Seconds(i64),
    /// A period of the zone in which days are cut.
    Each(Cycle),
}

impl From<i64> for Step {
    fn from(seconds: i64) -> Step {
        Step::Seconds(seconds)
    }
}

impl FromStr for Step {
    type Err = ();

    fn from_str(text: &str) -> Result<Step, ()> {
        Ok(match text {
            "hour" => Step::Seconds(HOUR),
            "day" => Step::Each(Cycle::Day),
            "week" => Step::Each(Cycle::Week),
            "month" => Step::Each(Cycle::Month),
            "year" => Step::Each(Cycle::Year),
            seconds => Step::Seconds(seconds.parse().map_err(|_| ())?),
        })
    }
}

impl Step {
    /// The step that a range of this length is shown in where none is asked for: at most [`POINTS`], of
    /// whole minutes, hours or days where they are as long, for coarser tiers have those.
    pub(super) fn usual(range: &Range<Second>) -> Step {
        let least = (range.end.0 - range.start.0 + POINTS - 1) / POINTS;
        let units = [DAY, HOUR, 60, 1];
        let unit = units.into_iter().find(|unit| least >= *unit).unwrap_or(1);
        Step::Seconds((least + unit - 1) / unit * unit)
    }

    /// The edges of a range's points. Its start is moved back to the edge before it, so that points
    /// stay where they are while time moves on; its end is as it was asked for.
    pub(super) fn edges(
        self,
        range: &Range<Second>,
        calendar: &Calendar,
    ) -> Result<Vec<Second>, Error> {
        let edges = match self {
            Step::Seconds(step) if !(1..=LONGEST).contains(&step) => {
                return wrong("step", "it must be from 1 second to 366 days");
            }
            Step::Seconds(step) => regular(range, step),
            Step::Each(cycle) => calendar.edges(cycle, range, MOST_POINTS as usize),
        };
        let Some(mut edges) = edges else {
            return wrong("step", "that would be more than 10,000 points");
        };
        edges.pop();
        edges.push(range.end);
        Ok(edges)
    }

    /// The buckets that lie in one step each.
    pub(super) fn fit(self) -> Fit {
        match self {
            Step::Each(Cycle::Hour) => Fit::Whole(Tier::Hour),
            Step::Each(_) => Fit::Days,
            Step::Seconds(step) if step % HOUR == 0 && step >= DAY => Fit::NearDays,
            Step::Seconds(step) if step % HOUR == 0 => Fit::Whole(Tier::Hour),
            Step::Seconds(step) if step % 60 == 0 => Fit::Whole(Tier::Minute),
            Step::Seconds(_) => Fit::Whole(Tier::Second),
        }
    }

    /// Its length, where all are of one.
    pub(super) fn seconds(self) -> Option<i64> {
        match self {
            Step::Seconds(step) => Some(step),
            Step::Each(_) => None,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Step::Seconds(_) => "seconds",
            Step::Each(cycle) => word(cycle),
        }
    }
}

pub(super) fn word(cycle: Cycle) -> &'static str {
    match cycle {
        Cycle::Hour => "hour",
        Cycle::Day => "day",
        Cycle::Week => "week",
        Cycle::Month => "month",
        Cycle::Year => "year",
        Cycle::Billing(_) => "billing",
    }
}

/// Edges at multiples of a step, the last at or after the range's end.
fn regular(range: &Range<Second>, step: i64) -> Option<Vec<Second>> {
    if (range.end.0 - range.start.0) / step > MOST_POINTS {
        return None;
    }
    let start = range.start.0 - range.start.0.rem_euclid(step);
    let inner = (start..range.end.0).step_by(usize::try_from(step).ok()?);
    Some(inner.chain([range.end.0]).map(Second).collect())
}
