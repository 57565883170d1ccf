//! The captures that `tests/captures/make.py` made of real programs, each held against the scenario
//! file beside it: flows, names, sites, tunnels and protocols as the maker asked for them.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod harness;
#[path = "captures/scenario.rs"]
mod scenario;

use scenario::{Claim, Flow, Scenario};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn every_capture_shows_what_was_asked_for() {
    let files = scenarios();
    assert!(files.len() > 80, "only {} scenario files", files.len());
    let differences: Vec<String> = files.iter().flat_map(|file| differences(file)).collect();
    let wrong: BTreeSet<&str> = differences
        .iter()
        .filter_map(|line| line.split(": ").next())
        .collect();
    assert!(
        differences.is_empty(),
        "{} of {} captures differ:\n{}",
        wrong.len(),
        files.len(),
        differences.join("\n")
    );
}

#[test]
fn every_capture_has_its_scenario() {
    let named: BTreeSet<String> = scenarios()
        .iter()
        .map(|file| Scenario::read(file).capture)
        .collect();
    let there: BTreeSet<String> = entries(|name| name.contains(".pcap"))
        .iter()
        .map(|path| file_name(path))
        .collect();
    assert_eq!(named, there);
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures")
}

fn scenarios() -> Vec<PathBuf> {
    entries(|name| name.contains(".toml"))
}

fn entries(wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(folder()).expect("the folder of captures");
    let mut paths: Vec<PathBuf> = listed
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| wanted(&file_name(path)))
        .collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Everything in which a replay of the capture is not what its scenario says.
fn differences(file: &Path) -> Vec<String> {
    let scenario = Scenario::read(file);
    let capture = folder().join(&scenario.capture);
    let output = harness::netmonitor()
        .args(["replay", "--json"])
        .arg(&capture)
        .output()
        .expect("netmonitor runs");
    let found: Vec<String> = match serde_json::from_slice::<Value>(&output.stdout) {
        Ok(answer) => compare(&scenario, &answer),
        Err(error) => vec![format!("{}, no answer: {error}", output.status)],
    };
    let name = file_name(file);
    let name = name.trim_end_matches(".toml");
    found.iter().map(|line| format!("{name}: {line}")).collect()
}

fn compare(scenario: &Scenario, answer: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if !answer["error"].is_null() {
        found.push(format!("error: {}", answer["error"]));
    }
    let mut left: Vec<&Value> = answer["flows"].as_array().into_iter().flatten().collect();
    for want in &scenario.flow {
        match left.iter().position(|flow| want.is(flow)) {
            None => found.push(format!("no flow {want}")),
            Some(at) => found.extend(differ(want, left.remove(at))),
        }
    }
    let rest = left.iter().map(|flow| {
        let (client, server) = (&flow["client"], &flow["server"]);
        format!("not expected: {} {client} {server}", flow["proto"])
    });
    found.extend(rest);
    found
}

/// What is other than wanted in this flow.
fn differ(want: &Flow, flow: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut expect = |what: &str, wanted: String, there: String| {
        if wanted != there {
            found.push(format!("{want}: {what} {there}, not {wanted}"));
        }
    };
    for (what, wanted) in [("packets", want.packets), ("bytes", want.bytes)] {
        if let Some(wanted) = wanted {
            expect(what, wanted.to_string(), both_ways(flow, what).to_string());
        }
    }
    if let Some(site) = &want.site {
        expect(
            "site",
            site.to_string(),
            Claim::of(&flow["site"]).to_string(),
        );
    }
    if let Some(marks) = &want.marks {
        expect("marks", words(marks), listed(&flow["site"]["marks"]));
    }
    if let Some(chain) = &want.encapsulations {
        expect(
            "encapsulations",
            words(chain),
            listed(&flow["encapsulations"]),
        );
    }
    if let Some(protocol) = &want.protocol {
        let there = flow["protocol"]["name"].as_str().unwrap_or("none");
        expect("protocol", protocol.clone(), there.to_owned());
    }
    found.extend(claims(want, flow));
    found
}

/// Claims that are missing, and such as neither must nor may be there.
fn claims(want: &Flow, flow: &Value) -> Vec<String> {
    let there: BTreeSet<Claim> = flow["claims"]
        .as_array()
        .into_iter()
        .flatten()
        .map(Claim::of)
        .collect();
    let missing = want.claims.iter().filter(|claim| !there.contains(claim));
    let missing = missing.map(|claim| format!("{want}: no claim {claim}"));
    let false_ones = there
        .iter()
        .filter(|claim| !want.claims.contains(claim) && !want.may_claim.contains(claim));
    missing
        .chain(false_ones.map(|claim| format!("{want}: false claim {claim}")))
        .collect()
}

fn both_ways(flow: &Value, what: &str) -> u64 {
    harness::count(&flow["c2s"], what) + harness::count(&flow["s2c"], what)
}

fn words(list: &[String]) -> String {
    format!("[{}]", list.join(" "))
}

/// A list of words in the answer; what is no list is empty.
fn listed(value: &Value) -> String {
    let words: Vec<&str> = value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    format!("[{}]", words.join(" "))
}
