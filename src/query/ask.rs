//! What a question may say: a range, interfaces, a step, a page. Checked here, once.

use super::asker::Asker;
use super::error::Error;
use super::filter::Filter;
use super::step::{HOUR, Step};
use crate::units::Second;
use std::ops::Range;

/// Seconds that a timestamp in nanoseconds can tell.
const TIMES: std::ops::Range<i64> = -9_200_000_000..9_200_000_000;
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
    pub filter: Filter,
    pub limit: Option<usize>,
    /// What a point of a series covers.
    pub step: Option<Step>,
    pub cursor: Option<String>,
    pub asker: Asker,
}

impl Ask {
    /// The last hour, or whatever is changed about it.
    pub fn at(now: Second) -> Ask {
        Ask {
            now,
            ..Ask::default()
        }
    }

    /// A range of any length, for whoever hands all of it on.
    pub fn whole_range(&self) -> Result<Range<Second>, Error> {
        self.long_range()
    }

    /// The range, of any length: the last hour when none is asked for.
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

    /// The same, this long where its start is not told.
    pub(super) fn range_or(&self, length: i64) -> Result<Range<Second>, Error> {
        let to = self.to.unwrap_or(Second(self.now.0.saturating_add(1)));
        let from = self.from.unwrap_or(Second(to.0.saturating_sub(length)));
        let asked = Ask {
            from: Some(from),
            ..self.clone()
        };
        asked.long_range()
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
}

pub(super) fn wrong<T>(what: &'static str, why: &'static str) -> Result<T, Error> {
    Err(Error::Asked { what, why })
}
