//! A disk that fills up under the running service, and has room again later: capture drops nothing, no
//! second is lost, and `/health` says what is the matter while it lasts.
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod harness;

use harness::monitor::Monitor;
use harness::net::Net;
use harness::{count, dump, root, rounds, seconds, succeed};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const PACKETS_PER_SECOND: usize = 3_000;
/// Before the disk is full, until that is noticed, and after it has room again.
const AROUND_S: usize = 20;

#[test]
fn a_full_disk_costs_no_second() {
    if !root("a full disk") {
        return;
    }
    let full_for = rounds("NETMONITOR_DISK_FULL_S", 6);
    let (net, disk) = (Net::new("full"), SmallDisk::new());
    let mut monitor = Monitor::start(&net, disk.path(), &[]);
    let packets = (PACKETS_PER_SECOND * (AROUND_S + full_for)).to_string();
    let words = [&packets, "0", "2000", &PACKETS_PER_SECOND.to_string()].map(String::from);
    let mut sender = net.sender(words.iter().map(String::as_str));
    let sender = sender.stdout(Stdio::piped()).spawn();
    let sender = sender.expect("the sender");
    monitor.wait_until("a second is committed", |monitor| {
        monitor.committed().is_some()
    });
    disk.fill();
    monitor.wait_until("it says that the disk is full", |monitor| is_full(monitor));
    let through = monitor.committed();
    for _ in 0..full_for {
        std::thread::sleep(Duration::from_secs(1));
        assert!(
            is_full(&monitor),
            "it said that all was well while the disk was full"
        );
        assert_eq!(
            monitor.committed(),
            through,
            "what is not written is not acknowledged"
        );
    }
    disk.make_room();
    monitor.wait_until("all is well again", |monitor| {
        let health = monitor.health();
        health.is_some_and(|health| health["status"] == "ok" && health["reason"].is_null())
    });
    let sent = sender.wait_with_output().expect("the sender's end");
    let sent: serde_json::Value = serde_json::from_slice(&sent.stdout).expect("its counts");
    monitor.settle();
    let stats = monitor.json("/api/stats");
    for lost in [
        "kernel_packets",
        "interface_packets",
        "ring_packets",
        "gap_ms",
    ] {
        assert_eq!(stats["loss"][lost], 0, "{lost}: {stats}");
    }
    monitor.terminate();
    let held = seconds(&dump(disk.path()));
    assert_eq!(held.values().sum::<u64>(), count(&sent, "packets"));
    assert_eq!(
        missing(&held),
        [0; 0],
        "seconds without a row while packets came"
    );
    tell(full_for, &held);
}

#[expect(
    clippy::print_stderr,
    reason = "the figures are what a reader of this test wants"
)]
fn tell(full_for: usize, held: &BTreeMap<i64, u64>) {
    let packets: u64 = held.values().sum();
    let seconds = held.len();
    eprintln!(
        "full for {full_for} s and until it was noticed: 0 of {seconds} s and 0 of {packets} packets lost"
    );
}

fn is_full(monitor: &Monitor) -> bool {
    let health = monitor.health();
    health.is_some_and(|health| {
        let reason = health["reason"].as_str().unwrap_or_default();
        health["status"] == "degraded" && reason.contains("the disk is full")
    })
}

fn missing(held: &BTreeMap<i64, u64>) -> Vec<i64> {
    let (first, last) = (held.keys().next(), held.keys().next_back());
    let (first, last) = first.zip(last).expect("seconds");
    (*first..=*last)
        .filter(|second| !held.contains_key(second))
        .collect()
}

/// A disk of a few MiB in memory; gone when dropped.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    fn new() -> SmallDisk {
        let folder = tempfile::tempdir().expect("a folder");
        let mount = ["-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs"];
        succeed(Command::new("mount").args(mount).arg(folder.path()));
        SmallDisk { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn filling(&self) -> PathBuf {
        self.path().join("filling")
    }

    /// Takes every byte that is left.
    fn fill(&self) {
        let mut file = File::create(self.filling()).expect("a file");
        let mut some = 1 << 16;
        while some > 0 {
            match file.write(&vec![0x5a; some]) {
                Ok(written) if written > 0 => {}
                _ => some /= 2,
            }
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.filling()).expect("room");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}
