//! What readers see of what threads record.

use super::*;
use crate::units::NANOS;

const MINUTE: i64 = 60 * NANOS;

fn stages() -> Stages {
    Stages::new(Nanos(0))
}

fn of(stages: &Stages, name: &str) -> StageSnapshot {
    let all = stages.snapshot();
    all.into_iter().find(|stage| stage.name == name).unwrap()
}

#[test]
fn what_is_recorded_is_seen_once_published() {
    let stages = stages();
    let mut recorder = stages.stage("decode", "a batch");
    (1..=1000).for_each(|n| recorder.record(Nanos(n * 10_000)));
    assert_eq!(of(&stages, "decode").start, Quantiles::default());
    recorder.publish(Nanos(0));
    let seen = of(&stages, "decode").minute;
    assert_eq!(seen.count, 1000);
    assert!(seen.p50_ns.abs_diff(5_000_000) < 50_000, "{seen:?}");
    assert!(seen.p99_ns.abs_diff(9_900_000) < 99_000, "{seen:?}");
    assert!(seen.max_ns >= 10_000_000, "{seen:?}");
}

#[test]
fn publishing_twice_counts_once() {
    let stages = stages();
    let mut recorder = stages.stage("decode", "");
    recorder.record(Nanos(5_000));
    recorder.publish(Nanos(0));
    recorder.publish(Nanos(NANOS));
    drop(recorder);
    assert_eq!(of(&stages, "decode").start.count, 1);
}

#[test]
fn what_comes_too_soon_after_is_published_later() {
    let stages = stages();
    let mut recorder = stages.stage("decode", "");
    for (now, seen) in [(0, 1), (REST - 1, 1), (REST, 3)] {
        recorder.record(Nanos(5_000));
        recorder.publish(Nanos(now));
        assert_eq!(of(&stages, "decode").start.count, seen);
    }
}

#[test]
fn two_threads_share_a_stage() {
    let stages = stages();
    let mut first = stages.stage("decode", "");
    let mut second = stages.stage("decode", "");
    first.record(Nanos(2_000));
    second.record(Nanos(3_000));
    drop((first, second));
    assert_eq!(stages.snapshot().len(), 1);
    assert_eq!(of(&stages, "decode").start.count, 2);
}

#[test]
fn a_minute_passes_into_the_hour_and_out_of_it() {
    let stages = stages();
    let shared = stages.shared("commit", "");
    shared.record(Nanos(1_000_000));
    stages.rotate(Nanos(MINUTE - 1));
    assert_eq!(
        of(&stages, "commit").minute.count,
        1,
        "still the open minute"
    );
    stages.rotate(Nanos(MINUTE));
    shared.record(Nanos(2_000_000));
    shared.record(Nanos(2_000_000));
    let seen = of(&stages, "commit");
    assert_eq!(
        (seen.minute.count, seen.hour.count, seen.start.count),
        (1, 3, 3)
    );
    (2..=60).for_each(|minute| stages.rotate(Nanos(minute * MINUTE)));
    let seen = of(&stages, "commit");
    assert_eq!(
        (seen.minute.count, seen.hour.count, seen.start.count),
        (0, 3, 3)
    );
    stages.rotate(Nanos(61 * MINUTE));
    assert_eq!(
        of(&stages, "commit").hour.count,
        2,
        "the first minute is an hour old"
    );
    stages.rotate(Nanos(62 * MINUTE));
    let seen = of(&stages, "commit");
    assert_eq!((seen.hour.count, seen.start.count), (0, 3));
}

#[test]
fn absurd_durations_saturate() {
    let stages = stages();
    let mut recorder = stages.stage("odd", "");
    for took in [-5, 0, i64::MAX] {
        recorder.record(Nanos(took));
    }
    drop(recorder);
    let seen = of(&stages, "odd").start;
    assert_eq!(seen.count, 3);
    assert!(
        seen.max_ns >= 59_000_000_000 && seen.max_ns < 62_000_000_000,
        "{seen:?}"
    );
}

#[test]
fn an_hour_of_every_stage_is_small() {
    let stages = stages();
    let shared = stages.shared("commit", "");
    for minute in 1..=100 {
        (0..60).for_each(|n| shared.record(Nanos(1_000_000 + n * n * 5_000)));
        stages.rotate(Nanos(minute * MINUTE));
    }
    let minutes = stages.minutes();
    assert_eq!(minutes.len(), 60);
    let packed: usize = minutes
        .iter()
        .map(|(_, minute)| minute.packed.capacity())
        .sum();
    let histograms = 2 * empty().distinct_values() * 8;
    assert!(packed + histograms < 64 * 1024, "{packed} + {histograms}");
}
