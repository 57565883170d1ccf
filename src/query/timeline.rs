//! `/api/stats/timeline`: a series in columns. A point in which nothing was watched is `null`.

use super::Query;
use super::amount::Amount;
use super::ask::Ask;
use super::error::Error;
use super::look::Picked;
use super::presence::{Presence, loss, was_watched};
use super::shape::{Span, time, time_of_moment};
use crate::store::{Plan, Tier};
use crate::units::{Second, Traffic};
use serde::Serialize;
use std::ops::Range;
use utoipa::ToSchema;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Timeline {
    pub from: String,
    pub to: String,
    pub step_s: i64,
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
    /// Milliseconds of the point in which not all that counts was watched; 0 for what is still to
    /// come.
    pub gap_ms: Vec<u64>,
}

#[derive(Clone, Copy, Default)]
struct Point {
    watched: bool,
    traffic: Traffic,
    lost: u64,
    gap_ms: u64,
}

impl Query {
    pub fn timeline(&self, ask: &Ask) -> Result<Timeline, Error> {
        let (step, range) = ask.steps()?;
        let mut look = self.look(range.clone(), ask)?.in_tiers(tier_within(step))?;
        if step >= DAY {
            look = look.or_days()?;
        }
        let mut presence = Presence::of(look.plan());
        let count = (range.end.0 - range.start.0 + step - 1) / step;
        let mut points = vec![Point::default(); count as usize];
        let asked = look.narrowed();
        let (mut at, mut amount) = (0, Amount::new(asked));
        look.seconds_and_tunnels(|picked, rows| {
            presence.note(picked);
            let middle = picked.second.moment.second.0 + i64::from(picked.second.span) / 2;
            let place = ((middle - range.start.0) / step) as usize;
            if place != at {
                // One point at a time: payloads take their places within it.
                let over = std::mem::replace(&mut amount, Amount::new(asked));
                settle(&mut points, at, over);
                at = place;
            }
            amount.add(picked, rows);
            if let Some(point) = points.get_mut(place) {
                point.add(picked);
            }
        })?;
        settle(&mut points, at, amount);
        let known = look.known(&range)?;
        let starts = (range.start.0..).step_by(step as usize);
        for (point, at) in points.iter_mut().zip(starts.clone()) {
            let end = at.saturating_add(step).min(known.end.0);
            let start = at.max(known.start.0);
            point.gap_ms += presence.missing_ms(Second(start)..Second(end));
        }
        let at_s = starts.take(points.len()).collect();
        let through = look.through().map(time_of_moment);
        Ok(told(&range, step, through, at_s, &points, look.plan()))
    }
}

/// The coarsest tier whose buckets lie in one step each. Days begin in a zone: they may lie in two,
/// and count where their middle is.
fn tier_within(step: i64) -> Tier {
    match step {
        _ if step % HOUR == 0 => Tier::Hour,
        _ if step % 60 == 0 => Tier::Minute,
        _ => Tier::Second,
    }
}

impl Point {
    fn add(&mut self, picked: &Picked) {
        self.watched |= was_watched(picked);
        let loss = loss(picked);
        self.lost += loss.packets();
        self.gap_ms += loss.gap_ms;
    }
}

fn settle(points: &mut [Point], place: usize, amount: Amount) {
    if let Some(point) = points.get_mut(place) {
        point.traffic += amount.settled();
    }
}

fn told(
    range: &Range<Second>,
    step_s: i64,
    committed_through: Option<String>,
    at_s: Vec<i64>,
    points: &[Point],
    plan: &Plan,
) -> Timeline {
    let column = |value: fn(&Point) -> u64| {
        let known = |point: &Point| point.watched.then(|| value(point));
        points.iter().map(known).collect()
    };
    Timeline {
        from: time(range.start),
        to: time(range.end),
        step_s,
        tier: plan.tier().word(),
        missing: Span::missing(plan),
        committed_through,
        at_s,
        bytes_in: column(|point| point.traffic.inbound.bytes),
        bytes_out: column(|point| point.traffic.outbound.bytes),
        packets_in: column(|point| point.traffic.inbound.packets),
        packets_out: column(|point| point.traffic.outbound.packets),
        lost_packets: column(|point| point.lost),
        gap_ms: points.iter().map(|point| point.gap_ms).collect(),
    }
}
