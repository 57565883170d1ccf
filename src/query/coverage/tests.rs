//! Coverage from coarser tiers: what the seconds say where they are left, and an answer where they
//! are gone.

use super::*;
use crate::query::Query;
use crate::query::tests::{ask, busy, query};
use crate::query::tier_tests::{in_memory, quarters, rolled};
use crate::store::sample::{START, any_history, stretched};
use crate::tick::Delta;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// So far apart are seconds that hours and days are over between them.
const APART: i64 = 1_313;

/// The same history by the second, and rolled up.
fn both(folders: &[tempfile::TempDir; 2], deltas: &[Arc<Delta>]) -> ([Query; 2], i64) {
    let last = deltas.iter().map(|delta| delta.moment.second.0).max();
    let now = last.unwrap_or(START).max(START) + 3 * DAY;
    // The rolled one ends with this second.
    let mut end = (*busy(now - START, 0)).clone();
    end.moment.epoch = deltas.last().unwrap().moment.epoch;
    let whole = [deltas, &[Arc::new(end)]].concat();
    let queries = [
        query(&folders[0], &whole, &[]),
        rolled(&folders[1], deltas, now),
    ];
    (queries, now)
}

fn is_never_twice(deltas: &[Arc<Delta>]) -> bool {
    let seconds: BTreeSet<_> = deltas.iter().map(|one| one.moment.second).collect();
    seconds.len() == deltas.len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn tiers_tell_what_seconds_tell(
        deltas in any_history(24),
        parts in prop::collection::vec((0..2_000i64, 0..2_000i64, 0..3_600i64), 1..6),
        windows in prop::collection::vec(0..3 * DAY, 1..4),
    ) {
        let deltas = stretched(&deltas, APART);
        let folders = [in_memory(), in_memory()];
        let ([seconds, tiers], now) = both(&folders, &deltas);
        let same = |told: CoveredRange, mut by_second: CoveredRange| {
            prop_assert!(told.missing.is_empty());
            if !is_never_twice(&deltas) {
                // A bucket knows for how many seconds it was watched, not which.
                by_second.covered.gap_ms = told.covered.gap_ms;
            }
            prop_assert_eq!(told.covered, by_second.covered);
            Ok(())
        };
        let first = START.div_euclid(DAY) * DAY;
        let at = |end: i64| START - 5 * DAY + end * 777;
        let parts = parts.into_iter().map(|(one, other, more)| ask(at(one.min(other)), at(one.max(other)) + more + 1));
        for asked in parts.chain([ask(first - 5 * DAY, first + 9 * DAY)]) {
            same(tiers.covered_in(&asked).unwrap(), seconds.covered_in(&asked).unwrap())?;
        }
        for back in windows {
            let [told, by_second] = [&tiers, &seconds]
                .map(|query| query.coverage(Second(now - back), None).unwrap());
            same(told.minute, by_second.minute)?;
            same(told.hour, by_second.hour)?;
            same(told.day, by_second.day)?;
        }
    }
}

#[test]
fn what_has_no_seconds_left_is_covered_by_what_is_left() {
    let folder = in_memory();
    let (query, start) = quarters(&folder, 12);
    let end = start + 12 * DAY;
    // Of the day before noon of the last but one, the first half has no seconds any more.
    let now = end - DAY / 2 + 17;
    let told = query.coverage(Second(now), None).unwrap();
    let (from, missing) = (back(Second(now), DAY).minute(), &told.day.missing);
    assert_eq!((told.day.from, missing.len()), (time(from), 0));
    let covered = told.day.covered;
    assert_eq!((told.day.tier, covered.counted_bytes), ("hour", 97 * 1_010));
    assert_eq!(covered.interface_bytes, 97 * 1_010);
    assert_eq!((covered.ratio, covered.owned_ratio), (Some(1.0), Some(1.0)));
    assert_eq!(covered.gap_ms, (DAY as u64 + 17 - 97) * 1_000);
    assert_eq!((told.hour.tier, told.minute.tier), ("hour", "second"));
    // Where hours are left alone, what a part of one would tell is missing, and no gap.
    let now = end - 2 * DAY - 3_600 - 1_800;
    let old = query.coverage(Second(now), None).unwrap().day;
    assert_eq!((old.tier, old.missing.len()), ("hour", 2));
    let hours = 23 * 4;
    assert_eq!(old.covered.counted_bytes, hours * 1_010);
    assert_eq!(old.covered.gap_ms, (23 * 3_600 - hours) * 1_000);
    let year = query.covered_in(&ask(end - 365 * DAY, end)).unwrap();
    assert_eq!((year.tier, year.missing.len()), ("day", 0));
    assert_eq!(year.covered.counted_bytes, 12 * 96 * 1_010 + 10);
}
