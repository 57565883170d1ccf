//! kill -9 at random moments under load: what `/health` acknowledged is in the history afterwards,
//! and stays there through every later crash.
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod harness;

use harness::capture::Draw;
use harness::monitor::Monitor;
use harness::net::Net;
use harness::{dump, root, rounds, seconds};
use std::collections::BTreeMap;
use std::process::{Child, Stdio};
use std::time::Duration;

const PACKETS_PER_SECOND: &str = "20000";

#[test]
fn what_was_acknowledged_is_there() {
    if !root("kill -9") {
        return;
    }
    let net = Net::new("kill");
    let load = Load::start(&net);
    let folder = tempfile::tempdir().expect("a folder");
    let mut draw = Draw(u64::from(std::process::id()));
    let mut before = BTreeMap::new();
    let mut fresh = 0;
    let kills = rounds("NETMONITOR_KILLS", 10);
    for round in 0..kills {
        let acknowledged = crash(&net, folder.path(), &mut draw);
        let held = seconds(&dump(folder.path()));
        check(round, acknowledged, &before, &held);
        fresh += u32::from(acknowledged > before.keys().next_back().copied());
        before = held;
    }
    drop(load);
    tell(kills, fresh, &before);
    assert!(
        fresh > 0,
        "every kill came before a new second was committed: nothing was tried"
    );
}

#[expect(
    clippy::print_stderr,
    reason = "the figures are what a reader of this test wants"
)]
fn tell(kills: usize, fresh: u32, held: &BTreeMap<i64, u64>) {
    let packets: u64 = held.values().sum();
    let seconds = held.len();
    eprintln!("{kills} kills, {fresh} after new acknowledgements: {seconds} s, {packets} packets");
}

/// Runs until a random moment, asking all the time what is committed, then kills; the last answer.
fn crash(net: &Net, data: &std::path::Path, draw: &mut Draw) -> Option<i64> {
    let monitor = Monitor::start(net, data, &[]);
    let mut acknowledged = None;
    for _ in 0..100 + draw.below(900) {
        acknowledged = monitor.committed().or(acknowledged);
        std::thread::sleep(Duration::from_micros(draw.below(10_000)));
    }
    monitor.kill();
    acknowledged
}

fn check(
    round: usize,
    acknowledged: Option<i64>,
    before: &BTreeMap<i64, u64>,
    held: &BTreeMap<i64, u64>,
) {
    let last = held.keys().next_back().copied();
    assert!(
        acknowledged <= last,
        "round {round}: {acknowledged:?} acknowledged, {last:?} held"
    );
    for (second, packets) in before {
        let now = held.get(second).copied().unwrap_or_default();
        assert!(
            now >= *packets,
            "round {round}: second {second} had {packets} packets, has {now}"
        );
    }
}

/// A sender in the background.
struct Load(Child);

impl Load {
    fn start(net: &Net) -> Load {
        let words = ["0", "0", "1000", PACKETS_PER_SECOND];
        let child = net.sender(words).stdout(Stdio::null()).spawn();
        Load(child.expect("the sender"))
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
