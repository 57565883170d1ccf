//! What messages say, as tables.

use super::test_messages::*;
use super::*;

fn asked(message: &[u8], family: Family) -> Vec<String> {
    let mut names = Vec::new();
    questions(message, family, |name| names.push(name.to_string()));
    names
}

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
fn a_query_and_its_response_ask_for_the_same() {
    // RFC 1035, 4.1, byte by byte.
    let query = b"\x1a\x2b\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03wWw\x07Example\x03com\x00\x00\x01\x00\x01";
    assert_eq!(asked(query, Family::Dns), ["www.example.com"]);
    assert_eq!(answers(query, Family::Dns), None);
    let response = b"\x1a\x2b\x81\x80\x00\x01\x00\x02\x00\x00\x00\x00\x03www\x07example\x03com\x00\x00\x01\x00\x01\
        \xc0\x0c\x00\x05\x00\x01\x00\x00\x01\x2c\x00\x06\x03cdn\xc0\x10\
        \xc0\x2d\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x5d\xb8\xd8\x22";
    assert_eq!(asked(response, Family::Dns), ["www.example.com"]);
    let said = answers(response, Family::Dns).unwrap();
    assert_eq!(said.asked.unwrap().as_str(), "www.example.com");
    assert_eq!((said.failed, said.truncated), (None, false));
    let [answer] = &said.addresses[..] else {
        panic!("{:?}", said.addresses)
    };
    assert_eq!(answer.address.to_string(), "93.184.216.34");
    assert_eq!((answer.name.as_str(), answer.ttl), ("www.example.com", 60));
    assert!(answer.alias && !answer.hint);
}

#[test]
fn every_name_is_told_once() {
    let mut draft = Draft::asking("a.example", 1);
    for name in [
        "a.example",
        "b.example",
        "A.example",
        "b.example",
        "",
        "c.example",
    ] {
        draft.questions.extend(Draft::asking(name, 28).questions);
    }
    assert_eq!(
        asked(&draft.bytes(), Family::Mdns),
        ["a.example", "b.example", "c.example"]
    );
}

#[test]
fn odd_labels_are_shown_and_harmless() {
    for (label, shown) in [
        (&b"a.b"[..], "a.b.test"),
        (b"a b", "a b.test"),
        (b"a\0b", r"a\000b.test"),
        (b"a\n\x7f\x1b", r"a\n\177\033.test"),
        (b"\x07\x08\t\x0b\x0c\r\x01", r"\a\b\t\v\f\r\001.test"),
        ("B\u{dc}cher".as_bytes(), "b\u{fc}cher.test"),
        ("a\u{202e}b".as_bytes(), "a\u{fffd}b.test"),
        (b"a\xffb", "a\u{fffd}b.test"),
        (br"a\b", r"a\b.test"),
    ] {
        let mut draft = Draft::asking("test", 1);
        draft.questions[0].splice(0..0, [&[label.len() as u8], label].concat());
        assert_eq!(asked(&draft.bytes(), Family::Dns), [shown], "{label:?}");
    }
}

#[test]
fn a_cut_or_damaged_message_gives_what_was_whole() {
    let whole = Draft::answering(
        "www.example.com",
        &[a("www.example.com", 9, 1), a("www.example.com", 9, 2)],
    );
    let bytes = whole.bytes();
    let question = 12 + whole.questions[0].len();
    for length in 0..=bytes.len() {
        let cut = &bytes[..length];
        assert_eq!(
            asked(cut, Family::Dns).len(),
            usize::from(length >= question),
            "{length}"
        );
        let addresses = answers(cut, Family::Dns).map(|said| said.addresses.len());
        let records = length.saturating_sub(question) / whole.records[0][0].len();
        assert_eq!(
            addresses,
            (length >= question).then_some(records),
            "{length}"
        );
    }
}

#[test]
fn a_name_that_cannot_be_one_is_passed_over() {
    for bad in [
        &b"\xc0\x0c"[..],
        b"\x01a\xc0\x0c",
        b"\xc0\x20",
        &[&[63; 64][..], &[63; 64], &[63; 64], &[63; 64], &[0]].concat(),
    ] {
        let mut draft = Draft::asking("good.example", 1);
        draft.questions.insert(0, [bad, &[0, 1, 0, 1]].concat());
        assert_eq!(
            asked(&draft.bytes(), Family::Dns),
            ["good.example"],
            "{bad:?}"
        );
        assert_eq!(
            answers(
                &Draft {
                    flags: RESPONSE,
                    ..draft
                }
                .bytes(),
                Family::Dns
            ),
            None
        );
    }
    for bad in [&b"\x41\x10\xab\xcd\x03com\0"[..], b"\x80\0"] {
        let mut draft = Draft::asking("after.example", 1);
        draft.questions.insert(0, [bad, &[0, 1, 0, 1]].concat());
        assert!(asked(&draft.bytes(), Family::Dns).is_empty(), "{bad:?}");
    }
}

#[test]
fn the_longest_name_is_read_and_a_longer_one_is_not() {
    let longest = format!("{0}.{0}.{0}.{1}", "x".repeat(63), "y".repeat(61));
    assert_eq!(
        asked(&Draft::asking(&longest, 1).bytes(), Family::Dns),
        [longest.clone()]
    );
    assert!(
        asked(
            &Draft::asking(&format!("{longest}y"), 1).bytes(),
            Family::Dns
        )
        .is_empty()
    );
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
fn netbios_names_are_decoded() {
    for (name, scope, shown) in [
        (b"FILESERVER     \x20", "", Some("fileserver")),
        (
            b"MARTIN ROSENAU \x03",
            "Corp.Example",
            Some("martin rosenau.corp.example"),
        ),
        (
            b"\x01\x02__MSBROWSE__\x02\x01",
            "",
            Some(r"\001\002__msbrowse__\002"),
        ),
        (b"*\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "", None),
        (b"                ", "", None),
    ] {
        let question = [netbios(name, scope), vec![0, 0x20, 0, 1]].concat();
        let draft = Draft {
            questions: vec![question],
            ..Draft::default()
        };
        assert_eq!(
            asked(&draft.bytes(), Family::Nbns)
                .first()
                .map(String::as_str),
            shown
        );
        let header = [0x11, 2, 0, 1, 10, 0, 0, 1, 0, 138, 0, 100, 0, 0];
        let datagram = [
            &header,
            &netbios(b"SENDER         \0", "")[..],
            &netbios(name, scope),
        ]
        .concat();
        assert_eq!(
            nbdgm(&datagram).map(|name| name.to_string()).as_deref(),
            shown
        );
        assert_eq!(nbdgm(&datagram[..60]), None);
    }
    let asked_in_vain = Draft::asking("fhepfceelehfcepfffacacacacacacaz", 32);
    assert!(asked(&asked_in_vain.bytes(), Family::Nbns).is_empty());
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

#[test]
fn a_stream_gives_its_whole_messages() {
    let query = Draft::asking("www.example", 1).bytes();
    let framed = [&(query.len() as u16).to_be_bytes(), &query[..]].concat();
    let stream = [&framed, &[0, 0][..], &framed, &framed[..30]].concat();
    let mut all = messages(&stream);
    let lengths: Vec<usize> = all.by_ref().map(<[u8]>::len).collect();
    assert_eq!(lengths, [query.len(), 0, query.len()]);
    assert_eq!(all.used(), 2 * framed.len() + 2);
    assert_eq!(all.begun(), &query[..28]);
    assert_eq!(
        (messages(&[0]).count(), messages(&[]).begun().len()),
        (0, 0)
    );
}

#[test]
fn content_alone_says_what_is_certain() {
    let query = Draft::asking("www.example", 1);
    let mut edns = query.clone();
    edns.records[2] = vec![raw(&[0], 41, 1232, 0, &[])];
    let response = Draft::answering("www.example", &[a("www.example", 9, 1)]);
    for draft in [&query, &edns, &response] {
        assert!(looks_like_dns(&draft.bytes()));
        let bytes = draft.bytes();
        assert!(
            !looks_like_dns(&bytes[..bytes.len() - 1])
                && !looks_like_dns(&[&bytes[..], &[0]].concat())
        );
    }
    for other in [
        Draft::asking("", 1),
        Draft::asking("not a name", 1),
        Draft::asking("www.example", 7777),
        Draft {
            flags: 0x2900,
            ..query.clone()
        },
        Draft {
            flags: 0x0140,
            ..query.clone()
        },
        Draft {
            questions: [query.questions.clone(), query.questions.clone()].concat(),
            ..query.clone()
        },
    ] {
        assert!(!looks_like_dns(&other.bytes()));
    }
}

#[test]
fn the_port_says_the_family() {
    let families = [53, 5353, 5355, 137, 138].map(Family::of_port);
    assert_eq!(
        families,
        [
            Some(Family::Dns),
            Some(Family::Mdns),
            Some(Family::Llmnr),
            Some(Family::Nbns),
            None
        ]
    );
}
