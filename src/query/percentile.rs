//! `/api/stats/percentile`: what lines are billed by. The rate that 95 of 100 five-minute means lie at or
//! below; means are over the time that was watched, and what was not watched is no mean of zero.

use super::Query;
use super::ask::{Ask, wrong};
use super::error::Error;
use super::look::Fit;
use super::series::Series;
use super::shape::{Span, time};
use super::step::DAY;
use crate::store::{Cycle, Tier};
use crate::units::{Second, Traffic};
use serde::Serialize;
use std::ops::Range;
use utoipa::ToSchema;

const PERCENT: u64 = 95;
const SLOT: i64 = 300;
const USUAL: i64 = 30 * DAY;
const LONGEST: i64 = 400 * DAY;
/// Slots that are in memory at a time with all that is known of them.
const AT_ONCE: usize = 8_640;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Percentile {
    /// The range in whole slots: a mean is over what was watched, so that one that is not over is one.
    pub from: String,
    pub to: String,
    pub percentile: u64,
    pub slot_s: i64,
    /// `null` where nothing was watched.
    pub bytes_in_per_s: Option<f64>,
    pub bytes_out_per_s: Option<f64>,
    /// Slots in which something was watched.
    pub slots: u64,
    /// As many of them are left only in the mean of an hour or of a day, and count with that.
    pub coarse_slots: u64,
    pub unwatched_slots: u64,
    /// The coarsest tier that was read.
    pub tier: &'static str,
    /// What only sums over longer spans are left of: it is in no figure.
    pub missing: Vec<Span>,
    pub committed_through: Option<String>,
}

/// Two means, and of how many slots they are.
#[derive(Clone, Copy)]
struct Sample {
    rates: [f64; 2],
    slots: u64,
}

#[derive(Default)]
struct Samples {
    all: Vec<Sample>,
    coarse_slots: u64,
    tier: Tier,
    lacks: Vec<Range<Second>>,
    committed_through: Option<String>,
}

impl Query {
    pub fn percentile(&self, ask: &Ask) -> Result<Percentile, Error> {
        let range = whole_slots(&ask.range_or(USUAL)?)?;
        let samples = self.samples(ask, &range)?;
        let all = ((range.end.0 - range.start.0) / SLOT) as u64;
        let slots = samples.all.iter().map(|one| one.slots).sum();
        Ok(Percentile {
            from: time(range.start),
            to: time(range.end),
            percentile: PERCENT,
            slot_s: SLOT,
            bytes_in_per_s: ranked(&samples.all, |[into, _]| into),
            bytes_out_per_s: ranked(&samples.all, |[_, out]| out),
            slots,
            coarse_slots: samples.coarse_slots,
            unwatched_slots: all.saturating_sub(slots),
            tier: samples.tier.word(),
            missing: Span::of(&samples.lacks),
            committed_through: samples.committed_through,
        })
    }

    /// From minutes; where these are gone from hours, and where those are, from days.
    fn samples(&self, ask: &Ask, range: &Range<Second>) -> Result<Samples, Error> {
        let mut samples = Samples::default();
        let edges: Vec<_> = edges(range).collect();
        let mut at = 0;
        while at + 1 < edges.len() {
            let end = (at + AT_ONCE).min(edges.len() - 1);
            let some = edges.iter().take(end + 1).skip(at).copied().collect();
            samples.add(self.series(ask, some, Fit::Whole(Tier::Minute))?, false);
            at = end;
        }
        let calendar = self.calendar()?;
        let coarser = [
            (Cycle::Hour, Fit::Whole(Tier::Hour)),
            (Cycle::Day, Fit::Days),
        ];
        for (cycle, fit) in coarser {
            for lack in std::mem::take(&mut samples.lacks) {
                let edges = calendar.edges(cycle, &lack, usize::MAX);
                let within = |edge: Second| edge.clamp(lack.start, lack.end);
                let edges = edges.unwrap_or_default().into_iter().map(within);
                samples.add(self.series(ask, edges.collect(), fit)?, true);
            }
        }
        Ok(samples)
    }
}

impl Samples {
    fn add(&mut self, series: Series, coarse: bool) {
        let watched = series.points.iter().filter(|point| point.watched_s > 0);
        for point in watched {
            let rate = |bytes: u64| bytes as f64 / point.rated_s();
            let Traffic { inbound, outbound } = point.traffic;
            let slots = point.watched_s.div_ceil(SLOT as u64);
            self.coarse_slots += if coarse { slots } else { 0 };
            self.all.push(Sample {
                rates: [rate(inbound.bytes), rate(outbound.bytes)],
                slots,
            });
        }
        for lack in series.lacks {
            match self.lacks.last_mut() {
                Some(last) if last.end == lack.start => last.end = lack.end,
                _ => self.lacks.push(lack),
            }
        }
        self.tier = self.tier.max(series.tier);
        self.committed_through = series.committed_through;
    }
}

/// The least rate that so many of a hundred slots lie at or below.
fn ranked(samples: &[Sample], of: fn([f64; 2]) -> f64) -> Option<f64> {
    let rates = samples.iter().map(|one| (of(one.rates), one.slots));
    let mut rates: Vec<_> = rates.collect();
    rates.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let all: u64 = rates.iter().map(|(_, slots)| slots).sum();
    let wanted = (all * PERCENT).div_ceil(100);
    let mut passed = 0;
    let found = rates.into_iter().find(|(_, slots)| {
        passed += slots;
        passed >= wanted
    });
    found.map(|(rate, _)| rate)
}

/// The slots that a range lies in.
fn whole_slots(range: &Range<Second>) -> Result<Range<Second>, Error> {
    let start = range.start.0 - range.start.0.rem_euclid(SLOT);
    let end = range.end.0 + (-range.end.0).rem_euclid(SLOT);
    if end - start > LONGEST {
        return wrong("from", "the range may be at most 400 days long");
    }
    Ok(Second(start)..Second(end))
}

fn edges(range: &Range<Second>) -> impl Iterator<Item = Second> {
    let starts = (range.start.0..=range.end.0).step_by(SLOT as usize);
    starts.map(Second)
}
