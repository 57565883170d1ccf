//! Which tier each part of an export is told in, and what is told to be missing.

use super::*;
use std::collections::BTreeSet;

/// Of twelve days all but one has coarser tiers alone.
fn twelve_days() -> Config {
    Config {
        seconds_days: 1,
        minutes_days: 3,
        hours_days: 6,
        ..Config::default()
    }
}

#[test]
fn each_part_is_told_in_the_finest_tier_that_is_left() {
    let start = START - START % DAY;
    let seconds: Vec<_> = (start..start + 12 * DAY)
        .step_by(1_800)
        .map(second)
        .collect();
    let folder = folder();
    let query = history(&folder, &seconds, start + 12 * DAY, &twelve_days());
    let range = Second(start)..Second(start + 12 * DAY);
    let rows = items(&wish(What::Rows, Format::Ndjson, None, &range), &query);
    let spans: BTreeSet<_> = rows
        .iter()
        .map(|row| row["span_s"].as_u64().unwrap())
        .collect();
    assert_eq!(spans, BTreeSet::from([1, 60, 3_600, 86_400]));
    assert_eq!(sum(&rows, "bytes_in"), 100 * seconds.len() as u64);
    // In one tier alone, what it does not have is told to be missing.
    let by_second = wish(What::Rows, Format::Ndjson, Some(Tier::Second), &range);
    let missing = by_second.plan(&query).unwrap().missing;
    assert_eq!(missing[0].from, time(range.start));
    assert!(items(&by_second, &query).len() < rows.len() * 2);
    let part = Second(start + 60)..range.end;
    let cut = wish(What::Rows, Format::Csv, None, &part)
        .plan(&query)
        .unwrap();
    assert_eq!(cut.missing.len(), 1);
}

#[test]
fn a_tier_ends_with_its_last_whole_bucket_and_misses_what_comes_after_it_goes_on() {
    let start = START - START % DAY;
    let now = start + 12 * DAY + 5_000;
    let seconds: Vec<_> = (start + 3_000..now).step_by(1_800).map(second).collect();
    let folder = folder();
    let query = history(&folder, &seconds, now, &twelve_days());
    let wish = |tier| Wish {
        what: What::Totals,
        format: Format::Ndjson,
        ask: Ask::at(Second(now)),
        by: None,
        tier: Some(tier),
    };
    let days = wish(Tier::Day).plan(&query).unwrap();
    assert_eq!(days.range, Second(start)..Second(start + 12 * DAY));
    let told = items(&wish(Tier::Day), &query);
    assert!(told.iter().all(|day| day["span_s"] == DAY));
    assert_eq!(told.last().unwrap()["at"], time(Second(start + 11 * DAY)));
    // Of the first day a part is asked for, and nothing finer is left: whoever has it knows.
    let missing = |from| {
        let mut part = wish(Tier::Day);
        part.ask.from = Some(Second(start + 3_000));
        part.plan_from(&query, from).unwrap().missing.len()
    };
    let later = Some(Second(start + DAY));
    assert_eq!((missing(None), missing(later)), (1, 0));
    // Hours that are gone when an export of them goes on are told.
    let hours = |from| {
        wish(Tier::Hour)
            .plan_from(&query, Some(Second(from)))
            .unwrap()
    };
    let gone = hours(start + DAY);
    assert_eq!(gone.missing[0].from, time(Second(start + DAY)));
    assert_eq!(gone.range.end, Second(start + 12 * DAY + 3_600));
    assert!(hours(start + 11 * DAY).missing.is_empty());
    // What begins in the bucket that is not over is nothing yet.
    let mut today = wish(Tier::Day);
    today.ask.from = Some(Second(now - 60));
    assert!(items(&today, &query).is_empty());
}
