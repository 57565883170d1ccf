//! The public captures with independent truth: held against them by the measure that lies beside
//! them. They are other projects' files and stay where they are; without them this is skipped.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod harness;

use std::path::Path;
use std::process::Command;

/// What `check.py` measures, and the least of it in thousandths.
type Goals = &'static [(&'static str, u64)];

const EVERY_CAPTURE: Goals = &[
    ("answered", 1000),
    ("totals", 1000),
    ("conserved", 1000),
    ("flows", 995),
    ("names sni", 990),
    ("names quic-sni", 990),
    ("names http-host", 990),
    ("names dns", 990),
];

#[test]
fn every_capture_agrees() {
    let Some(folder) = harness::corpus("corpus") else {
        return;
    };
    let said = check(&folder, "dev");
    hold(&said, EVERY_CAPTURE);
    assert!(count(&said, "names that are not there") == 0, "{said}");
    assert!(count(&said, "flows that are not there") <= 10, "{said}");
}

/// Many captures merged into one, as they would come from a busy network: names that tshark puts
/// together longer than a name can be are none here.
#[test]
fn the_merged_capture_agrees() {
    let Some(folder) = harness::corpus("the merged capture") else {
        return;
    };
    let said = check(&folder, "throughput");
    hold(
        &said,
        &[
            ("answered", 1000),
            ("totals", 1000),
            ("conserved", 1000),
            ("flows", 995),
        ],
    );
    let sources = [
        "names sni",
        "names quic-sni",
        "names http-host",
        "names dns",
    ];
    let scores = sources.map(|source| score(&said, source));
    let (hits, of) = scores
        .iter()
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(
        of > 0 && hits * 100 >= of * 98,
        "names: {hits} of {of}\n{said}"
    );
}

fn check(corpus: &Path, folder: &str) -> String {
    let mut check = Command::new("python3");
    check
        .arg(corpus.join("check.py"))
        .arg("--list")
        .arg(env!("CARGO_BIN_EXE_netmonitor"));
    let output = harness::succeed(check.arg(corpus.join(folder)));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn hold(said: &str, goals: Goals) {
    for (measure, least) in goals {
        let (hits, of) = score(said, measure);
        assert!(
            of > 0 && hits * 1000 >= of * least,
            "{measure}: {hits} of {of}\n{said}"
        );
    }
    assert!(count(said, "flows said twice") == 0, "{said}");
}

/// `measure: count`.
fn count(said: &str, measure: &str) -> u64 {
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix(measure)?.strip_prefix(": "));
    let count = line.unwrap_or_else(|| panic!("no `{measure}` in\n{said}"));
    count.parse().expect("a count")
}

/// `measure: hits of all (percent)`.
fn score(said: &str, measure: &str) -> (u64, u64) {
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix(measure)?.strip_prefix(": "));
    let words: Vec<_> = line.unwrap_or_default().split(' ').collect();
    match words.as_slice() {
        [hits, "of", of, ..] => (hits.parse().expect("hits"), of.parse().expect("all")),
        _ => panic!("no `{measure}` in\n{said}"),
    }
}
