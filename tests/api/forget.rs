//! Forgetting over the API: what was named is in no answer any more, totals are what they were, and the
//! file is written anew while it is in use.

use crate::client::{Answer, ask, read};
use crate::house::{House, START, until};
use serde_json::Value;
use std::io::{BufReader, Write};

/// A request whose answer is lines; the status, and the lines.
fn lines(house: &House, head: &str, body: Option<&str>) -> (u16, Vec<Value>) {
    let mut stream = crate::client::connect(house.port);
    let (host, token) = (house.host(), house.authorization());
    let body = body.map_or("\r\n".to_owned(), |body| {
        let length = body.len();
        format!("Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
    });
    let request = format!("{head} HTTP/1.0\r\n{host}\r\n{token}\r\n{body}");
    stream.write_all(request.as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    let Answer { status, .. } = read(&mut reader, true).unwrap();
    let lines = std::io::BufRead::lines(reader).map(|line| {
        let line = line.unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    });
    (status, lines.collect())
}

fn total(house: &House) -> Value {
    let path = format!("/api/stats?from={}&to={}", START.0, START.0 + 10);
    house.get(&path).json()["bytes_in"].clone()
}

fn summary(house: &House) -> String {
    house
        .get(&format!(
            "/api/stats/summary?from={}&to={}",
            START.0,
            START.0 + 10
        ))
        .text()
}

#[test]
fn what_is_forgotten_by_its_name_is_in_no_answer() {
    let house = House::with_history();
    let before = total(&house);
    assert!(before.as_u64() > Some(0));
    let summary_before: Value = serde_json::from_str(&summary(&house)).unwrap();
    let app = summary_before["applications"]["items"][0]["name"]
        .as_str()
        .unwrap()
        .to_owned();
    let site = summary_before["sites"]["items"][0]["name"]
        .as_str()
        .unwrap()
        .to_owned();
    for (kind, name) in [("application", &app), ("site", &site)] {
        let body = serde_json::json!({kind: name}).to_string();
        let (status, said) = lines(&house, "POST /api/store/forget", Some(&body));
        assert_eq!(status, 200, "{said:?}");
        let (last, progress) = said.split_last().unwrap();
        assert!(
            progress.iter().all(|line| line["total"].is_u64()),
            "{progress:?}"
        );
        let done = &last["forgotten"];
        assert_eq!(done["words"], 1, "{last}");
        assert!(
            done["rows"].as_u64() > Some(0) && done["after_bytes"].is_u64(),
            "{last}"
        );
        // There is nothing of it any more.
        assert_eq!(house.post("/api/store/forget", &body).status, 404);
    }
    let after = summary(&house);
    assert!(
        !after.contains(&format!("\"{app}\"")) && !after.contains(&format!("\"{site}\"")),
        "{after}"
    );
    assert!(after.contains("\"forgotten\""), "{after}");
    assert_eq!(total(&house), before);
}

#[test]
fn an_application_goes_by_its_number_and_a_domain_by_its_name() {
    let house = House::with_history();
    let before = total(&house);
    let range = format!("from={}&to={}", START.0, START.0 + 10);
    let apps = house.get(&format!("/api/applications?{range}")).json();
    let id = apps["items"][0]["id"].clone();
    for path in [
        format!("/api/applications/{id}"),
        "/api/domains/example.org".to_owned(),
    ] {
        let (status, said) = lines(&house, &format!("DELETE {path}"), None);
        assert_eq!(status, 200, "{path}: {said:?}");
        assert_eq!(said.last().unwrap()["forgotten"]["words"], 1, "{said:?}");
        let (status, _) = lines(&house, &format!("DELETE {path}"), None);
        assert_eq!(status, 404, "{path}");
    }
    let after = summary(&house);
    assert!(
        !after.contains("firefox") && !after.contains("example.org"),
        "{after}"
    );
    assert_eq!(total(&house), before);
    let connections = house.get(&format!("/api/connections?{range}")).json();
    assert_eq!(connections["items"], serde_json::json!([]));
}

#[test]
fn a_range_is_a_gap_and_its_neighbours_stay() {
    let house = House::with_history();
    let before = total(&house).as_u64().unwrap();
    let head = format!("DELETE /api/range?from={}&to={}", START.0 + 2, START.0 + 4);
    let (status, said) = lines(&house, &head, None);
    assert_eq!(status, 200, "{said:?}");
    assert_eq!(
        said.last().unwrap()["forgotten"]["from"],
        "2026-01-02T03:00:02Z"
    );
    // The nth second has n times a hundred bytes.
    assert_eq!(total(&house).as_u64(), Some(before - 200 - 300 - 2 * 60));
    let totals = house.get(&format!("/api/stats?from={}&to={}", START.0, START.0 + 3));
    let told = serde_json::json!([{"from": "2026-01-02T03:00:02Z", "to": "2026-01-02T03:00:03Z"}]);
    assert_eq!(totals.json()["forgotten"], told);
    let series = house
        .get(&format!(
            "/api/stats/timeline?step=1&from={}&to={}",
            START.0 + 1,
            START.0 + 5
        ))
        .json();
    assert_eq!(
        series["gap_ms"],
        serde_json::json!([0, 1000, 1000, 0]),
        "{series}"
    );
    assert!(
        series["bytes_in"][1].is_null() && series["bytes_in"][0].is_u64(),
        "{series}"
    );
    let (status, said) = lines(&house, "DELETE /api/range?everything=true", None);
    assert_eq!(status, 200, "{said:?}");
    assert_eq!(total(&house).as_u64(), Some(0));
}

#[test]
fn the_file_is_written_anew_while_it_is_in_use() {
    let house = House::with_history();
    let before = total(&house);
    let (status, said) = lines(&house, "POST /api/store/compact", Some("{}"));
    assert_eq!(status, 200, "{said:?}");
    assert!(said.last().unwrap()["compacted"]["after_bytes"].as_u64() > Some(0));
    assert_eq!(total(&house), before);
    let turn = house.care().turn().unwrap();
    assert_eq!(house.post("/api/store/compact", "{}").status, 503);
    drop(turn);
}

#[test]
fn a_wish_that_cannot_be_meant_is_refused() {
    let house = House::with_history();
    for body in [
        "{}",
        "{\"site\": \"a\", \"domain\": \"b\"}",
        "{\"sites\": \"a\"}",
        "[]",
    ] {
        assert_eq!(house.post("/api/store/forget", body).status, 400, "{body}");
    }
    let status = |query: &str| {
        let head = format!("DELETE /api/range{query} HTTP/1.1");
        ask(
            house.port,
            &head,
            &[house.host(), house.authorization()],
            b"",
        )
        .unwrap()
        .status
    };
    for query in [
        "",
        "?from=1",
        "?to=1",
        "?from=5&to=5",
        "?from=1&to=2&everything=true",
        "?everything=false",
        "?all=true",
    ] {
        assert_eq!(status(query), 400, "{query}");
    }
    assert_eq!(status("?from=1&to=2"), 404);
    assert!(total(&house).as_u64() > Some(0));
}

#[test]
fn a_client_that_leaves_does_not_stop_it() {
    let house = House::with_history();
    let mut stream = crate::client::connect(house.port);
    let head = "DELETE /api/range?everything=true HTTP/1.0";
    let (host, token) = (house.host(), house.authorization());
    stream
        .write_all(format!("{head}\r\n{host}\r\n{token}\r\n\r\n").as_bytes())
        .unwrap();
    let mut reader = BufReader::new(stream);
    assert_eq!(read(&mut reader, true).unwrap().status, 200);
    drop(reader);
    until("all was forgotten", || total(&house).as_u64() == Some(0));
    until("the file was written anew", || {
        house.post("/api/store/compact", "{}").status == 200
    });
}
