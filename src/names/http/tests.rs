//! Heads as they occur, whole and in parts.

use super::*;
use crate::names::{Name, Parsed};
use proptest::prelude::*;

fn text(name: Option<&Name>) -> Option<&str> {
    name.map(Name::as_str)
}

#[test]
fn host_is_heard_in_all_the_forms_that_occur() {
    for (head, wanted) in [
        (
            "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
            Some("a.example"),
        ),
        ("GET / HTTP/1.1\nHost: a.example\n\n", Some("a.example")),
        (
            "\r\n\r\nGET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
            Some("a.example"),
        ),
        (
            "GET / HTTP/1.1\r\nHOST:A.example:81 \r\n\r\n",
            Some("a.example"),
        ),
        (
            "GET / HTTP/1.1\r\nHost:\r\n a.example\r\n\r\n",
            Some("a.example"),
        ),
        (
            "GET / HTTP/1.1\r\nX: y\r\n\tHost: z\r\nHost: a.example\r\n\r\n",
            Some("a.example"),
        ),
        ("GET / HTTP/1.1\r\n Host: z\r\n\r\n", None),
        ("GET / HTTP/1.1\r\nHost : z\r\n\r\n", None),
        ("GET / HTTP/1.1\r\nno field\r\nHost: z\r\n\r\n", None),
        (
            "GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n",
            Some("a.example"),
        ),
        ("GET / HTTP/1.1\r\nHost: \r\n\r\n", None),
        ("GET / HTTP/1.0\r\n\r\n", None),
        (
            "GET  /a b c  HTTP/1.1 \r\nHost: a.example\r\n\r\n",
            Some("a.example"),
        ),
        (
            "POST / http/1.1\r\nX-\u{ff}: \u{fe}\r\nHost: [::1]:80\r\n\r\n",
            Some("::1"),
        ),
        (
            "POST / HTTP/1.1\r\nHost: u:p@a.example/secret\r\n\r\nHost: z",
            Some("a.example"),
        ),
    ] {
        let request = request(head.as_bytes()).done().unwrap();
        assert_eq!(text(request.host.as_ref()), wanted, "{head:?}");
        assert_eq!(text(partial(head.as_bytes()).as_ref()), wanted, "{head:?}");
    }
    let long = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", "a".repeat(254));
    assert_eq!(request(long.as_bytes()).done().unwrap().host, None);
}

#[test]
fn targets_name_what_a_proxy_is_asked_for() {
    for (line, target, connect) in [
        ("GET http://u:p@t.example:81/x?y", Some("t.example"), None),
        ("OPTIONS *", None, None),
        ("CONNECT t.example:443", None, Some("t.example")),
        ("CONNECT [2001:db8::1]:443", None, Some("2001:db8::1")),
        ("CONNECT http://t.example:443", None, Some("http")),
    ] {
        let head = format!("{line} HTTP/1.1\r\nHost: a.example:443\r\n\r\n");
        let request = request(format!("{head}after").as_bytes()).done().unwrap();
        assert_eq!(text(request.target.as_ref()), target, "{line}");
        assert_eq!(text(request.connect.as_ref()), connect, "{line}");
        assert_eq!(text(request.said.as_ref()), Some("a.example:443"), "{line}");
        assert_eq!(request.length, head.len(), "{line}");
    }
}

#[test]
fn openings_are_told_apart_from_other_protocols() {
    for (line, wanted) in [
        ("GET / HTTP/1.1\r\n", Parsed::Done(Opening::Request)),
        ("CONNECT a:1 HTTP/1.1\r\n", Parsed::Done(Opening::Connect)),
        ("M-SEARCH * HTTP/1.1\r\n", Parsed::Done(Opening::Discovery)),
        ("NOTIFY /event HTTP/1.1\r\n", Parsed::Done(Opening::Request)),
        ("OPTIONS sip:a@b SIP/2.0\r\n", Parsed::Not),
        ("OPTIONS icap://a/ ICAP/1.0\r\n", Parsed::Not),
        ("GET /\r\n", Parsed::Not),
        ("GET HTTP/1.1\r\n", Parsed::Not),
        ("get / HTTP/1.1\r\n", Parsed::Not),
        (" GET / HTTP/1.1\r\n", Parsed::Not),
        ("HTTP/1.1 200 OK\r\n", Parsed::Not),
        ("PRI * HTTP/2.0\r\n", Parsed::Not),
        ("GET / HTT", Parsed::More),
        ("UPDATEREDIR", Parsed::More),
        ("", Parsed::More),
    ] {
        assert_eq!(opening(line.as_bytes()), wanted, "{line:?}");
    }
    assert!(begins(b"M-SEARCH ") && begins(b"\r\nGET /") && !begins(b"GET") && !begins(b"GETS /"));
}

#[test]
fn a_head_that_never_ends_is_given_up() {
    let endless = [
        &b"GET / HTTP/1.1\r\nHost: a.example\r\n"[..],
        &[b'a'; LONGEST],
    ]
    .concat();
    assert_eq!(request(&endless[..LONGEST - 1]), Parsed::More);
    assert_eq!(request(&endless), Parsed::Not);
    assert_eq!(text(partial(&endless).as_ref()), Some("a.example"));
    assert_eq!(request(&[b'\n'; LONGEST]), Parsed::Not);
}

#[test]
fn a_part_of_a_head_has_a_host_once_its_line_is_whole() {
    let head = b"GET / HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\n\r\n";
    let line = 33;
    for length in 0..head.len() {
        let part = &head[..length];
        assert_eq!(request(part), Parsed::More, "{length}");
        assert_eq!(partial(part).is_some(), length >= line, "{length}");
    }
}

/// What a longer prefix may make of what a shorter one was.
fn keeps<T: PartialEq + std::fmt::Debug>(parse: impl Fn(&[u8]) -> Parsed<T>, bytes: &[u8]) {
    let mut before = Parsed::More;
    for length in 0..=bytes.len() {
        let now = parse(&bytes[..length]);
        assert!(
            before == Parsed::More || before == now,
            "{before:?} became {now:?}"
        );
        before = now;
    }
}

/// Bytes that are near enough to HTTP to get far.
fn near() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        Just(b"GET / HTTP/1.1\r\n".to_vec()),
        Just(b"CONNECT a:1 HTTP/1.1\r\n".to_vec()),
        Just(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec()),
        Just(b"\0\0\x11\x01\x04\0\0\0\x01\x82\x86\x84\x41\x8c".to_vec()),
        Just(b"\0\0\x03\x09\x04\0\0\0\x01\x40\x01\x61".to_vec()),
        Just(b"Host: a.example\r\n".to_vec()),
        Just(b"Host:\r\n".to_vec()),
        Just(b"\r\n".to_vec()),
        prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn no_bytes_hurt(bytes in near()) {
        keeps(request, &bytes);
        keeps(opening, &bytes);
        keeps(h2::authority, &bytes);
        let _ = partial(&bytes);
    }
}
