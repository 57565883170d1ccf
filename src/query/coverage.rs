//! `/api/coverage`: how much of what the interfaces carried is counted, owned and named, over the
//! last minute, hour and day, or any range; from the coarsest tier that lies in each whole.

mod sums;
#[cfg(test)]
mod tests;

use super::Query;
use super::ask::Ask;
use super::error::Error;
use super::shape::{Span, time};
use super::step::{DAY, HOUR};
use crate::label::{OwnerSource, SiteSource};
use crate::store::Tier;
use crate::units::Second;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;
use sums::Sums;
use utoipa::ToSchema;

const MINUTE: i64 = 60;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Coverage {
    /// The capture filter that is on, if one is: then the ratio tells what it leaves out.
    pub filter: Option<String>,
    /// Of the range that was asked for, if one was.
    pub range: Option<CoveredRange>,
    pub minute: CoveredRange,
    pub hour: CoveredRange,
    pub day: CoveredRange,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CoveredRange {
    pub from: String,
    pub to: String,
    #[serde(flatten)]
    pub covered: Covered,
    /// The coarsest tier that was read.
    pub tier: &'static str,
    /// What only sums over longer spans are left of: it is in no figure.
    pub missing: Vec<Span>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Covered {
    pub counted_bytes: u64,
    pub interface_bytes: u64,
    /// Counted bytes for each byte of the interfaces, over the minutes, or the buckets of a coarser
    /// tier, in which their own counters could be read; `null` where there are none.
    pub ratio: Option<f64>,
    pub lost_packets: u64,
    pub gap_ms: u64,
    /// Counted bytes that are in no connection: they can have neither owner nor name.
    pub unflowed_bytes: u64,
    /// Of the counted bytes, how much has an owner; `null` where nothing was counted.
    pub owned_ratio: Option<f64>,
    /// Likewise, how much has a name.
    pub named_ratio: Option<f64>,
    /// Bytes by how their owner is known.
    pub by_owner: BTreeMap<&'static str, u64>,
    /// Bytes by how their site is known.
    pub by_name: BTreeMap<&'static str, u64>,
    /// The same as parts of the counted bytes.
    pub owner_ratios: BTreeMap<&'static str, f64>,
    pub name_ratios: BTreeMap<&'static str, f64>,
}

impl Query {
    /// Of what a total counts, up to `now`.
    pub fn coverage(&self, now: Second, filter: Option<String>) -> Result<Coverage, Error> {
        let ask = Ask::at(now);
        let since = |from: Second| self.covered(from..now, &ask);
        Ok(Coverage {
            filter,
            range: None,
            minute: since(back(now, MINUTE))?,
            hour: since(back(now, HOUR).minute())?,
            day: since(back(now, DAY).minute())?,
        })
    }

    /// Of any range.
    pub fn covered_in(&self, ask: &Ask) -> Result<CoveredRange, Error> {
        self.covered(ask.long_range()?, ask)
    }

    /// Of the last minute alone: cheap, for whoever asks often.
    pub fn covered_lately(&self, now: Second) -> Result<Covered, Error> {
        let range = back(now, MINUTE)..now;
        Ok(self.covered(range, &Ask::at(now))?.covered)
    }

    /// From whatever tiers are left of it.
    fn covered(&self, range: Range<Second>, ask: &Ask) -> Result<CoveredRange, Error> {
        let mut look = self.look(range.clone(), ask)?.in_tiers(Tier::Day)?;
        let mut sums = Sums::of(look.plan());
        look.seconds_and_tunnels(|picked, rows| sums.add(picked, rows))?;
        Ok(CoveredRange {
            from: time(range.start),
            to: time(range.end),
            covered: sums.told(look.known(&range)?),
            tier: look.plan().tier().word(),
            missing: Span::missing(look.plan()),
        })
    }
}

fn back(now: Second, seconds: i64) -> Second {
    Second(now.0.saturating_sub(seconds))
}

impl Covered {
    /// What the parts are of all that was counted.
    fn share_out(&mut self) {
        let counted = self.counted_bytes;
        self.unflowed_bytes = counted.saturating_sub(self.by_owner.values().sum());
        self.owner_ratios = shares(&self.by_owner, counted);
        self.name_ratios = shares(&self.by_name, counted);
        self.owned_ratio = known(&self.by_owner, OwnerSource::Unknown.word(), counted);
        self.named_ratio = known(&self.by_name, SiteSource::Address.word(), counted);
    }
}

fn shares(parts: &BTreeMap<&'static str, u64>, whole: u64) -> BTreeMap<&'static str, f64> {
    let share = |bytes: u64| bytes as f64 / whole.max(1) as f64;
    let shares = parts.iter().map(|(word, bytes)| (*word, share(*bytes)));
    shares.collect()
}

/// The part of the whole that is known at all.
fn known(parts: &BTreeMap<&'static str, u64>, nothing: &str, whole: u64) -> Option<f64> {
    let known = parts.iter().filter(|(word, _)| **word != nothing);
    let known: u64 = known.map(|(_, bytes)| bytes).sum();
    (whole > 0).then(|| known as f64 / whole as f64)
}
