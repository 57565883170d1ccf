//! Connections that nftables translates, in a namespace of the test's own.

use super::message::{Entry, entry, question};
use super::*;
use crate::platform::linux::scene::{apart, at, end, run};
use std::net::{TcpListener, TcpStream, UdpSocket};

const RULES: &str = "
table inet nat {
    chain output { type nat hook output priority -100; tcp dport 8080 redirect to :9090; }
    chain postrouting { type nat hook postrouting priority 100; ip daddr 127.0.0.1 udp dport 53 snat to 127.0.0.5; }
}
";

fn translate() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules");
    std::fs::write(&rules, RULES).unwrap();
    run(&format!("nft -f {}", rules.display()));
}

#[test]
fn both_sides_of_a_translation_lead_to_the_other() {
    apart(|| {
        translate();
        for (bound, shown, real) in [
            ("127.0.0.1:9090", "127.0.0.1:8080", "127.0.0.1:9090"),
            ("[::1]:9090", "[::1]:8080", "[::1]:9090"),
        ] {
            let _listener = TcpListener::bind(bound).unwrap();
            let client = TcpStream::connect(shown).unwrap();
            let us = end(client.local_addr().unwrap());
            let (shown, real) = (at(shown), at(real));
            let mut translations = Translations::open().unwrap();
            let mut find = |from, to| translations.find(Protocol::TCP, from, to).unwrap();
            assert_eq!(find(us, shown), Some((us, real)));
            assert_eq!(find(us, real), Some((us, shown)));
            assert_eq!(find(shown, us), Some((real, us)));
            assert_eq!(find(real, us), Some((shown, us)));
            assert_eq!(find(us, at("127.0.0.1:1")), None);
        }
    });
}

#[test]
fn a_source_that_is_translated_is_told() {
    apart(|| {
        translate();
        let server = UdpSocket::bind("127.0.0.1:53").unwrap();
        let client = UdpSocket::bind("127.0.0.1:0").unwrap();
        client.send_to(b"x", "127.0.0.1:53").unwrap();
        let (_, from) = server.recv_from(&mut [0; 9]).unwrap();
        assert_eq!(from.ip().to_string(), "127.0.0.5");
        let mut translations = Translations::open().unwrap();
        let us = end(client.local_addr().unwrap());
        let found = translations
            .find(Protocol::UDP, end(from), at("127.0.0.1:53"))
            .unwrap();
        assert_eq!(found, Some((us, at("127.0.0.1:53"))));
        let untranslated = UdpSocket::bind("127.0.0.1:0").unwrap();
        untranslated.send_to(b"x", "127.0.0.1:54").unwrap();
        let us = end(untranslated.local_addr().unwrap());
        let found = translations
            .find(Protocol::UDP, us, at("127.0.0.1:54"))
            .unwrap();
        assert_eq!(found, None);
    });
}

#[test]
fn what_is_no_entry_says_nothing() {
    let ends = (at("10.0.0.1:1"), at("10.0.0.2:2"));
    let tuple = question(Protocol::TCP, ends).unwrap();
    // A question has the tuple that an entry begins with; an entry has both.
    let mut both = tuple.clone();
    let reply = question(Protocol::TCP, (ends.1, ends.0)).unwrap();
    both.extend(&reply[4..]);
    both[tuple.len() + 2] = 2;
    let whole = Entry {
        original: ends,
        reply: (ends.1, ends.0),
    };
    assert_eq!(entry(&both), Some(whole));
    assert_eq!(other_side(whole, ends), None, "not translated");
    for length in 0..both.len() {
        assert_eq!(entry(&both[..length]), None, "{length}");
    }
    assert_eq!(
        question(Protocol::TCP, (at("10.0.0.1:1"), at("[::1]:1"))),
        None
    );
}
