//! Slow, many and greedy clients: others are still answered.

use crate::client::{ask, connect, read};
use crate::house::{House, until};
use netmonitor::serve::Config;
use std::io::{BufReader, Read, Write};
use std::sync::{Arc, Mutex, mpsc};

#[test]
fn two_hundred_slow_connections_keep_nobody_out() {
    let house = House::new();
    let mut slow: Vec<_> = (0..200).map(|_| connect(house.port)).collect();
    for stream in &mut slow {
        // Those that were evicted already cannot be written to.
        let _ = stream.write_all(b"GET /health HTTP/1.1\r\nX-Slow: ");
    }
    for _ in 0..20 {
        assert_eq!(house.get("/health").status, 200);
    }
    assert!(house.gauge("serve_evicted") >= 168);
    assert!(house.gauge("serve_waiting") <= 32);
}

#[test]
fn a_connection_that_says_nothing_is_closed() {
    let house = House::new();
    let mut silent = connect(house.port);
    let mut nothing = Vec::new();
    assert_eq!(silent.read_to_end(&mut nothing).unwrap(), 0);
    until("the silent connection was forgotten", || {
        house.gauge("serve_waiting") == 0
    });
}

#[test]
fn requests_under_way_have_a_cap_of_their_own() {
    let config = Config {
        active: 2,
        ..Config::default()
    };
    let house = House::with(&config);
    let head = format!(
        "POST /api/filters/check HTTP/1.1\r\n{}\r\n{}\r\n\
         Content-Type: application/json\r\nContent-Length: 2\r\n\r\n",
        house.host(),
        house.authorization()
    );
    let mut under_way: Vec<_> = (0..2).map(|_| connect(house.port)).collect();
    for stream in &mut under_way {
        stream.write_all(head.as_bytes()).unwrap();
    }
    until("both are being answered", || {
        house.gauge("serve_active") == 2
    });
    let refused = house.get("/health");
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (503, Some("1"))
    );
    for mut stream in under_way {
        stream.write_all(b"{}").unwrap();
        assert_eq!(
            read(&mut BufReader::new(stream), false).unwrap().status,
            400
        );
    }
    assert_eq!(house.get("/health").status, 200);
}

#[test]
fn a_body_that_never_comes_is_given_up() {
    let house = House::new();
    let headers = [
        house.host(),
        house.authorization(),
        "Content-Type: application/json".to_owned(),
        "Content-Length: 2".to_owned(),
    ];
    let answer = ask(
        house.port,
        "POST /api/filters/check HTTP/1.1",
        &headers,
        b"{",
    );
    assert_eq!(answer.map(|answer| answer.status), Some(408));
}

#[test]
fn headers_and_bodies_have_bounds() {
    let house = House::new();
    let headers = |more: Vec<String>| [vec![house.host()], more].concat();
    let many = (0..40).map(|n| format!("X-{n}: 1")).collect();
    let answer = ask(house.port, "GET /health HTTP/1.1", &headers(many), b"");
    assert_eq!(answer.map(|answer| answer.status), Some(431));
    let long = vec![format!("X-Long: {}", "x".repeat(20_000))];
    let answer = ask(house.port, "GET /health HTTP/1.1", &headers(long), b"");
    assert_eq!(answer.map(|answer| answer.status), Some(431));
}

#[test]
fn a_question_ends_with_the_connection_of_whoever_asked() {
    let (begun, begins) = mpsc::channel();
    let (go, goes) = mpsc::channel::<()>();
    let goes = Mutex::new(goes);
    let house = House::that_tells(Arc::new(move || {
        begun.send(()).unwrap();
        goes.lock().unwrap().recv().unwrap();
    }));
    let head = format!(
        "GET /api/connections HTTP/1.1\r\n{}\r\n{}\r\n\r\n",
        house.host(),
        house.authorization()
    );
    let unheard = || house.gauge("serve_unheard");
    let mut stays = connect(house.port);
    stays.write_all(head.as_bytes()).unwrap();
    begins.recv().unwrap();
    go.send(()).unwrap();
    let answer = read(&mut BufReader::new(stays), false).unwrap();
    assert_eq!((answer.status, unheard()), (200, 0));
    let mut leaves = connect(house.port);
    leaves.write_all(head.as_bytes()).unwrap();
    begins.recv().unwrap();
    drop(leaves);
    until("it was seen that nobody waits", || {
        house.gauge("serve_active") == 0
    });
    go.send(()).unwrap();
    until("it was given up", || unheard() == 1);
}
