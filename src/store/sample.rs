//! Deltas for tests: made by hand, or at random with their sums right.

use crate::capture::InterfaceFacts;
use crate::decode::{Encapsulations, Reason};
use crate::flow::Ending;
use crate::key::{Endpoint, InterfaceId, Protocol};
use crate::label::{App, Classes, Label, Marks, OwnerSource, Site, SiteSource};
use crate::platform::Role;
use crate::tick::{Amendment, Connection, Cost, Delta, FlowRow, InterfaceSecond};
use crate::units::{Epoch, FrameNumber, Moment, NANOS, Nanos, Second, Tally, Traffic};
use proptest::prelude::*;
use std::sync::Arc;

pub(crate) const START: i64 = 1_767_322_800;

pub(crate) fn at(second: i64, epoch: u32) -> Moment {
    Moment {
        second: Second(second),
        epoch: Epoch(epoch),
    }
}

pub(crate) fn traffic(pi: u64, bi: u64, po: u64, bo: u64) -> Traffic {
    let tally = |packets, bytes| Tally { packets, bytes };
    Traffic {
        inbound: tally(pi, bi),
        outbound: tally(po, bo),
    }
}

pub(crate) fn label(app: &str, site: Site) -> Arc<Label> {
    Arc::new(Label {
        app: App {
            name: app.into(),
            path: (app != "unknown").then(|| format!("/usr/bin/{app}").into()),
            user: Some(1000),
        },
        app_source: OwnerSource::Exact,
        site,
        site_source: SiteSource::Sni,
        marks: Marks::default(),
    })
}

pub(crate) fn row(flow: u64, label: Arc<Label>, classes: u32, traffic: Traffic) -> FlowRow {
    FlowRow {
        flow: (flow != 0).then_some(FrameNumber(flow)),
        interface: InterfaceId(0),
        protocol: Protocol::TCP,
        label,
        classes: Classes(classes),
        traffic,
        opened: 1,
    }
}

/// One interface's second with its sums taken from the rows.
pub(crate) fn interface(id: u16, name: &str, role: Role, rows: &[FlowRow]) -> InterfaceSecond {
    let mine = rows.iter().filter(|row| row.interface.0 == id);
    let mut flowed = Traffic::default();
    mine.for_each(|row| flowed += row.traffic);
    InterfaceSecond {
        name: name.into(),
        role,
        carrier: None,
        facts: InterfaceFacts {
            interface: InterfaceId(id),
            delivered: flowed.total(),
            counters: Some(flowed),
            ..InterfaceFacts::default()
        },
        flowed,
        unflowed: Vec::new(),
    }
}

pub(crate) fn delta(moment: Moment, rows: Vec<FlowRow>) -> Delta {
    Delta {
        moment,
        width: Nanos(NANOS),
        interfaces: vec![interface(0, "eth0", Role::Uplink, &rows)],
        rows,
        ended: Vec::new(),
        amendments: Vec::new(),
        cost: Cost::default(),
    }
}

pub(crate) fn connection(flow: u64, last: Nanos, label: Arc<Label>) -> Connection {
    let end = |address: &str, port| Endpoint {
        address: address.parse().unwrap(),
        port,
    };
    Connection {
        flow: FrameNumber(flow),
        interface: InterfaceId(0),
        protocol: Protocol::TCP,
        local: end("192.0.2.9", Some(50_000)),
        remote: end("2001:db8::7", Some(443)),
        local_is_client: true,
        label,
        facts: None,
        encapsulations: Encapsulations::NONE,
        classes: Classes(1),
        first: Nanos(last.0 - 1_500_000_000),
        last,
        traffic: traffic(3, 300, 2, 200),
        ending: Ending::Closed,
    }
}

fn any_traffic() -> impl Strategy<Value = Traffic> {
    (0..1u64 << 40, 0..1u64 << 40, 0..1u64 << 20, any::<u32>())
        .prop_map(|(bi, bo, pi, po)| traffic(pi, bi, po.into(), bo))
}

fn any_label() -> impl Strategy<Value = Arc<Label>> {
    let site = prop_oneof![
        (0..4u8).prop_map(|last| Site::Address([192, 0, 2, last].into())),
        (0..3u8).prop_map(|n| Site::Name(format!("site{n}.example").into())),
        Just(Site::Other),
    ];
    (0..3u8, site).prop_map(|(app, site)| label(["unknown", "curl", "ssh"][usize::from(app)], site))
}

fn any_row() -> impl Strategy<Value = FlowRow> {
    (
        0..12u64,
        any_label(),
        0..4u32,
        any_traffic(),
        0..3u16,
        0..3u8,
        0..3u32,
    )
        .prop_map(
            |(flow, label, classes, traffic, interface, protocol, opened)| FlowRow {
                interface: InterfaceId(interface),
                protocol: Protocol([6, 17, 1][usize::from(protocol)]),
                opened,
                ..row(flow, label, classes, traffic)
            },
        )
}

fn any_second() -> impl Strategy<Value = Delta> {
    let amendments = prop::collection::vec((1..12u64, 0..60i64, any_label()), 0..3);
    let rows = prop::collection::vec(any_row(), 0..8);
    (rows, any_traffic(), amendments, 0..1_000u32).prop_map(|(rows, arp, amendments, gap_ms)| {
        let mut one = delta(Moment::default(), Vec::new());
        let mut eth0 = interface(0, "eth0", Role::Uplink, &rows);
        eth0.unflowed = vec![(Reason::Arp, arp)];
        eth0.facts.gap_ms = gap_ms;
        eth0.facts.kernel_dropped = u64::from(gap_ms) / 7;
        let mut tun0 = interface(2, "tun0", Role::Tunnel, &rows);
        tun0.carrier = Some(label("curl", Site::Other).app.clone());
        let wlan0 = interface(1, "wlan0", Role::Uplink, &rows);
        one.interfaces = vec![eth0, wlan0, tun0];
        one.rows = rows;
        one.amendments = amendments
            .into_iter()
            .map(|(flow, back, label)| Amendment {
                flow: FrameNumber(flow),
                since: at(-back, 0),
                label,
            })
            .collect();
        one
    })
}

/// Seconds as they are lived through: some missing, the wall clock now and then jumping, amendments
/// reaching back up to a minute within their epoch.
pub(crate) fn any_history(most: usize) -> impl Strategy<Value = Vec<Arc<Delta>>> {
    let jump = prop_oneof![8 => Just(None), 1 => (-200..200i64).prop_map(Some)];
    let second = (any_second(), 1..4i64, jump);
    prop::collection::vec(second, 1..most).prop_map(|seconds| {
        let (mut second, mut epoch, mut began) = (START, 0, START);
        let seconds = seconds.into_iter().map(|(mut one, step, jump)| {
            second += step;
            if let Some(jump) = jump {
                epoch += 1;
                second += jump;
                began = second;
            }
            one.moment = at(second, epoch);
            for amendment in &mut one.amendments {
                let since = second + amendment.since.second.0;
                amendment.since = at(since.max(began), epoch);
            }
            Arc::new(one)
        });
        seconds.collect()
    })
}

/// The same seconds so many times as far apart, of which nothing becomes known late.
pub(crate) fn stretched(deltas: &[Arc<Delta>], by: i64) -> Vec<Arc<Delta>> {
    let stretch = |delta: &Arc<Delta>| {
        let mut one = (**delta).clone();
        one.moment.second = Second(START + (one.moment.second.0 - START) * by);
        one.amendments.clear();
        Arc::new(one)
    };
    deltas.iter().map(stretch).collect()
}
