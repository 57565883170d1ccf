//! The live stream: seconds come as they are cut, to each client, until it leaves.

use crate::client::{ask, connect, read_head};
use crate::house::{House, START, until};
use netmonitor::api::SSE_CLIENTS;
use netmonitor::serve::Config;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Follows the live stream from now on.
fn follow(house: &House) -> BufReader<TcpStream> {
    let mut stream = connect(house.port);
    let head = format!(
        "GET /api/live HTTP/1.1\r\n{}\r\n{}\r\n\r\n",
        house.host(),
        house.authorization()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    let (status, headers) = read_head(&mut reader).unwrap();
    assert_eq!(status, 200);
    let kind = headers.iter().find(|(key, _)| key == "content-type");
    assert_eq!(
        kind.map(|(_, value)| value.as_str()),
        Some("text/event-stream")
    );
    reader
}

/// The next line; `None` when the stream has ended.
fn line(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let read = reader.read_line(&mut line).unwrap();
    (read > 0).then(|| line.trim_end().to_owned())
}

/// The data of the next event; `None` when the stream has ended.
fn next(reader: &mut BufReader<TcpStream>) -> Option<Value> {
    loop {
        if let Some(data) = line(reader)?.strip_prefix("data: ") {
            return Some(serde_json::from_str(data).unwrap());
        }
    }
}

pub fn first_second(house: &House) -> Value {
    next(&mut follow(house)).unwrap()
}

#[test]
fn every_second_is_told_as_it_is_cut() {
    let house = House::new();
    let mut reader = follow(&house);
    for n in 1..=3 {
        house.cut(n);
        let second = next(&mut reader).unwrap();
        assert_eq!(second["at_s"], START.0 + n);
        assert_eq!(second["total"]["bytes_in"], 100 * n + 60);
        assert_eq!(second["open"]["at_s"], START.0 + n + 1);
    }
}

#[test]
fn who_comes_later_begins_with_the_last_second() {
    let house = House::new();
    (1..=3).for_each(|n| house.cut(n));
    assert_eq!(first_second(&house)["at_s"], START.0 + 3);
}

#[test]
fn a_client_that_leaves_is_forgotten() {
    let house = House::new();
    let readers: Vec<_> = (0..3).map(|_| follow(&house)).collect();
    assert_eq!(house.gauge(SSE_CLIENTS), 3);
    assert_eq!(
        house.get("/api/config/daemon/status").json()["sse_clients"],
        3
    );
    drop(readers);
    until("the streams were given up", || {
        house.gauge(SSE_CLIENTS) == 0
    });
}

#[test]
fn streams_have_a_cap_of_their_own() {
    let config = Config {
        sse_clients: 2,
        ..Config::default()
    };
    let house = House::with(&config);
    let mut readers: Vec<_> = (0..2).map(|_| follow(&house)).collect();
    let headers = [house.host(), house.authorization()];
    let refused = ask(house.port, "GET /api/live HTTP/1.1", &headers, b"").unwrap();
    assert_eq!(refused.status, 503);
    assert_eq!(
        house.get("/api/stats/bandwidth").status,
        200,
        "others are answered"
    );
    house.cut(1);
    for reader in &mut readers {
        assert_eq!(next(reader).unwrap()["at_s"], START.0 + 1);
    }
}

#[test]
fn silence_is_broken_by_comment_lines_that_are_no_events() {
    assert_eq!(
        Config::default().heartbeat,
        Duration::from_secs(15),
        "docs/api.md says so"
    );
    let config = Config {
        heartbeat: Duration::from_millis(20),
        ..Config::default()
    };
    let house = House::with(&config);
    let mut reader = follow(&house);
    for _ in 0..3 {
        while line(&mut reader).as_deref() != Some(":") {}
    }
    house.cut(1);
    assert_eq!(next(&mut reader).unwrap()["at_s"], START.0 + 1);
}

#[test]
fn streams_end_when_the_server_stops() {
    let house = House::new();
    let mut reader = follow(&house);
    house.stop();
    assert_eq!(next(&mut reader), None);
}
