//! What covers a range: told by a tier as by its seconds.

use super::*;

#[test]
fn coverage_of_any_range_is_that_of_its_seconds_in_every_tier() {
    let folders = [in_memory(), in_memory()];
    let first = START.div_euclid(DAY) * DAY;
    let seconds: Vec<_> = (0..96)
        .map(|n| busy(first + 900 * n + 7 - START, 100 + n as u64))
        .collect();
    let plain = query(&folders[0], &seconds, &[]);
    let rolled = rolled(&folders[1], &seconds, first + 3 * DAY);
    let day = ask(first, first + DAY);
    let told = rolled.covered_in(&day).unwrap();
    assert_eq!((told.tier, told.missing.len()), ("day", 0));
    assert_ne!(
        plain.covered_in(&day).unwrap().tier,
        "day",
        "it is not over"
    );
    let one = |query: &Query, ask: &Ask| query.covered_in(ask).unwrap().covered;
    let mut seconds = one(&plain, &day);
    let bytes = (0..96).map(|n| 100 + n + 10).sum::<u64>();
    assert_eq!(
        (told.covered.counted_bytes, told.covered.interface_bytes),
        (bytes, bytes)
    );
    assert_eq!(
        (told.covered.by_owner["exact"], told.covered.owned_ratio),
        (bytes, Some(1.0))
    );
    // What comes after the last second is not known in the one, and a gap in the other.
    assert_eq!(told.covered.gap_ms, (DAY as u64 - 7 - 96) * 1_000);
    seconds.gap_ms = told.covered.gap_ms;
    assert_eq!(told.covered, seconds);
    let part = ask(first + 1_000, first + 50_000);
    assert_eq!(one(&rolled, &part), one(&plain, &part));
}
