//! `export`: from the file and through the service that has it, to standard output and into files.

use super::harness::{self, capture};
use super::service::Service;
use super::{Place, Said};
use nix::sys::signal::Signal;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;

/// A place whose history has a capture's traffic.
fn place() -> Place {
    let place = Place::new();
    place.file("trace.pcap", capture::pcap(&capture::traffic(5, 20, 40)));
    let data = place.folder.path().to_str().expect("a path in UTF-8");
    place
        .run(&["replay", "--into", data, "trace.pcap"])
        .succeeds();
    place
}

fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().expect("NDJSON")
}

fn packets(items: &[Value]) -> u64 {
    let packets = |item: &Value| Some(item["packets_in"].as_u64()? + item["packets_out"].as_u64()?);
    items.iter().filter_map(packets).sum()
}

fn content(place: &Place, name: &str) -> String {
    std::fs::read_to_string(place.folder.path().join(name)).expect("the export")
}

#[test]
fn a_history_is_written_in_three_formats() {
    let place = place();
    let rows = place.run(&["export", "--format", "ndjson"]).succeeds();
    let rows = lines(&rows);
    assert_eq!(packets(&rows), 800);
    let totals = place.run(&["export", "--what", "totals", "--format", "json"]);
    let totals: Value = serde_json::from_str(&totals.succeeds()).expect("JSON");
    let items = totals["items"].as_array().expect("items");
    assert_eq!((items.len(), packets(items)), (20, 800));
    let csv = place.run(&["export"]).succeeds();
    assert!(
        csv.starts_with("at,span_s,interface,role,counted,application,"),
        "{csv}"
    );
    assert_eq!(csv.lines().count(), rows.len() + 1);
    let from = ["--from", "2023-11-14T22:13:25Z", "--to", "1700000010"];
    let some = place.run(&[&["export", "--what", "totals"][..], &from].concat());
    assert_eq!(some.succeeds().lines().count(), 1 + 5);
    for what in ["connections", "interfaces"] {
        let said = place.run(&["export", "--what", what, "--format", "ndjson"]);
        assert!(!lines(&said.succeeds()).is_empty(), "{what}");
    }
}

#[test]
fn a_file_is_there_whole_or_under_another_name() {
    let place = place();
    let whole = place.run(&["export", "--format", "ndjson"]).succeeds();
    let to_file = ["export", "--format", "ndjson", "--output", "rows.ndjson"];
    let said = place.run(&to_file).succeeds();
    assert!(
        said.starts_with("rows.ndjson: ") && said.contains('/'),
        "{said}"
    );
    assert_eq!(content(&place, "rows.ndjson"), whole);
    let path = place.folder.path().join("rows.ndjson");
    let mode = path.metadata().expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    place
        .run(&to_file)
        .fails(1, &["is there already", "--force"]);
    // One that was interrupted in the middle of a line.
    std::fs::remove_file(&path).expect("removed");
    place.file("rows.ndjson.part", &whole[..whole.len() / 2]);
    let resume = |name: &str| {
        let arguments = ["export", "--format", "ndjson", "--output", name, "--resume"];
        place.run(&arguments)
    };
    resume("rows.ndjson").succeeds();
    assert_eq!(content(&place, "rows.ndjson"), whole);
    assert!(!place.folder.path().join("rows.ndjson.part").exists());
    // One that is whole is continued.
    place.file(
        "rows.ndjson",
        &whole[..=whole[..whole.len() / 3].rfind('\n').expect("a line")],
    );
    resume("rows.ndjson").succeeds();
    assert_eq!(content(&place, "rows.ndjson"), whole);
    place.file("other", "this is a letter\n");
    resume("other").fails(1, &["other cannot be continued"]);
    assert_eq!(content(&place, "other"), "this is a letter\n");
    resume("none").fails(74, &["No such file"]);
}

#[test]
fn what_cannot_be_is_told_apart() {
    let place = Place::new();
    place
        .run(&["export"])
        .fails(74, &["there is no history at"]);
    place
        .run(&["export", "--what", "all"])
        .fails(2, &["it is one of rows, totals"]);
    place.run(&["export", "--resume"]).fails(2, &["--output"]);
    let place = self::place();
    place
        .run(&["export", "--what", "talks", "--tier", "day"])
        .fails(2, &["`tier` does not go with"]);
    place
        .run(&["export", "--from", "9", "--to", "1"])
        .fails(2, &["before `to`"]);
}

#[test]
fn a_running_service_gives_the_same_bytes() {
    let linux = cfg!(target_os = "linux");
    if !linux || !harness::root("a running service") {
        return;
    }
    let place = place();
    let wanted = ["rows", "totals", "connections"].map(|what| {
        let range = ["--from", "1699999999", "--to", "1700000100"];
        let arguments = [&["export", "--what", what][..], &range].concat();
        (arguments, Said::succeeds)
    });
    let before: Vec<String> = wanted
        .iter()
        .map(|(arguments, said)| said(place.run(arguments)))
        .collect();
    let mut service = Service::start(&place);
    for ((arguments, said), before) in wanted.iter().zip(&before) {
        assert_eq!(&said(place.run(arguments)), before, "{arguments:?}");
    }
    let whole = &before[0];
    place.file("rows.csv.part", &whole[..whole.len() * 2 / 3]);
    let arguments = [&wanted[0].0[..], &["--output", "rows.csv", "--resume"]].concat();
    place.run(&arguments).succeeds();
    assert_eq!(&content(&place, "rows.csv"), whole);
    place
        .run(&["export", "--what", "talks", "--limit", "5000"])
        .fails(1, &["the service refused /api/export", "`limit` is wrong"]);
    assert!(service.end(Signal::SIGTERM).success());
}
