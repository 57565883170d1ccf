//! Files that are cut, flipped, empty or no capture at all: each gets an answer that adds up, and
//! one of two exit statuses. Never a panic, never a signal, never silence.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod harness;

use harness::capture::{self, Draw};
use harness::{count, netmonitor};
use serde_json::Value;
use std::io::Write;
use std::path::Path;

const MUTANTS: usize = 60;

#[test]
fn whole_captures_are_read_whole() {
    let frames = capture::traffic(1, 3, 40);
    let bytes: usize = frames.iter().map(|frame| frame.bytes.len()).sum();
    for file in [
        capture::pcap(&frames),
        capture::pcapng(&frames),
        gzip(&capture::pcap(&frames)),
    ] {
        let (code, said) = replay(&file);
        assert_eq!((code, &said["error"]), (0, &Value::Null), "{said}");
        assert_eq!(count(&said, "packets"), frames.len() as u64);
        assert_eq!(count(&said, "bytes"), bytes as u64);
    }
}

#[test]
fn a_cut_keeps_what_came_before() {
    let frames = capture::traffic(2, 2, 30);
    let mut draw = Draw(2);
    for file in [
        capture::pcap(&frames),
        capture::pcapng(&frames),
        gzip(&capture::pcap(&frames)),
    ] {
        for _ in 0..MUTANTS {
            let end = draw.below(file.len() as u64) as usize;
            let (_, said) = replay(&file[..end]);
            let known = said["packets"].as_u64().unwrap_or_default();
            assert!(known <= frames.len() as u64, "frames from nowhere: {said}");
        }
    }
}

#[test]
fn a_cut_record_is_an_error_with_all_records_before_it() {
    let frames = capture::traffic(3, 1, 10);
    let whole = capture::pcap(&frames);
    let (code, said) = replay(&whole[..whole.len() - 1]);
    assert_eq!(code, 74, "{said}");
    assert!(said["error"].is_string(), "{said}");
    assert_eq!(count(&said, "packets"), frames.len() as u64 - 1);
}

#[test]
fn flipped_bytes_never_break_the_sums() {
    let frames = capture::traffic(4, 2, 30);
    let mut draw = Draw(4);
    for whole in [
        capture::pcap(&frames),
        capture::pcapng(&frames),
        gzip(&capture::pcap(&frames)),
    ] {
        for _ in 0..MUTANTS {
            let mut file = whole.clone();
            for _ in 0..=draw.below(8) {
                let at = draw.below(file.len() as u64) as usize;
                file[at] ^= 1 << draw.below(8);
            }
            replay(&file);
        }
    }
}

#[test]
fn headers_that_lie_are_survived() {
    let frames = capture::traffic(5, 1, 30);
    let mut draw = Draw(5);
    for _ in 0..MUTANTS {
        let mut lying = capture::traffic(5, 1, 30);
        for frame in &mut lying {
            let at = draw.below(60) as usize;
            frame.bytes[at] = draw.next() as u8;
        }
        let (code, said) = replay(&capture::pcap(&lying));
        assert_eq!(
            (code, count(&said, "packets")),
            (0, frames.len() as u64),
            "{said}"
        );
    }
}

#[test]
fn what_is_no_capture_is_refused() {
    let mut draw = Draw(6);
    let noise: Vec<u8> = (0..5_000).map(|_| draw.next() as u8).collect();
    for file in [
        &b""[..],
        b"\xd4",
        b"this is no capture, it is a line of text\n",
        &noise,
    ] {
        let (code, said) = replay(file);
        assert_eq!(code, 74, "{said}");
        assert!(said["error"].is_string(), "{said}");
        assert_eq!(count(&said, "packets"), 0);
    }
}

/// Replays a file's bytes and checks what holds for every file: an exit status that is meant, an
/// answer, sums that add up, an error if and only if the status says so.
fn replay(file: &[u8]) -> (i32, Value) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("capture");
    std::fs::write(&path, file).expect("the capture");
    let output = run(&path);
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(!words.contains("panicked"), "{words}");
    let code = output
        .status
        .code()
        .unwrap_or_else(|| panic!("{}: {words}", output.status));
    assert!([0, 74].contains(&code), "status {code}: {words}");
    let said: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("status {code}, no JSON ({error}): {words}"));
    assert_eq!(code == 74, said["error"].is_string(), "{said}");
    conserved(&said);
    (code, said)
}

fn conserved(said: &Value) {
    let flows = said["flows"].as_array().expect("flows");
    for unit in ["packets", "bytes"] {
        let sides = flows
            .iter()
            .map(|flow| count(&flow["c2s"], unit) + count(&flow["s2c"], unit));
        let rest = count(said, &format!("non_ip_{unit}"));
        assert_eq!(
            sides.sum::<u64>() + rest,
            count(said, unit),
            "{unit}: {said}"
        );
    }
}

fn run(path: &Path) -> std::process::Output {
    netmonitor()
        .args(["replay", "--json"])
        .arg(path)
        .output()
        .expect("netmonitor")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).expect("memory");
    writer.finish().expect("memory")
}
