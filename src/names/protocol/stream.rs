//! How streams begin, in either direction. A test that waits for more holds back those after it, so
//! that what is said once is not taken back.

use super::Protocol;
use crate::names::Parsed::{self, Done, More, Not};
use crate::names::dialogue::{self, Kind};
use crate::names::http::{self, Opening};

type Test = fn(&[u8]) -> Parsed<Protocol>;

static TESTS: [Test; 12] = [
    banner, smb, rdp, mysql, mqtt, stun, openvpn, http2, http1, dialogue, sip, rtsp,
];

/// What the first bytes of a side's stream are, by their content.
pub fn of_stream(bytes: &[u8]) -> Parsed<Protocol> {
    let tests = TESTS.iter().map(|test| test(bytes));
    tests
        .into_iter()
        .find(|parsed| *parsed != Not)
        .unwrap_or(Not)
}

/// Words that nothing else begins with.
static BANNERS: [(&[u8], Protocol); 12] = [
    (b"SSH-2.0-", Protocol::Ssh),
    (b"SSH-1.", Protocol::Ssh),
    (b"\x13BitTorrent protocol", Protocol::Bittorrent),
    (b"RFB 003.", Protocol::Vnc),
    (b"AMQP\x00\x00\x09\x01", Protocol::Amqp),
    (b"AMQP\x00\x01\x00\x00", Protocol::Amqp),
    (b"AMQP\x03\x01\x00\x00", Protocol::Amqp),
    (b"* OK ", Protocol::Imap),
    (b"* PREAUTH ", Protocol::Imap),
    (b"HTTP/1.0 ", Protocol::Http),
    (b"HTTP/1.1 ", Protocol::Http),
    (b"SIP/2.0 ", Protocol::Sip),
];

fn banner(bytes: &[u8]) -> Parsed<Protocol> {
    if let Some((_, protocol)) = BANNERS.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Done(*protocol);
    }
    if BANNERS.iter().any(|(start, _)| start.starts_with(bytes)) {
        More
    } else {
        Not
    }
}

/// The bytes that a test asks for at the start, each a set; `More` while they have not all come.
fn shape(bytes: &[u8], wanted: &[fn(u8) -> bool]) -> Parsed<()> {
    if bytes.iter().zip(wanted).any(|(byte, fits)| !fits(*byte)) {
        return Not;
    }
    if bytes.len() < wanted.len() {
        More
    } else {
        Done(())
    }
}

/// SMB in a NetBIOS session (RFC 1002, 4.3.1; MS-SMB2, 2.1).
fn smb(bytes: &[u8]) -> Parsed<Protocol> {
    shape(
        bytes,
        &[
            |byte| byte == 0,
            |_| true,
            |_| true,
            |_| true,
            |byte| matches!(byte, 0xfd..=0xff),
            |byte| byte == b'S',
            |byte| byte == b'M',
            |byte| byte == b'B',
        ],
    )
    .map(|()| Protocol::Smb)
}

/// A connection request or confirm (MS-RDPBCGR, 2.2.1.1) that holds a cookie or a negotiation: X.224
/// alone also carries others.
fn rdp(bytes: &[u8]) -> Parsed<Protocol> {
    let start = shape(
        bytes,
        &[
            |byte| byte == 3,
            |byte| byte == 0,
            |_| true,
            |_| true,
            |_| true,
            |byte| matches!(byte, 0xe0 | 0xd0),
            |_| true,
            |_| true,
            |_| true,
            |_| true,
            |byte| byte == 0,
        ],
    );
    if start != Done(()) {
        return start.map(|()| Protocol::Rdp);
    }
    let rest = bytes.get(11..).unwrap_or_default();
    let marks = [
        &b"Cookie: mstshash="[..],
        b"Cookie: msts=",
        b"\x01\x00\x08\x00",
        b"\x01\x01\x08\x00",
        b"\x01\x08\x08\x00",
        b"\x02\x1f\x08\x00",
        b"\x02\x0f\x08\x00",
        b"\x02\x01\x08\x00",
        b"\x02\x00\x08\x00",
    ];
    if marks.iter().any(|mark| rest.starts_with(mark)) {
        return Done(Protocol::Rdp);
    }
    if marks.iter().any(|mark| mark.starts_with(rest)) {
        More
    } else {
        Not
    }
}

/// A server's greeting, protocol version 10: the version in digits, text up to a zero (MySQL's
/// client/server protocol, Protocol::HandshakeV10).
fn mysql(bytes: &[u8]) -> Parsed<Protocol> {
    let start = shape(
        bytes,
        &[
            |byte| byte >= 0x20,
            |byte| byte <= 1,
            |byte| byte == 0,
            |byte| byte == 0,
            |byte| byte == 10,
            |byte| byte.is_ascii_digit(),
        ],
    );
    if start != Done(()) {
        return start.map(|()| Protocol::Mysql);
    }
    let version = bytes.get(5..).unwrap_or_default();
    let version = version.get(..64).unwrap_or(version);
    match version.iter().position(|byte| !byte.is_ascii_graphic()) {
        Some(end)
            if version.get(end) == Some(&0)
                && version.get(..end).unwrap_or_default().contains(&b'.') =>
        {
            Done(Protocol::Mysql)
        }
        None if version.len() < 64 => More,
        _ => Not,
    }
}

/// A CONNECT of MQTT 3.1 to 5 (MQTT 5.0, 3.1): its length in one to four bytes, and its name.
fn mqtt(bytes: &[u8]) -> Parsed<Protocol> {
    let Some((0x10, rest)) = bytes.split_first() else {
        return if bytes.is_empty() { More } else { Not };
    };
    let start = rest.get(..4).unwrap_or(rest);
    let Some(end) = start.iter().position(|byte| byte & 0x80 == 0) else {
        return if start.len() < 4 { More } else { Not };
    };
    let name = rest.get(end + 1..).unwrap_or_default();
    let names = [&b"\0\x04MQTT"[..], b"\0\x06MQIsdp"];
    if names.iter().any(|known| name.starts_with(known)) {
        return Done(Protocol::Mqtt);
    }
    if names.iter().any(|known| known.starts_with(name)) {
        More
    } else {
        Not
    }
}

/// RFC 8489, 6.2.2: as over UDP, one message after the other.
fn stun(bytes: &[u8]) -> Parsed<Protocol> {
    shape(
        bytes,
        &[
            |byte| byte & 0xc0 == 0,
            |_| true,
            |_| true,
            |byte| byte % 4 == 0,
            |byte| byte == 0x21,
            |byte| byte == 0x12,
            |byte| byte == 0xa4,
            |byte| byte == 0x42,
        ],
    )
    .map(|()| Protocol::Stun)
}

/// A datagram of OpenVPN behind its length.
fn openvpn(bytes: &[u8]) -> Parsed<Protocol> {
    let start = shape(
        bytes,
        &[
            |byte| byte == 0,
            |byte| byte >= 14,
            |byte| byte == 7 << 3 || byte == 8 << 3,
        ],
    );
    if start != Done(()) {
        return start.map(|()| Protocol::OpenVpn);
    }
    let length = usize::from(bytes.get(1).copied().unwrap_or_default());
    let Some(datagram) = bytes.get(2..length + 2) else {
        return More;
    };
    if super::datagram::is_openvpn(datagram) {
        Done(Protocol::OpenVpn)
    } else {
        Not
    }
}

fn http2(bytes: &[u8]) -> Parsed<Protocol> {
    http::h2::preface(bytes).map(|()| Protocol::Http2)
}

fn http1(bytes: &[u8]) -> Parsed<Protocol> {
    http::opening(bytes).map(|_| Protocol::Http)
}

/// Whether this is SSDP, which is HTTP in its form.
pub(super) fn discovery(bytes: &[u8]) -> bool {
    http::opening(bytes) == Done(Opening::Discovery)
}

fn dialogue(bytes: &[u8]) -> Parsed<Protocol> {
    dialogue::begins(bytes).map(Kind::protocol)
}

/// A request of SIP, or a response (RFC 3261, 7.1 and 7.2).
pub(super) fn sip(bytes: &[u8]) -> Parsed<Protocol> {
    if bytes.starts_with(b"SIP/2.0 ") {
        return Done(Protocol::Sip);
    }
    versioned(bytes, b" SIP/2.0").map(|()| Protocol::Sip)
}

/// A request of RTSP (RFC 2326, 6.1; RFC 7826, 7.1).
fn rtsp(bytes: &[u8]) -> Parsed<Protocol> {
    match versioned(bytes, b" RTSP/1.0") {
        Not => versioned(bytes, b" RTSP/2.0"),
        other => other,
    }
    .map(|()| Protocol::Rtsp)
}

/// A first line that begins with a method in capitals and ends in this version.
fn versioned(bytes: &[u8], version: &[u8]) -> Parsed<()> {
    const LONGEST_METHOD: usize = 16;
    const LONGEST_LINE: usize = 1024;
    let start = bytes.get(..LONGEST_LINE).unwrap_or(bytes);
    let method = start
        .iter()
        .take_while(|byte| byte.is_ascii_uppercase() || **byte == b'_')
        .count();
    let named = (3..=LONGEST_METHOD).contains(&method) && start.get(method) == Some(&b' ');
    if !named {
        return if method == start.len() && method <= LONGEST_METHOD {
            More
        } else {
            Not
        };
    }
    match start.iter().position(|byte| *byte == b'\n') {
        Some(end)
            if start
                .get(..end)
                .unwrap_or_default()
                .trim_ascii_end()
                .ends_with(version) =>
        {
            Done(())
        }
        None if start.len() < LONGEST_LINE => More,
        _ => Not,
    }
}
