//! History handed on: whole ranges, and answers that are lists or series, as CSV, JSON or NDJSON.
//! Written bit by bit to whoever takes it, in memory that does not grow with the range; no look at the
//! history is kept open meanwhile. Knows neither HTTP nor files that are written, but how to find in
//! one where it ended.

mod csv;
mod error;
mod items;
mod lists;
mod narrowed;
mod ranges;
mod resume;
mod sheet;
#[cfg(test)]
mod tests;

pub use error::Error;
pub use resume::{Ended, resume, second_of};

use crate::query::{Ask, By, Query, Span, time};
use crate::store::Tier;
use crate::units::Second;
use narrowed::narrowed;
use sheet::Sheet;
use std::ops::Range;
use std::str::FromStr;

/// Takes bytes, or says that nobody wants more.
pub type Give<'a> = dyn FnMut(Vec<u8>) -> Result<(), Error> + 'a;

/// What is handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Every row of every second or bucket.
    Rows,
    /// What a total counts, a line for each second or bucket.
    Totals,
    /// The same for each interface.
    Interfaces,
    /// Ended connections.
    Connections,
    /// `/api/stats/timeline`.
    Timeline,
    /// The lists of `/api/stats/summary`.
    Applications,
    Sites,
    Protocols,
    /// `/api/stats/talks`.
    Talks,
    /// The most of anything: `/api/stats/top`.
    Top,
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Json,
    Ndjson,
}

/// What is wanted.
#[derive(Clone, Debug)]
pub struct Wish {
    pub what: What,
    pub format: Format,
    /// The range, the interfaces, the filter, and for lists the limit, for series the step.
    pub ask: Ask,
    /// What `top` tells apart.
    pub by: Option<By>,
    /// The tier to tell a range in; `None`: the finest that is left of each of its parts.
    pub tier: Option<Tier>,
}

/// What will be written: looked up before the first byte is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub range: Range<Second>,
    /// Parts that are left only in sums that reach out of the range, or are longer than the tier's.
    pub missing: Vec<Span>,
}

impl What {
    pub const ALL: [What; 10] = [
        What::Rows,
        What::Totals,
        What::Interfaces,
        What::Connections,
        What::Timeline,
        What::Applications,
        What::Sites,
        What::Protocols,
        What::Talks,
        What::Top,
    ];

    pub fn word(self) -> &'static str {
        match self {
            What::Rows => "rows",
            What::Totals => "totals",
            What::Interfaces => "interfaces",
            What::Connections => "connections",
            What::Timeline => "timeline",
            What::Applications => "applications",
            What::Sites => "sites",
            What::Protocols => "protocols",
            What::Talks => "talks",
            What::Top => "top",
        }
    }

    /// Whether it may be of any length, and is in the order of time.
    pub fn is_range(self) -> bool {
        matches!(
            self,
            What::Rows | What::Totals | What::Interfaces | What::Connections
        )
    }

    /// Whether it is told from tiers that can be chosen.
    fn has_tiers(self) -> bool {
        self.is_range() && self != What::Connections
    }
}

impl Format {
    pub const ALL: [Format; 3] = [Format::Csv, Format::Json, Format::Ndjson];

    pub fn word(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Json => "json",
            Format::Ndjson => "ndjson",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8",
            Format::Json => "application/json",
            Format::Ndjson => "application/x-ndjson",
        }
    }
}

impl FromStr for What {
    type Err = ();

    fn from_str(text: &str) -> Result<What, ()> {
        let mut all = What::ALL.into_iter();
        all.find(|what| what.word() == text).ok_or(())
    }
}

impl FromStr for Format {
    type Err = ();

    fn from_str(text: &str) -> Result<Format, ()> {
        let mut all = Format::ALL.into_iter();
        all.find(|format| format.word() == text).ok_or(())
    }
}

impl Wish {
    /// What will be written. A wish that cannot be met is refused here. A range begins where the
    /// history does, and ends now, if nothing else is said; in a tier at the last bucket that is
    /// over, so that it can be continued with whole ones.
    pub fn plan(&self, query: &Query) -> Result<Plan, Error> {
        self.plan_from(query, None)
    }

    /// The same for [`Wish::write_from`]: what is missing before that second was told before.
    pub fn plan_from(&self, query: &Query, from: Option<Second>) -> Result<Plan, Error> {
        self.suits()?;
        query.can_filter(&self.ask.filter)?;
        let mut ask = self.ask.clone();
        if self.what.is_range() && ask.from.is_none() {
            ask.from = begins(query, &ask)?;
        }
        let mut range = ask.whole_range()?;
        if let (Some(tier), None) = (self.tier, ask.to) {
            range.end = query.bucket_of(tier, ask.now)?.max(range.start);
        }
        let left = from.map_or(range.start, |from| from.max(range.start))..range.end;
        let missing = if self.what.has_tiers() && !left.is_empty() {
            query.lacks(&left, self.tier)?
        } else {
            Vec::new()
        };
        Ok(Plan { range, missing })
    }

    fn suits(&self) -> Result<(), Error> {
        let ask = &self.ask;
        if self.tier.is_some() && !self.what.has_tiers() {
            return Err(Error::Unfit("tier"));
        }
        if ask.step.is_some() && self.what != What::Timeline {
            return Err(Error::Unfit("step"));
        }
        let unlisted = self.what.is_range() || self.what == What::Timeline;
        if ask.limit.is_some() && unlisted {
            return Err(Error::Unfit("limit"));
        }
        match (self.what, self.by) {
            (What::Top, None) => return Err(Error::By(By::ALL.map(By::word).join(", "))),
            (What::Top, _) | (_, None) => {}
            _ => return Err(Error::Unfit("by")),
        }
        self.filter_suits()
    }

    fn filter_suits(&self) -> Result<(), Error> {
        let filter = &self.ask.filter;
        match (self.what, filter.kinds().next()) {
            (What::Totals | What::Interfaces, Some(name)) => Err(Error::Narrowed(name)),
            // It has both ways.
            (What::Connections, _) if !filter.directions.is_empty() => {
                Err(Error::Unfit("direction"))
            }
            _ => Ok(()),
        }
    }

    /// Writes all of it, as it was planned. If this fails, what was given is not whole.
    pub fn write(&self, query: &Query, plan: &Plan, give: &mut Give) -> Result<u64, Error> {
        self.write_from(query, plan, None, give)
    }

    /// The same from a second on, if one is named, to be added to what came before it.
    pub fn write_from(
        &self,
        query: &Query,
        plan: &Plan,
        from: Option<Second>,
        give: &mut Give,
    ) -> Result<u64, Error> {
        let goes_on = from.is_some();
        let mut sheet = Sheet::new(self.format, narrowed(self), goes_on, give);
        let head = serde_json::json!({
            "what": self.what.word(),
            "from": time(plan.range.start),
            "to": time(plan.range.end),
        });
        sheet.begin(self.head(), &head)?;
        let start = plan.range.start;
        let range = from.map_or(start, |from| from.max(start))..plan.range.end;
        if self.what.is_range() {
            ranges::write(self, query, range, &mut sheet)?;
        } else {
            lists::write(self, query, range, &mut sheet)?;
        }
        sheet.end(&plan.missing)
    }

    /// The names of CSV's columns.
    fn head(&self) -> Vec<&'static str> {
        match self.what {
            What::Rows => items::ROW.to_vec(),
            What::Totals => items::TOTAL.to_vec(),
            What::Interfaces => items::INTERFACE.to_vec(),
            other => lists::columns(other)
                .iter()
                .map(|(name, _)| *name)
                .collect(),
        }
    }
}

/// Where the history begins, if that is before the range's end.
fn begins(query: &Query, ask: &Ask) -> Result<Option<Second>, Error> {
    let to = ask.to.unwrap_or(ask.now);
    let begins = query.begins()?;
    Ok(begins.map(|first| first.min(Second(to.0.saturating_sub(1)))))
}
