//! Thirty days of history that have grown too old are removed, and the file is compacted, while a service
//! counts a busy link: nothing is dropped, and no second waits for more than one small job. How long jobs
//! and commits took is told; what is judged is what was lost, and that jobs stayed small by what they did.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod harness;
#[path = "api/history.rs"]
#[allow(dead_code, unreachable_pub, reason = "one part of it is used")]
mod history;

use harness::monitor::Monitor;
use harness::net::Net;
use harness::{count, dump, root, rounds, seconds};
use netmonitor::clock::Clock;
use netmonitor::label::{Label, Site};
use netmonitor::store::{Config, FILE, Hooks, Store, Writer};
use netmonitor::tick::{Delta, FlowRow};
use netmonitor::units::{FrameNumber, Nanos, Second, Traffic};
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

const DAYS: i64 = 30;
const DAY: i64 = 86_400;
const ROWS: u64 = 40;
/// How long packets come, at least as long as the work takes.
const SECONDS: usize = 15;
/// As if somebody had decided that a day is enough.
const SHORT: &str =
    "[store]\nseconds_days = 1\nminutes_days = 2\nhours_days = 3\nconnections_days = 1\n";

#[test]
fn removing_a_month_and_compacting_drops_nothing() {
    if !root("upkeep") {
        return;
    }
    let (net, folder) = (Net::new("upkeep"), tempfile::tempdir().expect("a folder"));
    let stored = a_month(folder.path(), rounds("NETMONITOR_UPKEEP_A_DAY", 12) as i64);
    let before = size(folder.path());
    let config = folder.path().join("config.toml");
    std::fs::write(&config, SHORT).expect("the configuration");
    let path = config.to_str().expect("a path in UTF-8");
    let mut monitor = Monitor::start(&net, folder.path(), &["--config", path]);
    let rate = rounds("NETMONITOR_UPKEEP_RATE", 2_000);
    let (packets, rate) = ((rate * SECONDS).to_string(), rate.to_string());
    let mut sender = net.sender([packets.as_str(), "0", "500", &rate]);
    let sender = sender.stdout(Stdio::piped()).spawn().expect("the sender");
    // Age is measured from what was written last.
    let today = Clock::system().now().wall.second().0 - DAY;
    monitor.wait_until("a second of today is committed", |monitor| {
        monitor.committed().is_some_and(|second| second > today)
    });
    // An answer does not wait for longer than ten seconds; the work goes on by itself.
    let mut did = String::new();
    monitor.wait_until("all that is too old is removed", |monitor| {
        let (status, body) = monitor.request("POST /api/config/cleanup", "{}");
        did = body;
        status == 200
    });
    let compacted = compact(&monitor);
    let sent = sender.wait_with_output().expect("the sender's end");
    let sent: Value = serde_json::from_slice(&sent.stdout).expect("its counts");
    monitor.settle();
    let stats = monitor.json("/api/stats");
    for lost in ["kernel_packets", "interface_packets", "ring_packets"] {
        assert_eq!(stats["loss"][lost], 0, "{lost}: {stats}");
    }
    assert_eq!(stats["unwritten"]["packets_in"], 0, "{stats}");
    let latency = monitor.json("/api/latency");
    monitor.terminate();
    let held = seconds(&dump(folder.path()));
    let packets: u64 = held.range(today..).map(|(_, packets)| packets).sum();
    assert_eq!(packets, count(&sent, "packets"));
    assert_eq!(held.range(..today).count(), 0, "old seconds are gone");
    tell(
        stored,
        &did,
        &latency,
        compacted,
        [before, size(folder.path())],
    );
    // A job is a block, a slice of a tier, or some thousand connections: a month takes many of them.
    assert!(stage(&latency, "job", "count") * 64 >= stored, "{latency}");
}

/// Has the file compacted, where the service does that itself.
fn compact(monitor: &Monitor) -> bool {
    let offered = |name: &str| {
        netmonitor::api::routes()
            .iter()
            .any(|route| route.name == name)
    };
    if !offered("POST /api/store/compact") {
        return false;
    }
    let (status, body) = monitor.request("POST /api/store/compact", "{}");
    assert_eq!(status, 200, "{body}");
    true
}

/// So many seconds of each of thirty days, up to three days ago; how many that are.
fn a_month(folder: &Path, a_day: i64) -> u64 {
    let now = Clock::system().now().wall;
    let end = now.second().0 - 3 * DAY;
    let store = Store::open(folder, Config::default(), now).expect("a history");
    let (clock, _) = Clock::manual(now);
    let writer = Writer::start(store, clock, Hooks::default()).expect("a writer");
    let mut stored = 0;
    for place in 0..DAYS * a_day {
        let second = Second(end - DAYS * DAY + place * DAY / a_day);
        writer.commit_when_room(Arc::new(busy(second)), Nanos(0));
        stored += 1;
    }
    writer.stop().expect("all of it is written");
    stored
}

/// A second of many sites, with a connection that ended.
fn busy(second: Second) -> Delta {
    let mut delta = history::delta(second, 3);
    let model = delta.rows.swap_remove(0);
    let row = |number: u64| FlowRow {
        flow: Some(FrameNumber(number + 1)),
        label: Arc::new(Label {
            site: Site::Name(format!("site{number}.example").into()),
            ..(*model.label).clone()
        }),
        ..model.clone()
    };
    delta.rows = (0..ROWS).map(row).collect();
    let interface = &mut delta.interfaces[0];
    let of_unflowed = interface.unflowed[0].1.total();
    interface.flowed = delta.rows.iter().fold(Traffic::default(), |mut sum, row| {
        sum += row.traffic;
        sum
    });
    interface.facts.delivered = interface.flowed.total() + of_unflowed;
    delta
}

fn size(folder: &Path) -> u64 {
    std::fs::metadata(folder.join(FILE))
        .expect("the history")
        .len()
}

fn stage(latency: &Value, name: &str, figure: &str) -> u64 {
    let stages = latency["stages"].as_array().into_iter().flatten();
    let mut found = stages.filter(|one| one["name"] == name);
    found.next().map_or(0, |one| count(&one["start"], figure))
}

#[expect(
    clippy::print_stderr,
    reason = "the figures are what a reader of this test wants"
)]
fn tell(stored: u64, did: &str, latency: &Value, compacted: bool, sizes: [u64; 2]) {
    let ms = |name, figure| stage(latency, name, figure) as f64 / 1e6;
    let (jobs, commits) = (
        stage(latency, "job", "count"),
        stage(latency, "commit", "count"),
    );
    eprintln!(
        "{stored} s with {ROWS} rows each over {DAYS} days; cleanup: {did}; file {sizes:?} bytes, compacted: {compacted}; \
         {jobs} jobs, p99 {:.1} ms, longest {:.1} ms; {commits} commits, p99 {:.1} ms, longest {:.1} ms; 0 drops",
        ms("job", "p99_ns"),
        ms("job", "max_ns"),
        ms("commit", "p99_ns"),
        ms("commit", "max_ns"),
    );
}
