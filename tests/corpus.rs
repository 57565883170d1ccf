//! The public captures with independent truth: held against them by the measure that lies beside
//! them. They are other projects' files and stay where they are; without them this is skipped.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod harness;

use std::process::Command;

#[test]
fn the_corpus_agrees() {
    let Some(folder) = harness::corpus("corpus") else {
        return;
    };
    let mut check = Command::new("python3");
    check
        .arg(folder.join("check.py"))
        .arg(env!("CARGO_BIN_EXE_netmonitor"));
    let output = harness::succeed(check.arg(folder.join("dev")));
    let said = String::from_utf8_lossy(&output.stdout);
    for measure in ["answered", "totals", "conserved"] {
        let (hits, of) = score(&said, measure);
        assert!(of > 0 && hits == of, "{measure}: {hits} of {of}\n{said}");
    }
    let (hits, of) = score(&said, "flows");
    assert!(
        of > 0 && hits * 100 >= of * 95,
        "flows: {hits} of {of} is under 95 %\n{said}"
    );
    assert!(
        said.lines().any(|line| line == "flows said twice: 0"),
        "{said}"
    );
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
