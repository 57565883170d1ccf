//! The running service as its keeper meets it: what it tells of its caps, and what signals ask of it
//! while it counts.
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod harness;

use harness::capture::{self, LOCAL_MAC, REMOTE_MAC, Stamped};
use harness::monitor::Monitor;
use harness::net::Net;
use harness::{count, dump, root, seconds};
use nix::sys::signal::Signal;
use std::process::Stdio;

/// A UDP datagram's first part: more fragments follow, and bear no ports.
fn first_fragment() -> Vec<u8> {
    let mut frame = [LOCAL_MAC, REMOTE_MAC].concat();
    frame.extend([0x08, 0x00, 0x45, 0, 0, 44, 0, 7, 0x20, 0, 64, 17, 0, 0]);
    frame.extend([192, 168, 0, 1, 10, 0, 0, 1]);
    frame.extend([0x30, 0x39, 0, 53, 0, 100, 0, 0]);
    frame.resize(60, 0);
    frame
}

#[test]
fn every_cap_of_the_packets_way_stands_beside_its_limit() {
    if !root("caps") {
        return;
    }
    let net = Net::new("caps");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("fragment.pcap");
    let frame = Stamped {
        micros: 1_700_000_000_250_000,
        bytes: first_fragment(),
    };
    std::fs::write(&file, capture::pcap(&[frame])).expect("the capture");
    let mut monitor = Monitor::start(&net, folder.path(), &["--workers", "2"]);
    net.send([file.to_str().expect("a path in UTF-8")]);
    monitor.wait_until("the fragment was told of", |monitor| {
        let page = monitor.ask("/metrics");
        page.contains("\nnetmonitor_flow_fragmented 1.0\n")
    });
    let page = monitor.ask("/metrics");
    let value = |name: &str| {
        let line = page.lines().find_map(|line| line.strip_prefix(name));
        let value = line
            .unwrap_or_else(|| panic!("no {name} in\n{page}"))
            .trim();
        value.parse::<f64>().expect("a number")
    };
    let exact = [
        ("flow_fragmented_limit", 2.0 * 4_096.0),
        ("tick_rows_limit", 4_096.0),
        ("tick_rows_folded_total", 0.0),
        ("capture_ring_bytes_limit", 64.0 * 1_048_576.0),
        ("ring_batches_limit{worker=\"1\"}", 64.0),
    ];
    for (name, expected) in exact {
        let told = value(&format!("netmonitor_{name} "));
        assert!((told - expected).abs() < 0.5, "{name} is {told}");
    }
    let rings = value("netmonitor_capture_ring_bytes ");
    assert!((524_288.0..=67_108_864.0).contains(&rings), "{rings}");
    assert!(value("netmonitor_tick_rows ") <= 4_096.0);
    monitor.terminate();
}

/// How often it has logged this.
fn times(monitor: &Monitor, words: &str) -> usize {
    monitor.said().matches(words).count()
}

#[test]
fn signals_are_answered_in_the_log_and_cost_no_frame() {
    if !root("signals") {
        return;
    }
    let net = Net::new("signals");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    let write = |text: &str| std::fs::write(&file, text).expect("the configuration");
    write("");
    let path = file.to_str().expect("a path in UTF-8");
    let mut monitor = Monitor::start(&net, folder.path(), &["--config", path]);
    let words = ["12000", "0", "50", "4000"];
    let sender = net.sender(words).stdout(Stdio::piped()).spawn();
    let sender = sender.expect("the sender");
    let wrong = "[store]\nseconds_days = 3\n\n[flow]\nmax = 'many'\n";
    let right = "workers = 3\n[store]\nseconds_days = 3\n[serve]\nport = 7601\n";
    monitor.wait_until("a second is committed", |monitor| {
        monitor.committed().is_some()
    });
    for round in 1..=5 {
        monitor.signal(Signal::SIGUSR1);
        monitor.wait_until("it reports", |monitor| {
            times(monitor, "how it is: ") == round
        });
        write(wrong);
        monitor.signal(Signal::SIGHUP);
        let place = format!("{path}:5:7: `flow.max` cannot be \"many\"");
        monitor.wait_until("it refuses", |monitor| times(monitor, &place) == round);
        write(right);
        monitor.signal(Signal::SIGHUP);
        let waits = "netmonitor is started again: workers";
        monitor.wait_until("it takes", |monitor| times(monitor, waits) == round);
        assert_eq!(times(&monitor, "new from now on: store.seconds_days"), 1);
    }
    let sent = sender.wait_with_output().expect("the sender's end");
    let sent: serde_json::Value = serde_json::from_slice(&sent.stdout).expect("its counts");
    let said = monitor.said();
    monitor.terminate();
    let held: u64 = seconds(&dump(folder.path())).values().sum();
    assert_eq!((count(&sent, "packets"), held), (12_000, 12_000), "{said}");
    for word in [
        "frames",
        "lost: 0 by the kernel",
        "rings ",
        "committed through 20",
        "memory",
    ] {
        assert!(said.contains(word), "no `{word}` in\n{said}");
    }
}
