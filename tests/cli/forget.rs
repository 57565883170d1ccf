//! `forget`: by file, and through the service that has it.

use super::Place;
use super::harness;
use super::service::Service;
use nix::sys::signal::Signal;
use std::collections::BTreeSet;

/// The sites that rows of the history have.
fn sites(place: &Place) -> BTreeSet<String> {
    let rows = harness::dump(place.folder.path());
    let rows = rows
        .lines()
        .map(|line| -> serde_json::Value { serde_json::from_str(line).expect("JSON") });
    rows.filter_map(|row| Some(row["site"].as_str()?.to_owned()))
        .collect()
}

#[test]
fn nobody_can_be_asked_without_a_terminal() {
    let place = Place::with_history(3);
    let before = harness::dump(place.folder.path());
    place
        .run(&["forget", "everything"])
        .fails(2, &["nobody can be asked", "--yes"]);
    place
        .run(&["forget", "app", "nothing-like-it", "--yes"])
        .fails(1, &["there is nothing like that", "nothing-like-it"]);
    place
        .run(&["forget", "range", "soon", "later", "--yes"])
        .fails(2, &["was expected"]);
    // What cannot be is refused before anybody is asked.
    place
        .run(&["forget", "range", "2026-11-29 23:00", "2026-11-29 20:00"])
        .fails(2, &["FROM must lie before TO"]);
    assert_eq!(harness::dump(place.folder.path()), before);
}

#[test]
fn a_site_is_forgotten_and_its_bytes_stay() {
    let place = Place::with_history(3);
    let site = sites(&place).first().expect("a site").clone();
    let packets = harness::seconds(&harness::dump(place.folder.path()));
    let said = place.run(&["forget", "site", &site, "--yes"]).succeeds();
    let first = format!("forgotten: the site {site}: 1 words, ");
    assert!(said.starts_with(&first), "{said}");
    for words in ["the history's file has ", "Backups and exports"] {
        assert!(said.contains(words), "no `{words}` in {said}");
    }
    let left = sites(&place);
    assert!(
        !left.contains(&site) && left.contains("forgotten"),
        "{left:?}"
    );
    let after = harness::seconds(&harness::dump(place.folder.path()));
    assert_eq!(after, packets);
    place.run(&["db", "check"]).succeeds();
    place.run(&["forget", "everything", "--yes"]).succeeds();
    assert_eq!(harness::dump(place.folder.path()), "");
}

#[test]
fn a_running_service_is_asked_to_forget() {
    if !cfg!(target_os = "linux") || !harness::root("a running service") {
        return;
    }
    let place = Place::with_history(3);
    let before = sites(&place);
    let forgotten: Vec<_> = before.iter().take(2).cloned().collect();
    let mut service = Service::start(&place);
    for site in &forgotten {
        let said = place.run(&["forget", "site", site, "--yes"]).succeeds();
        assert!(said.starts_with("forgotten: the site "), "{said}");
    }
    for again in [
        &["forget", "site", &forgotten[0], "--yes"][..],
        &["forget", "range", "1", "2", "--yes"],
    ] {
        place.run(again).fails(1, &["404"]);
    }
    assert!(service.end(Signal::SIGTERM).success());
    let left = sites(&place);
    assert!(
        forgotten.iter().all(|site| !left.contains(site)),
        "{left:?}"
    );
    place.run(&["db", "check"]).succeeds();
}
