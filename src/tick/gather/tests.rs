//! What the workers answered becomes one second that does not tell how many of them there were.

use super::*;
use crate::capture::Slot;
use crate::key::{End, InterfaceId, Protocol, RawAddress, Tuple};
use crate::label::Classes;
use crate::units::{FrameNumber, Moment, Nanos, Tally, Traffic};

fn cut() -> Arc<Cut> {
    Arc::new(Cut {
        moment: Moment::default(),
        slot: Slot(0),
        open: None,
        width: Nanos(1),
        facts: Vec::new(),
        last: false,
        sent: Nanos(0),
    })
}

/// A row of the flow to this port whose first frame has this number.
fn row(port: u16, flow: u64, opened: bool) -> Row {
    let tuple = Tuple {
        source: RawAddress::v4([10, 0, 0, 9]),
        destination: RawAddress::v4([10, 0, 0, 2]),
        ports: Some((5000, port)),
        protocol: Protocol::TCP,
        six: false,
    };
    let (key, _) = FlowKey::of(&tuple, InterfaceId(0));
    let outbound = Tally {
        packets: 1,
        bytes: 100 + flow,
    };
    Row {
        key,
        flow: FrameNumber(flow),
        first: Nanos(0),
        last: Nanos(0),
        traffic: Traffic {
            outbound,
            ..Traffic::default()
        },
        classes: Classes::default(),
        local: End::Low,
        opened,
    }
}

fn part(cut: &Arc<Cut>, rows: &[Row], folded: &[Folded]) -> Part {
    Part {
        cut: cut.clone(),
        interfaces: Vec::new(),
        rows: rows.to_vec(),
        unflowed: Vec::new(),
        ended: Vec::new(),
        owners: Vec::new(),
        open: Vec::new(),
        evicted: 0,
        flows: 0,
        fragmented: 0,
        unrecorded: 0,
        folded: folded.to_vec(),
    }
}

/// The second that these parts make, which the last of them completes.
fn second(parts: &[(&[Row], &[Folded])]) -> Merged {
    let cut = cut();
    let mut gather = Gather::new(parts.len());
    let parts = parts.iter();
    let mut seconds = parts.filter_map(|(rows, folded)| gather.add(part(&cut, rows, folded)));
    seconds.next().unwrap()
}

/// The rows of the second that these parts make, by flow.
fn merged(parts: &[&[Row]]) -> Vec<Row> {
    let parts: Vec<_> = parts.iter().map(|rows| (*rows, &[][..])).collect();
    let mut rows = second(&parts).rows;
    rows.sort_by_key(|row| row.flow);
    rows
}

#[test]
fn a_flow_that_began_anew_stays_two_rows_however_many_workers_there_are() {
    let (first, again, other) = (row(80, 1, false), row(80, 5, true), row(443, 2, true));
    let alone = merged(&[&[first, again, other]]);
    assert_eq!(alone, [first, other, again]);
    assert_eq!(merged(&[&[first, again], &[other]]), alone);
    assert_eq!(merged(&[&[other], &[], &[first, again]]), alone);
}

#[test]
fn a_flow_that_several_workers_saw_is_one_row() {
    let (early, late) = (row(80, 3, false), row(80, 8, true));
    for parts in [[&[early], &[late]], [&[late], &[early]]] {
        let rows = merged(&[parts[0], parts[1]]);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].flow, rows[0].opened), (early.flow, false));
        assert_eq!(
            rows[0].traffic.total(),
            Tally {
                packets: 2,
                bytes: 211
            }
        );
    }
}

/// So many packets, half as many flows, of one kind.
fn folded(interface: u16, protocol: Protocol, classes: u32, packets: u64) -> Folded {
    let tally = |bytes| Tally { packets, bytes };
    Folded {
        interface: InterfaceId(interface),
        protocol,
        classes: Classes(classes),
        traffic: Traffic {
            inbound: tally(packets * 60),
            outbound: tally(packets * 100),
        },
        opened: packets as u32 / 2,
    }
}

#[test]
fn what_several_workers_folded_is_added_up_by_its_kind() {
    let (one, more) = (
        folded(0, Protocol::TCP, 1, 2),
        folded(0, Protocol::TCP, 1, 6),
    );
    let others = [
        folded(1, Protocol::TCP, 1, 10),
        folded(0, Protocol::UDP, 1, 20),
        folded(0, Protocol::TCP, 2, 40),
    ];
    let sum = folded(0, Protocol::TCP, 1, 8);
    let first = [one, others[0]];
    let last = [others[1], more, others[2]];
    let merged = second(&[(&[], &first), (&[], &last)]);
    assert_eq!(merged.folded, [sum, others[2], others[1], others[0]]);
    let merged = second(&[(&[], &[]), (&[], &last)]);
    assert_eq!(merged.folded, [more, others[2], others[1]]);
}
