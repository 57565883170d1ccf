//! What messages ask for, and how they are told from other bytes, as tables.

use super::test_messages::*;
use super::*;

fn asked(message: &[u8], family: Family) -> Vec<String> {
    let mut names = Vec::new();
    questions(message, family, |name| names.push(name.to_string()));
    names
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
        b"\xc0\x17",
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
    let told = asked(&Draft::asking(&longest, 1).bytes(), Family::Dns);
    assert_eq!(told, [longest.as_str()]);
    assert!(
        asked(
            &Draft::asking(&format!("{longest}y"), 1).bytes(),
            Family::Dns
        )
        .is_empty()
    );
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
