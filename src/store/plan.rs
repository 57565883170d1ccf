//! From which tier each part of a range is read: the coarsest whose buckets lie in it whole, finer ones
//! at the edges and where the coarse one is not made yet. What only a coarser bucket holds is missing.

use super::calendar::Calendar;
use super::error::Error;
use super::layout::{StaleKey, Tier};
use super::sizes::Sizes;
use super::stale;
use crate::units::Second;
use redb::ReadOnlyTable;
use std::ops::Range;

/// A part of a range, and where it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub tier: Tier,
    pub range: Range<Second>,
}

/// How a range is read, in the order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub pieces: Vec<Piece>,
    /// What is held in buckets alone that reach out of the range, or are too long.
    pub missing: Vec<Range<Second>>,
    pub detail: Detail,
}

/// What is asked of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    #[default]
    Labels,
    /// Only whose they are: the rows of a bucket in which no tunnel has a carrier may come summed by
    /// interface and app, and tell no more.
    Apps,
}

impl Plan {
    /// All of it by the second.
    pub fn seconds(range: &Range<Second>) -> Plan {
        let (tier, range) = (Tier::Second, range.clone());
        Plan {
            pieces: vec![Piece { tier, range }],
            ..Plan::default()
        }
    }

    /// The coarsest tier that is read.
    pub fn tier(&self) -> Tier {
        let tiers = self.pieces.iter().map(|piece| piece.tier);
        tiers.max().unwrap_or(Tier::Second)
    }
}

/// What plans are made from.
pub(super) struct Planner {
    pub(super) stale: ReadOnlyTable<&'static StaleKey, ()>,
    pub(super) calendar: Calendar,
    pub(super) sizes: Sizes,
}

impl Planner {
    pub(super) fn plan(&self, range: &Range<Second>, coarsest: Tier) -> Result<Plan, Error> {
        let mut plan = Plan::default();
        self.split(coarsest, range.clone(), &mut plan)?;
        Ok(plan)
    }

    fn split(&self, tier: Tier, range: Range<Second>, plan: &mut Plan) -> Result<(), Error> {
        if range.is_empty() {
            return Ok(());
        }
        let Some(finer) = tier.finer() else {
            self.by_second(range, plan);
            return Ok(());
        };
        let whole = self.whole(tier, &range);
        if whole.is_empty() {
            return self.split(finer, range, plan);
        }
        self.split(finer, range.start..whole.start, plan)?;
        let mut from = whole.start;
        for bucket in stale::covered(&self.stale, &self.calendar, tier, &whole)? {
            // Where nothing finer is left, it holds what there is but for what came just now.
            if bucket.start >= from && bucket.end > self.sizes.of(finer).from {
                plan.add(tier, from..bucket.start);
                self.split(finer, bucket.clone(), plan)?;
                from = bucket.end;
            }
        }
        plan.add(tier, from..whole.end);
        self.split(finer, whole.end..range.end, plan)
    }

    /// The buckets of a tier that lie in a range whole and are held.
    fn whole(&self, tier: Tier, range: &Range<Second>) -> Range<Second> {
        let first = self.calendar.bucket(tier, range.start);
        let start = if first.start == range.start {
            first.start
        } else {
            first.end
        };
        let end = self.calendar.bucket(tier, range.end).start;
        start.max(self.sizes.of(tier).from)..end
    }

    fn by_second(&self, range: Range<Second>, plan: &mut Plan) {
        let held = self.sizes.of(Tier::Second).from;
        let from = held.clamp(range.start, range.end);
        plan.lack(range.start..from);
        plan.add(Tier::Second, from..range.end);
    }
}

impl Plan {
    /// What follows in time, read as this plan says.
    pub fn append(&mut self, next: Plan) {
        for piece in next.pieces {
            self.add(piece.tier, piece.range);
        }
        next.missing.into_iter().for_each(|part| self.lack(part));
    }

    fn add(&mut self, tier: Tier, range: Range<Second>) {
        match self.pieces.last_mut() {
            _ if range.is_empty() => {}
            Some(last) if last.tier == tier && last.range.end == range.start => {
                last.range.end = range.end;
            }
            _ => self.pieces.push(Piece { tier, range }),
        }
    }

    fn lack(&mut self, range: Range<Second>) {
        match self.missing.last_mut() {
            _ if range.is_empty() => {}
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.missing.push(range),
        }
    }
}
