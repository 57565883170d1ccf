//! Longer stretches of the calendar: weeks, months, years and billing cycles begin where days do, in
//! the zone of their time, so that buckets of days lie in them whole. Knows nothing of what was
//! counted in them.

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

    /// The day of the week (0: Monday) and the hour that clocks of the zone show.
    pub fn shown(&self, at: Second) -> Option<(usize, usize)> {
        let now = self.zoned(at)?;
        let day = usize::try_from(now.weekday().to_monday_zero_offset()).ok()?;
        Some((day, usize::try_from(now.hour()).ok()?))
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn second(text: &str) -> Second {
        Second(text.parse::<Timestamp>().unwrap().as_second())
    }

    fn edges(zone: &str, cycle: Cycle, from: &str, to: &str) -> Vec<String> {
        let range = second(from)..second(to);
        let edges = Calendar::new(zone).edges(cycle, &range, 100).unwrap();
        let text = |edge: &Second| Timestamp::from_second(edge.0).unwrap().to_string();
        edges.iter().map(text).collect()
    }

    #[test]
    fn days_have_23_and_25_hours_in_two_zones() {
        let berlin = |from, to| edges("Europe/Berlin", Cycle::Day, from, to);
        assert_eq!(
            berlin("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"),
            [
                "2026-03-27T23:00:00Z",
                "2026-03-28T23:00:00Z",
                "2026-03-29T22:00:00Z",
                "2026-03-30T22:00:00Z"
            ]
        );
        assert_eq!(
            berlin("2026-10-25T00:00:00Z", "2026-10-25T23:00:00Z"),
            ["2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"]
        );
        let york = |from, to| edges("America/New_York", Cycle::Day, from, to);
        assert_eq!(
            york("2026-03-08T12:00:00Z", "2026-03-09T12:00:00Z"),
            [
                "2026-03-08T05:00:00Z",
                "2026-03-09T04:00:00Z",
                "2026-03-10T04:00:00Z"
            ]
        );
        assert_eq!(
            york("2026-11-01T12:00:00Z", "2026-11-02T05:00:00Z"),
            ["2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"]
        );
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        assert_eq!(
            edges(
                "Europe/Berlin",
                Cycle::Week,
                "2026-03-25T00:00:00Z",
                "2026-03-30T00:00:00Z"
            ),
            [
                "2026-03-22T23:00:00Z",
                "2026-03-29T22:00:00Z",
                "2026-04-05T22:00:00Z"
            ]
        );
        assert_eq!(
            edges(
                "America/New_York",
                Cycle::Month,
                "2026-02-10T00:00:00Z",
                "2026-03-10T00:00:00Z"
            ),
            [
                "2026-02-01T05:00:00Z",
                "2026-03-01T05:00:00Z",
                "2026-04-01T04:00:00Z"
            ]
        );
        assert_eq!(
            edges(
                "Europe/Berlin",
                Cycle::Year,
                "2026-02-10T00:00:00Z",
                "2026-03-10T00:00:00Z"
            ),
            ["2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z"]
        );
    }

    #[test]
    fn billing_cycles_begin_on_their_day() {
        let cycle = |day, from, to| edges("Europe/Berlin", Cycle::Billing(day), from, to);
        assert_eq!(
            cycle(15, "2026-01-03T00:00:00Z", "2026-01-15T00:00:00Z"),
            [
                "2025-12-14T23:00:00Z",
                "2026-01-14T23:00:00Z",
                "2026-02-14T23:00:00Z"
            ]
        );
        assert_eq!(
            cycle(28, "2026-02-28T00:00:00Z", "2026-02-28T01:00:00Z"),
            ["2026-02-27T23:00:00Z", "2026-03-27T23:00:00Z"]
        );
        assert_eq!(
            cycle(1, "2026-10-03T00:00:00Z", "2026-10-04T00:00:00Z"),
            ["2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"]
        );
    }

    #[test]
    fn a_period_in_which_the_zone_was_changed_is_one() {
        let since = second("2026-06-10T13:00:00Z");
        let calendar = Calendar::new("UTC");
        let calendar = calendar.changed("Europe/Berlin", second("2026-06-10T12:10:00Z"));
        let calendar = calendar.unwrap();
        let month = second("2026-06-01T00:00:00Z")..second("2026-06-30T22:00:00Z");
        for at in [
            month.start,
            Second(since.0 - 1),
            since,
            Second(month.end.0 - 1),
        ] {
            assert_eq!(calendar.period(Cycle::Month, at), month);
        }
        let day = calendar.period(Cycle::Day, since);
        assert_eq!(
            day,
            second("2026-06-10T00:00:00Z")..second("2026-06-10T22:00:00Z")
        );
        assert_eq!(
            (calendar.zone(month.start), calendar.zone(since)),
            ("UTC", "Europe/Berlin")
        );
    }

    #[test]
    fn the_same_hour_of_a_week_before_is_what_clocks_showed() {
        let berlin = Calendar::new("Europe/Berlin");
        let after = second("2026-03-30T08:00:00Z");
        assert_eq!(berlin.shown(after), Some((0, 10)));
        let before = berlin.weeks_before(after, 1).unwrap();
        assert_eq!(before, second("2026-03-23T09:00:00Z"));
        assert_eq!(berlin.shown(before), Some((0, 10)));
        let india = Calendar::new("Asia/Kolkata").hour(second("2026-03-30T08:10:00Z"));
        assert_eq!(india.start, second("2026-03-30T07:30:00Z"));
    }

    proptest! {
        #[test]
        fn periods_follow_one_another_and_hold_whole_days(
            at in -3_000_000_000i64..5_000_000_000,
            zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York", "Africa/Monrovia", "Pacific/Apia"]),
            other in prop::sample::select(vec!["America/St_Johns", "Pacific/Kiritimati"]),
            cycle in prop::sample::select(vec![Cycle::Hour, Cycle::Day, Cycle::Week, Cycle::Month, Cycle::Year, Cycle::Billing(17)]),
            change in any::<bool>(),
        ) {
            let calendar = Calendar::new(zone);
            let changed = calendar.clone().changed(other, Second(at - 200_000));
            let calendar = if change { changed.unwrap() } else { calendar };
            let edges = calendar.edges(cycle, &(Second(at)..Second(at + 1_000_000)), 1_000).unwrap();
            prop_assert!(edges[0].0 <= at && edges.last().unwrap().0 >= at + 1_000_000);
            prop_assert!(edges.is_sorted_by(|a, b| a < b));
            for edge in &edges {
                let tier = if cycle == Cycle::Hour { Tier::Hour } else { Tier::Day };
                prop_assert_eq!(calendar.bucket(tier, *edge).start, *edge);
                let period = calendar.period(cycle, *edge);
                prop_assert_eq!(period.start, *edge);
            }
        }
    }
}
