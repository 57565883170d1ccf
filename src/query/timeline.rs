//! `/api/stats/timeline`: a series in columns. A point in which nothing was watched is `null`.

use super::Query;
use super::ask::Ask;
use super::error::Error;
use super::series::{Point, Series};
use super::shape::{Span, time};
use super::step::Step;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Timeline {
    pub from: String,
    pub to: String,
    /// `seconds`, or the period of the calendar that each point is.
    pub step: &'static str,
    /// Seconds of a point, where all are as long; the last may be cut short by `to`.
    pub step_s: Option<i64>,
    /// The coarsest tier that was read.
    pub tier: &'static str,
    /// What only sums over longer spans are left of: it is in no figure.
    pub missing: Vec<Span>,
    pub committed_through: Option<String>,
    pub at_s: Vec<i64>,
    pub bytes_in: Vec<Option<u64>>,
    pub bytes_out: Vec<Option<u64>>,
    pub packets_in: Vec<Option<u64>>,
    pub packets_out: Vec<Option<u64>>,
    pub lost_packets: Vec<Option<u64>>,
    /// Milliseconds of what was watched of the point, on a clock that is never set. More than the
    /// point is long where the wall clock showed seconds of it twice: a rate divides by them then.
    pub lived_ms: Vec<u64>,
    /// Milliseconds of the point in which not all that counts was watched; 0 for what is still to
    /// come.
    pub gap_ms: Vec<u64>,
}

impl Query {
    pub fn timeline(&self, ask: &Ask) -> Result<Timeline, Error> {
        let range = ask.long_range()?;
        let step = ask.step.unwrap_or_else(|| Step::usual(&range));
        let edges = step.edges(&range, &self.calendar()?)?;
        let series = self.series(ask, edges, step.fit())?;
        Ok(told(series, step))
    }
}

fn told(series: Series, step: Step) -> Timeline {
    let column = |value: fn(&Point) -> u64| {
        let known = |point: &Point| point.watched.then(|| value(point));
        series.points.iter().map(known).collect()
    };
    let starts = || series.steps().map(|(step, _)| step.start.0);
    let edge = |edge: Option<&crate::units::Second>| time(edge.copied().unwrap_or_default());
    Timeline {
        from: edge(series.edges.first()),
        to: edge(series.edges.last()),
        step: step.word(),
        step_s: step.seconds(),
        at_s: starts().collect(),
        bytes_in: column(|point| point.traffic.inbound.bytes),
        bytes_out: column(|point| point.traffic.outbound.bytes),
        packets_in: column(|point| point.traffic.inbound.packets),
        packets_out: column(|point| point.traffic.outbound.packets),
        lost_packets: column(|point| point.lost),
        lived_ms: series.points.iter().map(lived_ms).collect(),
        gap_ms: series.points.iter().map(|point| point.gap_ms).collect(),
        tier: series.tier.word(),
        missing: Span::of(&series.lacks),
        committed_through: series.committed_through,
    }
}

fn lived_ms(point: &Point) -> u64 {
    u64::try_from(point.lived.0).unwrap_or(0) / 1_000_000
}
