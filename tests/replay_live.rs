//! Time is in the frames: a capture replayed with one worker, with four, or sent over a link gives
//! the same history, second by second and row by row.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod harness;

use harness::{capture, dump, netmonitor, succeed};
use std::path::Path;

const SECONDS: u64 = 6;
const EACH: u64 = 400;
/// What the captures' local side is, so that direction can be told in a file as on a link.
const LOCAL: [&str; 4] = ["--local", "10.0.0.0/8", "--local", "2001:db8::100/120"];

#[test]
fn replays_are_the_same_to_the_bit() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = write_capture(folder.path());
    let one = replay(&file, &folder.path().join("one"), 1);
    let four = replay(&file, &folder.path().join("four"), 4);
    let again = replay(&file, &folder.path().join("again"), 4);
    let packets: u64 = harness::seconds(&one).values().sum();
    assert_eq!(packets, SECONDS * EACH, "the dump holds every frame once");
    assert!(
        one == four,
        "one worker and four differ:\n{}",
        difference(&one, &four)
    );
    assert!(
        four == again,
        "four workers differ from themselves:\n{}",
        difference(&four, &again)
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_link_gives_what_the_file_gives() {
    use harness::count;
    use harness::monitor::Monitor;

    if !harness::root("replay = live") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = write_capture(folder.path());
    let replayed = replay(&file, &folder.path().join("replayed"), 1);
    let net = harness::net::Net::new("live");
    let data = folder.path().join("live");
    std::fs::create_dir(&data).expect("a data folder");

    let monitor = Monitor::start(&net, &data, &[]);
    let sent = net.send([file.to_str().expect("a path in UTF-8")]);
    monitor.terminate();
    // Frames lie a quarter of a second inside their second: a sender later than that tells nothing.
    let late = count(&sent, "late_us");
    assert!(
        late < 240_000,
        "this machine was too busy to send on time: {late} us late, run again"
    );
    let live = rows(&dump(&data), count(&sent, "first_second") as i64);
    let replayed = rows(&replayed, 1_700_000_000);
    assert!(
        live == replayed,
        "live and replay differ:\n{}",
        difference(&replayed, &live)
    );
}

/// The rows with seconds counted from `base`, without what only names the source - the interface
/// and the epoch - and without the application: only a live link has processes at its ends. Seconds in which nothing came are no rows.
fn rows(dump: &str, base: i64) -> String {
    let mut rows = Vec::new();
    for line in dump.lines() {
        let mut row: serde_json::Value = serde_json::from_str(line).expect("a row of the dump");
        let fields = row.as_object_mut().expect("an object");
        fields.remove("epoch");
        fields.remove("interface");
        let second = fields["second"].as_i64().expect("a second") - base;
        fields.insert("second".into(), second.into());
        if fields.remove("application").is_none_or(|it| it.is_null()) {
            forget_direction(fields);
        }
        rows.push(row.to_string());
    }
    rows.sort();
    rows.join("\n")
}

/// A frame in no flow has no addresses: a file cannot tell which way it went, a link can.
fn forget_direction(fields: &mut serde_json::Map<String, serde_json::Value>) {
    for (both, ways) in [
        ("bytes", ["bytes_in", "bytes_out"]),
        ("packets", ["packets_in", "packets_out"]),
    ] {
        let sum: u64 = ways
            .iter()
            .filter_map(|way| fields.remove(*way)?.as_u64())
            .sum();
        fields.insert(both.into(), sum.into());
    }
}

fn write_capture(folder: &Path) -> std::path::PathBuf {
    let file = folder.join("capture.pcap");
    let frames = capture::traffic(7, SECONDS, EACH);
    std::fs::write(&file, capture::pcap(&frames)).expect("the capture");
    file
}

fn replay(file: &Path, store: &Path, workers: u32) -> String {
    let mut command = netmonitor();
    command
        .arg("replay")
        .arg(file)
        .args(LOCAL)
        .arg("--into")
        .arg(store);
    succeed(command.args(["--workers", &workers.to_string()]));
    dump(store)
}

/// The first lines that are in one and not in the other.
fn difference(left: &str, right: &str) -> String {
    let only = |these: &str, those: &str, mark: &str| {
        let those: std::collections::HashSet<_> = those.lines().collect();
        let lines = these.lines().filter(|line| !those.contains(line)).take(5);
        lines
            .flat_map(|line| {
                [
                    mark, " ", line, "
",
                ]
            })
            .collect::<String>()
    };
    only(left, right, "-") + &only(right, left, "+")
}
