//! A range summed into steps, which may be of any length: the one way in which series, periods and
//! heatmaps are made. What was not watched is in no sum, and told beside it.

use super::Query;
use super::amount::Amount;
use super::ask::Ask;
use super::error::Error;
use super::look::{Fit, Picked};
use super::presence::{Presence, lived, loss, was_watched};
use super::shape::{Counts, time_of_moment};
use crate::store::{Calendar, Plan, Tier};
use crate::units::{NANOS, Nanos, Second, Traffic};
use std::ops::Range;

/// One step's sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Point {
    /// Something that counts was watched in it.
    pub(super) watched: bool,
    pub(super) traffic: Traffic,
    pub(super) lost: u64,
    /// Milliseconds in which not all that counts was watched; 0 for what is still to come.
    pub(super) gap_ms: u64,
    /// For how many seconds something was.
    pub(super) watched_s: u64,
    /// How long these were: longer than they are many where the wall clock showed some twice.
    pub(super) lived: Nanos,
    /// Seconds that nothing is known of: they are yet to come, lie before the history, or are missing.
    pub(super) unknown_s: u64,
}

/// The steps between edges, and what is to be told of all of them.
pub(super) struct Series {
    pub(super) edges: Vec<Second>,
    pub(super) points: Vec<Point>,
    /// The coarsest that was read.
    pub(super) tier: Tier,
    /// What only buckets that lie in no step whole are left of.
    pub(super) lacks: Vec<Range<Second>>,
    pub(super) committed_through: Option<String>,
}

impl Query {
    /// Sums the time between the edges, which are in order.
    pub(super) fn series(&self, ask: &Ask, edges: Vec<Second>, fit: Fit) -> Result<Series, Error> {
        let range = ends(&edges);
        let mut look = self.look(range.clone(), ask)?.in_steps(&edges, fit)?;
        look.by_app();
        let mut presence = Presence::of(look.plan());
        let mut points = vec![Point::default(); edges.len().saturating_sub(1)];
        let asked = look.narrowed();
        let (mut at, mut amount) = (None, Amount::new(asked));
        look.seconds_and_tunnels(|picked, rows| {
            presence.note(picked);
            let middle = picked.second.moment.second.0 + i64::from(picked.second.span) / 2;
            let place = place(&edges, Second(middle));
            if place != at {
                // One point at a time: payloads take their places within it.
                let over = std::mem::replace(&mut amount, Amount::new(asked));
                settle(&mut points, at, over);
                at = place;
            }
            amount.add(picked, rows);
            if let Some(point) = at.and_then(|at| points.get_mut(at)) {
                point.add(picked);
            }
        })?;
        settle(&mut points, at, amount);
        let known = look.known(&range)?;
        for (point, step) in points.iter_mut().zip(steps(&edges)) {
            point.end(&step, &known, &presence, look.plan());
        }
        Ok(Series {
            points,
            tier: look.plan().tier(),
            lacks: look.plan().missing.clone(),
            committed_through: look.through().map(time_of_moment),
            edges,
        })
    }

    /// Where days begin in this history.
    pub(super) fn calendar(&self) -> Result<Calendar, Error> {
        Ok(self.reader.snapshot()?.calendar()?)
    }
}

impl Series {
    /// Each step and its sums.
    pub(super) fn steps(&self) -> impl Iterator<Item = (Range<Second>, &Point)> {
        steps(&self.edges).zip(&self.points)
    }
}

impl Point {
    /// What was counted; nothing where nothing was watched.
    pub(super) fn counts(&self) -> Option<Counts> {
        self.watched.then(|| self.traffic.into())
    }

    /// Two steps as one.
    pub(super) fn and(self, other: Point) -> Point {
        let mut traffic = self.traffic;
        traffic += other.traffic;
        Point {
            watched: self.watched || other.watched,
            traffic,
            lost: self.lost + other.lost,
            gap_ms: self.gap_ms + other.gap_ms,
            watched_s: self.watched_s + other.watched_s,
            lived: Nanos(self.lived.0.saturating_add(other.lived.0)),
            unknown_s: self.unknown_s + other.unknown_s,
        }
    }

    /// How long it was watched for, as a rate has it: every second counts as often as it was lived
    /// through, so that no rate is higher than what was sent.
    pub(super) fn rated_s(&self) -> f64 {
        (self.lived.0 as f64 / NANOS as f64).max(self.watched_s as f64)
    }

    fn add(&mut self, picked: &Picked) {
        self.watched |= was_watched(picked);
        self.lived.0 = self.lived.0.saturating_add(lived(picked).0);
        let loss = loss(picked);
        self.lost += loss.packets();
        self.gap_ms += loss.gap_ms;
    }

    /// Adds the time that was not watched at all.
    fn end(
        &mut self,
        step: &Range<Second>,
        known: &Range<Second>,
        presence: &Presence,
        plan: &Plan,
    ) {
        let within = overlap(step, known);
        self.gap_ms += presence.missing_ms(within.clone());
        self.watched_s = presence.watched(step).max(0) as u64;
        let missing = plan
            .missing
            .iter()
            .map(|part| length(&overlap(&within, part)));
        self.unknown_s = length(step) - length(&within) + missing.sum::<u64>();
    }
}

fn ends(edges: &[Second]) -> Range<Second> {
    let (first, last) = (edges.first(), edges.last());
    first.copied().unwrap_or_default()..last.copied().unwrap_or_default()
}

fn steps(edges: &[Second]) -> impl Iterator<Item = Range<Second>> {
    edges
        .iter()
        .zip(edges.iter().skip(1))
        .map(|(start, end)| *start..*end)
}

/// The step that a second lies in.
fn place(edges: &[Second], at: Second) -> Option<usize> {
    edges.partition_point(|edge| *edge <= at).checked_sub(1)
}

fn settle(points: &mut [Point], at: Option<usize>, amount: Amount) {
    if let Some(point) = at.and_then(|at| points.get_mut(at)) {
        point.traffic += amount.settled();
    }
}

fn overlap(one: &Range<Second>, other: &Range<Second>) -> Range<Second> {
    let start = one.start.max(other.start);
    start..one.end.min(other.end).max(start)
}

fn length(range: &Range<Second>) -> u64 {
    range.end.0.saturating_sub(range.start.0).max(0) as u64
}
