//! The name, the protocol, the version and the mark of ECH in hellos of every kind.

use super::*;
use crate::names::tls::build::{host, names, protocols, versions};

#[test]
fn the_name_is_the_first_host_name() {
    let long = [b'a'; 253];
    let longer = [b'a'; 254];
    for (data, expected) in [
        (host(b"Example.COM"), Some("example.com")),
        (host(b"example.com."), Some("example.com")),
        (host(b"192.0.2.1"), Some("192.0.2.1")),
        (host(b"2001:db8::1"), Some("2001:db8::1")),
        (host(b"a\0b"), Some("a\u{fffd}b")),
        (host("a\u{202e}b".as_bytes()), Some("a\u{fffd}b")),
        (host(b"a\xffb"), Some("a\u{fffd}b")),
        (host(&long), std::str::from_utf8(&long).ok()),
        (host(&longer), None),
        (host(b""), None),
        (names(&[(0, b"one"), (0, b"two")]), Some("one")),
        (names(&[(7, b"other"), (0, b"host")]), Some("host")),
        (names(&[(7, b"other")]), None),
        (names(&[]), None),
        (vec![], None),
        (vec![0, 9, 0, 0, 6, b's', b'h', b'o'], None),
    ] {
        let build = Build::default().with(0, data.clone());
        assert_eq!(shown(&build).as_deref(), expected, "{data:?}");
    }
}

#[test]
fn of_two_extensions_of_a_kind_the_first_counts() {
    let build = Build::named("one.example")
        .with(0, host(b"two.example"))
        .with(16, protocols(&[b"h2"]))
        .with(16, protocols(&[b"h3"]));
    let hello = done(&build.stream()).unwrap();
    assert_eq!(hello.name.unwrap().as_str(), "one.example");
    assert_eq!(hello.alpn.unwrap().as_str(), "h2");
    let first_is_empty = Build::default()
        .with(0, vec![])
        .with(0, host(b"two.example"));
    assert_eq!(shown(&first_is_empty), None);
}

#[test]
fn the_first_protocol_is_told_and_grease_is_none() {
    for (data, expected) in [
        (protocols(&[b"h2", b"http/1.1"]), Some("h2")),
        (protocols(&[b"\x0a\x0a", b"h2"]), Some("h2")),
        (protocols(&[b"\xab\x01"]), Some("??")),
        (protocols(&[b""]), None),
        (protocols(&[]), None),
        (vec![0], None),
    ] {
        let hello = done(&Build::default().with(16, data).stream()).unwrap();
        assert_eq!(hello.alpn.as_ref().map(Alpn::as_str), expected);
    }
}

#[test]
fn the_version_is_the_newest_offered() {
    for (legacy, list, expected) in [
        (0x0301, None, "TLS 1.0"),
        (0x0303, Some(versions(&[0x5a5a, 0x0304, 0x0303])), "TLS 1.3"),
        (0x0303, Some(versions(&[0x0303, 0x7f17])), "0x7f17"),
        (0x0303, Some(versions(&[0xfafa])), "TLS 1.2"),
        (0x0303, Some(vec![]), "TLS 1.2"),
    ] {
        let mut build = Build {
            version: legacy,
            ..Build::default()
        };
        build.extensions.extend(list.map(|data| (43, data)));
        assert_eq!(done(&build.stream()).unwrap().version.to_string(), expected);
    }
}

#[test]
fn an_offer_of_ech_marks_the_hello() {
    for (kind, data, expected) in [
        (0xfe0d, vec![0, 0, 1, 0, 1, 9], Ech::Offered),
        (0xfe0d, vec![], Ech::Offered),
        (0xfe0d, vec![1], Ech::None),
        (0xffce, vec![0x13, 1], Ech::Esni),
        (0x0017, vec![], Ech::None),
    ] {
        let hello = done(&Build::named("front.example").with(kind, data).stream()).unwrap();
        assert_eq!((hello.ech, hello.name.is_some()), (expected, true));
    }
    let both = Build::default().with(0xffce, vec![]).with(0xfe0d, vec![0]);
    assert_eq!(done(&both.stream()).unwrap().ech, Ech::Offered);
}

#[test]
fn a_hello_without_extensions_is_whole() {
    let mut body = Build::default().body();
    body.truncate(body.len() - 2);
    let hello = done(&crate::names::tls::build::record(
        &crate::names::tls::build::message(&body),
    ));
    assert_eq!(
        hello.map(|hello| (hello.name, hello.ech)),
        Some((None, Ech::None))
    );
}

#[test]
fn the_trace_of_rfc_8448_reads_as_it_says() {
    let hello = message(&unhex(RFC_8448), Transport::Tcp, Wanted::Name)
        .done()
        .unwrap();
    assert_eq!(hello.name.unwrap().as_str(), "server");
    assert_eq!(hello.version.to_string(), "TLS 1.3");
    assert_eq!((hello.ja4, hello.alpn, hello.ech), (None, None, Ech::None));
}
