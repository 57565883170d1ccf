//! kill -9 at random moments under load: what `/health` acknowledged is in the history afterwards,
//! and stays there through every later crash. A second counts as there when it is stored, also one
//! in which nothing was seen: the first of a run may have begun a moment before its end.
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod harness;

use harness::capture::Draw;
use harness::monitor::Monitor;
use harness::net::Net;
use harness::{root, rounds};
use netmonitor::clock::Clock;
use netmonitor::store::{self, Amendments, Store};
use netmonitor::units::{NANOS, Second};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

const PACKETS_PER_SECOND: &str = "2000";
/// Services that run, and are killed, at the same time: most of a run is waiting for its seconds.
const LANES: usize = 8;

/// What came of some kills.
#[derive(Clone, Copy, Default)]
struct Figures {
    kills: usize,
    /// After a second was acknowledged that no run before had stored.
    fresh: usize,
    seconds: usize,
    packets: u64,
}

#[test]
fn what_was_acknowledged_is_there() {
    if !root("kill -9") {
        return;
    }
    let kills = rounds("NETMONITOR_KILLS", 200);
    let all = std::thread::scope(|scope| {
        let lanes = (0..LANES).map(|lane| {
            let mine = (lane..kills).step_by(LANES).count();
            scope.spawn(move || killed_again_and_again(lane, mine))
        });
        let lanes: Vec<_> = lanes.collect();
        lanes.into_iter().fold(Figures::default(), |sum, lane| {
            sum.and(lane.join().expect("a lane without a loss"))
        })
    });
    tell(all);
    assert_eq!(all.kills, kills);
    assert!(
        all.fresh * 4 >= kills,
        "most kills came before a new second was committed: {} of {kills}",
        all.fresh
    );
}

/// One service after the other on the same history.
fn killed_again_and_again(lane: usize, kills: usize) -> Figures {
    let net = Net::new(&format!("kill{lane}"));
    let load = Load::start(&net);
    let folder = tempfile::tempdir().expect("a folder");
    let mut draw = Draw(u64::from(std::process::id()) + lane as u64);
    let mut before = BTreeMap::new();
    let mut fresh = 0;
    for round in 0..kills {
        let acknowledged = crash(&net, folder.path(), &mut draw);
        let held = stored(folder.path());
        let news = acknowledged.filter(|second| !before.contains_key(second));
        check(round, acknowledged, &held);
        keeps(round, &before, &held);
        fresh += usize::from(news.is_some());
        before = held;
    }
    drop(load);
    Figures {
        kills,
        fresh,
        seconds: before.len(),
        packets: before.values().sum(),
    }
}

impl Figures {
    fn and(self, more: Figures) -> Figures {
        Figures {
            kills: self.kills + more.kills,
            fresh: self.fresh + more.fresh,
            seconds: self.seconds + more.seconds,
            packets: self.packets + more.packets,
        }
    }
}

/// The same while the file is written anew: the old one or the new one is there, whole, and nothing else.
#[test]
fn what_was_acknowledged_is_there_whenever_the_file_is_written_anew() {
    if !root("kill -9 while the file is written anew") {
        return;
    }
    let net = Net::new("kill-anew");
    let load = Load::start(&net);
    let folder = tempfile::tempdir().expect("a folder");
    let mut draw = Draw(u64::from(std::process::id()));
    let mut before = BTreeMap::new();
    for round in 0..rounds("NETMONITOR_COMPACT_KILLS", 4) {
        let mut monitor = Monitor::start(&net, folder.path(), &[]);
        monitor.wait_until("it has committed", |monitor| monitor.committed().is_some());
        let mut compact = net.command(env!("CARGO_BIN_EXE_netmonitor"));
        compact
            .args(["db", "compact", "--data-dir"])
            .arg(folder.path());
        compact.stdout(Stdio::null()).stderr(Stdio::null());
        let mut compact = compact.spawn().expect("netmonitor db compact");
        std::thread::sleep(Duration::from_micros(draw.below(400_000)));
        let acknowledged = monitor.committed();
        monitor.kill();
        // It was done, or cut off.
        let _ = compact.wait();
        let held = stored(folder.path());
        check(round, acknowledged, &held);
        keeps(round, &before, &held);
        let names = std::fs::read_dir(folder.path()).expect("the folder");
        let names = names.map(|file| file.expect("a file").file_name());
        let left: Vec<_> = names
            .filter(|name| name.to_string_lossy().ends_with(".new"))
            .collect();
        assert!(left.is_empty(), "round {round}: {left:?}");
        before = held;
    }
    drop(load);
}

#[expect(
    clippy::print_stderr,
    reason = "the figures are what a reader of this test wants"
)]
fn tell(all: Figures) {
    let Figures {
        kills,
        fresh,
        seconds,
        packets,
    } = all;
    eprintln!(
        "{kills} kills, {fresh} after new acknowledgements: 0 of {seconds} s lost, {packets} packets"
    );
}

/// Runs until a random moment, asking all the time what is committed, then kills; the last answer.
/// The first second of a run is committed two seconds after it began, at the earliest.
fn crash(net: &Net, data: &Path, draw: &mut Draw) -> Option<i64> {
    let monitor = Monitor::start(net, data, &[]);
    let mut acknowledged = None;
    for _ in 0..draw.below(160) {
        acknowledged = monitor.committed().or(acknowledged);
        std::thread::sleep(Duration::from_micros(draw.below(50_000)));
    }
    monitor.kill();
    acknowledged
}

/// The history. A child of the killed one that was about to become another program has the file, and its
/// lock, for a moment more.
fn opened(folder: &Path) -> Store {
    for _ in 0..3_000 {
        let now = Clock::system().now().wall;
        match Store::open(folder, store::Config::default(), now) {
            Err(store::Error::Locked(_)) => std::thread::sleep(Duration::from_millis(10)),
            opened => return opened.expect("the history"),
        }
    }
    panic!("the history stays locked");
}

/// The seconds that are stored, and the packets in their rows.
fn stored(folder: &Path) -> BTreeMap<i64, u64> {
    let store = opened(folder);
    assert_eq!(store.set_aside(), None, "the history was damaged");
    let snapshot = store.reader().snapshot().expect("a view of it");
    let mut held = BTreeMap::new();
    let all = Second(0)..Second(i64::MAX / NANOS);
    let read = snapshot.seconds(&all, &Amendments::default(), &mut |second, rows| {
        let packets: u64 = rows.map(|row| row.traffic.total().packets).sum();
        *held.entry(second.moment.second.0).or_default() += packets;
        ControlFlow::Continue(())
    });
    read.expect("seconds");
    held
}

fn check(round: usize, acknowledged: Option<i64>, held: &BTreeMap<i64, u64>) {
    let last: Vec<_> = held.keys().rev().take(5).collect();
    assert!(
        acknowledged.is_none_or(|second| held.contains_key(&second)),
        "round {round}: {acknowledged:?} acknowledged, last stored {last:?}"
    );
}

fn keeps(round: usize, before: &BTreeMap<i64, u64>, held: &BTreeMap<i64, u64>) {
    for (second, packets) in before {
        let now = held.get(second);
        assert!(
            now.is_some_and(|now| now >= packets),
            "round {round}: second {second} had {packets} packets, has {now:?}"
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
