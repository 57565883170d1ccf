//! Heatmap, percentile and series against plain arithmetic over the input, at random.

use super::*;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

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
        prop_assert_eq!(told.unwatched_slots, 3 * 288 + 2 - slots.len() as u64);
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
    let odd = query.percentile(&ask(start + 1, start + 301)).unwrap();
    assert_eq!(
        (odd.from, odd.to),
        (time(Second(start)), time(Second(start + 600)))
    );
    assert!(
        query
            .percentile(&ask(start, start + 400 * DAY + 1))
            .is_err()
    );
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
    let every = proptest::test_runner::Config::with_cases(100);
    let mut runner = proptest::test_runner::TestRunner::new(every);
    for (zone, keep) in [
        ("UTC", EVERYTHING),
        ("Asia/Kolkata", EVERYTHING),
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
                // Where nothing is gone, each point holds what lies in it.
                if keep == EVERYTHING {
                    let mut points = vec![0; line.at_s.len()];
                    let range = second(&line.from)..second(&line.to);
                    for (at, bytes) in seconds.iter().map(|(at, bytes)| (start + at, bytes)) {
                        if range.contains(&at) {
                            let begun = line.at_s.partition_point(|edge| *edge <= at);
                            points[begun - 1] += bytes;
                        }
                    }
                    let told: Vec<u64> = line.bytes_in.iter().map(|one| one.unwrap_or(0)).collect();
                    prop_assert_eq!(told, points, "{:?}", step);
                }
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
