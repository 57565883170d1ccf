//! The calendar's view: days of 23 and 25 hours, periods side by side, heatmap and percentile against
//! plain arithmetic over the input, and series that sum to what the totals say in every tier.

use super::tests::{ask, busy, classes};
use super::*;
use crate::clock::Clock;
use crate::label::Site;
use crate::store::sample::{START, at, delta, label, row, traffic};
use crate::store::{Committed, Config, Cycle, Hooks, Store, What, Writer};
use crate::tick::Delta;
use crate::units::Nanos;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// Days for which seconds, minutes and hours are kept.
type Keep = [u32; 3];
const EVERYTHING: Keep = [3_650; 3];
const DAYS_ALONE: Keep = [1, 1, 1];

fn second(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_second()
}

/// A query over these seconds at `now`, rolled up, with what is too old removed.
fn held(
    folder: &tempfile::TempDir,
    seconds: &[Arc<Delta>],
    zone: &str,
    now: i64,
    keep: Keep,
) -> Query {
    let [seconds_days, minutes_days, hours_days] = keep;
    let config = Config {
        classes: vec!["web".into(), "dns".into()],
        seconds_days,
        minutes_days,
        hours_days,
        zone: zone.into(),
        ..Config::default()
    };
    let open = || Store::open(folder.path(), config.clone(), Nanos(0)).unwrap();
    let (clock, _) = Clock::manual(Second(now).start());
    let writer = Writer::start(open(), clock, Hooks::default()).unwrap();
    for delta in seconds {
        writer.commit_when_room(delta.clone(), Nanos(0));
    }
    writer.commit_when_room(busy(now - START, 0), Nanos(0));
    let patience = std::time::Duration::from_mins(1);
    for what in [What::Aggregate, What::Cleanup] {
        writer.upkeep().run(what, patience).unwrap();
    }
    writer.stop().unwrap();
    let recent = Recent::new(Committed::new(None));
    Query::new(open().reader(), recent, classes())
}

fn in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

fn each(step: Cycle, from: i64, to: i64) -> Ask {
    Ask {
        step: Some(Step::Each(step)),
        ..ask(from, to)
    }
}

/// 100 bytes in the first second of each hour.
fn hourly(from: i64, to: i64) -> Vec<Arc<Delta>> {
    let hours = (from..to).step_by(HOUR as usize);
    hours.map(|hour| busy(hour - START, 100)).collect()
}

#[test]
fn days_on_which_clocks_change_are_one_step_in_every_tier() {
    // Midnights as people wrote them down: 23, 25, 23 and 25 hours in the middle.
    let days = [
        (
            "Europe/Berlin",
            [
                "2026-03-27T23:00:00Z",
                "2026-03-28T23:00:00Z",
                "2026-03-29T22:00:00Z",
                "2026-03-30T22:00:00Z",
            ],
            [24, 23, 24],
        ),
        (
            "Europe/Berlin",
            [
                "2026-10-23T22:00:00Z",
                "2026-10-24T22:00:00Z",
                "2026-10-25T23:00:00Z",
                "2026-10-26T23:00:00Z",
            ],
            [24, 25, 24],
        ),
        (
            "America/New_York",
            [
                "2026-03-07T05:00:00Z",
                "2026-03-08T05:00:00Z",
                "2026-03-09T04:00:00Z",
                "2026-03-10T04:00:00Z",
            ],
            [24, 23, 24],
        ),
        (
            "America/New_York",
            [
                "2026-10-31T04:00:00Z",
                "2026-11-01T04:00:00Z",
                "2026-11-02T05:00:00Z",
                "2026-11-03T05:00:00Z",
            ],
            [24, 25, 24],
        ),
    ];
    for (zone, midnights, hours) in days {
        let midnights = midnights.map(second);
        let [start, .., end] = midnights;
        let seconds = hourly(start, end);
        for (keep, tier) in [(EVERYTHING, "day"), (DAYS_ALONE, "day")] {
            let folder = in_memory();
            let query = held(&folder, &seconds, zone, end + 30 * DAY, keep);
            let line = query.timeline(&each(Cycle::Day, start, end)).unwrap();
            assert_eq!(line.at_s, midnights[..3], "{zone}");
            assert_eq!(
                line.bytes_in,
                hours.map(|hours| Some(hours * 100)),
                "{zone}"
            );
            assert_eq!(line.gap_ms, hours.map(|hours| hours * 3_599_000), "{zone}");
            assert_eq!(
                (line.tier, line.step_s, line.missing.len()),
                (tier, None, 0)
            );
            let told = query.periods(&ask(start, end), Cycle::Day).unwrap();
            let lengths: Vec<_> = told.items.iter().map(|item| item.length_s).collect();
            assert_eq!(lengths, hours.map(|hours| hours as i64 * HOUR));
            assert_eq!(told.zone, zone);
            assert_eq!(told.total.bytes_in, hours.iter().sum::<u64>() * 100);
            // A point in the middle of a day is within that day.
            let inside = query.timeline(&each(Cycle::Day, start + 5, end)).unwrap();
            assert_eq!(inside.at_s, midnights[..3]);
        }
    }
}

#[test]
fn weeks_and_months_are_of_whole_days() {
    let folder = in_memory();
    let (start, end) = (
        second("2026-02-28T23:00:00Z"),
        second("2026-04-30T22:00:00Z"),
    );
    let query = held(
        &folder,
        &hourly(start, end),
        "Europe/Berlin",
        end + 9 * DAY,
        DAYS_ALONE,
    );
    let months = query.timeline(&each(Cycle::Month, start, end)).unwrap();
    // March has 31 days less an hour.
    assert_eq!(
        months.bytes_in,
        [Some((31 * 24 - 1) * 100), Some(30 * 2_400)]
    );
    let monday = second("2026-03-22T23:00:00Z");
    let weeks = query
        .timeline(&each(Cycle::Week, monday, monday + 10 * DAY))
        .unwrap();
    assert_eq!(weeks.at_s, [monday, monday + 7 * DAY - HOUR]);
    assert_eq!(weeks.bytes_in[0], Some((7 * 24 - 1) * 100));
    // The second is cut short in the middle of a day of which only the whole is left.
    assert_eq!(weeks.bytes_in[1], Some(3 * 2_400));
    assert_eq!(weeks.missing.len(), 1);
    let cycles = query
        .periods(&ask(monday, monday + 1), Cycle::Billing(15))
        .unwrap();
    let item = &cycles.items[0];
    assert_eq!(
        (&*item.date, &*item.to),
        ("2026-03-15", "2026-04-14T22:00:00Z")
    );
    assert_eq!(item.counts.unwrap().bytes_in, (31 * 24 - 1) * 100);
}

#[test]
fn a_period_is_compared_with_the_one_before_as_far_as_it_has_come() {
    let folder = in_memory();
    let monday = second("2026-06-07T22:00:00Z");
    // A week of 100 bytes an hour, a day of nothing watched, then half of a week with 300 an hour.
    let mut seconds = hourly(monday, monday + 6 * DAY);
    let next = monday + 7 * DAY;
    let now = next + 3 * DAY + HOUR / 2;
    seconds.extend(
        (next..now)
            .step_by(HOUR as usize)
            .map(|hour| busy(hour - START, 300)),
    );
    let query = held(&folder, &seconds, "Europe/Berlin", now, EVERYTHING);
    let asked = Ask {
        limit: Some(2),
        to: Some(Second(now)),
        ..Ask::at(Second(now))
    };
    let weeks = query.periods(&asked, Cycle::Week).unwrap();
    let [before, current] = &weeks.items[..] else {
        panic!("{weeks:?}");
    };
    assert_eq!((before.over, current.over), (true, false));
    assert_eq!(
        (&*before.date, &*current.date),
        ("2026-06-08", "2026-06-15")
    );
    assert_eq!(before.counts.unwrap().bytes_in, 6 * 2_400);
    assert_eq!(before.gap_ms, (7 * DAY as u64 - 6 * 24) * 1_000);
    assert!(before.compared.is_none(), "nothing was watched before");
    let compared = current.compared.as_ref().unwrap();
    assert_eq!(compared.until, time(Second(next + 3 * DAY)));
    assert_eq!(
        (compared.counts.bytes_in, compared.before.bytes_in),
        (72 * 300, 72 * 100)
    );
    // Ten bytes out in each second, too.
    assert_eq!(compared.change, Some(310.0 / 110.0 - 1.0));
    assert_eq!(weeks.total.bytes_in, 6 * 2_400 + 73 * 300);
    assert_eq!(current.unknown_s as i64, next + 7 * DAY - now - 1);
}

/// Seconds with their bytes in; both are told apart from any other by their second.
fn any_seconds(days: i64, most: usize) -> impl Strategy<Value = BTreeMap<i64, u64>> {
    let near = (0..days * 24, 0..900i64).prop_map(|(hour, second)| hour * HOUR + second);
    let second = prop_oneof![0..days * DAY, near];
    prop::collection::btree_map(second, 1..1_000_000u64, 1..most)
}

fn deltas(start: i64, seconds: &BTreeMap<i64, u64>) -> Vec<Arc<Delta>> {
    let each = seconds.iter();
    each.map(|(at, bytes)| busy(start + at - START, *bytes))
        .collect()
}

fn any_zone() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kolkata",
    ])
}

/// Days around the end of March, in which clocks are changed in Berlin.
fn spring() -> i64 {
    second("2026-03-20T00:00:00Z")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn the_heatmap_is_what_clocks_showed(seconds in any_seconds(20, 120), zone in any_zone()) {
        let folder = in_memory();
        let (start, now) = (spring(), spring() + 21 * DAY);
        let query = held(&folder, &deltas(start, &seconds), zone, now, [1, 2, 90]);
        let map = query.heatmap(&ask(start, start + 20 * DAY)).unwrap();
        prop_assert_eq!((map.cells.len(), map.missing.len()), (168, 0));
        let zone = TimeZone::get(zone).unwrap();
        let mut naive: BTreeMap<(usize, usize), (u64, u64, BTreeSet<i64>)> = BTreeMap::new();
        for (second, bytes) in &seconds {
            let at = start + second;
            // Whole hours of UTC lie, where clocks differ by half of one, in the later of two.
            let hour = at.div_euclid(HOUR) * HOUR;
            let middle = Timestamp::from_second(hour + HOUR / 2).unwrap().to_zoned(zone.clone());
            let ends = Timestamp::from_second(at).unwrap().to_zoned(zone.clone());
            let cut = middle.date() != Timestamp::from_second(hour).unwrap().to_zoned(zone.clone()).date();
            // The hour in which a day ends is two: the time itself tells in which.
            let shown = if cut { ends } else { middle };
            let day = shown.weekday().to_monday_one_offset() as usize;
            let cell = naive.entry((day, shown.hour() as usize)).or_default();
            cell.0 += 1;
            cell.1 += bytes;
            cell.2.insert(if cut { at.div_euclid(HOUR / 2) * HOUR / 2 } else { hour });
        }
        for cell in &map.cells {
            let (watched, bytes, hours) = naive.remove(&(cell.weekday, cell.hour)).unwrap_or_default();
            prop_assert_eq!((cell.watched_s, cell.hours), (watched, hours.len() as u64), "{:?}", cell);
            let mean = (watched > 0).then(|| bytes as f64 / watched as f64);
            prop_assert_eq!(cell.bytes_in_per_s, mean);
        }
        prop_assert!(naive.is_empty());
    }

    #[test]
    fn the_percentile_is_of_five_minute_means(seconds in any_seconds(3, 400)) {
        let folder = in_memory();
        let start = spring();
        let query = held(&folder, &deltas(start, &seconds), "UTC", start + 4 * DAY, [1, 30, 90]);
        let told = query.percentile(&ask(start - 7, start + 3 * DAY + 7)).unwrap();
        let mut slots: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
        for (second, bytes) in &seconds {
            let slot = slots.entry(second / 300).or_default();
            slot.0 += bytes;
            slot.1 += 1;
        }
        let mut means: Vec<f64> = slots.values().map(|(bytes, seconds)| *bytes as f64 / *seconds as f64).collect();
        means.sort_by(f64::total_cmp);
        // The least mean that so many lie at or below.
        let enough = |mean: &&f64| means.iter().filter(|one| one <= mean).count() * 100 >= means.len() * 95;
        prop_assert_eq!(told.bytes_in_per_s, means.iter().find(enough).copied());
        prop_assert_eq!(told.bytes_out_per_s, Some(10.0));
        prop_assert_eq!((told.slots, told.coarse_slots), (slots.len() as u64, 0));
        prop_assert_eq!(told.unwatched_slots, 3 * 288 - slots.len() as u64);
        prop_assert_eq!(told.missing.len(), 0);
    }
}

#[test]
fn the_percentile_of_what_is_long_ago_is_of_longer_means_and_says_so() {
    let folder = in_memory();
    let start = spring();
    // Three days of a second each hour, of which the last is not so old.
    let query = held(
        &folder,
        &hourly(start, start + 3 * DAY),
        "UTC",
        start + 4 * DAY,
        [1, 2, 3],
    );
    let told = query.percentile(&ask(start, start + 3 * DAY)).unwrap();
    assert_eq!((told.tier, told.missing.len()), ("day", 0));
    // A day with 24 seconds is a slot; of the second, hours are left; of the third, minutes.
    assert_eq!((told.slots, told.coarse_slots), (1 + 24 + 24, 1 + 24));
    assert_eq!(told.bytes_in_per_s, Some(100.0));
    let none = query
        .percentile(&ask(start + 10 * DAY, start + 11 * DAY))
        .unwrap();
    assert_eq!(
        (none.bytes_in_per_s, none.slots, none.unwatched_slots),
        (None, 0, 288)
    );
    assert!(query.percentile(&ask(start + 1, start + 599)).is_err());
}

/// A range, and a step that it is asked for in.
fn any_question(days: i64) -> impl Strategy<Value = (i64, i64, Step)> {
    let edge = || {
        prop_oneof![
            0..days * DAY,
            (0..days).prop_map(|day| day * DAY),
            (0..days * 24).prop_map(|hour| hour * HOUR)
        ]
    };
    let steps = vec![
        Step::Seconds(60),
        Step::Seconds(90),
        Step::Seconds(300),
        Step::Seconds(HOUR),
        Step::Seconds(5 * HOUR),
        Step::Seconds(DAY),
        Step::Seconds(3 * DAY),
        Step::Each(Cycle::Hour),
        Step::Each(Cycle::Day),
        Step::Each(Cycle::Week),
        Step::Each(Cycle::Month),
    ];
    (edge(), edge(), prop::sample::select(steps))
        .prop_map(|(a, b, step)| (a.min(b), a.max(b) + 1, step))
}

#[test]
fn a_series_sums_to_the_totals_over_any_range_and_step_in_every_tier() {
    const DAYS: i64 = 12;
    let start = second("2026-03-22T00:00:00Z");
    let every = proptest::test_runner::Config::with_cases(200);
    let mut runner = proptest::test_runner::TestRunner::new(every);
    for (zone, keep) in [
        ("UTC", EVERYTHING),
        ("UTC", [1, 3, 6]),
        ("Europe/Berlin", [1, 3, 6]),
        ("America/New_York", DAYS_ALONE),
        ("Asia/Kolkata", [2, 3, 5]),
    ] {
        let seconds: BTreeMap<i64, u64> = (0..DAYS * DAY)
            .step_by(3_407)
            .map(|at| (at, 7 + at as u64))
            .collect();
        let folder = in_memory();
        let query = held(
            &folder,
            &deltas(start, &seconds),
            zone,
            start + DAYS * DAY,
            keep,
        );
        let truth = |from: &str, to: &str, without: &[Span]| -> u64 {
            let lies = |at: i64, from: &str, to: &str| (second(from)..second(to)).contains(&at);
            let known = |at: i64| !without.iter().any(|part| lies(at, &part.from, &part.to));
            let counted = seconds
                .iter()
                .filter(|(at, _)| lies(start + **at, from, to) && known(start + **at));
            counted.map(|(_, bytes)| bytes).sum()
        };
        runner
            .run(&any_question(DAYS), |(from, to, step)| {
                let asked = Ask {
                    step: Some(step),
                    ..ask(start + from, start + to)
                };
                let line = match query.timeline(&asked) {
                    Err(Error::Asked { what, .. }) => {
                        prop_assert_eq!(what, "step");
                        return Ok(());
                    }
                    told => told.unwrap(),
                };
                let sum: u64 = line.bytes_in.iter().flatten().sum();
                prop_assert_eq!(
                    sum,
                    truth(&line.from, &line.to, &line.missing),
                    "{:?} {:?}",
                    step,
                    line.missing
                );
                let whole = ask(second(&line.from), second(&line.to));
                let stats = query.stats(&whole).unwrap();
                prop_assert_eq!(
                    stats.counts.bytes_in,
                    truth(&line.from, &line.to, &stats.missing)
                );
                if stats.missing == line.missing {
                    prop_assert_eq!(stats.counts.bytes_in, sum);
                    prop_assert_eq!(
                        stats.loss.gap_ms,
                        line.gap_ms.iter().sum::<u64>(),
                        "{:?} {:?}",
                        step,
                        line
                    );
                }
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn a_filter_narrows_the_calendars_view() {
    let folder = in_memory();
    let start = second("2026-05-31T22:00:00Z");
    let seconds: Vec<_> = (0..48)
        .flat_map(|hour| {
            let at = start + hour * HOUR;
            [
                of(at, "curl", "a.example", 100),
                of(at + 1, "wget", "b.example", 7),
            ]
        })
        .collect();
    let query = held(
        &folder,
        &seconds,
        "Europe/Berlin",
        start + 3 * DAY,
        EVERYTHING,
    );
    let mut asked = each(Cycle::Day, start, start + 2 * DAY);
    asked.filter.sites = vec!["b.example".into()];
    let line = query.timeline(&asked).unwrap();
    assert_eq!(
        (line.tier, &*line.bytes_in),
        ("day", &[Some(24 * 7); 2][..])
    );
    let days = query.periods(&asked, Cycle::Day).unwrap();
    assert_eq!(days.total.bytes_in, 48 * 7);
    assert_eq!(days.items[1].compared.as_ref().unwrap().change, Some(0.0));
    // What was watched is watched, whatever is asked of it.
    let map = query.heatmap(&asked).unwrap();
    assert_eq!(map.cells[0].watched_s, 2);
    assert_eq!(map.cells[0].bytes_in_per_s, Some(3.5));
    assert_eq!(query.percentile(&asked).unwrap().bytes_in_per_s, Some(3.5));
    let told = query.at(&asked, Second(start)).unwrap();
    assert_eq!(told.second.counts.unwrap().bytes_in, 0);
    assert_eq!(told.minute.counts.unwrap().bytes_in, 7);
    assert_eq!(told.new_applications.len(), 1);
}

/// A second of one application with one site.
fn of(at_s: i64, app: &str, site: &str, bytes: u64) -> Arc<Delta> {
    let row = row(
        1,
        label(app, Site::Name(site.into())),
        0,
        traffic(1, bytes, 0, 0),
    );
    Arc::new(delta(at(at_s, 0), vec![row]))
}

#[test]
fn what_happened_at_a_second_is_told() {
    let folder = in_memory();
    // Ten past ten on a Monday in Berlin, the day after clocks were changed.
    let now = second("2026-03-30T08:10:05Z");
    let hour = second("2026-03-30T08:00:00Z");
    let before = |weeks: i64| hour - weeks * 7 * DAY + HOUR;
    let mut seconds = Vec::new();
    // Two weeks were watched: 1,000 and 3,000 of curl, 500 of ssh in one of them. A third in part.
    for (weeks, curl) in [(4, 100_000), (3, 1_000), (1, 3_000)] {
        let watched = if weeks == 4 { 300 } else { 900 };
        seconds.extend((0..watched).map(|at| match at {
            30 => of(before(weeks) + at, "curl", "example.org", curl),
            40 if weeks == 1 => of(before(weeks) + at, "ssh", "example.net", 500),
            _ => busy(before(weeks) + at - START, 0),
        }));
    }
    for at in 0..606 {
        seconds.push(match at {
            60 => of(hour + at, "curl", "example.org", 9_000),
            600 => of(hour + at, "wget", "example.com", 700),
            605 => of(hour + at, "wget", "example.com", 11),
            _ => busy(hour + at - START, 0),
        });
    }
    let query = held(&folder, &seconds, "Europe/Berlin", now + 1, EVERYTHING);
    let told = query.at(&Ask::at(Second(now)), Second(now)).unwrap();
    assert_eq!(
        (
            told.second.counts.unwrap().bytes_in,
            told.second.talks.items.len()
        ),
        (11, 1)
    );
    assert_eq!(told.second.talks.items[0].application, "wget");
    assert_eq!(told.minute.counts.unwrap().bytes_in, 711);
    assert_eq!(told.zone, "Europe/Berlin");
    let weeks: Vec<_> = told
        .hour
        .weeks
        .iter()
        .map(|week| second(&week.from))
        .collect();
    assert_eq!(
        weeks,
        [before(1), before(3)],
        "the same hour on clocks, where it was watched"
    );
    assert_eq!(told.hour.to, time(Second(hour + 600)));
    let changes = |items: &[ChangedItem]| -> Vec<_> {
        items
            .iter()
            .map(|one| (one.name.clone(), one.bytes, one.usual_bytes))
            .collect()
    };
    assert_eq!(
        changes(&told.hour.applications),
        [
            (
                "curl".into(),
                9_000 + 5_990,
                (1_000 + 5_990 + 3_000 + 5_980) / 2
            ),
            ("ssh".into(), 0, 250)
        ]
    );
    assert_eq!(told.new_applications.len(), 1);
    assert_eq!(told.new_applications[0].name, "wget");
    assert_eq!(
        told.new_applications[0].first_seen,
        time(Second(hour + 600))
    );
    assert_eq!(told.new_sites[0].name, "example.com");
    let nothing = query.at(&Ask::at(Second(now)), Second(START)).unwrap();
    assert_eq!(
        (nothing.second.counts, nothing.hour.applications.len()),
        (None, 0)
    );
}
