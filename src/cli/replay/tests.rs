//! What is printed of a file.

use super::*;
use crate::capture::Process;
use crate::decode::Reason;
use crate::flow::{Ended, Ending, Unflowed};
use crate::key::{FlowKey, InterfaceId, Protocol, RawAddress, Tuple};
use crate::label::Classes;
use crate::tick::Whole;
use crate::units::{FrameNumber, NANOS, Nanos, Tally, Traffic};
use serde_json::{Value, json};
use std::sync::Arc;

const START: i64 = 1_385_400_647_217_572_000;

/// A DNS question with its answer, an ICMPv6 message, and three ARP frames.
fn outcome() -> Outcome {
    let dns = Tuple {
        source: RawAddress::v4([10, 180, 156, 141]),
        destination: RawAddress::v4([10, 2, 95, 39]),
        ports: Some((62563, 53)),
        protocol: Protocol::UDP,
        six: false,
    };
    let mut last = [0; 16];
    last[15] = 1;
    let ping = Tuple {
        source: RawAddress::v6(last),
        destination: RawAddress::v6([0x20; 16]),
        ports: None,
        protocol: Protocol::ICMP6,
        six: true,
    };
    let mut whole = Whole::new(true);
    whole.add(&ended(&ping, 3, [(1, 90), (0, 0)]), None);
    whole.add(&ended(&dns, 1, [(1, 74), (1, 2_540)]), None);
    let arp = Traffic {
        inbound: Tally {
            packets: 3,
            bytes: 180,
        },
        outbound: Tally::default(),
    };
    whole.add_unflowed(&Unflowed {
        interface: InterfaceId(0),
        by_reason: vec![(Reason::Arp, arp)],
    });
    let mut outcome = whole.finish(None, Nanos(NANOS / 2));
    outcome.total = Tally {
        packets: 6,
        bytes: 2_884,
    };
    outcome
}

/// A flow with what its client and what its server sent.
fn ended(tuple: &Tuple, number: u64, sent: [(u64, u64); 2]) -> Ended {
    let (key, client) = FlowKey::of(tuple, InterfaceId(0));
    let mut ends = sent.map(|(packets, bytes)| Tally { packets, bytes });
    if client as usize == 1 {
        ends.swap(0, 1);
    }
    Ended {
        key,
        flow: FrameNumber(number),
        client,
        local: client,
        first: Nanos(START),
        last: Nanos(START + 1_500_000_000),
        sent: ends,
        traffic: Traffic::default(),
        encapsulations: crate::decode::Encapsulations::NONE,
        classes: Classes::default(),
        ending: Ending::Stopped,
    }
}

fn text(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn json_is_one_object_with_every_flow() {
    let said: Value = serde_json::from_str(&text(|out| json::write(&outcome(), out))).unwrap();
    assert_eq!(
        said,
        json!({
            "packets": 6, "bytes": 2884, "non_ip_packets": 3, "non_ip_bytes": 180,
            "non_ip": [{"reason": "arp", "packets": 3, "bytes": 180}],
            "interfaces": [],
            "error": null,
            "flows": [
                {"proto": "udp", "ip_proto": 17,
                 "client": ["10.180.156.141", 62563], "server": ["10.2.95.39", 53],
                 "c2s": {"packets": 1, "bytes": 74}, "s2c": {"packets": 1, "bytes": 2540},
                 "first": "1385400647.217572000", "last": "1385400648.717572000",
                 "claims": [], "site": {"name": "10.2.95.39", "source": "address"}, "app": null,
                 "protocol": {"name": "dns", "certainty": "by-port"}, "ja4": null, "encapsulations": [],
                 "domain": null, "country": null},
                {"proto": "icmp6", "ip_proto": 58,
                 "client": ["::1", null],
                 "server": ["2020:2020:2020:2020:2020:2020:2020:2020", null],
                 "c2s": {"packets": 1, "bytes": 90}, "s2c": {"packets": 0, "bytes": 0},
                 "first": "1385400647.217572000", "last": "1385400648.717572000",
                 "claims": [],
                 "site": {"name": "2020:2020:2020:2020:2020:2020:2020:2020", "source": "address"},
                 "app": null, "protocol": null, "ja4": null, "encapsulations": [],
                 "domain": null, "country": null},
            ],
        })
    );
}

#[test]
fn times_before_1970_and_errors_are_kept() {
    let mut outcome = outcome();
    outcome.flows[0].first = Nanos(-1);
    outcome.error = Some("reading stopped at byte 24: cut".into());
    let said: Value = serde_json::from_str(&text(|out| json::write(&outcome, out))).unwrap();
    assert_eq!(said["flows"][0]["first"], "-0.000000001");
    assert_eq!(said["error"], "reading stopped at byte 24: cut");
}

#[test]
fn a_summary_is_a_name_and_a_value_a_line() {
    assert_eq!(
        text(|out| summary::write("trace.pcap", &outcome(), out)),
        "\
file        trace.pcap
packets     6
bytes       2884 (2.9 kB)
flows       2
non-IP      3 packets, 180 bytes (arp 3)
names       none
time        2013-11-25T17:30:47.217572Z to 2013-11-25T17:30:48.717572Z (1.500 s)
loss        none
read in     0.500 s (12 packets/s, 5.8 kB/s)
"
    );
}

#[test]
fn a_table_has_the_largest_flows_first() {
    assert_eq!(
        text(|out| table::write(&outcome(), 1, out)),
        "\
PROTO  CLIENT                SERVER         PACKETS  SENT  RECEIVED   LASTED
udp    10.180.156.141:62563  10.2.95.39:53        2  74 B    2.5 kB  1.500 s
and 1 smaller one
"
    );
    let all = text(|out| table::write(&outcome(), 20, out));
    assert!(all.lines().last().unwrap().starts_with("icmp6  ::1"));
}

/// The same, with what the capture tells of the DNS flow's process.
fn owned() -> Outcome {
    let named = |pid, name: &str| Process::named(pid, name.as_bytes());
    let process = Process::of(named(7, "networking"), Some(named(9, "browser")));
    let mut outcome = outcome();
    outcome.flows[0].app = Some(Arc::new(process));
    outcome
}

#[test]
fn json_has_the_application_and_who_did_it_for_that() {
    let said: Value = serde_json::from_str(&text(|out| json::write(&owned(), out))).unwrap();
    assert_eq!(said["flows"][0]["app"], "browser");
    assert_eq!(said["flows"][0]["app_via"], "networking");
    assert_eq!(said["flows"][1]["app"], Value::Null);
}

#[test]
fn a_table_has_a_column_of_applications_where_there_are_any() {
    assert_eq!(
        text(|out| table::write(&owned(), 2, out)),
        "\
PROTO  CLIENT                SERVER                                   PACKETS  SENT  RECEIVED   LASTED  APP
udp    10.180.156.141:62563  10.2.95.39:53                                  2  74 B    2.5 kB  1.500 s  browser via networking
icmp6  ::1                   2020:2020:2020:2020:2020:2020:2020:2020        1  90 B       0 B  1.500 s  -
"
    );
}
