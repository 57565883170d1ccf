//! Seconds that were lived through twice, because the wall clock was set back: none of their bytes
//! is lost, and no rate is higher than what was sent.

use super::tests::{ask, query};
use super::tier_tests::{in_memory, rolled};
use super::*;
use crate::label::Site;
use crate::store::sample::{START, at, delta, label, row, traffic};
use crate::tick::Delta;
use crate::units::Nanos;
use proptest::prelude::*;

/// Bytes that the line carries in a millisecond at most.
const LINE: u64 = 1_000;
const DAY: i64 = 86_400;

/// A second of so many milliseconds in which so much of the line was used; and how far the clock was
/// set back before it.
fn any_clock() -> impl Strategy<Value = Vec<Arc<Delta>>> {
    let back = prop_oneof![6 => Just(0), 1 => 1..60i64];
    let second = (1..=1_000i64, 0..=LINE, back);
    prop::collection::vec(second, 1..120).prop_map(|seconds| {
        let (mut second, mut epoch) = (START, 0);
        let seconds = seconds.into_iter().map(|(width_ms, share, back)| {
            second += 1 - back;
            epoch += u32::from(back > 0);
            let bytes = traffic(1, share * width_ms as u64, 0, 0);
            let rows = vec![row(1, label("curl", Site::Other), 0, bytes)];
            Arc::new(Delta {
                width: Nanos(width_ms * 1_000_000),
                ..delta(at(second, epoch), rows)
            })
        });
        seconds.collect()
    })
}

fn in_steps(query: &Query, asked: &Ask, step: i64) -> Timeline {
    let asked = Ask {
        step: Some(step.into()),
        ..asked.clone()
    };
    query.timeline(&asked).unwrap()
}

/// Bytes and milliseconds of all steps, of which none is faster than the line.
fn sums(timeline: &Timeline, step: i64) -> Result<(u64, u64), TestCaseError> {
    let bytes = timeline.bytes_in.iter().map(|bytes| bytes.unwrap_or(0));
    for (bytes, lived_ms) in bytes.clone().zip(&timeline.lived_ms) {
        let rated_ms = (*lived_ms).max(step as u64 * 1_000);
        prop_assert!(
            bytes <= rated_ms * LINE,
            "{} bytes in {} ms",
            bytes,
            rated_ms
        );
    }
    Ok((bytes.sum(), timeline.lived_ms.iter().sum()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_lived_through_twice_is_no_faster_and_no_less(
        deltas in any_clock(),
        cut: prop::sample::Index,
        step in prop::sample::select(vec![1, 2, 7, 60, 300]),
    ) {
        let folders = [in_memory(), in_memory()];
        let (written, waiting) = deltas.split_at(cut.index(deltas.len() + 1));
        let seconds = query(&folders[0], written, waiting);
        let tiers = rolled(&folders[1], &deltas, START + 3 * DAY);
        let sent: u64 = deltas.iter().map(|delta| delta.rows[0].traffic.inbound.bytes).sum();
        let lived: i64 = deltas.iter().map(|delta| delta.width.0 / 1_000_000).sum();
        let all = ask(START - 27 * 300, START + 300);
        for query in [&seconds, &tiers] {
            for step in [1, step] {
                let (bytes, lived_ms) = sums(&in_steps(query, &all, step), step)?;
                prop_assert_eq!((bytes, lived_ms), (sent, lived as u64));
            }
            let percentile = query.percentile(&all).unwrap();
            prop_assert!(percentile.bytes_in_per_s.unwrap() <= (1_000 * LINE) as f64 + 0.01);
            let cells = query.heatmap(&all).unwrap().cells;
            let rates = cells.iter().filter_map(|cell| cell.bytes_in_per_s);
            prop_assert!(rates.clone().count() > 0);
            prop_assert!(rates.clone().all(|rate| rate <= (1_000 * LINE) as f64 + 0.01));
        }
        let [told, by_second] = [&tiers, &seconds].map(|query| in_steps(query, &all, 60).lived_ms);
        prop_assert_eq!(told, by_second);
    }
}

#[test]
fn a_second_that_is_shown_twice_says_so() {
    let folder = in_memory();
    let second = |second, epoch, width_ms: i64, bytes| {
        let rows = vec![row(
            1,
            label("curl", Site::Other),
            0,
            traffic(1, bytes, 0, 0),
        )];
        let mut one = delta(at(START + second, epoch), rows);
        one.width = Nanos(width_ms * 1_000_000);
        Arc::new(one)
    };
    let mut down = (*second(4, 1, 1_000, 0)).clone();
    down.interfaces[0].facts.gap_ms = 1_000;
    let deltas = [
        second(0, 0, 1_000, 100),
        second(1, 0, 500, 50),
        second(0, 1, 1_000, 100),
        second(1, 1, 1_000, 100),
        second(2, 1, 1_000, 100),
        Arc::new(down),
    ];
    let query = query(&folder, &deltas[..3], &deltas[3..]);
    let told = in_steps(&query, &ask(START, START + 5), 1);
    let bytes = [Some(200), Some(150), Some(100), None, None];
    assert_eq!(told.bytes_in, bytes);
    assert_eq!(told.lived_ms, [2_000, 1_500, 1_000, 0, 0]);
    assert_eq!(told.gap_ms, [0, 0, 0, 1_000, 1_000]);
}
