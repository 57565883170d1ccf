//! `db`: the history looked after, by file and through the service that has it.

use super::harness::{self, capture};
use super::service::Service;
use super::{Place, Said};
use nix::sys::signal::Signal;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;

const FILE: &str = "history.redb";

fn json(said: Said) -> Value {
    serde_json::from_str(&said.succeeds()).expect("JSON")
}

fn names(place: &Place) -> Vec<String> {
    let files = std::fs::read_dir(place.folder.path()).expect("the folder");
    let names = files.map(|file| file.expect("a file").file_name());
    let mut names: Vec<_> = names
        .map(|name| name.into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

#[test]
fn a_history_is_told_of_in_lines_and_as_json() {
    let place = Place::with_history(3);
    let stats = json(place.run(&["db", "stats", "--json"]));
    let length = place
        .folder
        .path()
        .join(FILE)
        .metadata()
        .expect("the file")
        .len();
    assert_eq!(stats["file_bytes"], length);
    let rows = |name: &str| {
        let tables = stats["tables"].as_array().expect("tables");
        let table = tables.iter().find(|table| table["name"] == name);
        table.expect(name)["rows"].as_u64().expect("rows")
    };
    assert!(rows("hot") + rows("sealed") > 0 && rows("apps") > 0);
    let lines = place.run(&["db", "stats"]).succeeds();
    for words in ["\nschema     ", "\nconnections ", "\napps ", "bytes each"] {
        assert!(lines.contains(words), "no `{words}` in {lines}");
    }
}

#[test]
fn a_check_is_0_for_a_sound_history_and_1_for_a_damaged_one() {
    let place = Place::with_history(3);
    let said = place.run(&["db", "check"]).succeeds();
    assert!(
        said.starts_with("the history is sound: every page"),
        "{said}"
    );
    assert_eq!(json(place.run(&["db", "check", "--json"]))["sound"], true);
    let path = place.folder.path().join(FILE);
    let mut bytes = std::fs::read(&path).expect("the history");
    bytes
        .iter_mut()
        .skip(9_000)
        .step_by(97)
        .for_each(|byte| *byte ^= 1);
    std::fs::write(&path, &bytes).expect("the history");
    let said = place.run(&["db", "check"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("lost: "), "{said:?}");
    assert!(said.out.contains("the history is damaged in"), "{said:?}");
    let said = place.run(&["db", "check", "--json"]);
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(
        (said.code, &report["sound"]),
        (Some(1), &Value::Bool(false))
    );
    assert!(std::fs::read(&path).expect("the history") == bytes);
}

#[test]
fn where_no_history_is_there_is_nothing_to_look_after() {
    let place = Place::new();
    for command in [
        &["stats"][..],
        &["check"],
        &["backup", "copy"],
        &["compact"],
    ] {
        let arguments = [&["db"], command].concat();
        place
            .run(&arguments)
            .fails(74, &["there is no history at", FILE]);
    }
    place
        .run(&["db", "restore", "copy"])
        .fails(74, &["there is no history at copy"]);
    assert_eq!(names(&place), [""; 0]);
}

#[test]
fn a_backup_comes_back() {
    let place = Place::with_history(3);
    let before = harness::dump(place.folder.path());
    let said = place.run(&["db", "backup", "copy.redb"]).succeeds();
    assert!(said.starts_with("copy.redb: "), "{said}");
    let copy = place.folder.path().join("copy.redb");
    let mode = copy.metadata().expect("the copy").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    place
        .run(&["db", "backup", "copy.redb"])
        .fails(1, &["is there already", "--force"]);
    place
        .run(&["db", "backup", "--force", "copy.redb"])
        .succeeds();
    // What happens after the backup is not in it.
    place.file("again.pcap", capture::pcap(&capture::traffic(9, 4, 10)));
    let data = place.folder.path().to_str().expect("a path in UTF-8");
    place
        .run(&["replay", "--into", data, "again.pcap"])
        .succeeds();
    let after = harness::dump(place.folder.path());
    assert_ne!(after, before);
    let said = place.run(&["db", "restore", "copy.redb"]).succeeds();
    assert!(said.contains("what was there is kept as "), "{said}");
    assert_eq!(harness::dump(place.folder.path()), before);
    let aside = names(&place)
        .into_iter()
        .find(|name| name.contains(".before-restore-"));
    let aside = aside.expect("what was there");
    place.run(&["db", "restore", &aside]).succeeds();
    assert_eq!(harness::dump(place.folder.path()), after);
}

#[test]
fn a_bad_backup_leaves_the_history_alone() {
    let place = Place::with_history(3);
    let before = harness::dump(place.folder.path());
    place.file("copy.redb", "this is a letter");
    let there = names(&place);
    let said = place.run(&["db", "restore", "copy.redb"]);
    said.fails(74, &["copy.redb is damaged, and was not put in place"]);
    assert_eq!(names(&place), there);
    assert_eq!(harness::dump(place.folder.path()), before);
}

#[test]
fn a_compacted_history_is_the_same() {
    let place = Place::with_history(3);
    let before = harness::dump(place.folder.path());
    let said = place.run(&["db", "compact"]).succeeds();
    assert!(said.starts_with("the history's file has "), "{said}");
    assert_eq!(harness::dump(place.folder.path()), before);
}

#[test]
fn a_running_service_is_asked() {
    let linux = cfg!(target_os = "linux");
    if !linux || !harness::root("a running service") {
        return;
    }
    let place = Place::with_history(3);
    let before = harness::dump(place.folder.path());
    let mut service = Service::start(&place);
    let stats = json(place.run(&["db", "stats", "--json"]));
    assert!(stats["file_bytes"].as_u64() > Some(0), "{stats}");
    let said = place.run(&["db", "check"]).succeeds();
    assert!(said.starts_with("the history is sound: all "), "{said}");
    place.run(&["db", "backup", "copy.redb"]).succeeds();
    place
        .run(&["db", "backup", "copy.redb"])
        .fails(1, &["is there already"]);
    place
        .run(&["db", "restore", "copy.redb"])
        .fails(1, &["a netmonitor runs with", "stop it", "start it again"]);
    let said = place.run(&["db", "compact"]).succeeds();
    assert!(said.starts_with("the history's file has "), "{said}");
    place.run(&["db", "check"]).succeeds();
    assert!(service.end(Signal::SIGTERM).success());
    place.run(&["db", "check"]).succeeds();
    place.run(&["db", "restore", "copy.redb"]).succeeds();
    let restored = harness::dump(place.folder.path());
    assert!(
        before
            .lines()
            .all(|line| restored.lines().any(|one| one == line))
    );
}
