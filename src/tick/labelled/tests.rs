//! What the workers folded is in a second's rows and sums like what is folded here.

use super::*;
use crate::capture::{Cut, Process, Slot};
use crate::decode::Encapsulations;
use crate::flow::{Ending, Owner, Part};
use crate::key::{End, FlowKey, Protocol, RawAddress, Tuple};
use crate::label::Classes;
use crate::names;
use crate::tick::{Gather, sum};
use crate::units::{FrameNumber, Moment, Nanos, Tally};

const NIC: InterfaceId = InterfaceId(0);
const OTHER_NIC: InterfaceId = InterfaceId(1);

fn traffic(packets: u64) -> Traffic {
    let tally = |bytes| Tally { packets, bytes };
    Traffic {
        inbound: tally(packets * 60),
        outbound: tally(packets * 100),
    }
}

fn folded(interface: InterfaceId, protocol: Protocol, packets: u64) -> Folded {
    Folded {
        interface,
        protocol,
        classes: Classes(1),
        traffic: traffic(packets),
        opened: packets as u32,
    }
}

/// A row of the TCP flow whose first frame has this number and lies in the second.
fn row(flow: u64, packets: u64) -> Row {
    let tuple = Tuple {
        source: RawAddress::v4([10, 0, 0, 9]),
        destination: RawAddress::v4([10, 0, 0, 2]),
        ports: Some((5000, flow as u16)),
        protocol: Protocol::TCP,
        six: false,
    };
    Row {
        key: FlowKey::of(&tuple, NIC).0,
        flow: FrameNumber(flow),
        first: Nanos(0),
        last: Nanos(0),
        traffic: traffic(packets),
        classes: Classes(1),
        local: End::Low,
        opened: true,
        listening: false,
    }
}

/// The second of two workers, with these rows and what each of them folded.
fn second(rows: &[Row], folded: [&[Folded]; 2]) -> Merged {
    let cut = Arc::new(Cut {
        moment: Moment::default(),
        slot: Slot(0),
        open: None,
        width: Nanos(1),
        facts: Vec::new(),
        last: false,
        sent: Nanos(0),
    });
    let part = |rows: &[Row], folded: &[Folded]| Part {
        rows: rows.to_vec(),
        folded: folded.to_vec(),
        ..Part::empty(cut.clone())
    };
    let mut gather = Gather::new(2);
    assert!(gather.add(part(rows, folded[0])).is_none());
    gather.add(part(&[], folded[1])).unwrap()
}

#[test]
fn what_workers_folded_is_in_the_other_rows_and_in_what_flowed() {
    let first = [
        folded(NIC, Protocol::TCP, 10),
        folded(OTHER_NIC, Protocol::UDP, 100),
    ];
    let last = [folded(NIC, Protocol::TCP, 1000)];
    let rows = [row(80, 3), row(81, 2), row(82, 1)];
    // One row is kept: two join what was folded already.
    let mut labeller = Labeller::new(Config { rows: 1 });
    let mut labels = Labels::new(&names::Config::default(), 100);
    let second = second(&rows, [&first, &last]);
    let (delta, _) = labeller.label(second, &mut labels, Cost::default());
    let told: Vec<_> = delta
        .rows
        .iter()
        .map(|row| {
            (
                row.flow,
                row.interface,
                row.protocol,
                row.traffic,
                row.opened,
            )
        })
        .collect();
    let kept = (Some(FrameNumber(80)), NIC, Protocol::TCP, traffic(3), 1);
    let tcp = (None, NIC, Protocol::TCP, traffic(1013), 1012);
    let udp = (None, OTHER_NIC, Protocol::UDP, traffic(100), 100);
    assert_eq!(told, [kept, tcp, udp]);
    assert!(
        delta.rows[1..]
            .iter()
            .all(|row| row.label.site == Site::Other)
    );
    let flowed: Vec<_> = delta.interfaces.iter().map(|nic| nic.flowed).collect();
    assert_eq!(flowed, [traffic(1016), traffic(100)]);
    assert_eq!(sum(&delta.rows), traffic(1116).total());
}

#[test]
fn a_flood_of_kinds_is_told_by_interface() {
    // Every protocol in every set of many classes.
    let kinds = (0..=255).flat_map(|protocol| (0..300).map(move |classes| (protocol, classes)));
    let flood = kinds.map(|(protocol, classes)| Folded {
        classes: Classes(classes),
        ..folded(NIC, Protocol(protocol), 1)
    });
    let flood: Vec<_> = flood.chain([folded(OTHER_NIC, Protocol::UDP, 7)]).collect();
    assert!(flood.len() > MOST_OTHERS);
    let mut labeller = Labeller::new(Config { rows: 1 });
    let mut labels = Labels::new(&names::Config::default(), 100);
    let second = second(&[row(80, 3)], [&flood, &[]]);
    let (delta, _) = labeller.label(second, &mut labels, Cost::default());
    let told = delta.rows.iter();
    let told: Vec<_> = told
        .map(|row| (row.interface, row.protocol, row.classes, row.traffic))
        .collect();
    let other = |nic, packets| (nic, Protocol::NONE, Classes(0), traffic(packets));
    let kept = (NIC, Protocol::TCP, Classes(1), traffic(3));
    assert_eq!(told, [kept, other(NIC, 256 * 300), other(OTHER_NIC, 7)]);
}

/// A second with these rows, ended flows and owners.
fn second_of(rows: &[Row], ended: &[Row], owners: &[(u64, &Arc<Process>)]) -> Merged {
    let mut merged = second(rows, [&[], &[]]);
    merged.ended = ended.iter().map(over).collect();
    merged.owners = owners
        .iter()
        .map(|(flow, process)| Owner {
            key: row(*flow, 1).key,
            flow: FrameNumber(*flow),
            local: End::Low,
            process: (*process).clone(),
        })
        .collect();
    merged
}

fn over(row: &Row) -> Ended {
    Ended {
        key: row.key,
        flow: row.flow,
        client: row.local,
        local: row.local,
        first: row.first,
        last: row.last,
        sent: [Tally::default(); 2],
        traffic: row.traffic,
        classes: row.classes,
        encapsulations: Encapsulations::NONE,
        ending: Ending::Closed,
    }
}

#[test]
fn rows_and_connections_are_of_the_application_that_the_capture_tells() {
    let named = |pid, name: &str| Process::named(pid, name.as_bytes());
    let process = Process::of(named(7, "networking"), Some(named(9, "browser")));
    let process = Arc::new(process);
    let mut labeller = Labeller::new(Config { rows: 9 });
    let mut labels = Labels::new(&names::Config::default(), 100);
    let mut apps = |mut merged| {
        labels.learn(&mut merged);
        let (delta, _) = labeller.label(merged, &mut labels, Cost::default());
        let rows = delta.rows.into_iter().map(|row| row.label);
        let labels = rows.chain(delta.ended.into_iter().map(|one| one.label));
        let app = |label: Arc<Label>| (label.app.name.to_string(), label.app_source);
        labels.map(app).collect::<Vec<_>>()
    };
    let (one, other) = (row(80, 2), row(81, 1));
    let browser = ("browser".to_owned(), OwnerSource::Pktap);
    let unknown = ("unknown".to_owned(), OwnerSource::Unknown);
    let both = [browser.clone(), unknown.clone()];
    assert_eq!(apps(second_of(&[one, other], &[], &[(80, &process)])), both);
    assert_eq!(apps(second_of(&[one, other], &[], &[])), both);
    let ended = apps(second_of(&[one], &[one, other], &[]));
    assert_eq!(ended, [browser.clone(), browser.clone(), unknown.clone()]);
    // The second that was open when it ended may have a row of it; later ones have none.
    assert_eq!(apps(second_of(&[one], &[], &[])), [browser]);
    assert_eq!(apps(second_of(&[one], &[], &[])), [unknown]);
}
