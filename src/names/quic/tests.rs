//! Connections as clients begin them, and what is no such thing.

use super::test_packets::{FIRST, Initial, PLAIN, crypto, hello, other};
use super::*;
use crate::names::Parsed;

pub(super) const VERSION_2: u32 = 0x6b33_43cf;

pub(super) fn done(hello: &[u8]) -> Parsed<Found> {
    Parsed::Done(Found::Hello(hello.into()))
}

/// What comes of the client's datagrams, the last of which must not come too late.
pub(super) fn outcome(datagrams: &[Vec<u8>]) -> Parsed<Found> {
    let mut quic = Quic::new();
    let (last, before) = datagrams.split_last().unwrap();
    for datagram in before {
        assert_eq!(quic.datagram(true, datagram), Parsed::More);
    }
    quic.datagram(true, last)
}

#[test]
fn every_version_and_salt() {
    let hello = hello(300);
    for number in [
        1,
        VERSION_2,
        0xff00_0016,
        0xff00_0017,
        0xff00_001b,
        0xff00_001c,
        0xff00_001d,
        0xff00_0020,
        0xff00_0022,
        0xface_b002,
        0x0a0a_0a0a,
        0x5a6a_7a8a,
    ] {
        for way in 0..version::Version::of(number).unwrap().protections.len() {
            let initial = Initial {
                number,
                way,
                ..PLAIN
            };
            let packet = initial.seal(&crypto(&hello, 0..300));
            assert!(begins(&packet), "{number:#x}");
            assert_eq!(outcome(&[packet]), done(&hello), "{number:#x} {way}");
        }
    }
}

/// Draft 29's keys are others than those of version 1 for the same connection ID.
#[test]
fn a_salt_of_another_version_opens_nothing() {
    let mut packet = PLAIN.seal(&crypto(&hello(300), 0..300));
    packet[1..5].copy_from_slice(&0xff00_001d_u32.to_be_bytes());
    assert_eq!(outcome(&[packet]), Parsed::More);
}

#[test]
fn a_hello_in_many_pieces() {
    let hello = hello(2500);
    let part = |number, range| {
        let initial = Initial {
            packet_number: number,
            written: 1,
            ..PLAIN
        };
        initial.seal(&crypto(&hello, range))
    };
    let (first, second, third) = (part(0, 0..1000), part(1, 1000..1900), part(2, 1900..2500));
    let overlapping = part(3, 500..1500);
    let joined = [&first[..], &second, &third].concat();
    for datagrams in [
        vec![first.clone(), second.clone(), third.clone()],
        vec![third.clone(), second.clone(), first.clone()],
        vec![second.clone(), second.clone(), third.clone(), first.clone()],
        vec![first.clone(), overlapping.clone(), third.clone(), second],
        vec![third, overlapping.clone(), first, part(4, 1500..1900)],
        vec![joined],
    ] {
        assert_eq!(outcome(&datagrams), done(&hello));
    }
}

#[test]
fn other_frames_stand_between() {
    let hello = hello(90);
    let acknowledgement = [0x02, 0x05, 0x40, 0x19, 0x01, 0x00, 0x01, 0x01];
    let counted = [&[0x03][..], &acknowledgement[1..], &[0x01, 0x02, 0x03]].concat();
    let close = [0x1c, 0x40, 0x0a, 0x06, 0x02, b'n', b'o'];
    let payload = [
        &[0, 0, 1][..],
        &crypto(&hello, 60..90),
        &acknowledgement,
        &crypto(&hello, 20..60),
        &counted,
        &[0; 40],
        &close,
        &crypto(&hello, 0..20),
        &[0; 300],
    ];
    assert_eq!(outcome(&[PLAIN.seal(&payload.concat())]), done(&hello));
    let stream = [&[0x08, 0x00, 0x01][..], &crypto(&hello, 0..90)].concat();
    assert_eq!(outcome(&[PLAIN.seal(&stream)]), Parsed::More);
}

#[test]
fn packet_numbers_tokens_and_ids_of_any_length() {
    let hello = hello(200);
    let longest = [3; 20];
    for (packet_number, written) in [(0, 1), (0xff, 1), (0x1234, 2), (0x12_3456, 3), (77, 4)] {
        let initial = Initial {
            packet_number,
            written,
            token: &[7; 100],
            source: &longest,
            destination: &longest,
            ..PLAIN
        };
        let packet = initial.seal(&crypto(&hello, 0..200));
        assert_eq!(outcome(&[packet]), done(&hello), "{packet_number}");
    }
}

/// RFC 9000, 17.2.5: the server's Retry changes the keys, and the client says everything again.
#[test]
fn after_a_retry() {
    let hello = hello(1800);
    let retried = Initial {
        destination: b"server's",
        token: b"token",
        ..PLAIN
    };
    let retry = [&[0xf0, 0, 0, 0, 1, 0, 8][..], b"server's", &[0x33; 40]].concat();
    let mut quic = Quic::new();
    for (from_client, datagram) in [
        (true, PLAIN.seal(&crypto(&hello, 0..900))),
        (false, retry),
        (true, retried.seal(&crypto(&hello, 900..1800))),
    ] {
        assert_eq!(quic.datagram(from_client, &datagram), Parsed::More);
    }
    assert!(quic.so_far().is_empty());
    let last = retried.seal(&crypto(&hello, 0..900));
    assert_eq!(quic.datagram(true, &last), done(&hello));
}

/// RFC 9000, 6.2: the server names its versions, the client begins anew, with the same ID or not.
#[test]
fn after_a_version_negotiation() {
    let (hello, before) = (hello(300), hello(1800));
    for destination in [&FIRST, b"anew-one"] {
        let number = 0xff00_001d;
        let first = Initial { number, ..PLAIN }.seal(&crypto(&before, 0..900));
        let anew = Initial {
            destination,
            ..PLAIN
        };
        let anew = anew.seal(&crypto(&hello, 0..300));
        assert_eq!(outcome(&[first, anew]), done(&hello));
    }
}

/// RFC 9000, 7.2: the client takes the server's connection ID, the keys stay (RFC 9001, 5.2).
#[test]
fn after_the_servers_first_initial() {
    let hello = hello(1800);
    let server = Initial {
        destination: b"client's",
        source: b"server's",
        first: Some(&FIRST),
        ..PLAIN
    };
    let renamed = Initial {
        destination: b"server's",
        first: Some(&FIRST),
        packet_number: 1,
        ..PLAIN
    };
    let mut quic = Quic::new();
    let start = PLAIN.seal(&crypto(&hello, 0..900));
    assert_eq!(quic.datagram(true, &start), Parsed::More);
    let answer = server.seal_as(&[0x02, 0, 0, 0, 0], b"server in");
    assert_eq!(quic.datagram(false, &answer), Parsed::More);
    assert_eq!(quic.so_far(), &hello[..900]);
    let rest = renamed.seal(&crypto(&hello, 900..1800));
    assert_eq!(quic.datagram(true, &rest), done(&hello));
}

#[test]
fn what_is_not_an_initial_is_passed_over() {
    let hello = hello(200);
    for number in [1, VERSION_2] {
        let initial = Initial { number, ..PLAIN };
        let initial = initial.seal(&crypto(&hello, 0..200));
        let early = other(number, Kind::ZeroRtt, &FIRST);
        let handshake = other(number, Kind::Handshake, &FIRST);
        let negotiation = [&[0x80, 0, 0, 0, 0, 0, 8][..], &FIRST, &[0, 0, 0, 1]].concat();
        assert!(begins(&early) && !begins(&handshake) && !begins(&negotiation));
        let joined = [&early[..], &handshake, &initial].concat();
        assert_eq!(outcome(&[early.clone(), initial]), done(&hello));
        assert_eq!(outcome(&[negotiation, joined]), done(&hello));
    }
}

#[test]
fn the_client_may_be_on_the_other_side() {
    let hello = hello(1800);
    let (start, rest) = (crypto(&hello, 0..900), crypto(&hello, 900..1800));
    let mut quic = Quic::new();
    assert_eq!(quic.datagram(false, &PLAIN.seal(&start)), Parsed::More);
    assert_eq!(quic.datagram(true, &PLAIN.seal(&rest)), Parsed::More);
    assert_eq!(quic.so_far(), &hello[..900]);
    assert_eq!(quic.datagram(false, &PLAIN.seal(&rest)), done(&hello));
}

#[test]
fn what_was_changed_gives_nothing() {
    let hello = hello(120);
    let packet = PLAIN.seal(&crypto(&hello, 0..120));
    for at in 0..packet.len() {
        let mut forged = packet.clone();
        forged[at] ^= 0x10;
        let mut quic = Quic::new();
        assert_eq!(quic.datagram(true, &forged), Parsed::More, "{at}");
        assert!(quic.so_far().is_empty(), "{at}");
        assert_eq!(quic.datagram(true, &packet), done(&hello), "{at}");
    }
    for length in 0..packet.len() {
        assert_eq!(outcome(&[packet[..length].to_vec()]), Parsed::More);
    }
}

#[test]
fn it_gives_up() {
    let hello = hello(16 * 1024 + 1);
    let mut quic = Quic::new();
    let start = PLAIN.seal(&crypto(&hello, 0..1000));
    let mut times = 0;
    while quic.datagram(true, &start) == Parsed::More {
        times += 1;
    }
    assert_eq!(times, 15);
    assert_eq!(quic.so_far(), &hello[..1000]);
    let forged = [&start[..start.len() - 1], &[0]].concat();
    let mut quic = Quic::new();
    let outcomes = (0..40).map(|_| quic.datagram(true, &forged));
    assert_eq!(
        outcomes.filter(|outcome| *outcome == Parsed::Not).count(),
        25
    );
    assert_eq!(quic.held(), 0);
}

#[test]
fn what_could_begin_a_connection() {
    let packet = PLAIN.seal(&crypto(&hello(200), 0..200));
    let mut bare = packet.clone();
    bare[0] &= !0x40;
    let mut long = PLAIN.seal(&[0; 1200]);
    long[0] &= !0x40;
    let mut short_header = packet.clone();
    short_header[0] &= !0x80;
    let mut too_long_id = packet.clone();
    too_long_id[5] = 21;
    for (datagram, expected) in [
        (&packet[..], true),
        (&long, true),
        (&bare, false),
        (&short_header, false),
        (&too_long_id, false),
        (&[], false),
        (&packet[..4], false),
        (b"\x80\x00\x00\x01\x00\x00\x00\x2a\x11\x22\x33\x44", false),
        (b"\x09idididid\x51\x30\x34\x33\x01hash", true),
        (b"\x0didididid\x51\x30\x33\x35\x01hash", true),
        (b"\x08idididid\x51\x30\x34\x33\x01hash", false),
        (b"\x0bidididid\x51\x30\x34\x33\x01hash", false),
        (b"\xc3\x51\x30\x34\x36\x50idididid\0\0\0\x01hash", true),
        (b"\xc3\x51\x30\x34\x37\x50idididid\0\0\0\x01hash", false),
    ] {
        assert_eq!(begins(datagram), expected, "{datagram:02x?}");
    }
}
