//! `/api/stats/timeline`: a series in columns. A point in which nothing was watched is `null`.

use super::Query;
use super::ask::Ask;
use super::error::Error;
use super::look::Picked;
use super::presence::{Presence, loss, was_watched};
use super::shape::{time, time_of_moment};
use crate::store::Tier;
use crate::units::{Second, Traffic};
use serde::Serialize;
use std::ops::Range;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Timeline {
    pub from: String,
    pub to: String,
    pub step_s: i64,
    pub tier: &'static str,
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
        let mut look = self.look(range.clone(), ask)?;
        let mut presence = Presence::new(&range);
        let count = (range.end.0 - range.start.0 + step - 1) / step;
        let mut points = vec![Point::default(); count as usize];
        look.seconds(|picked, _| {
            presence.note(picked);
            let place = (picked.second.moment.second.0 - range.start.0) / step;
            if let Some(point) = points.get_mut(place as usize) {
                point.add(picked);
            }
        })?;
        let known = look.known(&range)?;
        let starts = (range.start.0..).step_by(step as usize);
        for (point, at) in points.iter_mut().zip(starts.clone()) {
            let end = at.saturating_add(step).min(known.end.0);
            let start = at.max(known.start.0);
            point.gap_ms += presence.missing_ms(Second(start)..Second(end));
        }
        let at_s = starts.take(points.len()).collect();
        let through = look.through().map(time_of_moment);
        Ok(told(&range, step, through, at_s, &points))
    }
}

impl Point {
    fn add(&mut self, picked: &Picked) {
        self.watched |= was_watched(picked);
        let loss = loss(picked);
        self.lost += loss.packets();
        self.gap_ms += loss.gap_ms;
        picked
            .nics
            .iter()
            .for_each(|nic| self.traffic += nic.counted());
    }
}

fn told(
    range: &Range<Second>,
    step_s: i64,
    committed_through: Option<String>,
    at_s: Vec<i64>,
    points: &[Point],
) -> Timeline {
    let column = |value: fn(&Point) -> u64| {
        let known = |point: &Point| point.watched.then(|| value(point));
        points.iter().map(known).collect()
    };
    Timeline {
        from: time(range.start),
        to: time(range.end),
        step_s,
        tier: Tier::Second.word(),
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
