//! The calendar's view: days of 23 and 25 hours, periods side by side, heatmap and percentile against
//! plain arithmetic over the input, and series that sum to what the totals say in every tier.

mod sums;

use super::tests::{ask, busy};
use super::upkept::{in_memory, upkept};
use super::*;
use crate::label::Site;
use crate::store::sample::{START, at, delta, label, row, traffic};
use crate::store::{Config, Cycle, What};
use crate::tick::Delta;
use jiff::Timestamp;

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
    let seconds = seconds.iter().cloned().chain([busy(now - START, 0)]);
    let tasks = [What::Aggregate, What::Cleanup];
    upkept(folder, &config, seconds, now, &tasks)
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

#[test]
fn the_running_hour_is_compared_with_as_much_of_one_that_is_rolled_up() {
    let hour = second("2026-06-10T10:00:00Z");
    // A byte in each second of the hour before, two in each of this one: minutes apart from another.
    for minutes in [20, 40] {
        let folder = in_memory();
        let now = hour + minutes * 60;
        let mut seconds: Vec<_> = (hour - HOUR..hour).map(|at| busy(at - START, 1)).collect();
        seconds.extend((hour..now).map(|at| busy(at - START, 2)));
        let query = held(&folder, &seconds, "Europe/Berlin", now, EVERYTHING);
        let asked = Ask {
            limit: Some(2),
            to: Some(Second(now)),
            ..Ask::at(Second(now - 1))
        };
        let hours = query.periods(&asked, Cycle::Hour).unwrap();
        let [before, current] = &hours.items[..] else {
            panic!("{hours:?}");
        };
        assert_eq!(before.counts.unwrap().bytes_in, 3_600);
        let compared = current.compared.as_ref().unwrap();
        let bytes = (compared.counts.bytes_in, compared.before.bytes_in);
        assert_eq!(bytes, (minutes as u64 * 120, minutes as u64 * 60));
        assert_eq!((compared.gap_ms, compared.before_gap_ms), (0, 0));
        // A whole hour is a bucket nevertheless.
        let over = query.periods(&ask(hour - HOUR, hour), Cycle::Hour).unwrap();
        assert_eq!((over.tier, over.items.len()), ("hour", 1));
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
