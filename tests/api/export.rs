//! Exports and imports through the door: every kind in every format, an answer that breaks off known
//! to be broken, a bound on how many there are.

use crate::client::{Answer, connect, read_head};
use crate::history::delta;
use crate::house::{House, START, until};
use netmonitor::tick::FlowRow;
use netmonitor::units::{FrameNumber, Second};
use serde_json::{Value, json};
use std::io::{BufReader, Read, Write};
use std::net::TcpStream;

const WHAT: [&str; 10] = [
    "rows",
    "totals",
    "interfaces",
    "connections",
    "timeline",
    "applications",
    "sites",
    "protocols",
    "talks",
    "top&by=application",
];

/// Asks for an export, and reads the head of the answer.
fn begin(house: &House, query: &str, version: &str) -> (u16, Answer, BufReader<TcpStream>) {
    let mut stream = connect(house.port);
    let (host, token) = (house.host(), house.authorization());
    let head = format!(
        "GET /api/export?{query} HTTP/{version}\r\n{host}\r\n{token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    let (status, headers) = read_head(&mut reader).unwrap();
    let answer = Answer {
        status,
        headers,
        body: Vec::new(),
    };
    (status, answer, reader)
}

fn export(house: &House, query: &str) -> Answer {
    let (_, mut answer, mut reader) = begin(house, query, "1.0");
    reader.read_to_end(&mut answer.body).unwrap();
    answer
}

fn range() -> String {
    format!("from={}&to={}", START.0, START.0 + 60)
}

#[test]
fn everything_is_given_in_every_format() {
    let house = House::with_history();
    let bytes = |items: &[Value]| {
        items
            .iter()
            .map(|one| one["bytes_in"].as_u64().unwrap_or(0))
            .sum::<u64>()
    };
    let stats = house.get(&format!("/api/stats?{}", range())).json();
    for what in WHAT {
        let ask =
            |format: &str| export(&house, &format!("what={what}&format={format}&{}", range()));
        let document = ask("json");
        assert_eq!(document.status, 200, "{what}: {}", document.text());
        assert_eq!(document.header("content-type"), Some("application/json"));
        let document = document.json();
        let items = document["items"].as_array().unwrap();
        assert!(!items.is_empty(), "{what}");
        assert_eq!(
            (&document["what"], &document["missing"]),
            (&json!(what.split('&').next()), &json!([]))
        );
        let lines = ask("ndjson");
        let text = lines.text();
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(&lines, items, "{what}");
        let csv = ask("csv");
        assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
        let word = what.split('&').next().unwrap();
        let name = format!("attachment; filename=\"netmonitor-{word}.csv\"");
        assert_eq!(csv.header("content-disposition"), Some(name.as_str()));
        assert!(
            csv.header("netmonitor-range")
                .unwrap()
                .starts_with("2026-01-02T03:00:00Z/")
        );
        assert_eq!(
            csv.text().matches("\r\n").count(),
            items.len() + 1,
            "{what}"
        );
        if ["rows", "totals", "interfaces", "timeline"].contains(&what) {
            assert_eq!(bytes(items), stats["bytes_in"].as_u64().unwrap(), "{what}");
        }
    }
}

#[test]
fn what_is_wrong_is_refused_before_anything_is_written() {
    let house = House::with_history();
    for (query, word) in [
        ("what=", "`what` must be one of rows, "),
        ("what=all", "`what` must be one of"),
        (
            "what=rows&format=xml",
            "`format` must be one of csv, json, ndjson, not `xml`.",
        ),
        ("what=rows&tier=week", "`tier` must be one of"),
        ("what=talks&tier=day", "`tier` does not go"),
        ("what=rows&limit=3", "`limit` does not go"),
        ("what=talks&limit=3000", "`limit` is wrong"),
        ("what=top", "`top` needs `by`: one of application"),
        ("what=top&by=size", "`by` must be one of"),
        ("what=talks&by=user", "`by` does not go"),
        ("what=totals&class=web", "`class` narrows lists and series"),
        ("what=interfaces&site=a", "`site` narrows lists and series"),
        ("what=connections&direction=in", "`direction` does not go"),
        ("what=rows&user=me", "`user` is wrong"),
        ("what=sites&country=nowhere", "`country` is wrong"),
        ("what=rows&from=9&to=1", "before `to`"),
        ("what=rows&format=json&resume=9", "`resume` is for ranges"),
    ] {
        let answer = export(&house, query);
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        assert!(answer.text().contains(word), "{query}: {}", answer.text());
    }
}

#[test]
fn lists_and_series_are_narrowed_as_statistics_are() {
    let house = House::with_history();
    let all = house
        .get(&format!("/api/stats/top?by=application&{}", range()))
        .json();
    let name = all["items"][0]["name"].as_str().unwrap().to_owned();
    let sum = |items: &Value| {
        let bytes = items
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["bytes_in"].as_u64().unwrap_or(0));
        bytes.sum::<u64>()
    };
    for filter in [
        format!("application={name}"),
        "application=nobody".to_owned(),
        "protocol=tcp".to_owned(),
        "direction=out".to_owned(),
        "country=unknown&class=none".to_owned(),
    ] {
        let query = format!("{}&{filter}", range());
        let stats = house.get(&format!("/api/stats?{query}")).json();
        let series = export(&house, &format!("what=timeline&format=json&{query}")).json();
        assert_eq!(
            sum(&series["items"]),
            stats["bytes_in"].as_u64().unwrap(),
            "{filter}"
        );
        for by in ["application", "domain", "country", "user", "class", "talk"] {
            let told = house.get(&format!("/api/stats/top?by={by}&{query}")).json();
            let items = export(&house, &format!("what=top&by={by}&format=json&{query}")).json();
            let (told, items) = (&told["items"], &items["items"]);
            assert_eq!(
                (sum(items), items.as_array().map(Vec::len)),
                (sum(told), told.as_array().map(Vec::len)),
                "{filter} {by}"
            );
        }
    }
    let nobody = format!("what=sites&format=json&application=nobody&{}", range());
    assert_eq!(export(&house, &nobody).json()["count"], 0);
}

#[test]
fn rows_and_connections_are_narrowed_as_lists_are() {
    let house = House::with_history();
    let items = |query: &str| {
        let told = export(&house, &format!("format=json&{query}&{}", range())).json();
        told["items"].as_array().unwrap().clone()
    };
    for what in ["rows", "connections"] {
        let whole = items(&format!("what={what}"));
        let mut narrowed = 0;
        let apps = whole.iter().filter_map(|one| one["application"].as_str());
        let mut apps: Vec<_> = apps.chain(["nobody"]).collect();
        apps.sort_unstable();
        apps.dedup();
        for app in apps {
            let told = items(&format!("what={what}&application={app}"));
            let mine = whole.iter().filter(|one| one["application"] == app);
            let mine = mine.map(|one| {
                let mut one = one.clone();
                one["narrowed"] = format!("application={app}").into();
                one
            });
            narrowed += told.len();
            assert_eq!(told, mine.collect::<Vec<_>>(), "{what} {app}");
        }
        let all = whole.iter().filter(|one| !one["application"].is_null());
        assert_eq!(narrowed, all.count(), "{what}");
        assert!(narrowed > 0, "{what}");
    }
}

#[test]
fn a_resumed_export_is_the_rest_of_the_whole() {
    let house = House::with_history();
    for format in ["csv", "ndjson"] {
        let query = format!("what=rows&format={format}&{}", range());
        let whole = export(&house, &query).text();
        let rest = export(&house, &format!("{query}&resume={}", START.0 + 3)).text();
        assert!(rest.len() < whole.len() && whole.ends_with(&rest), "{rest}");
        assert!(rest.contains("2026-01-02T03:00:03Z") && !rest.contains("03:00:02Z"));
    }
}

/// A house whose history takes longer to hand on than sockets can hold.
fn large() -> House {
    let house = House::new();
    for n in 1..=40 {
        let mut one = delta(Second(START.0 + n), n as u64);
        let first = one.rows[0].clone();
        one.rows = (1..4_000)
            .map(|flow| FlowRow {
                flow: Some(FrameNumber(flow)),
                ..first.clone()
            })
            .collect();
        for (place, row) in one.rows.iter_mut().enumerate() {
            let site =
                format!("host-{place}.a-name-that-is-long-enough-to-fill-buffers.example.org");
            let mut label = (*row.label).clone();
            label.site = netmonitor::label::Site::Name(site.into());
            row.label = label.into();
        }
        house.lived(one);
    }
    house.committed(40);
    house
}

#[test]
fn an_export_that_breaks_off_has_no_end() {
    let mut house = large();
    let query = format!("what=rows&format=ndjson&{}", range());
    let (status, _, mut reader) = begin(&house, &query, "1.1");
    assert_eq!(status, 200);
    let mut some = vec![0; 100_000];
    reader.read_exact(&mut some).unwrap();
    house.end_history();
    let mut rest = Vec::new();
    // Whether the connection ends or is reset: its end is not the answer's.
    let _ = reader.read_to_end(&mut rest);
    assert!(!rest.ends_with(b"0\r\n\r\n"), "{}", rest.len());
    assert!(rest.len() > 10_000);
}

#[test]
fn an_export_that_is_whole_has_its_end_and_a_slow_client_holds_nobody_up() {
    let house = large();
    let query = format!("what=rows&format=ndjson&{}", range());
    let (_, _, mut slow) = begin(&house, &query, "1.1");
    // While it waits, seconds are written and read as ever.
    house.cut(41);
    house.committed(41);
    assert_eq!(house.get("/api/stats").status, 200);
    let mut all = Vec::new();
    slow.read_to_end(&mut all).unwrap();
    assert!(all.ends_with(b"0\r\n\r\n"));
}

#[test]
fn exports_are_bounded_and_end_when_their_clients_leave() {
    let house = large();
    let query = format!("what=rows&format=json&{}", range());
    let waiting: Vec<_> = (0..4).map(|_| begin(&house, &query, "1.1")).collect();
    assert!(waiting.iter().all(|(status, _, _)| *status == 200));
    let refused = export(&house, &query);
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert_eq!(refused.header("retry-after"), Some("1"));
    drop(waiting);
    let small = format!("what=totals&{}", range());
    until("the exports had ended", || {
        export(&house, &small).status == 200
    });
}

fn sum(interface: &str, tier: &str, at_s: i64, bytes_in: u64) -> Value {
    json!({"interface": interface, "role": "uplink", "tier": tier, "at_s": at_s,
           "bytes_in": bytes_in, "bytes_out": 5})
}

#[test]
fn an_import_is_told_in_statistics_and_done_once() {
    let house = House::with_history();
    let hour = START.0 - 5 * 3_600 + 1_800;
    let body = json!({"sums": [
        sum("eth0", "hour", hour, 1_000),
        sum("wlan0", "hour", hour, 500),
        // In this hour the house has counted itself.
        sum("eth0", "hour", START.0 + 1_800, 7),
    ]});
    let first = house.post("/api/import", &body.to_string());
    assert_eq!(first.status, 200, "{}", first.text());
    assert_eq!(
        first.json(),
        json!({"taken": 2, "bytes_in": 1_500, "bytes_out": 10, "had": 0, "covered": 1, "unfit": 0})
    );
    let again = house.post("/api/import", &body.to_string()).json();
    assert_eq!((&again["taken"], &again["had"]), (&json!(0), &json!(2)));
    let (from, to) = (hour - 1_800, hour + 1_800);
    let stats = house.get(&format!("/api/stats?from={from}&to={to}")).json();
    assert_eq!(
        (&stats["bytes_in"], &stats["tier"]),
        (&json!(1_500), &json!("hour"))
    );
    let summary = house
        .get(&format!("/api/stats/summary?from={from}&to={to}"))
        .json();
    let app = &summary["applications"]["items"][0];
    assert_eq!(
        (&app["name"], &app["bytes_in"]),
        (&json!("unknown"), &json!(1_500))
    );
    let rows = format!("what=rows&format=json&tier=hour&from={from}&to={to}");
    let rows = export(&house, &rows).json();
    for row in rows["items"].as_array().unwrap() {
        assert_eq!(row["classes"], json!(["(imported)"]));
        assert_eq!(
            (&row["site"], &row["packets_in"]),
            (&json!("other"), &json!(0))
        );
    }
}

#[test]
fn what_cannot_be_imported_is_refused_whole() {
    let house = House::with_history();
    let many = vec![sum("e", "hour", 9, 1); 1_001];
    for (sums, word) in [
        (json!(many), "1,000 sums"),
        (json!([sum("", "hour", 9, 1)]), "A sum has a name"),
        (
            json!([sum(&"e".repeat(65), "hour", 9, 1)]),
            "A sum has a name",
        ),
        (json!([sum("e", "hour", -9, 1)]), "A sum has a name"),
        (json!([sum("e", "hour", 9, u64::MAX)]), "A sum has a name"),
        (json!([sum("e", "week", 9, 1)]), "not as expected"),
        (json!([{"interface": "e"}]), "not as expected"),
    ] {
        let body = json!({"sums": sums}).to_string();
        let answer = house.post("/api/import", &body);
        let refused = answer.status == 400 || answer.status == 413;
        assert!(
            refused && (answer.text().contains(word) || answer.status == 413),
            "{}",
            answer.text()
        );
    }
    assert_eq!(
        house.post("/api/import", "{\"sums\": []}").json()["taken"],
        0
    );
}
