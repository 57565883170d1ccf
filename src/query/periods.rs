//! `/api/historical/*`: what was carried in each day, week, month, year or billing cycle, and how that
//! compares with the one before. A period that is not over is compared as far as it has come.

use super::Query;
use super::ask::{Ask, wrong};
use super::error::Error;
use super::look::Fit;
use super::series::{Point, Series};
use super::shape::{Counts, Span, time};
use super::step::{HOUR, word};
use crate::store::{Calendar, Cycle};
use crate::units::Second;
use serde::Serialize;
use std::ops::Range;
use utoipa::ToSchema;

/// Periods of one answer.
const MOST: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Periods {
    pub from: String,
    pub to: String,
    /// What each item is: `hour`, `day`, `week`, `month`, `year` or `billing`.
    pub cycle: &'static str,
    /// The time zone in which days begin.
    pub zone: String,
    pub total: Counts,
    /// The coarsest tier that was read.
    pub tier: &'static str,
    /// What only sums over longer spans are left of: it is in no figure.
    pub missing: Vec<Span>,
    pub committed_through: Option<String>,
    /// In the order of time.
    pub items: Vec<PeriodItem>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PeriodItem {
    /// Its first day, as the zone's calendar has it.
    pub date: String,
    pub from: String,
    pub to: String,
    pub length_s: i64,
    /// It lies in the past.
    pub over: bool,
    /// `null` where nothing was watched.
    pub counts: Option<Counts>,
    pub lost_packets: u64,
    /// Milliseconds in which not all that counts was watched.
    pub gap_ms: u64,
    /// Seconds of which nothing is known: they lie before the history, are missing, or are to come.
    pub unknown_s: u64,
    /// With the period before; `null` where one of them was not watched.
    pub compared: Option<Compared>,
}

/// Two periods side by side.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Compared {
    /// How far the period is compared: its end, or as far as it has come.
    pub until: String,
    pub counts: Counts,
    /// Of the period before, as far into it.
    pub before: Counts,
    /// Milliseconds of either that were not watched, or are not known.
    pub gap_ms: u64,
    pub before_gap_ms: u64,
    /// By what part bytes are more: 0.5 is half as many again. `null` where there were none before.
    pub change: Option<f64>,
}

impl Query {
    /// Whole periods: those that the range lies in.
    pub fn periods(&self, ask: &Ask, cycle: Cycle) -> Result<Periods, Error> {
        let calendar = self.calendar()?;
        let periods = asked(ask, cycle, &calendar)?;
        let now = Second(ask.now.0.saturating_add(1));
        let halt = Halt::of(&periods, cycle, now, &calendar);
        let mut edges = periods.clone();
        edges.extend(halt.iter().flat_map(|halt| [halt.current, halt.before]));
        edges.sort();
        edges.dedup();
        // Where a period is compared so far, an edge lies inside of a bucket: each step is read by itself.
        let series = self.series(ask, edges, Fit::Days)?;
        Ok(told(&series, &periods, halt, cycle, now, &calendar))
    }
}

/// Where the last period has come to, and the same place in the one before.
#[derive(Clone, Copy)]
struct Halt {
    current: Second,
    before: Second,
}

impl Halt {
    /// In whole hours of longer periods, for those are kept for longer; of a year in days.
    fn of(periods: &[Second], cycle: Cycle, now: Second, calendar: &Calendar) -> Option<Halt> {
        let [.., earlier, start, end] = periods else {
            return None;
        };
        let passed = now.0.saturating_sub(start.0);
        if passed <= 0 || now >= *end {
            return None;
        }
        let passed = match cycle {
            Cycle::Hour => passed,
            Cycle::Day => passed - passed % 60,
            _ => passed - passed % HOUR,
        };
        let mut current = Second(start.0 + passed);
        let mut before = Second((earlier.0 + passed).min(start.0));
        if cycle == Cycle::Year {
            current = calendar.period(Cycle::Day, now).start;
            // Clocks may have been changed in between.
            let about = earlier.0 + (current.0 - start.0) + 2 * HOUR;
            before = calendar.period(Cycle::Day, Second(about)).start.min(*start);
        }
        (current > *start).then_some(Halt { current, before })
    }
}

/// The edges of the periods that were asked for, and before them one more to compare with.
fn asked(ask: &Ask, cycle: Cycle, calendar: &Calendar) -> Result<Vec<Second>, Error> {
    let range = ask.range_or(1)?;
    let mut start = range.start;
    if ask.from.is_none() {
        let last = Second(range.end.0 - 1);
        let count = ask.limit_or(usual(cycle))?;
        let begin = |at: Second, _| calendar.period(cycle, Second(at.0 - 1)).start;
        start = (1..count).fold(calendar.period(cycle, last).start, begin);
    }
    let Some(mut edges) = calendar.edges(cycle, &(start..range.end), MOST) else {
        return wrong("from", "that would be more than 1,000 periods");
    };
    let first = edges.first().copied().unwrap_or(start);
    edges.insert(0, calendar.period(cycle, Second(first.0 - 1)).start);
    Ok(edges)
}

/// Periods where neither a start nor a number is told.
fn usual(cycle: Cycle) -> usize {
    match cycle {
        Cycle::Hour => 24,
        Cycle::Day => 30,
        Cycle::Week | Cycle::Month | Cycle::Billing(_) => 12,
        Cycle::Year => 5,
    }
}

fn told(
    series: &Series,
    periods: &[Second],
    halt: Option<Halt>,
    cycle: Cycle,
    now: Second,
    calendar: &Calendar,
) -> Periods {
    let (_, shown) = periods.split_at(periods.len().min(1));
    let ends = shown.iter().skip(1);
    let all = periods.iter().zip(shown).zip(ends);
    let items = all.map(|((earlier, start), end)| {
        let point = within(series, *start..*end);
        let compared = match halt {
            Some(halt) if now < *end => {
                let parts = [*start..halt.current, *earlier..halt.before];
                compare(series, parts)
            }
            _ if now < *end => None,
            _ => compare(series, [*start..*end, *earlier..*start]),
        };
        PeriodItem {
            date: calendar.date(*start).unwrap_or_default(),
            from: time(*start),
            to: time(*end),
            length_s: end.0 - start.0,
            over: *end <= now,
            counts: point.counts(),
            lost_packets: point.lost,
            gap_ms: point.gap_ms,
            unknown_s: point.unknown_s,
            compared,
        }
    });
    let items: Vec<_> = items.collect();
    let mut total = Counts::default();
    let counted = items.iter().filter_map(|item| item.counts);
    counted.for_each(|counts| total += counts);
    let edge = |edge: Option<&Second>| edge.copied().unwrap_or_default();
    let (from, to) = (edge(shown.first()), edge(shown.last()));
    Periods {
        from: time(from),
        to: time(to),
        cycle: word(cycle),
        zone: calendar.zone(now).to_owned(),
        total,
        tier: series.tier.word(),
        missing: Span::of(&series.lacks),
        committed_through: series.committed_through.clone(),
        items,
    }
}

fn within(series: &Series, range: Range<Second>) -> Point {
    let steps = series.steps();
    let inner = steps.filter(|(step, _)| range.start <= step.start && step.end <= range.end);
    inner.fold(Point::default(), |sum, (_, point)| sum.and(*point))
}

fn compare(series: &Series, [this, before]: [Range<Second>; 2]) -> Option<Compared> {
    let until = time(this.end);
    let [this, before] = [this, before].map(|range| within(series, range));
    let unwatched = |point: &Point| point.gap_ms + point.unknown_s * 1_000;
    let (counts, then) = (this.counts()?, before.counts()?);
    let (now_bytes, then_bytes) = (counts.bytes(), then.bytes());
    Some(Compared {
        until,
        counts,
        before: then,
        gap_ms: unwatched(&this),
        before_gap_ms: unwatched(&before),
        change: (then_bytes > 0).then(|| now_bytes as f64 / then_bytes as f64 - 1.0),
    })
}
