//! Parts of flows and of seconds become one whole, whatever order they come in.

use super::*;
use crate::capture::{DirectionRule, InterfaceFacts};
use crate::flow::Ending;
use crate::key::{Protocol, RawAddress, Tuple};
use crate::label::Classes;
use crate::platform::Role;
use crate::units::{Moment, Traffic};

const CLIENT: [u8; 4] = [10, 0, 0, 9];
const SERVER: [u8; 4] = [10, 0, 0, 2];

fn tally(packets: u64, bytes: u64) -> Tally {
    Tally { packets, bytes }
}

/// A part of the flow between `CLIENT:5000` and `SERVER:53` whose first frame `from` sent.
fn part(from: [u8; 4], number: u64, interface: u16, at: (i64, i64)) -> Ended {
    let (to, ports) = match from {
        CLIENT => (SERVER, (5000, 53)),
        _ => (CLIENT, (53, 5000)),
    };
    let tuple = Tuple {
        source: RawAddress::v4(from),
        destination: RawAddress::v4(to),
        ports: Some(ports),
        protocol: Protocol::UDP,
        six: false,
    };
    let (key, sender) = FlowKey::of(&tuple, InterfaceId(interface));
    let mut sent = [Tally::default(); 2];
    sent[sender as usize] = tally(1, 100);
    sent[sender.other() as usize] = tally(2, 500);
    Ended {
        key,
        flow: FrameNumber(number),
        client: sender,
        local: sender,
        first: Nanos(at.0),
        last: Nanos(at.1),
        sent,
        traffic: Traffic::default(),
        encapsulations: crate::decode::Encapsulations::NONE,
        classes: Classes::default(),
        ending: Ending::Idle,
    }
}

#[test]
fn parts_of_a_flow_merge_in_any_order() {
    let early = part(CLIENT, 3, 0, (10, 20));
    let late = part(SERVER, 8, 1, (15, 40));
    for parts in [[early, late], [late, early]] {
        let mut whole = Whole::new(true);
        for ended in &parts {
            whole.add(ended, None);
        }
        let outcome = whole.finish(None, Nanos(1));
        assert_eq!((outcome.flow_count, outcome.flows.len()), (1, 1));
        let flow = &outcome.flows[0];
        assert_eq!(flow.flow, FrameNumber(3));
        assert_eq!(flow.client().to_string(), "10.0.0.9:5000");
        assert_eq!(flow.server().to_string(), "10.0.0.2:53");
        assert_eq!(flow.from_client(), tally(3, 600));
        assert_eq!(flow.from_server(), tally(3, 600));
        assert_eq!((flow.first, flow.last), (Nanos(10), Nanos(40)));
        assert_eq!(outcome.span, Some((Nanos(10), Nanos(40))));
    }
}

#[test]
fn each_end_keeps_what_it_sent() {
    let mut whole = Whole::new(true);
    whole.add(&part(SERVER, 1, 0, (0, 0)), None);
    let flow = &whole.finish(None, Nanos(1)).flows[0];
    assert_eq!(flow.client().to_string(), "10.0.0.2:53");
    assert_eq!(
        (flow.from_client(), flow.from_server()),
        (tally(1, 100), tally(2, 500))
    );
}

#[test]
fn flows_that_are_not_kept_are_counted() {
    let mut whole = Whole::new(false);
    whole.add(&part(CLIENT, 1, 0, (5, 6)), None);
    whole.add(&part(CLIENT, 2, 0, (7, 9)), None);
    let outcome = whole.finish(Some("cut".into()), Nanos(1));
    assert_eq!((outcome.flow_count, outcome.flows.len()), (2, 0));
    assert_eq!(outcome.span, Some((Nanos(5), Nanos(9))));
    assert_eq!(outcome.error.as_deref(), Some("cut"));
}

#[test]
fn totals_are_the_captures_own() {
    let mut whole = Whole::new(false);
    for (id, name) in [(0, "a"), (1, "b")] {
        whole.add_interface(&Interface {
            id: InterfaceId(id),
            name: name.into(),
            link: Link::Ethernet,
            role: Role::File,
            snaplen: 65_535,
            direction: DirectionRule::ClientToServer,
        });
    }
    let facts = |id, packets, late_frames| InterfaceFacts {
        interface: InterfaceId(id),
        delivered: tally(packets, packets * 60),
        late_frames,
        ..InterfaceFacts::default()
    };
    for facts in [vec![facts(0, 2, 1)], vec![facts(0, 3, 0), facts(1, 4, 0)]] {
        whole.add_cut(&Cut {
            moment: Moment::default(),
            slot: crate::capture::Slot(0),
            open: None,
            width: Nanos(1),
            facts,
            last: false,
            sent: Nanos(0),
        });
    }
    let arp = Traffic {
        inbound: tally(1, 60),
        outbound: tally(2, 120),
    };
    whole.add_unflowed(&Unflowed {
        interface: InterfaceId(0),
        by_reason: vec![(Reason::Arp, arp), (Reason::Llc, arp)],
    });
    let outcome = whole.finish(None, Nanos(1));
    assert_eq!(outcome.total, tally(9, 540));
    assert_eq!(outcome.unflowed_total(), tally(6, 360));
    assert_eq!(outcome.unflowed[&Reason::Arp], tally(3, 180));
    let a = &outcome.interfaces[&InterfaceId(0)];
    assert_eq!((a.delivered, a.late_frames), (tally(5, 300), 1));
    assert_eq!(outcome.interfaces[&InterfaceId(1)].delivered, tally(4, 240));
}

/// What is known of the flow that `ended` is a part of.
fn owned(ended: &Ended, pid: Option<i32>) -> Told {
    let process = pid.map(|pid| Arc::new(Process::of(Process::named(pid, b""), None)));
    let remote = ended.key.end(ended.local.other()).address;
    Told {
        process,
        ..Told::of_address(remote)
    }
}

#[test]
fn a_flow_is_of_whom_its_first_part_was() {
    let early = part(CLIENT, 3, 0, (10, 20));
    let late = part(SERVER, 8, 1, (15, 40));
    // Whose the early and the late part are, and whose the flow is.
    let cases = [
        (None, None, None),
        (None, Some(9), Some(9)),
        (Some(7), Some(9), Some(7)),
        (Some(7), None, Some(7)),
    ];
    for (first, second, expected) in cases {
        for turn in [false, true] {
            let mut parts = [(&early, first), (&late, second)];
            if turn {
                parts.reverse();
            }
            let mut whole = Whole::new(true);
            for (ended, pid) in parts {
                whole.add(ended, Some(owned(ended, pid)));
            }
            let flows = whole.finish(None, Nanos(1)).flows;
            let app = flows[0].app.as_ref().map(|process| process.pid);
            assert_eq!(app, expected, "{first:?} {second:?} {turn}");
        }
    }
}
