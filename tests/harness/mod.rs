//! What the end-to-end tests share: the real binary, the senders of `perf/gen`, network namespaces
//! of their own, captures made here. Knows nothing of what is asserted.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test binary uses its own part of this"
)]

pub mod capture;
#[cfg(target_os = "linux")]
pub mod monitor;
#[cfg(target_os = "linux")]
pub mod net;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// Tools that were compiled: tests of one binary may want the same at the same time.
static MADE: AtomicU32 = AtomicU32::new(0);

/// The binary under test.
pub fn netmonitor() -> Command {
    Command::new(env!("CARGO_BIN_EXE_netmonitor"))
}

/// Whether a test that needs root can run. Without root it says so and is skipped, unless
/// everything was asked for (`NETMONITOR_TEST_ALL=1`): then it fails.
pub fn root(test: &str) -> bool {
    let root = nix::unistd::geteuid().is_root();
    let all = std::env::var_os("NETMONITOR_TEST_ALL").is_some_and(|value| value == "1");
    assert!(
        root || !all,
        "{test} needs root (network namespaces): run the tests with sudo"
    );
    if !root {
        skipped(test, "it needs root");
    }
    root
}

/// The folder of public captures with independent truth, which lies outside. Without it a test says
/// so and is skipped, unless everything was asked for: then it fails.
pub fn corpus(test: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("NETMONITOR_CORPUS").map_or_else(beside, PathBuf::from);
    if folder.join("check.py").exists() {
        return Some(folder);
    }
    let all = std::env::var_os("NETMONITOR_TEST_ALL").is_some_and(|value| value == "1");
    assert!(!all, "{test} needs the captures at NETMONITOR_CORPUS");
    skipped(test, "no captures at NETMONITOR_CORPUS or ../shared/corpus");
    None
}

/// A test cannot run here: it says why and is skipped, unless everything was asked for: then it fails.
pub fn cannot(test: &str, why: &str) {
    let all = std::env::var_os("NETMONITOR_TEST_ALL").is_some_and(|value| value == "1");
    assert!(!all, "{test}: {why}");
    skipped(test, why);
}

/// Says that a test did not run, and why.
#[expect(
    clippy::print_stderr,
    reason = "whoever reads the test's output shall see it"
)]
pub fn skipped(test: &str, why: &str) {
    eprintln!("{test}: skipped: {why}");
}

/// How many rounds to run: what the environment says, else the sample.
pub fn rounds(variable: &str, sample: usize) -> usize {
    std::env::var(variable).map_or(sample, |text| text.parse().expect("a number of rounds"))
}

/// A tool of `perf/gen`, compiled when its source is newer than its binary.
pub fn tool(name: &str) -> PathBuf {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("perf/gen");
    let source = sources.join(name).with_extension("c");
    let binary = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let changed = |path: &Path| path.metadata().and_then(|facts| facts.modified()).ok();
    let newest = changed(&source).max(changed(&sources.join("frame.h")));
    if changed(&binary) < newest {
        let place = MADE.fetch_add(1, Ordering::Relaxed);
        let fresh = binary.with_extension(format!("{}-{place}", std::process::id()));
        succeed(
            Command::new("cc")
                .args(["-std=c11", "-O2", "-o"])
                .arg(&fresh)
                .arg(&source),
        );
        std::fs::rename(&fresh, &binary).expect("the tool in its place");
    }
    binary
}

/// Runs a command to its end and fails the test, with what it said, if it failed.
pub fn succeed(command: &mut Command) -> Output {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?}: {}: {said}",
        output.status
    );
    output
}

/// The one JSON object that a command printed on stdout.
pub fn json(command: &mut Command) -> serde_json::Value {
    let output = succeed(command);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{command:?}: {error}: {:?}", output.stdout))
}

/// A count in a JSON object.
pub fn count(value: &serde_json::Value, key: &str) -> u64 {
    value[key]
        .as_u64()
        .unwrap_or_else(|| panic!("`{key}` is no count in {value}"))
}

/// The history in a data folder as `netmonitor dump` prints it: one JSON object a line, in order.
pub fn dump(data: &Path) -> String {
    let output = succeed(netmonitor().args(["dump", "--data-dir"]).arg(data));
    String::from_utf8(output.stdout).expect("the dump is UTF-8")
}

/// Packets counted in each second of a dump.
pub fn seconds(dump: &str) -> BTreeMap<i64, u64> {
    let mut seconds = BTreeMap::new();
    for line in dump.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("a row of the dump");
        let second = row["second"].as_i64().expect("a second");
        let packets = ["packets_in", "packets_out"].map(|key| row[key].as_u64().unwrap_or(0));
        *seconds.entry(second).or_default() += packets.iter().sum::<u64>();
    }
    seconds
}
