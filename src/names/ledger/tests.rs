//! Who is named what, as tables.

use super::*;

const S: i64 = NANOS;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn answer(name: &str, address: &str, ttl: u32) -> Answer {
    let name = Name::of(name.as_bytes()).unwrap();
    Answer {
        address: ip(address),
        name,
        ttl,
        alias: false,
        hint: false,
    }
}

/// A ledger of answers: client, name, address, time to live and when, in seconds.
fn ledger(answers: &[(&str, &str, &str, u32, i64)]) -> Ledger {
    let mut ledger = Ledger::default();
    for (client, name, address, ttl, at) in answers {
        ledger.learn(ip(client), &answer(name, address, *ttl), Nanos(at * S));
    }
    ledger
}

/// The name and the marks that are set.
fn said(ledger: &Ledger, client: &str, address: &str, at: i64) -> String {
    let Some(told) = ledger.name(ip(client), ip(address), Nanos(at * S)) else {
        return "-".into();
    };
    let mark = |set, word| if set { word } else { "" };
    let nat64 = told
        .nat64
        .map(|four| format!(" for {four}"))
        .unwrap_or_default();
    let marks = [
        mark(told.ambiguous, " ambiguous"),
        mark(told.other_client, " other"),
        mark(told.hint, " hint"),
    ];
    format!("{}{}{nat64}", told.name, marks.concat())
}

#[test]
fn an_answer_holds_from_then_on_for_its_time() {
    let ledger = ledger(&[("10.0.0.1", "a.example", "8.8.8.8", 60, 100)]);
    for (at, name) in [
        (97, "-"),
        (98, "a.example"),
        (100, "a.example"),
        (170, "a.example"),
        (171, "-"),
    ] {
        assert_eq!(said(&ledger, "10.0.0.1", "8.8.8.8", at), name, "{at}");
    }
    assert_eq!(said(&ledger, "10.0.0.1", "8.8.4.4", 100), "-");
    let age = |at| {
        ledger
            .name(ip("10.0.0.1"), ip("8.8.8.8"), Nanos(at * S))
            .unwrap()
            .age
    };
    assert_eq!((age(98), age(103)), (Nanos(0), Nanos(3 * S)));
}

#[test]
fn a_time_to_live_is_neither_absurdly_short_nor_long() {
    let ledger = ledger(&[
        ("10.0.0.1", "a.example", "8.8.8.8", 0, 0),
        ("10.0.0.1", "b.example", "8.8.4.4", u32::MAX, 0),
    ]);
    assert_eq!(said(&ledger, "10.0.0.1", "8.8.8.8", 20), "a.example");
    assert_eq!(said(&ledger, "10.0.0.1", "8.8.8.8", 21), "-");
    assert_eq!(said(&ledger, "10.0.0.1", "8.8.4.4", 86_410), "b.example");
    assert_eq!(said(&ledger, "10.0.0.1", "8.8.4.4", 86_411), "-");
}

#[test]
fn two_names_at_a_time_are_ambiguous() {
    let client = "10.0.0.1";
    let ledger = ledger(&[
        (client, "a.example", "8.8.8.8", 60, 100),
        (client, "a.example", "8.8.8.8", 60, 110),
        (client, "b.example", "8.8.8.8", 300, 150),
    ]);
    for (at, name) in [
        (120, "a.example"),
        (149, "a.example"),
        (150, "b.example ambiguous"),
        (180, "b.example ambiguous"),
        (181, "b.example"),
    ] {
        assert_eq!(said(&ledger, client, "8.8.8.8", at), name, "{at}");
    }
}

#[test]
fn a_name_that_is_said_again_keeps_its_beginning() {
    let client = "10.0.0.1";
    let ledger = ledger(&[
        (client, "a.example", "8.8.8.8", 60, 100),
        (client, "a.example", "8.8.8.8", 60, 130),
    ]);
    let age = |at| {
        ledger
            .name(ip(client), ip("8.8.8.8"), Nanos(at * S))
            .unwrap()
            .age
    };
    assert_eq!((age(120), age(135)), (Nanos(20 * S), Nanos(5 * S)));
    assert_eq!(said(&ledger, client, "8.8.8.8", 200), "a.example");
}

#[test]
fn a_name_that_comes_back_was_away_in_between() {
    let client = "10.0.0.1";
    let ledger = ledger(&[
        (client, "a.example", "8.8.8.8", 60, 100),
        (client, "a.example", "8.8.8.8", 60, 500),
    ]);
    for (at, name) in [
        (300, "-"),
        (500, "a.example"),
        (570, "a.example"),
        (571, "-"),
    ] {
        assert_eq!(said(&ledger, client, "8.8.8.8", at), name, "{at}");
    }
}

#[test]
fn answers_speak_for_others_only_of_internet_addresses() {
    let asker = "192.168.1.2";
    for (address, own, others) in [
        ("8.8.8.8", "a.example", "a.example other"),
        ("2606:4700::1", "a.example", "a.example other"),
        ("192.168.1.9", "a.example", "-"),
        ("100.64.0.1", "a.example", "-"),
        ("fd00::1", "a.example", "-"),
        ("169.254.1.1", "a.example", "-"),
        ("127.0.0.1", "-", "-"),
        ("0.0.0.0", "-", "-"),
        ("::1", "-", "-"),
        ("::", "-", "-"),
        ("224.0.0.251", "-", "-"),
        ("255.255.255.255", "-", "-"),
        ("64:ff9b::10.0.0.1", "a.example for 10.0.0.1", "-"),
        ("64:ff9b::127.0.0.1", "-", "-"),
    ] {
        let ledger = ledger(&[(asker, "a.example", address, 60, 100)]);
        assert_eq!(said(&ledger, asker, address, 100), own, "{address}");
        assert_eq!(said(&ledger, "fd00::2", address, 100), others, "{address}");
    }
}

#[test]
fn own_answers_come_first() {
    let mut ledger = ledger(&[
        ("10.0.0.1", "mine.example", "8.8.8.8", 60, 100),
        ("10.0.0.2", "theirs.example", "8.8.8.8", 60, 120),
    ]);
    assert_eq!(said(&ledger, "10.0.0.1", "8.8.8.8", 130), "mine.example");
    assert_eq!(said(&ledger, "10.0.0.2", "8.8.8.8", 130), "theirs.example");
    assert_eq!(
        said(&ledger, "fd00::1", "8.8.8.8", 130),
        "theirs.example ambiguous other"
    );
    assert_eq!(
        said(&ledger, "10.0.0.1", "8.8.8.8", 175),
        "theirs.example other"
    );
    ledger.learn(
        ip("10.0.0.1"),
        &Answer {
            hint: true,
            ..answer("h.example", "8.8.4.4", 60)
        },
        Nanos(100 * S),
    );
    assert_eq!(said(&ledger, "10.0.0.1", "8.8.4.4", 130), "h.example hint");
}

#[test]
fn what_a_group_heard_holds_on_the_link() {
    let ledger = ledger(&[
        ("224.0.0.251", "printer.local", "192.168.1.9", 120, 100),
        ("ff02::fb", "printer.local", "fe80::9", 120, 100),
        ("224.0.0.251", "liar.local", "8.8.8.8", 120, 100),
        ("10.0.0.2", "a.example", "8.8.8.8", 120, 100),
    ]);
    assert_eq!(
        said(&ledger, "192.168.1.2", "192.168.1.9", 110),
        "printer.local"
    );
    assert_eq!(said(&ledger, "fe80::2", "fe80::9", 110), "printer.local");
    assert_eq!(
        said(&ledger, "192.168.1.2", "8.8.8.8", 110),
        "a.example other"
    );
}

#[test]
fn mapped_and_translated_addresses_are_seen_through() {
    let client = "2001:db8::1";
    let mut ledger = ledger(&[
        (client, "a.example", "::ffff:8.8.8.8", 60, 100),
        (client, "b.example", "64:ff9b::1.1.1.1", 60, 100),
    ]);
    assert_eq!(said(&ledger, client, "8.8.8.8", 100), "a.example");
    assert_eq!(said(&ledger, client, "::ffff:8.8.8.8", 100), "a.example");
    assert_eq!(
        said(&ledger, client, "64:ff9b::8.8.8.8", 100),
        "a.example for 8.8.8.8"
    );
    assert_eq!(
        said(&ledger, client, "64:ff9b::1.1.1.1", 100),
        "b.example for 1.1.1.1"
    );
    assert_eq!(said(&ledger, client, "2a00:64::8.8.8.8", 100), "-");
    ledger.learn(
        ip(client),
        &answer("ipv4only.arpa", "2a00:64::192.0.0.170", 60),
        Nanos(100 * S),
    );
    assert_eq!(
        said(&ledger, client, "2a00:64::8.8.8.8", 100),
        "a.example for 8.8.8.8"
    );
}

#[test]
fn the_latest_names_of_an_address_are_kept() {
    let mut ledger = Ledger::default();
    for number in 0..20 {
        ledger.learn(
            ip("10.0.0.1"),
            &answer(&format!("{number}.example"), "10.0.0.9", 600),
            Nanos(number * S),
        );
    }
    assert_eq!(
        said(&ledger, "10.0.0.1", "10.0.0.9", 30),
        "19.example ambiguous"
    );
    assert_eq!(said(&ledger, "10.0.0.1", "10.0.0.9", 12), "12.example");
    assert_eq!(said(&ledger, "10.0.0.1", "10.0.0.9", 9), "-");
}

#[test]
fn a_flood_is_bounded_and_what_is_used_stays() {
    let mut ledger = Ledger::new(1000);
    let server =
        |number: u32| format!("10.{}.{}.{}", number >> 16, number >> 8 & 255, number & 255);
    for number in 0..50_000 {
        ledger.learn(
            ip("10.0.0.1"),
            &answer("flood.example", &server(number), 600),
            Nanos(S),
        );
        if number % 400 == 0 {
            ledger.learn(
                ip("10.0.0.1"),
                &answer("kept.example", "192.168.0.1", 600),
                Nanos(S),
            );
        }
        assert!(ledger.len() <= 1000);
    }
    assert_eq!(said(&ledger, "10.0.0.1", "192.168.0.1", 2), "kept.example");
    assert_eq!(
        said(&ledger, "10.0.0.1", &server(49_999), 2),
        "flood.example"
    );
    assert_eq!(
        said(&ledger, "10.0.0.1", &server(49_500), 2),
        "flood.example"
    );
    assert_eq!(said(&ledger, "10.0.0.1", &server(1), 2), "-");
}

#[test]
fn what_is_over_is_forgotten() {
    let mut ledger = ledger(&[
        ("10.0.0.1", "a.example", "8.8.8.8", 60, 100),
        ("10.0.0.1", "b.example", "10.0.0.9", 600, 100),
    ]);
    assert_eq!(ledger.len(), 3);
    ledger.forget(Nanos(230 * S));
    assert_eq!(ledger.len(), 3, "flows of a minute ago may still ask");
    ledger.forget(Nanos(231 * S));
    assert_eq!(ledger.len(), 1);
    ledger.forget(Nanos(i64::MIN));
    assert!(ledger.is_empty(), "the clock went back by years");
    ledger.learn(
        ip("10.0.0.1"),
        &answer("a.example", "8.8.8.8", u32::MAX),
        Nanos(i64::MAX),
    );
    assert!(
        ledger
            .name(ip("10.0.0.1"), ip("8.8.8.8"), Nanos(i64::MIN))
            .is_none()
    );
    ledger.forget(Nanos(i64::MAX));
    assert_eq!(ledger.len(), 2);
}
