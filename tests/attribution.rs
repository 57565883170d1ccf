//! Whose bytes, and how many: `perf/attribution` with the binary under test. Every scenario's bytes
//! are those that the peer's counters have, its owner is the program that sent them, and nobody is
//! ever given another's. What a kernel lacks is told and not judged; what is run and how it is
//! judged is the driver's to know.
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod harness;

use harness::{cannot, count, root, rounds};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// The owner's name is known in all scenarios on the kernel rung, and in so many without it.
const LEAST_BY_SOCK_DIAG: u64 = 20;
const SCENARIOS: u64 = 24;

#[test]
fn with_the_kernel_rung_every_scenario_has_its_owner_and_its_bytes() {
    let Some(result) = scenarios("kernel") else {
        return;
    };
    let sums = &result["sums"];
    let applicable = count(sums, "applicable");
    assert_eq!(count(sums, "right"), applicable, "{}", verdicts(&result));
}

#[test]
fn without_the_kernel_rung_most_scenarios_have_their_owner() {
    let Some(result) = scenarios("sock_diag") else {
        return;
    };
    let right = count(&result["sums"], "right");
    let absent = SCENARIOS - count(&result["sums"], "applicable");
    assert!(
        right >= LEAST_BY_SOCK_DIAG - absent,
        "{right} owners: {}",
        verdicts(&result)
    );
}

#[test]
fn processes_that_live_for_milliseconds_are_known_by_the_kernel_rung() {
    part("brief", "kernel");
}

#[test]
fn processes_that_live_for_milliseconds_are_not_taken_for_others_without_it() {
    part("brief", "sock_diag");
}

#[test]
fn a_process_id_that_is_used_again_gives_nobody_anothers_bytes() {
    part("reuse", "kernel");
    part("reuse", "sock_diag");
}

#[test]
fn counting_goes_on_without_the_helper_and_owners_come_back_with_it() {
    part("helper", "auto");
}

#[test]
fn programs_that_are_taken_from_the_kernel_cost_a_rung_and_no_byte() {
    part("hooked", "auto");
}

#[test]
fn with_cap_net_raw_alone_own_processes_are_known() {
    part("user", "auto");
}

/// All scenarios on one rung. Bytes must be right and no owner wrong, whatever the rung.
fn scenarios(rung: &str) -> Option<Value> {
    let trials = rounds("NETMONITOR_ATTRIBUTION_TRIALS", 1).to_string();
    let result = drive(&["scenarios", "--rung", rung, "--trials", &trials])?;
    let sums = &result["sums"];
    let applicable = count(sums, "applicable");
    assert_eq!(count(sums, "wrong"), 0, "{}", verdicts(&result));
    assert_eq!(count(sums, "within_1"), applicable, "{}", verdicts(&result));
    Some(result)
}

/// One of the driver's other parts, which says itself what is to be met.
fn part(name: &str, rung: &str) {
    let Some(result) = drive(&[name, "--rung", rung]) else {
        return;
    };
    let goals = result["goals"].as_array().expect("goals");
    assert!(!goals.is_empty(), "{result}");
    for goal in goals {
        assert_eq!(goal["met"], true, "{name}, {rung}: {goal}");
    }
}

/// Runs the driver; `None` where it cannot be run, which is said.
fn drive(words: &[&str]) -> Option<Value> {
    let test = format!("attribution {}", words.join(" "));
    if !root(&test) {
        return None;
    }
    if let Some(missing) = ["python3", "nft", "setpriv", "cc"]
        .into_iter()
        .find(|it| !is_here(it))
    {
        cannot(&test, &format!("{missing} is not here"));
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (file, tools) = (folder.path().join("result.json"), folder.path().join("out"));
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("perf/attribution/attribution.py");
    let mut command = Command::new("python3");
    command.arg(driver).args(words).arg("--json").arg(&file);
    command.args(["--program", env!("CARGO_BIN_EXE_netmonitor")]);
    command.env("NETMONITOR_PERF_OUT", tools);
    harness::succeed(&mut command);
    let result = std::fs::read_to_string(&file).expect("the driver's result");
    Some(serde_json::from_str(&result).expect("the result is JSON"))
}

fn is_here(program: &str) -> bool {
    let found = Command::new("which").arg(program).output();
    found.is_ok_and(|output| output.status.success())
}

/// What is not right, in a line a scenario and trial.
fn verdicts(result: &Value) -> String {
    let trials = result["trials"].as_array().into_iter().flatten();
    let scenarios = trials.flat_map(|trial| trial["scenarios"].as_object().into_iter().flatten());
    let missed = scenarios.filter(|(_, one)| {
        one["owner"] != "right" || one["error"].as_f64().is_none_or(|error| error > 0.01)
    });
    let lines: Vec<String> = missed
        .map(|(name, one)| format!("{name}: {}", one["programs"]))
        .collect();
    let losses = result["trials"].as_array().into_iter().flatten();
    let losses: Vec<_> = losses.map(|trial| &trial["losses"]).collect();
    format!("\n{}\nlosses {losses:?}", lines.join("\n"))
}
