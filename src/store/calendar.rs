//! Where the buckets of the coarser tiers begin and end. Minutes and hours are those of UTC, days are
//! cut in a zone; an hour in which a day ends is cut there, so that buckets nest. The file remembers
//! since when which zone counts: another zone is for days to come, those that are there stay.

mod period;

pub use period::Cycle;

use super::codec::{Damaged, In, Out};
use super::error::{Error, in_table};
use super::layout::{META, Tier};
use crate::units::Second;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use redb::{ReadableTable, WriteTransaction};
use std::ops::Range;

pub(super) const KEY: &str = "zones";
const FORMAT: u8 = 1;
const DAY: i64 = 86_400;
/// Days are put into blocks of so many seconds.
const MONTH: i64 = 32 * DAY;

/// The zones in which days are cut, each since when: the first since ever.
#[derive(Clone, Debug)]
pub struct Calendar(Vec<(Second, String, TimeZone)>);

impl Calendar {
    /// Days in this zone, always.
    pub(super) fn new(zone: &str) -> Calendar {
        Calendar(vec![(Second(i64::MIN), zone.to_owned(), named(zone))])
    }

    /// The calendar of a file; one that has none yet cuts days in UTC.
    pub(super) fn load(
        meta: &impl ReadableTable<&'static str, &'static [u8]>,
    ) -> Result<Calendar, Error> {
        let value = meta.get(KEY)?;
        let calendar = value.map(|value| Calendar::decode(value.value()));
        let calendar = calendar.transpose().map_err(in_table("meta"))?;
        Ok(calendar.unwrap_or_else(|| Calendar::new("UTC")))
    }

    /// Has days that begin from `after` on cut in this zone, if they are not yet. Whether that is new.
    pub(super) fn set(
        transaction: &WriteTransaction,
        zone: &str,
        after: Second,
    ) -> Result<bool, Error> {
        let mut meta = transaction.open_table(META)?;
        let begun = meta.get(KEY)?.is_some();
        let calendar = if begun {
            Calendar::load(&meta)?.changed(zone, after)
        } else {
            Some(Calendar::new(zone))
        };
        let Some(calendar) = calendar else {
            return Ok(false);
        };
        meta.insert(KEY, calendar.encode().as_slice())?;
        Ok(true)
    }

    fn changed(mut self, zone: &str, after: Second) -> Option<Calendar> {
        let (_, last, _) = self.0.last()?;
        if last == zone {
            return None;
        }
        let since = Second(after.0.saturating_sub(after.0.rem_euclid(3_600)) + 3_600);
        self.0.retain(|(begun, _, _)| *begun < since);
        self.0.push((since, zone.to_owned(), named(zone)));
        Some(self)
    }

    /// The bucket of a tier that this second lies in.
    pub(super) fn bucket(&self, tier: Tier, at: Second) -> Range<Second> {
        match tier {
            Tier::Second => at..Second(at.0.saturating_add(1)),
            Tier::Minute => whole(at, 60),
            Tier::Hour => within(whole(at, 3_600), &self.day(at)),
            Tier::Day => self.day(at),
        }
    }

    /// The buckets of a tier that share their blocks: those of one bucket of the next tier.
    pub(super) fn group(&self, tier: Tier, at: Second) -> Range<Second> {
        match tier.coarser() {
            Some(coarser) => self.bucket(coarser, at),
            None => whole(at, MONTH),
        }
    }

    fn day(&self, at: Second) -> Range<Second> {
        let next = self.0.partition_point(|(since, _, _)| *since <= at);
        let end = self.0.get(next).map_or(Second(i64::MAX), |one| one.0);
        let Some((since, _, zone)) = next.checked_sub(1).and_then(|place| self.0.get(place)) else {
            return whole(at, DAY);
        };
        let day = day_in(zone, at).map_or_else(|| whole(at, DAY), |(_, day)| day);
        within(day, &(*since..end))
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Out::envelope(FORMAT);
        out.number(self.0.len() as u64);
        for (since, name, _) in &self.0 {
            out.signed(since.0);
            out.bytes(name.as_bytes());
        }
        out.sealed()
    }

    fn decode(value: &[u8]) -> Result<Calendar, Damaged> {
        let mut input = In::envelope(value, FORMAT)?;
        let count: u16 = input.small()?;
        let zones = (0..count).map(|_| {
            let since = Second(input.signed()?);
            let name = input.text()?.to_owned();
            Ok((since, named(&name), name))
        });
        let zones: Vec<_> = zones.collect::<Result<_, Damaged>>()?;
        input.end()?;
        let zones = zones
            .into_iter()
            .map(|(since, zone, name)| (since, name, zone));
        Ok(Calendar(zones.collect()))
    }
}

/// The zone that a setting means: its name, or where nothing is said the system's.
pub(super) fn zone_of(setting: &str) -> String {
    if !setting.is_empty() {
        return setting.to_owned();
    }
    let system = TimeZone::try_system().ok();
    let name = system.as_ref().and_then(|zone| zone.iana_name());
    name.unwrap_or("UTC").to_owned()
}

/// Whether this machine knows such a zone.
pub fn is_zone(name: &str) -> bool {
    name.is_empty() || TimeZone::get(name).is_ok()
}

/// A zone that this machine does not know any more is UTC to it.
fn named(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or_else(|error| {
        tracing::error!(%error, zone = name, "the history's time zone is not known here: days are cut in UTC");
        TimeZone::UTC
    })
}

/// The day that a second lies in: from one midnight to the next, to the minute, for zones of a hundred
/// years ago had seconds. Where clocks are put back over a midnight, the day has begun all the same.
fn day_in(zone: &TimeZone, at: Second) -> Option<(Date, Range<Second>)> {
    let mut date = Timestamp::from_second(at.0)
        .ok()?
        .to_zoned(zone.clone())
        .date();
    let mut start = midnight(zone, date)?;
    loop {
        let next = date.tomorrow().ok()?;
        let end = midnight(zone, next)?;
        if at < end {
            return Some((date, start..end));
        }
        (date, start) = (next, end);
    }
}

/// Where the day of this date begins.
fn midnight(zone: &TimeZone, date: Date) -> Option<Second> {
    let first = date.to_zoned(zone.clone()).ok()?.start_of_day().ok()?;
    Some(whole(Second(first.timestamp().as_second()), 60).start)
}

fn whole(at: Second, length: i64) -> Range<Second> {
    let start = at.0.saturating_sub(at.0.rem_euclid(length));
    Second(start)..Second(start.saturating_add(length))
}

fn within(range: Range<Second>, bounds: &Range<Second>) -> Range<Second> {
    range.start.max(bounds.start)..range.end.min(bounds.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn second(text: &str) -> Second {
        Second(text.parse::<Timestamp>().unwrap().as_second())
    }

    fn hours(calendar: &Calendar, at: &str) -> i64 {
        let day = calendar.bucket(Tier::Day, second(at));
        (day.end.0 - day.start.0) / 3_600
    }

    #[test]
    fn days_have_23_24_or_25_hours_where_clocks_are_changed() {
        let berlin = Calendar::new("Europe/Berlin");
        assert_eq!(hours(&berlin, "2026-03-29T12:00:00Z"), 23);
        assert_eq!(hours(&berlin, "2026-10-25T12:00:00Z"), 25);
        let day = berlin.bucket(Tier::Day, second("2026-01-01T23:30:00Z"));
        assert_eq!(day.start, second("2026-01-01T23:00:00Z"));
        assert_eq!(hours(&berlin, "2026-01-01T23:30:00Z"), 24);
    }

    #[test]
    fn a_day_has_begun_though_clocks_are_put_back_over_its_midnight() {
        // A minute after midnight, it was a minute after eleven again.
        let calendar = Calendar::new("America/St_Johns");
        let day = second("2006-10-29T02:30:00Z")..second("2006-10-30T03:30:00Z");
        for at in [
            day.start.0,
            day.start.0 + 120,
            day.start.0 + 3_700,
            day.end.0 - 1,
        ] {
            assert_eq!(calendar.bucket(Tier::Day, Second(at)), day);
        }
    }

    #[test]
    fn an_hour_in_which_a_day_ends_is_cut_there() {
        let india = Calendar::new("Asia/Kolkata");
        let hour = india.bucket(Tier::Hour, second("2026-01-01T18:10:00Z"));
        assert_eq!(
            hour,
            second("2026-01-01T18:00:00Z")..second("2026-01-01T18:30:00Z")
        );
        let next = india.bucket(Tier::Hour, hour.end);
        assert_eq!(next, hour.end..second("2026-01-01T19:00:00Z"));
    }

    #[test]
    fn another_zone_is_for_the_days_to_come() {
        let before = Calendar::new("UTC");
        let after = before
            .clone()
            .changed("Europe/Berlin", second("2026-06-10T12:10:00Z"));
        let after = after.unwrap();
        let since = second("2026-06-10T13:00:00Z");
        for at in ["2026-06-09T23:00:00Z", "2026-06-10T00:00:00Z"] {
            let day = before.bucket(Tier::Day, second(at));
            assert_eq!(
                after.bucket(Tier::Day, second(at)),
                day.start..day.end.min(since)
            );
        }
        let first = after.bucket(Tier::Day, second("2026-06-10T20:00:00Z"));
        assert_eq!(first, since..second("2026-06-10T22:00:00Z"));
        assert!(after.clone().changed("Europe/Berlin", since).is_none());
        let read = Calendar::decode(&after.encode()).unwrap();
        assert_eq!(read.bucket(Tier::Day, first.start), first);
    }

    proptest! {
        #[test]
        fn buckets_hold_their_seconds_and_nest(
            at in -3_000_000_000i64..5_000_000_000,
            zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "Asia/Kolkata", "Africa/Monrovia", "Pacific/Apia"]),
            change in any::<bool>(),
        ) {
            let calendar = Calendar::new(zone);
            let changed = calendar.clone().changed("America/St_Johns", Second(at - 7_000));
            let calendar = if change { changed.unwrap() } else { calendar };
            let mut inner = Second(at)..Second(at + 1);
            for tier in Tier::COARSE {
                let bucket = calendar.bucket(tier, Second(at));
                prop_assert!(bucket.start <= inner.start && inner.end <= bucket.end, "{tier:?} {bucket:?} {inner:?}");
                for edge in [bucket.start, Second(bucket.end.0 - 1)] {
                    prop_assert_eq!(calendar.bucket(tier, edge), bucket.clone());
                }
                prop_assert!(calendar.bucket(tier, bucket.end).start == bucket.end);
                inner = bucket;
            }
        }
    }
}
