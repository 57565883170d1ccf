//! Beside vnStat on the same link: it reads the interface's counters, we count frames. Both, and the
//! kernel, tell the same bytes: on a link with a header of its own (Ethernet) the kernel's counters have
//! that header, as our frames do, so that nothing has to be explained away.
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod harness;

use harness::monitor::Monitor;
use harness::net::{Net, WATCHED};
use harness::{cannot, count, root, rounds};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PACKETS_PER_SECOND: usize = 2_000;

#[test]
fn vnstat_the_interface_and_we_tell_the_same_bytes() {
    if !root("vnStat") {
        return;
    }
    if Command::new("vnstatd").arg("--version").output().is_err() {
        cannot("vnStat", "vnstatd is not here");
        return;
    }
    let (net, folder) = (Net::new("vnstat"), tempfile::tempdir().expect("a folder"));
    let (ours, theirs) = (folder.path().join("ours"), folder.path().join("theirs"));
    std::fs::create_dir(&ours).expect("a data folder");
    let vnstat = VnStat::start(&net, &theirs);
    let mut monitor = Monitor::start(&net, &ours, &[]);
    let before = vnstat.bytes();
    let for_s = rounds("NETMONITOR_VNSTAT_S", 8);
    let packets = (PACKETS_PER_SECOND * for_s).to_string();
    let sent = net.send([
        packets.as_str(),
        "0",
        "500",
        &PACKETS_PER_SECOND.to_string(),
    ]);
    let sent = count(&sent, "bytes");
    monitor.settle();
    let stats = monitor.json("/api/stats?from=2020-01-01T00:00:00Z");
    let counted = count(&stats, "bytes_in") + count(&stats, "bytes_out");
    let kernel = net.counter("rx_bytes") + net.counter("tx_bytes");
    monitor.terminate();
    vnstat.wait_until(|bytes| bytes - before >= sent);
    let vnstat = vnstat.bytes() - before;
    tell(for_s, sent, counted, kernel, vnstat);
    assert_eq!((counted, kernel, vnstat), (sent, sent, sent));
}

#[expect(
    clippy::print_stderr,
    reason = "the figures are what a reader of this test wants"
)]
fn tell(for_s: usize, sent: u64, counted: u64, kernel: u64, vnstat: u64) {
    eprintln!(
        "{for_s} s: sent {sent} bytes, netmonitor {counted}, the interface {kernel}, vnStat {vnstat}"
    );
}

/// vnStat's service with a folder of its own.
struct VnStat<'a> {
    net: &'a Net,
    child: Child,
    config: std::path::PathBuf,
}

impl VnStat<'_> {
    fn start<'a>(net: &'a Net, folder: &Path) -> VnStat<'a> {
        std::fs::create_dir(folder).expect("a folder");
        let config = folder.join("vnstat.conf");
        let text = format!(
            "DatabaseDir \"{}\"\nUpdateInterval 2\nPollInterval 2\nMaxBandwidth 0\n\
             BandwidthDetection 0\nUseLogging 0\n",
            folder.display()
        );
        std::fs::write(&config, text).expect("its configuration");
        let mut command = net.command("vnstatd");
        command
            .args(["--nodaemon", "--alwaysadd", "--config"])
            .arg(&config);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        let vnstat = VnStat {
            net,
            child: command.spawn().expect("vnstatd"),
            config,
        };
        vnstat.wait_until(|_| true);
        vnstat
    }

    /// What it has of the watched interface so far.
    fn bytes(&self) -> u64 {
        self.read().expect("its total")
    }

    fn read(&self) -> Option<u64> {
        let mut ask = self.net.command("vnstat");
        ask.args(["--json", "--iface", WATCHED, "--config"])
            .arg(&self.config);
        let output = ask.stderr(Stdio::null()).output().ok()?;
        let told: Value = serde_json::from_slice(&output.stdout).ok()?;
        let total = &told["interfaces"][0]["traffic"]["total"];
        Some(total["rx"].as_u64()? + total["tx"].as_u64()?)
    }

    /// It looks at the counters every two seconds, and tells what it wrote: SIGHUP has it write.
    fn wait_until(&self, mut holds: impl FnMut(u64) -> bool) {
        for _ in 0..120 {
            if self.read().is_some_and(&mut holds) {
                return;
            }
            std::thread::sleep(Duration::from_millis(500));
            let _ = kill(Pid::from_raw(self.child.id() as i32), Signal::SIGHUP);
        }
    }
}

impl Drop for VnStat<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
