//! `/api/historical/heatmap`: how much is carried at which hour of the week, as clocks of the zone
//! show it. Means are over the time that was watched, and over that alone.

use super::Query;
use super::ask::{Ask, wrong};
use super::error::Error;
use super::shape::{Span, time};
use super::step::{DAY, Step};
use crate::store::Cycle;
use crate::units::{Second, Traffic};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

const USUAL: i64 = 28 * DAY;
const LONGEST: i64 = 400 * DAY;
const HOURS: usize = 24;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Heatmap {
    pub from: String,
    pub to: String,
    /// The time zone in which days begin.
    pub zone: String,
    /// The coarsest tier that was read.
    pub tier: &'static str,
    /// What only sums over longer spans are left of: it is in no figure.
    pub missing: Vec<Span>,
    /// 24 of Monday, then those of the other days.
    pub cells: Vec<HeatCell>,
}

/// An hour of the week.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct HeatCell {
    /// 1 is Monday.
    pub weekday: usize,
    pub hour: usize,
    /// On how many days such an hour was watched, for some time at least.
    pub hours: u64,
    pub watched_s: u64,
    /// Means over the time that was watched; `null` where none was.
    pub bytes_in_per_s: Option<f64>,
    pub bytes_out_per_s: Option<f64>,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    hours: u64,
    /// The day that counted last.
    date: Option<Date>,
    watched_s: u64,
    rated_s: f64,
    traffic: Traffic,
}

impl Query {
    pub fn heatmap(&self, ask: &Ask) -> Result<Heatmap, Error> {
        let range = ask.range_or(USUAL)?;
        if range.end.0 - range.start.0 > LONGEST {
            return wrong("from", "the range may be at most 400 days long");
        }
        let calendar = self.calendar()?;
        let step = Step::Each(Cycle::Hour);
        let series = self.series(ask, step.edges(&range, &calendar)?, step.fit())?;
        let mut sums = [Sum::default(); 7 * HOURS];
        for (hour, point) in series.steps().filter(|(_, point)| point.watched) {
            // Where clocks differ from UTC by half an hour, the greater part decides.
            let middle = hour.start.0.midpoint(hour.end.0);
            let shown = calendar.shown(Second(middle));
            let Some((date, day, hour)) = shown else {
                continue;
            };
            if let Some(sum) = sums.get_mut(day * HOURS + hour) {
                // An hour that midnight cuts is in parts, and one that clocks show twice is two of UTC.
                sum.hours += u64::from(sum.date.replace(date) != Some(date));
                sum.watched_s += point.watched_s;
                sum.rated_s += point.rated_s();
                sum.traffic += point.traffic;
            }
        }
        let first = series.edges.first().copied().unwrap_or(range.start);
        let cells = sums.iter().enumerate().map(|(place, sum)| sum.told(place));
        Ok(Heatmap {
            from: time(first),
            to: time(range.end),
            zone: calendar.zone(ask.now).to_owned(),
            tier: series.tier.word(),
            missing: Span::of(&series.lacks),
            cells: cells.collect(),
        })
    }
}

impl Sum {
    fn told(&self, place: usize) -> HeatCell {
        let mean = |bytes: u64| (self.rated_s > 0.0).then(|| bytes as f64 / self.rated_s);
        HeatCell {
            weekday: place / HOURS + 1,
            hour: place % HOURS,
            hours: self.hours,
            watched_s: self.watched_s,
            bytes_in_per_s: mean(self.traffic.inbound.bytes),
            bytes_out_per_s: mean(self.traffic.outbound.bytes),
        }
    }
}
