//! Conservation: whatever a file holds (garbage, late, untimed and far-off frames, more flows than
//! are kept, more rows than a second keeps), each frame is counted once, in its second, on its
//! interface, under its protocol or its reason; and how many workers there are changes nothing.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "conservation/capture.rs"]
mod capture;
#[path = "conservation/way.rs"]
mod way;

use capture::{Shot, Taken, in_order, shots};
use netmonitor::decode::Reason;
use netmonitor::key::{InterfaceId, Protocol};
use netmonitor::label::{Classes, Site};
use netmonitor::ring::WhenFull;
use netmonitor::tick::{Delta, sum};
use netmonitor::units::{NANOS, Tally, Traffic};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use way::{Plan, play};

type ByProtocol = BTreeMap<(InterfaceId, Protocol), Tally>;
type ByReason = BTreeMap<(InterfaceId, Reason), Tally>;

/// Flows and rows enough for all that these files hold.
const ROOM: Plan = Plan {
    workers: 1,
    flows: 100_000,
    rows: 100_000,
    when_full: WhenFull::Gather,
};

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn every_frame_is_counted_once(shots in shots(1..160)) {
        let taken = capture::write(&shots);
        for workers in [1, 3] {
            for flows in [4, ROOM.flows] {
                let deltas = play(&taken, Plan { workers, flows, ..ROOM });
                check_seconds(&deltas);
                check_whole(&deltas, &taken);
            }
        }
    }

    #[test]
    fn three_workers_count_as_one_does(shots in shots(1..160)) {
        let taken = capture::write(&shots);
        for rows in [3, ROOM.rows] {
            let one = play(&taken, Plan { rows, ..ROOM });
            let three = play(&taken, Plan { rows, workers: 3, when_full: WhenFull::Wait, ..ROOM });
            prop_assert_eq!(one, three);
        }
    }

    #[test]
    fn a_cap_on_rows_folds_and_loses_nothing(shots in shots(1..160)) {
        let taken = capture::write(&shots);
        let whole = play(&taken, ROOM);
        let capped = play(&taken, Plan { rows: 3, ..ROOM });
        prop_assert_eq!(whole.len(), capped.len());
        for (whole, capped) in whole.iter().zip(&capped) {
            let named = capped.rows.iter().filter(|row| row.flow.is_some());
            prop_assert_eq!(named.count(), whole.rows.len().min(3));
            let folded = capped.rows.iter().filter(|row| row.flow.is_none());
            prop_assert!(folded.into_iter().all(|row| row.label.site == Site::Other));
            prop_assert_eq!(kinds(whole), kinds(capped));
            prop_assert_eq!(&whole.interfaces, &capped.interfaces);
        }
    }

    #[test]
    fn in_order_each_frame_lies_in_its_own_second(shots in in_order(1..100)) {
        let taken = capture::write(&shots);
        let mut expected: BTreeMap<i64, Tally> = BTreeMap::new();
        for frame in &taken.frames {
            let at = frame.at.expect("frames in order have times");
            expected.entry(at.second().0).or_default().count(frame.length);
        }
        let counted: BTreeMap<i64, Tally> = play(&taken, Plan { workers: 3, ..ROOM })
            .iter()
            .map(|delta| (delta.moment.second.0, delivered(delta)))
            .collect();
        prop_assert_eq!(counted, expected);
    }
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn what_a_full_ring_refuses_is_lost_by_name(shots in shots(40..80)) {
        let shots: Vec<Shot> = shots.iter().cycle().take(4000).cloned().collect();
        let taken = capture::write(&shots);
        for workers in [1, 3] {
            let deltas = play(&taken, Plan { workers, when_full: WhenFull::Drop, ..ROOM });
            check_seconds(&deltas);
            let whole = deltas.iter().fold(Tally::default(), |sum, delta| sum + delivered(delta));
            prop_assert_eq!(whole, taken.total());
        }
    }
}

#[test]
fn a_full_ring_does_refuse() {
    let step =
        |number: u16| Shot::udp(i64::from(number / 500 * 2 + number % 2) * NANOS / 2, number);
    let taken = capture::write(&(0..4000).map(step).collect::<Vec<_>>());
    let plan = Plan {
        when_full: WhenFull::Drop,
        ..ROOM
    };
    let deltas = play(&taken, plan);
    check_seconds(&deltas);
    let dropped = |delta: &Delta| {
        let facts = delta.interfaces.iter().map(|one| one.facts.ring_dropped);
        facts.map(|tally| tally.packets).sum::<u64>()
    };
    assert!(deltas.iter().map(dropped).sum::<u64>() > 0);
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Every second by itself: it is told once, and what was delivered is in flows, in no flow by
/// reason, or dropped; the rows' sums are the interfaces', by protocol.
fn check_seconds(deltas: &[Delta]) {
    let moments: BTreeSet<_> = deltas.iter().map(|delta| delta.moment).collect();
    assert_eq!(moments.len(), deltas.len(), "a second is told once");
    for delta in deltas {
        let mut flowed = Tally::default();
        for interface in &delta.interfaces {
            let of_it = delta
                .rows
                .iter()
                .filter(|row| row.interface == interface.facts.interface);
            let rows: Vec<_> = of_it.cloned().collect();
            assert_eq!(sum(&rows), interface.flowed.total());
            let there = interface.counted().total() + interface.facts.ring_dropped;
            assert_eq!(there, interface.facts.delivered, "{interface:?}");
            flowed += interface.flowed.total();
        }
        assert_eq!(sum(&delta.rows), flowed, "no row is of another interface");
    }
}

/// All seconds together: the file's frames by interface and protocol or reason, in the rows and,
/// since every flow has ended, in the connections.
fn check_whole(deltas: &[Delta], taken: &Taken) {
    let (flowed, unflowed) = expected(taken);
    let (mut rows, mut ended, mut rest) = (ByProtocol::new(), ByProtocol::new(), ByReason::new());
    for delta in deltas {
        for row in &delta.rows {
            *rows.entry((row.interface, row.protocol)).or_default() += row.traffic.total();
        }
        for flow in &delta.ended {
            *ended.entry((flow.interface, flow.protocol)).or_default() += flow.traffic.total();
        }
        for interface in &delta.interfaces {
            for (reason, traffic) in &interface.unflowed {
                let key = (interface.facts.interface, *reason);
                *rest.entry(key).or_default() += traffic.total();
            }
        }
    }
    assert_eq!((&rows, rest), (&flowed, unflowed));
    assert_eq!(ended, flowed);
    let opened = deltas.iter().flat_map(|delta| &delta.rows);
    let opened: u32 = opened.map(|row| row.opened).sum();
    let connections: usize = deltas.iter().map(|delta| delta.ended.len()).sum();
    assert_eq!(
        opened as usize, connections,
        "what was opened has ended, once"
    );
}

/// What the file's frames are, each decoded by itself.
fn expected(taken: &Taken) -> (ByProtocol, ByReason) {
    let (mut flowed, mut unflowed) = (ByProtocol::new(), ByReason::new());
    for frame in &taken.frames {
        let tally = match frame.decoded {
            Ok(protocol) => flowed.entry((frame.interface, protocol)).or_default(),
            Err(reason) => unflowed.entry((frame.interface, reason)).or_default(),
        };
        tally.count(frame.length);
    }
    (flowed, unflowed)
}

/// A second's sums by interface, protocol and classes, with the flows opened in it.
fn kinds(delta: &Delta) -> BTreeMap<(InterfaceId, Protocol, Classes), (Traffic, u32)> {
    let mut kinds = BTreeMap::new();
    for row in &delta.rows {
        let kind = (row.interface, row.protocol, row.classes);
        let (traffic, opened): &mut (Traffic, u32) = kinds.entry(kind).or_default();
        *traffic += row.traffic;
        *opened += row.opened;
    }
    kinds
}

fn delivered(delta: &Delta) -> Tally {
    let facts = delta.interfaces.iter().map(|one| one.facts.delivered);
    facts.fold(Tally::default(), |sum, tally| sum + tally)
}
