//! What the doctor says, as whoever runs the tests: each check has a state, and the exit code agrees.

use super::Place;
use serde_json::Value;

fn examined(place: &Place) -> (Option<i32>, Value) {
    let mut command = place.command();
    command.env("NETMONITOR_SERVE_PORT", "0");
    let output = command.args(["doctor", "--json"]).output();
    let output = output.expect("netmonitor");
    let said = serde_json::from_slice(&output.stdout).expect("JSON");
    (output.status.code(), said)
}

fn state<'a>(said: &'a Value, name: &str) -> Option<&'a str> {
    let checks = said["checks"].as_array().expect("checks");
    let check = checks.iter().find(|check| check["name"] == name)?;
    check["state"].as_str()
}

#[test]
fn every_check_has_a_state_and_the_code_agrees() {
    let place = Place::new();
    let (code, said) = examined(&place);
    assert_eq!(code, Some(i32::from(said["ok"] == false)));
    for name in [
        "capture",
        "interfaces",
        "owners: kernel",
        "owners: pktap",
        "owners: sockets",
        "owners: others",
        "owners: starts",
        "owners: translated",
    ] {
        assert!(state(&said, name).is_some(), "{name}: {said}");
    }
    assert_eq!(state(&said, "data folder"), Some("ok"));
    assert_eq!(state(&said, "port"), Some("ok"));
    assert_eq!(state(&said, "service"), Some("warn"));
}

#[test]
fn a_wrong_configuration_is_one_of_the_findings() {
    let place = Place::new();
    place.file("config.toml", "[flow]\nmx = 1\n");
    let (code, said) = examined(&place);
    assert_eq!(
        (code, state(&said, "configuration")),
        (Some(1), Some("bad"))
    );
}

#[test]
fn what_goes_to_a_pipe_has_no_colours() {
    let place = Place::new();
    let output = place.command().arg("doctor").output().expect("netmonitor");
    assert!(!output.stdout.is_empty() && !output.stdout.contains(&0x1b));
}

#[test]
fn what_the_configuration_switches_off_is_not_tried() {
    let place = Place::new();
    place.file("config.toml", "[owners]\nkernel = \"off\"\n");
    let (_, said) = examined(&place);
    assert_eq!(state(&said, "owners: kernel"), Some("not-applicable"));
    assert_eq!(state(&said, "owners: sockets"), Some("ok"));
}
