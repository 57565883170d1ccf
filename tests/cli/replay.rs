//! `replay` as a command: its three forms, its input, and how it fails.

use super::harness::capture;
use super::{Place, Said};
use netmonitor::store;
use std::io::Write;
use std::process::Stdio;

const FRAMES: u64 = 120;

fn trace() -> Vec<u8> {
    capture::pcap(&capture::traffic(5, 3, FRAMES / 3))
}

#[test]
fn what_cannot_be_read_is_74_and_says_why() {
    let place = Place::new();
    place.file("empty.pcap", "");
    place.file("text.pcap", "this is no capture, but long enough for one");
    place
        .run(&["replay", "none.pcap"])
        .fails(74, &["none.pcap", "No such file"]);
    place
        .run(&["replay", "empty.pcap"])
        .fails(74, &["empty.pcap is empty"]);
    place
        .run(&["replay", "text.pcap"])
        .fails(74, &["text.pcap is not a capture file"]);
}

#[test]
fn nothing_is_made_for_a_file_that_cannot_be_read() {
    let place = Place::new();
    place
        .run(&["replay", "--into", "data", "none.pcap"])
        .fails(74, &["none.pcap", "No such file"]);
    assert!(!place.folder.path().join("data").exists());
}

#[test]
fn an_older_capture_takes_nothing_back_of_what_was_committed() {
    let place = Place::new();
    let mut older = capture::traffic(5, 3, FRAMES / 3);
    for frame in &mut older {
        frame.micros -= 3_600 * 1_000_000;
    }
    place.file("trace.pcap", trace());
    place.file("older.pcap", capture::pcap(&older));
    let through = |file: &str| {
        place.run(&["replay", "--into", "data", file]).succeeds();
        let now = netmonitor::units::Nanos(0);
        let data = place.folder.path().join("data");
        let store = netmonitor::store::Store::open(&data, store::Config::default(), now);
        store.expect("the history").through().expect("a moment")
    };
    let first = through("trace.pcap");
    let then = through("older.pcap");
    assert_eq!(
        (then.second, then.epoch.0),
        (first.second, first.epoch.0 + 1)
    );
    let dumped = super::harness::dump(&place.folder.path().join("data"));
    let packets: u64 = super::harness::seconds(&dumped).values().sum();
    assert_eq!(packets, 2 * FRAMES, "both are there");
}

#[test]
fn a_program_gets_its_object_in_any_case() {
    let place = Place::new();
    let said = place.run(&["replay", "--json", "none.pcap"]);
    assert_eq!(said.code, Some(74), "{said:?}");
    let object: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(
        (&object["packets"], &object["flows"]),
        (&0.into(), &serde_json::json!([]))
    );
    let error = object["error"].as_str().expect("an error");
    assert!(
        error.contains("No such file") && said.err.contains(error),
        "{said:?}"
    );
}

#[test]
fn a_summary_says_how_much() {
    let place = Place::new();
    place.file("trace.pcap", trace());
    let plain = place.run(&["replay", "trace.pcap"]).succeeds();
    assert!(
        plain.contains(&format!("\npackets     {FRAMES}\n")),
        "{plain}"
    );
    let line = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.unwrap_or_else(|| panic!("no {name} in {text}"))
            .to_owned()
    };
    let asked = place.run(&["replay", "--summary", "trace.pcap"]).succeeds();
    for name in ["packets", "bytes", "flows", "non-IP", "time", "loss"] {
        assert_eq!(line(&plain, name), line(&asked, name));
    }
}

#[test]
fn a_table_has_as_many_rows_as_were_asked_for() {
    let place = Place::new();
    place.file("trace.pcap", trace());
    let table = place
        .run(&["replay", "--table", "--top", "3", "trace.pcap"])
        .succeeds();
    assert!(table.starts_with("PROTO"), "{table}");
    assert_eq!(table.lines().count(), 5, "{table}");
    assert!(table.trim_end().ends_with("smaller ones"), "{table}");
}

/// `replay --json -` with this on its standard input.
fn through_standard_input(place: &Place, bytes: &[u8]) -> Said {
    let mut child = place
        .command()
        .args(["replay", "--json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("netmonitor");
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(bytes).expect("the capture");
    drop(stdin);
    Said::of(&child.wait_with_output().expect("its output"))
}

#[test]
fn an_old_kind_on_standard_input_is_74_and_says_what_to_do() {
    let mut old = trace();
    old[6] = 3; // Version 2.3.
    let said = through_standard_input(&Place::new(), &old);
    assert_eq!(said.code, Some(74), "{said:?}");
    assert!(said.err.contains("write what comes"), "{said:?}");
}

#[test]
fn standard_input_is_a_file_too() {
    let place = Place::new();
    place.file("trace.pcap", trace());
    let file = place.run(&["replay", "--json", "trace.pcap"]).succeeds();
    let said = through_standard_input(&place, &trace()).succeeds();
    let flows = |text: &str| {
        let said: serde_json::Value = serde_json::from_str(text).expect("JSON");
        (said["flows"].clone(), said["packets"].as_u64())
    };
    assert_eq!(flows(&said), flows(&file));
    assert_eq!(flows(&said).1, Some(FRAMES));
}

#[test]
fn a_cut_file_is_74_with_everything_before_the_cut() {
    let place = Place::new();
    let whole = trace();
    place.file("cut.pcap", &whole[..whole.len() - 1]);
    for form in ["--json", "--summary", "--table"] {
        let said = place.run(&["replay", form, "cut.pcap"]);
        assert_eq!(said.code, Some(74), "{said:?}");
        assert!(
            said.err.contains("cut.pcap: reading stopped at byte"),
            "{said:?}"
        );
        assert!(!said.out.is_empty(), "{form}");
    }
}

const DAY: u64 = 86_400;

/// A capture's traffic this many seconds earlier.
fn earlier(by: u64) -> Vec<capture::Stamped> {
    let mut frames = capture::traffic(by % 97 + 1, 7, 20);
    for frame in &mut frames {
        frame.micros -= by * 1_000_000;
    }
    frames
}

/// Rolls up all that is over, as the next run of a service would.
fn roll_up(data: &std::path::Path) {
    use netmonitor::store::{Config, Hooks, Store, What, Writer};
    let config = Config {
        zone: "UTC".into(),
        ..Config::default()
    };
    let now = netmonitor::units::Nanos(0);
    let store = Store::open(data, config, now).expect("the history");
    let clock = netmonitor::clock::Clock::system();
    let writer = Writer::start(store, clock, Hooks::default()).expect("a writer");
    let patience = std::time::Duration::from_mins(1);
    writer
        .upkeep()
        .run(What::Aggregate, patience)
        .expect("rolled up");
    writer.stop().expect("its end");
}

/// Bytes and packets of each bucket, as an export of a tier tells them. What is in no bucket yet is
/// told by finer ones, and added here.
fn buckets(place: &Place, tier: &str, length: i64) -> std::collections::BTreeMap<i64, (u64, u64)> {
    let arguments = [
        "export",
        "--what",
        "totals",
        "--format",
        "ndjson",
        "--data-dir",
        "data",
    ];
    let said = place
        .run(&[&arguments[..], &["--tier", tier]].concat())
        .succeeds();
    let mut sums = std::collections::BTreeMap::new();
    for line in said.lines() {
        let total: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let count = |kind: &str| {
            let of = |way: &str| total[format!("{kind}_{way}")].as_u64().expect("a count");
            of("in") + of("out")
        };
        let at: jiff::Timestamp = total["at"]
            .as_str()
            .expect("a time")
            .parse()
            .expect("RFC 3339");
        let sum: &mut (u64, u64) = sums.entry(at.as_second().div_euclid(length)).or_default();
        sum.0 += count("bytes");
        sum.1 += count("packets");
    }
    sums
}

#[test]
fn a_capture_goes_in_at_its_own_time_beside_older_and_newer_history() {
    let place = Place::new();
    let data = place.folder.path().join("data");
    let mut input = std::collections::BTreeMap::<i64, (u64, u64)>::new();
    // The newest, one that is older, one between, and two in an hour that was rolled up already.
    for by in [0, 4 * DAY, 2 * DAY, 4 * DAY + 600, 4 * DAY - 65, 6 * DAY] {
        let frames = earlier(by);
        for frame in &frames {
            let second = input.entry((frame.micros / 1_000_000) as i64).or_default();
            second.0 += frame.bytes.len() as u64;
            second.1 += 1;
        }
        place.file("trace.pcap", capture::pcap(&frames));
        place
            .run(&["replay", "--into", "data", "trace.pcap"])
            .succeeds();
        roll_up(&data);
        for (tier, length) in [
            ("second", 1),
            ("minute", 60),
            ("hour", 3_600),
            ("day", 86_400),
        ] {
            let mut expected = std::collections::BTreeMap::<i64, (u64, u64)>::new();
            for (second, (bytes, packets)) in &input {
                let sum = expected.entry(second.div_euclid(length)).or_default();
                sum.0 += bytes;
                sum.1 += packets;
            }
            assert_eq!(buckets(&place, tier, length), expected, "{tier} after {by}");
        }
    }
    // The oldest days are made: nothing of them is left to finer tiers.
    let arguments = [
        "export", "--what", "totals", "--format", "ndjson", "--tier", "day",
    ];
    let said = place
        .run(&[&arguments[..], &["--data-dir", "data", "--from", "0"]].concat())
        .succeeds();
    let days = said
        .lines()
        .filter(|line| line.contains("\"span_s\":86400"));
    assert_eq!(days.count(), 3, "{said}");
}
