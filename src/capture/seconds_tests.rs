//! What the open seconds promise: each second is cut once, in order, and nothing is cut early.

use super::*;
use proptest::prelude::*;

fn nanos(second: i64) -> Nanos {
    Nanos(second * NANOS + 5)
}

fn cut(closing: Closings) -> Vec<i64> {
    closing
        .iter()
        .flatten()
        .map(|closing| closing.moment.second.0)
        .collect()
}

#[test]
fn a_second_stays_open_for_two() {
    let mut seconds = Seconds::new(Epoch(0));
    assert!(cut(seconds.place(Some(nanos(10))).closing).is_empty());
    assert!(cut(seconds.place(Some(nanos(11))).closing).is_empty());
    let late_but_open = seconds.place(Some(nanos(10)));
    assert_eq!((late_but_open.fault, late_but_open.slot), (None, Slot(0)));
    let next = seconds.place(Some(nanos(12)));
    assert_eq!(cut(next.closing), [10]);
    assert_eq!(next.closing[0].unwrap().open.unwrap().0.second, Second(11));
    assert_eq!(seconds.place(Some(nanos(10))).fault, Some(Fault::Late));
    assert_eq!(seconds.place(Some(nanos(10))).slot, Slot(1));
}

#[test]
fn a_leap_closes_both() {
    let mut seconds = Seconds::new(Epoch(0));
    seconds.place(Some(nanos(10)));
    seconds.place(Some(nanos(11)));
    assert_eq!(cut(seconds.place(Some(nanos(4_000_000))).closing), [10, 11]);
}

#[test]
fn the_second_before_the_newest_may_open_late() {
    let mut seconds = Seconds::new(Epoch(0));
    seconds.place(Some(nanos(10)));
    assert_eq!(seconds.place(Some(nanos(9))).fault, None);
    assert_eq!(cut(seconds.place(Some(nanos(11))).closing), [9]);
    assert_eq!(seconds.place(Some(nanos(9))).fault, Some(Fault::Late));
}

#[test]
fn far_back_in_a_file_is_a_new_epoch() {
    let mut seconds = Seconds::new(Epoch(0));
    seconds.place(Some(nanos(5000)));
    let back = seconds.place(Some(nanos(100)));
    assert_eq!((cut(back.closing), back.fault), (vec![5000], None));
    assert_eq!(seconds.epoch(), Epoch(1));
    assert_eq!(seconds.usual(nanos(100)), Some(Slot(0)));
}

#[test]
fn live_frames_cannot_be_from_the_future() {
    let mut seconds = Seconds::new(Epoch(0));
    seconds.advance(Nanos(100 * NANOS));
    assert_eq!(seconds.place(Some(nanos(101))).fault, None);
    assert_eq!(seconds.place(Some(nanos(900))).fault, Some(Fault::Untimed));
    assert_eq!(cut(seconds.advance(Nanos(102 * NANOS))), [100]);
    assert_eq!(cut(seconds.advance(Nanos(103 * NANOS))), [101]);
    assert_eq!(cut(seconds.step()), [102, 103]);
}

#[test]
fn frames_without_time_count_in_the_current_second() {
    let mut seconds = Seconds::new(Epoch(0));
    assert_eq!(seconds.place(None).fault, Some(Fault::Untimed));
    seconds.place(Some(nanos(10)));
    assert_eq!(seconds.place(None).slot, Slot(0));
}

proptest! {
    #[test]
    fn every_second_is_cut_once_and_only_when_open(times in prop::collection::vec(prop_oneof![
        (0i64..40).prop_map(Some), (0i64..4_000).prop_map(Some), Just(None)], 1..200)) {
        let mut seconds = Seconds::new(Epoch(0));
        let mut cuts = Vec::new();
        let mut held = std::collections::HashMap::new();
        for time in times {
            let placed = seconds.place(time.map(|second| Nanos(second * NANOS)));
            for closing in placed.closing.iter().flatten() {
                held.remove(&closing.slot);
                cuts.push(closing.moment);
            }
            *held.entry(placed.slot).or_insert(0) += 1;
            prop_assert!(held.len() <= 2);
        }
        for closing in seconds.step().iter().flatten() {
            held.remove(&closing.slot);
            cuts.push(closing.moment);
        }
        prop_assert!(held.is_empty(), "a frame was left in a second that was never cut");
        let mut unique = cuts.clone();
        unique.dedup();
        prop_assert_eq!(unique.len(), cuts.len());
        prop_assert!(cuts.windows(2).all(|pair|
            (pair[0].epoch, pair[0].second) < (pair[1].epoch, pair[1].second)));
    }
}
