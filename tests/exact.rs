//! Counts are exact, or the loss is named: what a sender put on a link equals what the history
//! holds plus every named loss, in packets and in bytes, with SIGTERM right after the last frame.
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod harness;

use harness::monitor::Monitor;
use harness::net::{Net, WATCHED};
use harness::{count, root, rounds};
use serde_json::Value;

/// Packets a second (0: as fast as it goes) with how many to send, and frame lengths.
const RATES: [(u64, u64); 5] = [
    (1_000, 500),
    (10_000, 10_000),
    (50_000, 50_000),
    (200_000, 200_000),
    (0, 300_000),
];
const LENGTHS: [u64; 5] = [60, 66, 256, 590, 1514];

/// A sample walks the grid so that every rate and every length has its turn; 50 is all of it, twice.
#[test]
fn sent_is_counted_or_named() {
    if !root("exact") {
        return;
    }
    let net = Net::new("exact");
    for round in 0..rounds("NETMONITOR_EXACT_RUNS", 10) {
        let length = LENGTHS[(round + round / 5) % 5];
        check(&net, RATES[round % 5], length);
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the figures are what a reader of this test wants"
)]
fn check(net: &Net, (rate, packets): (u64, u64), length: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report.json");
    let path = report.to_str().expect("a path in UTF-8");
    let monitor = Monitor::start(net, folder.path(), &["--report", path]);
    let words = [packets, length, 1_000, rate].map(|word| word.to_string());
    let sent = net.send(words.iter().map(String::as_str));
    monitor.terminate();

    let text = std::fs::read_to_string(&report).expect("the report");
    let held = interface(&serde_json::from_str(&text).expect("the report is JSON"));
    eprintln!("{rate:>6} pps x {length:>4} B: sent {sent}, held {held}");
    let counted = count(&held, "packets");
    let lost = [
        "ring_dropped_packets",
        "kernel_dropped",
        "interface_dropped",
    ];
    let lost: u64 = lost.iter().map(|key| count(&held, key)).sum();
    assert_eq!(count(&sent, "packets"), counted + lost, "packets: {held}");
    assert_eq!(
        count(&sent, "bytes"),
        count(&held, "bytes") + lost * length,
        "bytes: {held}"
    );
    let parts = count(&held, "in_flows_packets") + count(&held, "unflowed_packets");
    assert_eq!(counted, parts, "flows and the rest are the whole: {held}");
}

fn interface(report: &Value) -> Value {
    let all = report["interfaces"].as_array().expect("interfaces");
    let held = all.iter().find(|one| one["name"] == WATCHED);
    held.unwrap_or_else(|| panic!("{WATCHED} is not in {report}"))
        .clone()
}
