//! The history's file over the API: a backup that comes whole, a check, one at a time.

use crate::client::connect;
use crate::house::{House, until};
use netmonitor::store::Error;
use netmonitor::store::care::{self, Target};
use std::io::{Read, Write};

/// A POST in HTTP/1.0, whose answer ends with the connection.
fn ask(house: &House, path: &str) -> std::net::TcpStream {
    let mut stream = connect(house.port);
    let (host, token) = (house.host(), house.authorization());
    let head = format!("POST {path} HTTP/1.0\r\n{host}\r\n{token}\r\n");
    let body = "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    stream.write_all((head + body).as_bytes()).unwrap();
    stream
}

fn answer(mut stream: impl Read) -> Vec<u8> {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    assert!(answer.starts_with(b"HTTP/1.0 200") || answer.starts_with(b"HTTP/1.1 200"));
    answer.split_off(end + 4)
}

#[test]
fn a_backup_is_sent_whole() {
    let house = House::with_history();
    let sent = answer(ask(&house, "/api/store/backup"));
    let folder = tempfile::tempdir().unwrap();
    let target = Target {
        path: folder.path().join("history.redb"),
        replace: false,
    };
    care::receive(&mut sent.as_slice(), &target, &mut |_, _| Ok(())).unwrap();
    let report = care::check_file(&target.path, &mut |_, _| Ok(())).unwrap();
    assert_eq!(report.damages, []);
    let reader = care::look(&target.path).unwrap();
    let through = reader.snapshot().unwrap().through().unwrap();
    assert_eq!(
        through,
        house.care().reader().snapshot().unwrap().through().unwrap()
    );
    assert!(through.is_some());
}

#[test]
fn a_check_ends_with_its_report() {
    let house = House::with_history();
    let said = String::from_utf8(answer(ask(&house, "/api/store/check"))).unwrap();
    let lines: Vec<serde_json::Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (last, pieces) = lines.split_last().unwrap();
    assert_eq!(last["report"]["sound"], true, "{last}");
    assert!(pieces.iter().all(|piece| piece["total"].as_u64() > Some(0)));
}

#[test]
fn one_at_a_time_looks_after_the_file_and_a_client_that_leaves_lets_go() {
    let house = House::with_history();
    let turn = house.care().turn().unwrap();
    for path in ["/api/store/backup", "/api/store/check"] {
        assert_eq!(house.post(path, "{}").status, 503, "{path}");
    }
    assert_eq!(house.get("/api/store/stats").status, 503);
    drop(turn);
    drop(ask(&house, "/api/store/backup"));
    until("the turn was over", || {
        !matches!(house.care().turn(), Err(Error::Busy))
    });
}
