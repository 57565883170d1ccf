//! Seconds of a small network: one flow to a web server, and some ARP.

use netmonitor::capture::InterfaceFacts;
use netmonitor::decode::{Encapsulations, Reason};
use netmonitor::flow::Ending;
use netmonitor::key::{Endpoint, InterfaceId, Protocol};
use netmonitor::label::{App, Classes, Label, Marks, OwnerSource, Site, SiteSource};
use netmonitor::platform::Role;
use netmonitor::tick::{Connection, Cost, Delta, FlowRow, InterfaceSecond, Open};
use netmonitor::units::{Epoch, FrameNumber, Moment, NANOS, Nanos, Second, Tally, Traffic};
use std::sync::Arc;

pub fn delta(second: Second, n: u64) -> Delta {
    let label = Arc::new(Label {
        app: App {
            name: "firefox".into(),
            path: Some("/usr/lib/firefox/firefox".into()),
            user: Some(1000),
        },
        app_source: OwnerSource::Exact,
        site: Site::Name("www.example.org".into()),
        site_source: SiteSource::Sni,
        marks: Marks::default(),
    });
    let flowed = traffic(n, 100 * n, 1, 10);
    let arp = traffic(1, 60, 1, 42);
    Delta {
        moment: moment(second),
        width: Nanos(NANOS),
        rows: vec![FlowRow {
            flow: Some(FrameNumber(n)),
            interface: InterfaceId(0),
            protocol: Protocol::TCP,
            label: label.clone(),
            classes: Classes(1),
            traffic: flowed,
            opened: 1,
        }],
        ended: vec![Connection {
            flow: FrameNumber(n),
            interface: InterfaceId(0),
            protocol: Protocol::TCP,
            local: endpoint("192.0.2.9", 50_000),
            remote: endpoint("198.51.100.7", 443),
            local_is_client: true,
            label,
            facts: None,
            encapsulations: Encapsulations::NONE,
            classes: Classes(1),
            first: second.start(),
            last: Nanos(second.start().0 + NANOS / 2),
            traffic: flowed,
            ending: Ending::Closed,
        }],
        interfaces: vec![InterfaceSecond {
            name: "eth0".into(),
            role: Role::Uplink,
            carrier: None,
            facts: facts(flowed.total() + arp.total()),
            flowed,
            unflowed: vec![(Reason::Arp, arp)],
        }],
        amendments: Vec::new(),
        cost: Cost {
            cpu: Nanos(1_500_000),
            resident: 12_345_678,
        },
    }
}

/// The second that is not over yet.
pub fn open(second: Second) -> Open {
    Open {
        moment: moment(second),
        interfaces: vec![("eth0".into(), Role::Uplink, traffic(1, 1, 1, 1))],
    }
}

fn facts(delivered: Tally) -> InterfaceFacts {
    InterfaceFacts {
        interface: InterfaceId(0),
        delivered,
        ring_dropped: Tally::default(),
        kernel_dropped: 0,
        interface_dropped: 0,
        late_frames: 0,
        untimed_frames: 0,
        counters: None,
        gap_ms: 0,
    }
}

fn moment(second: Second) -> Moment {
    Moment {
        second,
        epoch: Epoch(0),
    }
}

fn endpoint(address: &str, port: u16) -> Endpoint {
    Endpoint {
        address: address.parse().unwrap(),
        port: Some(port),
    }
}

fn traffic(packets_in: u64, bytes_in: u64, packets_out: u64, bytes_out: u64) -> Traffic {
    Traffic {
        inbound: Tally {
            packets: packets_in,
            bytes: bytes_in,
        },
        outbound: Tally {
            packets: packets_out,
            bytes: bytes_out,
        },
    }
}
