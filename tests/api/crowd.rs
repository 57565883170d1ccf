//! Slow, many and greedy clients: others are still answered.

use crate::client::{ask, connect};
use crate::house::{House, until};
use std::io::{Read, Write};

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
