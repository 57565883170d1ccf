//! `export`: from the file and through the service that has it, to standard output and into files.

use super::harness;
use super::service::Service;
use super::{Place, Said};
use nix::sys::signal::Signal;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;

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
    let place = Place::with_history(20);
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
    let place = Place::with_history(20);
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
    // One that is not there is begun.
    resume("none").succeeds();
    assert_eq!(content(&place, "none"), whole);
    let nowhere = ["export", "--output", "no/where.csv"];
    place
        .run(&nowhere)
        .fails(74, &["no/where.csv.part", "cannot"]);
    std::fs::create_dir(place.folder.path().join("folder")).expect("a folder");
    let onto = ["export", "--output", "folder", "--force"];
    place
        .run(&onto)
        .fails(74, &["cannot put the whole export at folder: "]);
}

#[test]
fn a_copy_that_broke_off_never_takes_the_place_of_the_whole_file() {
    let place = Place::with_history(20);
    for (format, name) in [("ndjson", "rows.ndjson"), ("csv", "rows.csv")] {
        let whole = place.run(&["export", "--format", format]).succeeds();
        let third = whole[..whole.len() / 3].rfind('\n').expect("a line") + 1;
        let (kept, mut later) = whole.split_at(third);
        let head = if format == "csv" {
            whole.find('\n').expect("a line") + 1
        } else {
            0
        };
        let last = later.lines().last().expect("a line");
        later = &later[..later.len() - last.len() / 2];
        // An archive that the history no longer has the beginning of.
        let from = "2023-11-14T22:13:24Z";
        let part = format!("{name}.part");
        let cases = [
            String::new(),
            whole[..head].to_owned(),
            kept[..third / 2].to_owned(),
            "this is a letter\n".repeat(9_999),
            // Another export, of a later range.
            format!("{}{}", &whole[..head], later),
            // One that did go on.
            format!("{kept}{later}"),
        ];
        for begun in cases {
            place.file(name, kept);
            place.file(&part, &begun);
            let arguments = [
                "export", "--format", format, "--from", from, "--output", name, "--resume",
            ];
            place.run(&arguments).succeeds();
            assert_eq!(content(&place, name), whole, "{} of {part}", begun.len());
        }
        // Where it cannot be copied it stays what it is.
        place.file(name, kept);
        std::fs::create_dir(place.folder.path().join(&part)).expect("a folder");
        let arguments = ["export", "--format", format, "--output", name, "--resume"];
        place.run(&arguments).fails(74, &[&part]);
        assert_eq!(content(&place, name), kept);
    }
}

#[test]
fn an_archive_of_connections_is_continued_where_the_history_still_has_its_end() {
    let place = Place::with_history(20);
    let export = |more: &[&str]| {
        let arguments = ["export", "--what", "connections", "--format", "ndjson"];
        place.run(&[&arguments, more].concat())
    };
    let whole = export(&[]).succeeds();
    let lines: Vec<_> = whole.lines().collect();
    // As if all but the first and the last had ended later than they were looked at.
    let some = format!("{}\n{}\n", lines[0], lines[lines.len() - 1]);
    place.file("connections", &some);
    let resume = ["--output", "connections", "--resume"];
    export(&resume).succeeds();
    assert_eq!(content(&place, "connections"), whole);
    let old = lines[0].replace("\"last_seen\":\"2023", "\"last_seen\":\"2022");
    place.file("connections", format!("{old}\n"));
    export(&resume).fails(1, &["connections cannot be continued", "no longer has"]);
    assert_eq!(content(&place, "connections"), format!("{old}\n"));
}

#[test]
fn lists_are_narrowed_and_the_most_of_anything_is_told() {
    let place = Place::with_history(20);
    let range = [
        "--from",
        "1699999999",
        "--to",
        "1700000100",
        "--format",
        "ndjson",
    ];
    let export = |more: &[&str]| place.run(&[&["export"], &range[..], more].concat());
    let all = lines(&export(&["--what", "sites"]).succeeds());
    let site = all[0]["name"].as_str().expect("a name");
    let one = lines(&export(&["--what", "sites", "--site", site]).succeeds());
    assert_eq!((one.len(), &one[0]), (1, &all[0]));
    let protocols = lines(&export(&["--what", "top", "--by", "protocol"]).succeeds());
    assert_eq!(packets(&protocols), 800);
    let other = ["--what", "top", "--by", "site", "--protocol", "ip-200"];
    assert_eq!(export(&other).succeeds(), "");
    export(&["--what", "totals", "--site", site]).fails(2, &["`site` narrows lists and series"]);
    export(&["--what", "top"]).fails(2, &["`top` needs `by`"]);
    // A time as it is here.
    let here = [
        "export",
        "--what",
        "totals",
        "--from",
        "2023-11-14 22:13:25",
        "--to",
        "1700000010",
    ];
    let said = place
        .command()
        .env("TZ", "UTC")
        .args(here)
        .output()
        .expect("netmonitor");
    assert_eq!(Said::of(&said).succeeds().lines().count(), 1 + 5);
}

#[test]
fn a_narrowed_file_is_continued_with_its_own_filter() {
    let place = Place::with_history(20);
    let export = |more: &[&str]| place.run(&[&["export", "--format", "ndjson"], more].concat());
    let rows = lines(&export(&[]).succeeds());
    let site = rows[0]["site"].as_str().expect("a site");
    let narrowed = export(&["--site", site]).succeeds();
    let told = lines(&narrowed);
    let matching = rows.iter().filter(|row| row["site"] == site).count();
    assert_eq!(told.len(), matching);
    assert!(told.iter().all(|row| row["site"] == site));
    let half = narrowed[..narrowed.len() / 2].rfind('\n').expect("a line") + 1;
    let resume = |more: &[&str]| export(&[&["--output", "some", "--resume"], more].concat());
    place.file("some", &narrowed[..half]);
    let refused = ["some cannot be continued: it was written with the filter `site="];
    resume(&[]).fails(2, &refused);
    resume(&["--site", site, "--protocol", "tcp"]).fails(2, &refused);
    assert_eq!(content(&place, "some"), narrowed[..half]);
    resume(&["--site", site]).succeeds();
    assert_eq!(content(&place, "some"), narrowed);
}

#[test]
fn a_file_that_is_continued_from_a_later_time_has_no_hole() {
    let place = Place::with_history(20);
    for what in ["rows", "totals", "connections"] {
        let export = |more: &[&str]| {
            let arguments = ["export", "--format", "ndjson", "--what", what];
            place.run(&[&arguments, more].concat())
        };
        let whole = export(&[]).succeeds();
        let half = whole[..whole.len() / 2].rfind('\n').expect("a line") + 1;
        place.file(what, &whole[..half]);
        let later = ["--from", "1700000015", "--output", what, "--resume"];
        export(&later).succeeds();
        assert_eq!(content(&place, what), whole, "{what}");
    }
}

/// What was a row's label when it was written may be another one by now: its bytes are on file all the same.
#[test]
fn a_narrowed_file_is_continued_when_its_end_has_another_label_by_now() {
    let place = Place::with_history(20);
    let rows = place.run(&["export", "--format", "ndjson"]).succeeds();
    let row = rows.lines().next().expect("a row");
    let narrowed = row.replacen('}', ",\"narrowed\":\"application=nobody\"}", 1);
    place.file("nobody", format!("{narrowed}\n"));
    let resume = ["--application", "nobody", "--output", "nobody", "--resume"];
    let export = |more: &[&str]| place.run(&[&["export", "--format", "ndjson"], more].concat());
    export(&resume).succeeds();
    assert_eq!(content(&place, "nobody"), "");
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
    let place = Place::with_history(20);
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
    let place = Place::with_history(20);
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

/// Records that the history does not have any more stay in the file.
#[test]
fn a_file_that_ends_before_what_is_left_is_not_cut() {
    let place = Place::with_history(20);
    for format in ["ndjson", "csv"] {
        let export = |more: &[&str]| place.run(&[&["export", "--format", format], more].concat());
        let whole = export(&[]).succeeds();
        let earlier = whole.replace("2023-11-", "2023-01-");
        assert_ne!(whole, earlier, "the capture is of another month");
        place.file("old", &earlier);
        let refused = "old cannot be continued: the history no longer has what it ends with";
        export(&["--output", "old", "--resume"]).fails(1, &[refused]);
        assert_eq!(content(&place, "old"), earlier);
    }
}
