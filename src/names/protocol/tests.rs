//! First bytes and whole datagrams, with what they are.

use super::*;
use crate::names::Parsed::{Done, More, Not};
use proptest::prelude::*;
use std::collections::HashSet;

/// Bytes in parts, some of them repeated zeros.
fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn datagrams() -> Vec<(Vec<u8>, Protocol)> {
    let stun = joined(&[b"\0\x01\0\x04\x21\x12\xa4\x42", &[7; 12], &[0; 4]]);
    let dhcp = joined(&[&[1, 1, 6], &[0; 233], b"\x63\x82\x53\x63\xff"]);
    let reset = joined(&[&[0x38], &[9; 8], &[0; 5]]);
    let answer = joined(&[&[0x40], &[9; 8], &[1, 0, 0, 0, 0], &[8; 8], &[0; 4]]);
    let signed = joined(&[
        &[0x38],
        &[9; 8],
        &[5; 20],
        &[0, 0, 0, 1, 0x50, 0, 0, 0],
        &[0; 5],
    ]);
    let hidden = joined(&[&[0x38], &[9; 8], &[0, 0, 0, 1], &[5; 41]]);
    let ike = joined(&[
        &[3; 8],
        &[0; 8],
        &[33, 0x20, 34, 8, 0, 0, 0, 0, 0, 0, 0, 32],
        &[0; 4],
    ]);
    let snmp = b"\x30\x13\x02\x01\x01\x04\x06public\xa0\x06\x02\x01\x01\x02\x01\0";
    vec![
        (stun, Protocol::Stun),
        (joined(&[&[1, 0, 0, 0], &[7; 144]]), Protocol::WireGuard),
        (joined(&[&[2, 0, 0, 0], &[7; 88]]), Protocol::WireGuard),
        (joined(&[&[3, 0, 0, 0], &[7; 60]]), Protocol::WireGuard),
        (dhcp, Protocol::Dhcp),
        (reset, Protocol::OpenVpn),
        (answer, Protocol::OpenVpn),
        (signed, Protocol::OpenVpn),
        (hidden, Protocol::OpenVpn),
        (ike, Protocol::Ipsec),
        (snmp.to_vec(), Protocol::Snmp),
        (
            b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n".to_vec(),
            Protocol::Ssdp,
        ),
        (
            b"HTTP/1.1 200 OK\r\nST: a\r\nUSN: b\r\n\r\n".to_vec(),
            Protocol::Ssdp,
        ),
        (
            b"REGISTER sip:a.example SIP/2.0\r\n\r\n".to_vec(),
            Protocol::Sip,
        ),
        (b"SIP/2.0 200 OK\r\n\r\n".to_vec(), Protocol::Sip),
        (
            b"d1:ad2:id20:aaaaaaaaaaaaaaaaaaaae1:q4:ping1:t2:aa1:y1:qe".to_vec(),
            Protocol::Bittorrent,
        ),
    ]
}

#[test]
fn datagrams_are_known_by_their_content() {
    for (datagram, protocol) in datagrams() {
        assert_eq!(
            of_datagram(1, 2, &datagram),
            Some(protocol),
            "{datagram:02x?}"
        );
    }
}

#[test]
fn ike_bears_a_mark_on_the_port_that_it_shares() {
    let ike = datagrams()
        .into_iter()
        .find(|(_, protocol)| *protocol == Protocol::Ipsec)
        .unwrap()
        .0;
    let marked = joined(&[&[0; 4], &ike]);
    assert_eq!(of_datagram(4500, 9, &marked), Some(Protocol::Ipsec));
    assert_eq!(of_datagram(9, 4500, &marked), Some(Protocol::Ipsec));
    assert_eq!(of_datagram(500, 500, &marked), None);
}

#[test]
fn what_is_nearly_a_datagram_is_none() {
    for (mut datagram, protocol) in datagrams() {
        if !matches!(
            protocol,
            Protocol::Sip | Protocol::Ssdp | Protocol::Bittorrent | Protocol::Dhcp
        ) {
            datagram.push(0);
            assert_eq!(
                of_datagram(1, 2, &datagram),
                None,
                "{protocol:?} and a byte"
            );
            datagram.pop();
        }
        if protocol == Protocol::Ipsec {
            datagram[17] ^= 0x80;
        }
        datagram[0] ^= 0x80;
        assert_eq!(
            of_datagram(1, 2, &datagram),
            None,
            "{protocol:?} with a wrong start"
        );
    }
    assert_eq!(of_datagram(1, 2, &joined(&[&[4, 0, 0, 0], &[0; 60]])), None);
    assert_eq!(of_datagram(1194, 1194, &joined(&[&[0x38], &[0; 13]])), None);
    assert_eq!(of_datagram(1, 2, &[]), None);
}

fn streams() -> Vec<(&'static [u8], Protocol)> {
    vec![
        (b"SSH-2.0-OpenSSH_9.6\r\n", Protocol::Ssh),
        (b"SSH-1.99-x\r\n", Protocol::Ssh),
        (b"\x13BitTorrent protocol\0", Protocol::Bittorrent),
        (b"RFB 003.008\n", Protocol::Vnc),
        (b"AMQP\0\0\x09\x01", Protocol::Amqp),
        (b"\0\0\0\x54\xffSMBr", Protocol::Smb),
        (b"\0\0\0\x54\xfeSMB@", Protocol::Smb),
        (
            b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0",
            Protocol::Rdp,
        ),
        (
            b"\x03\0\0\x25\x20\xe0\0\0\0\0\0Cookie: mstshash=a\r\n",
            Protocol::Rdp,
        ),
        (b"\x4a\0\0\0\x0a8.0.36\0\x09\0\0\0", Protocol::Mysql),
        (b"\x10\x0c\0\x04MQTT\x04\x02\0\x3c\0\0", Protocol::Mqtt),
        (b"\0\x01\0\0\x21\x12\xa4\x42", Protocol::Stun),
        (
            b"\0\x0e\x38\x09\x09\x09\x09\x09\x09\x09\x09\0\0\0\0\0",
            Protocol::OpenVpn,
        ),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Protocol::Http2),
        (b"GET / HTTP/1.1\r\n", Protocol::Http),
        (b"CONNECT a:1 HTTP/1.1\r\n", Protocol::Http),
        (b"HTTP/1.1 200 OK\r\n", Protocol::Http),
        (b"EHLO a\r\n", Protocol::Smtp),
        (b"a1 CAPABILITY\r\n", Protocol::Imap),
        (b"* OK ready\r\n", Protocol::Imap),
        (b"<stream:stream to='a'>", Protocol::Xmpp),
        (b"\0\0\0\x08\x04\xd2\x16\x2f", Protocol::Postgres),
        (b"OPTIONS sip:a@b SIP/2.0\r\n", Protocol::Sip),
        (b"INVITE sip:a@b SIP/2.0\r\n", Protocol::Sip),
        (b"DESCRIBE rtsp://a/ RTSP/1.0\r\n", Protocol::Rtsp),
        (b"OPTIONS * RTSP/2.0\r\n", Protocol::Rtsp),
    ]
}

/// What a longer prefix may make of what a shorter one was.
fn keeps(bytes: &[u8]) {
    let mut before = More;
    for length in 0..=bytes.len() {
        let now = of_stream(&bytes[..length]);
        assert!(
            before == More || before == now,
            "{before:?} became {now:?} at {length}: {bytes:?}"
        );
        before = now;
    }
}

#[test]
fn streams_are_known_by_their_beginning() {
    for (stream, protocol) in streams() {
        assert_eq!(of_stream(stream), Done(protocol), "{stream:?}");
        keeps(stream);
    }
}

#[test]
fn other_streams_are_not_known() {
    for stream in [
        &b"\x16\x03\x01\x02\0\x01"[..],
        b"USER a\r\n",
        b"220 ready\r\n",
        b"get / HTTP/1.1\r\n",
        b"INVITE me SIP/3.0\r\n",
        b"\x03\0\0\x16\x11\xe0\0\0\0\x01\0\xc0\x01\x0a\xc1\x02\x01\0\xc2\x02\x01\x02",
        b"\x4a\0\0\0\x0ax\0",
        b"\x4a\0\0\0\x0a8\0.36\0",
        b"AMQP\0\0\0\0",
    ] {
        assert_eq!(of_stream(stream), Not, "{stream:?}");
    }
}

#[test]
fn every_protocol_has_a_word_of_its_own() {
    let words: HashSet<_> = Protocol::ALL
        .iter()
        .map(|protocol| protocol.word())
        .collect();
    assert_eq!(words.len(), Protocol::ALL.len());
    assert!(
        Protocol::ALL
            .iter()
            .enumerate()
            .all(|(place, protocol)| *protocol as usize == place)
    );
}

proptest! {
    #[test]
    fn no_stream_hurts(
        place in any::<prop::sample::Index>(),
        cut in 0..30_usize,
        noise in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let streams = streams();
        let stream = streams[place.index(streams.len())].0;
        keeps(&joined(&[&stream[..cut.min(stream.len())], &noise]));
    }

    #[test]
    fn no_datagram_hurts(
        place in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        noise in prop::collection::vec(any::<u8>(), 0..40),
        (client, server) in (any::<u16>(), any::<u16>()),
    ) {
        let datagrams = datagrams();
        let datagram = &datagrams[place.index(datagrams.len())].0;
        let _ = of_datagram(client, server, &joined(&[&datagram[..cut.index(datagram.len())], &noise]));
        let _ = of_datagram(client, server, &noise);
    }
}
