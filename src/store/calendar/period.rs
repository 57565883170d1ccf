//! Longer stretches of the calendar: weeks, months, years and billing cycles begin where days do, in
//! the zone of their time, so that buckets of days lie in them whole. Knows nothing of what was
//! counted in them.

#[cfg(test)]
mod tests;

use super::{Calendar, day_in, midnight};
use crate::store::layout::Tier;
use crate::units::Second;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use std::ops::Range;

const HOUR: i64 = 3_600;

/// What repeats in the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cycle {
    /// Hours of UTC, as their tier has them: cut where a day ends.
    Hour,
    Day,
    /// From Monday on.
    Week,
    Month,
    Year,
    /// From this day of a month on: 1 to 28, which all months have.
    Billing(u8),
}

impl Cycle {
    /// The first day of the period that a day lies in.
    fn first(self, day: Date) -> Option<Date> {
        match self {
            Cycle::Hour | Cycle::Day => Some(day),
            Cycle::Week => {
                let passed = i64::from(day.weekday().to_monday_zero_offset());
                day.checked_sub(passed.days()).ok()
            }
            Cycle::Month => Some(day.first_of_month()),
            Cycle::Year => Some(day.first_of_year()),
            Cycle::Billing(start) => {
                let start = i8::try_from(start).ok()?.clamp(1, 28);
                let back = i64::from(day.day() < start);
                let month = day.first_of_month().checked_sub(back.months()).ok()?;
                month.with().day(start).build().ok()
            }
        }
    }

    /// The first day of the period after the one that begins with this day.
    fn next(self, first: Date) -> Option<Date> {
        let length = match self {
            Cycle::Hour | Cycle::Day => 1.days(),
            Cycle::Week => 7.days(),
            Cycle::Month | Cycle::Billing(_) => 1.months(),
            Cycle::Year => 1.years(),
        };
        first.checked_add(length).ok()
    }
}

impl Calendar {
    /// The period that a second lies in. Where the zone was changed in it, it ends as the new zone
    /// has it.
    pub fn period(&self, cycle: Cycle, at: Second) -> Range<Second> {
        if cycle == Cycle::Hour {
            return self.bucket(Tier::Hour, at);
        }
        let start = self.begin(cycle, at).unwrap_or(at).min(at);
        let end = self.end(cycle, at).unwrap_or(Second(i64::MAX));
        start..end.max(Second(at.0.saturating_add(1)))
    }

    /// The edges of the periods that a range lies in, in order; `None` if there were more than `most`
    /// periods.
    pub fn edges(&self, cycle: Cycle, range: &Range<Second>, most: usize) -> Option<Vec<Second>> {
        let first = self.period(cycle, range.start);
        let (mut edges, mut last) = (vec![first.start, first.end], first.end);
        while last < range.end {
            if edges.len() > most {
                return None;
            }
            last = self.period(cycle, last).end;
            edges.push(last);
        }
        Some(edges)
    }

    /// The name of the zone of this second.
    pub fn zone(&self, at: Second) -> &str {
        let zone = self.0.get(self.place(at));
        zone.map_or("UTC", |(_, name, _)| name)
    }

    /// The date of the day that a second lies in.
    pub fn date(&self, at: Second) -> Option<String> {
        let (_, _, zone) = self.0.get(self.place(at))?;
        Some(date(zone, at)?.to_string())
    }

    /// The date, the day of the week (0: Monday) and the hour that clocks of the zone show.
    pub fn shown(&self, at: Second) -> Option<(Date, usize, usize)> {
        let now = self.zoned(at)?;
        let day = usize::try_from(now.weekday().to_monday_zero_offset()).ok()?;
        Some((now.date(), day, usize::try_from(now.hour()).ok()?))
    }

    /// When the zone's clocks showed the same, so many weeks before.
    pub fn weeks_before(&self, at: Second, weeks: i64) -> Option<Second> {
        let then = self.zoned(at)?.checked_sub(weeks.weeks()).ok()?;
        Some(Second(then.timestamp().as_second()))
    }

    /// The hour of the zone's clocks that a second lies in: as long as it is shown.
    pub fn hour(&self, at: Second) -> Range<Second> {
        let passed = self.zoned(at).map_or(at.0.rem_euclid(HOUR), |now| {
            i64::from(now.minute()) * 60 + i64::from(now.second())
        });
        let start = at.0.saturating_sub(passed);
        Second(start)..Second(start.saturating_add(HOUR))
    }

    fn begin(&self, cycle: Cycle, at: Second) -> Option<Second> {
        let mut place = self.place(at);
        let (since, _, zone) = self.0.get(place)?;
        let mut since = *since;
        let first = cycle.first(date(zone, at)?)?;
        let mut begin = midnight(zone, first)?;
        while begin < since && place > 0 {
            place -= 1;
            let (earlier, _, zone) = self.0.get(place)?;
            begin = midnight(zone, first)?.min(since);
            since = *earlier;
        }
        Some(begin)
    }

    fn end(&self, cycle: Cycle, at: Second) -> Option<Second> {
        let place = self.place(at);
        let (_, _, zone) = self.0.get(place)?;
        let next = cycle.next(cycle.first(date(zone, at)?)?)?;
        let ends = self.0.iter().skip(place + 1).map(|(since, _, _)| *since);
        let ends = ends.chain([Second(i64::MAX)]);
        for ((since, _, zone), until) in self.0.iter().skip(place).zip(ends) {
            let edge = midnight(zone, next)?.max(*since);
            if edge < until {
                return Some(edge);
            }
        }
        None
    }

    fn place(&self, at: Second) -> usize {
        let later = self.0.partition_point(|(since, _, _)| *since <= at);
        later.saturating_sub(1)
    }

    fn zoned(&self, at: Second) -> Option<Zoned> {
        let (_, _, zone) = self.0.get(self.place(at))?;
        let time = Timestamp::from_second(at.0).ok()?;
        Some(time.to_zoned(zone.clone()))
    }
}

/// The date of the day's bucket that a second lies in.
fn date(zone: &TimeZone, at: Second) -> Option<Date> {
    Some(day_in(zone, at)?.0)
}
