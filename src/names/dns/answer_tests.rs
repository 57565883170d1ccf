//! What responses say, as tables.

use super::test_messages::*;
use super::*;

/// Address, name, time to live, and the marks that are set.
fn told(draft: &Draft, family: Family) -> Vec<String> {
    let answers = answers(&draft.bytes(), family).unwrap();
    let mark = |set, word| if set { word } else { "" };
    let line = |answer: &Answer| {
        let marks = [mark(answer.alias, " alias"), mark(answer.hint, " hint")].concat();
        format!("{} {} {}{marks}", answer.address, answer.name, answer.ttl)
    };
    answers.addresses.iter().map(line).collect()
}

fn dns(draft: &Draft) -> Vec<String> {
    told(draft, Family::Dns)
}

#[test]
fn addresses_behind_aliases_get_the_asked_name() {
    let chain = [
        a("c.example", 50, 3),
        cname("b.example", 20, "c.example"),
        cname("www.example", 100, "b.example"),
        a("b.example", 500, 2),
        a("else.example", 50, 9),
    ];
    let expected = [
        "93.184.216.3 www.example 20 alias",
        "93.184.216.2 www.example 100 alias",
    ];
    assert_eq!(dns(&Draft::answering("www.example", &chain)), expected);
    let round = [
        cname("www.example", 9, "b.example"),
        cname("b.example", 9, "www.example"),
        a("b.example", 9, 1),
        a("WWW.example", 7, 2),
    ];
    let expected = [
        "93.184.216.1 www.example 9 alias",
        "93.184.216.2 www.example 7",
    ];
    assert_eq!(dns(&Draft::answering("www.example", &round)), expected);
    let subtree = [
        record("old.example", 39, 30, &wire("new.example")),
        a("x.y.new.example", 60, 1),
        a("new.example", 60, 2),
    ];
    assert_eq!(
        dns(&Draft::answering("x.y.old.example", &subtree)),
        ["93.184.216.1 x.y.old.example 30 alias"]
    );
    assert!(dns(&Draft::answering("xold.example", &subtree)).is_empty());
}

#[test]
fn aliases_of_the_wrong_place_or_length_are_not_followed() {
    let address = a("b.example", 9, 1);
    let mut draft = Draft::answering("www.example", std::slice::from_ref(&address));
    draft.records[1] = vec![cname("www.example", 9, "b.example")];
    assert!(dns(&draft).is_empty(), "an authority's alias");
    draft.records[2] = std::mem::take(&mut draft.records[1]);
    assert_eq!(dns(&draft), ["93.184.216.1 www.example 9 alias"]);
    // Its data ends within the name, which would go on in the owner of the next record.
    let short = record("www.example", 5, 9, &[0]);
    let (start, _) = short.split_at(short.len() - 3);
    let spilt = [start, &[0, 0]].concat();
    let draft = Draft::answering("www.example", &[spilt, address]);
    assert!(
        dns(&draft).is_empty(),
        "an alias that is longer than its data"
    );
}

#[test]
fn service_records_hint_and_point() {
    let hints = b"\x00\x01\x00\x03\x02h3\x00\x04\x00\x08\x01\x02\x03\x04\x01\x02\x03\x05\x00\x06\x00\x10\x26\x06\x47\0\0\0\0\0\0\0\0\0\0\0\0\x01";
    let own = Draft::answering("www.example", &[service("www.example", 1, ".", hints)]);
    let expected = [
        "1.2.3.4 www.example 300 hint",
        "1.2.3.5 www.example 300 hint",
        "2606:4700::1 www.example 300 hint",
    ];
    assert_eq!(dns(&own), expected);
    let mut pointed = Draft::answering(
        "www.example",
        &[service("www.example", 1, "pool.example", &[])],
    );
    pointed.records[1] = vec![a("www.example", 60, 7)];
    pointed.records[2] = vec![
        a("pool.example", 60, 1),
        a("ns.example", 60, 2),
        raw(&[0], 41, 1232, 0, &[]),
    ];
    assert_eq!(dns(&pointed), ["93.184.216.1 www.example 60 alias"]);
    let alias = [
        service("example", 0, "pool.example", hints),
        service("pool.example", 1, ".", &hints[..19]),
    ];
    assert_eq!(
        dns(&Draft::answering("example", &alias)),
        [
            "1.2.3.4 example 300 alias hint",
            "1.2.3.5 example 300 alias hint"
        ]
    );
    let srv = [&[0, 0, 0, 0, 0x14, 0x66], &wire("chat.example")[..]].concat();
    let mut located = Draft::answering(
        "_xmpp._tcp.example",
        &[record("_xmpp._tcp.example", 33, 90, &srv)],
    );
    located.records[2] = vec![a("chat.example", 900, 1)];
    assert_eq!(dns(&located), ["93.184.216.1 _xmpp._tcp.example 90 alias"]);
}

#[test]
fn failures_and_truncation_are_told() {
    let codes = [
        Failure::FormatError,
        Failure::ServerFailure,
        Failure::NoSuchName,
        Failure::NotImplemented,
        Failure::Refused,
        Failure::Other(6),
    ];
    for (code, failure) in (1..).zip(codes) {
        let mut draft = Draft::answering("www.example", &[a("www.example", 9, 1)]);
        draft.flags |= code;
        let said = answers(&draft.bytes(), Family::Dns).unwrap();
        assert_eq!((said.failed, said.addresses.len()), (Some(failure), 0));
    }
    let mut draft = Draft::answering("www.example", &[]);
    draft.flags |= 0x0200;
    assert!(answers(&draft.bytes(), Family::Dns).unwrap().truncated);
    draft.flags |= 4 << 11;
    assert_eq!(
        answers(&draft.bytes(), Family::Dns),
        None,
        "a NOTIFY answers nothing"
    );
}

#[test]
fn records_of_other_classes_and_lengths_name_nothing() {
    let odd = [
        raw(&wire("www.example"), 1, 3, 9, &[1, 2, 3, 4]),
        record("www.example", 1, 9, &[1, 2, 3]),
        record("www.example", 28, 9, &[1, 2, 3, 4]),
    ];
    assert!(dns(&Draft::answering("www.example", &odd)).is_empty());
    let never = [a("www.example", 0x8000_0000, 1)];
    assert_eq!(
        dns(&Draft::answering("www.example", &never)),
        ["93.184.216.1 www.example 0"]
    );
}

#[test]
fn multicast_announcements_name_their_owners() {
    let flush = |owner: &str, ttl| raw(&wire(owner), 1, 0x8001, ttl, &[192, 168, 1, 9]);
    let mut draft = Draft {
        flags: 0x8400,
        ..Draft::default()
    };
    draft.records[0] = vec![
        flush("Printer.local", 120),
        flush("gone.local", 0),
        flush("www.bank.example", 120),
    ];
    draft.records[1] = vec![flush("probe.local", 120)];
    draft.records[2] = vec![
        record("printer.local", 28, 120, &[0xfe; 16]),
        flush("local", 9),
    ];
    let expected = [
        "192.168.1.9 printer.local 120",
        "fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe printer.local 120",
    ];
    assert_eq!(told(&draft, Family::Mdns), expected);
    assert!(
        dns(&draft).is_empty(),
        "without a question there is no answer"
    );
    let legacy = Draft::answering("printer.local", &[a("printer.local", 10, 1)]);
    assert_eq!(
        told(&legacy, Family::Mdns),
        ["93.184.216.1 printer.local 10"]
    );
    let neighbour = Draft {
        flags: 0x8000,
        ..Draft::answering("nas", &[a("nas", 30, 1)])
    };
    assert_eq!(told(&neighbour, Family::Llmnr), ["93.184.216.1 nas 30"]);
}

#[test]
fn netbios_answers_name_hosts_not_groups() {
    let data = [0x60, 0, 192, 168, 0, 5, 0xe0, 0, 192, 168, 0, 6, 0, 0];
    let owner = netbios(b"FILESERVER     \x20", "");
    let mut draft = Draft {
        flags: 0x8580,
        ..Draft::default()
    };
    draft.records[0] = vec![
        raw(&owner, 32, 1, 300, &data),
        raw(&owner, 33, 1, 300, &data),
    ];
    assert_eq!(told(&draft, Family::Nbns), ["192.168.0.5 fileserver 300"]);
    assert_eq!(
        answers(&draft.bytes(), Family::Nbns)
            .unwrap()
            .asked
            .unwrap()
            .as_str(),
        "fileserver"
    );
}
