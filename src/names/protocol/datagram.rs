//! Datagrams that can be nothing else: each test asks for constants and lengths that other
//! protocols meet by chance less than once in 2^32 datagrams.

use super::Protocol;
use super::stream::{discovery, sip};
use crate::names::Parsed;

type Test = fn(&[u8]) -> bool;

static TESTS: [(Protocol, Test); 9] = [
    (Protocol::Stun, is_stun),
    (Protocol::WireGuard, is_wireguard),
    (Protocol::Dhcp, is_dhcp),
    (Protocol::OpenVpn, is_openvpn),
    (Protocol::Ssdp, is_ssdp),
    (Protocol::Sip, |bytes| matches!(sip(bytes), Parsed::Done(_))),
    (Protocol::Snmp, is_snmp),
    (Protocol::Bittorrent, is_bittorrent),
    (Protocol::Ipsec, is_ike),
];

/// IKE behind a NAT, where ESP shares the port (RFC 3948, 2.2).
const NAT_TRAVERSAL: u16 = 4500;

/// What a whole datagram is by its content. The ports only say where a mark is to be expected
/// before it, on IPsec's port for NAT traversal.
pub fn of_datagram(client_port: u16, server_port: u16, payload: &[u8]) -> Option<Protocol> {
    let shared = client_port == NAT_TRAVERSAL || server_port == NAT_TRAVERSAL;
    if shared && payload.strip_prefix(&[0; 4]).is_some_and(is_ike) {
        return Some(Protocol::Ipsec);
    }
    let found = TESTS.iter().find(|(_, test)| test(payload));
    found.map(|(protocol, _)| *protocol)
}

/// RFC 8489, 5: the magic cookie, and a length that fits and is a multiple of four.
fn is_stun(bytes: &[u8]) -> bool {
    let Some(&[kind, _, high, low, 0x21, 0x12, 0xa4, 0x42]) = bytes.first_chunk() else {
        return false;
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    kind & 0xc0 == 0 && length % 4 == 0 && bytes.len() == length + 20
}

/// The three kinds of handshake message, whose lengths are fixed (WireGuard's paper, 5.4). Data
/// (kind 4) alone is not certain.
fn is_wireguard(bytes: &[u8]) -> bool {
    matches!(
        (bytes.first_chunk(), bytes.len()),
        (Some([1, 0, 0, 0]), 148) | (Some([2, 0, 0, 0]), 92) | (Some([3, 0, 0, 0]), 64)
    )
}

/// RFC 2131, 3: BOOTP's operation, and the magic cookie where its options begin.
fn is_dhcp(bytes: &[u8]) -> bool {
    matches!(bytes.first_chunk(), Some([1 | 2, _, 0..=16]))
        && bytes.get(236..240) == Some(&[0x63, 0x82, 0x53, 0x63])
}

/// A reset that opens a session (OpenVPN's network protocol, `ssl_pkt.h`): the first message of
/// each side has packet number 0 and, where packets are signed, is the first that is signed. With
/// neither of these in sight (a key of its own for each client) only the port tells.
pub(super) fn is_openvpn(bytes: &[u8]) -> bool {
    const CLIENT: u8 = 7 << 3;
    const SERVER: u8 = 8 << 3;
    let Some((&[opcode, ref session @ ..], rest)) = bytes.split_first_chunk::<9>() else {
        return false;
    };
    if session == &[0; 8] || !matches!(opcode, CLIENT | SERVER) {
        return false;
    }
    let signed = if opcode == CLIENT {
        rest.strip_suffix(&[0; 5])
    } else {
        acknowledged(rest)
    };
    signed.is_some_and(is_signature) || opcode == CLIENT && is_encrypted(rest)
}

/// What comes before an answer's acknowledgement of the first message, and its own number.
fn acknowledged(rest: &[u8]) -> Option<&[u8]> {
    let (signed, end) = rest.split_last_chunk::<17>()?;
    (end.starts_with(&[1, 0, 0, 0, 0]) && end.ends_with(&[0; 4])).then_some(signed)
}

/// Nothing, or a digest of 128 to 512 bits with the first packet's number and its time.
fn is_signature(signature: &[u8]) -> bool {
    match signature.len() {
        0 => true,
        24 | 28 | 40 | 72 => signature
            .last_chunk::<8>()
            .is_some_and(|end| end.starts_with(&[0, 0, 0, 1])),
        _ => false,
    }
}

/// `tls-crypt`: the first packet's number and its time, a tag of 256 bits, and what is hidden.
fn is_encrypted(rest: &[u8]) -> bool {
    rest.len() == 45 && rest.starts_with(&[0, 0, 0, 1])
}

/// RFC 7296, 3.1 and RFC 2408, 3.1: a side's cookie, a version that exists, and the datagram's own
/// length.
fn is_ike(bytes: &[u8]) -> bool {
    let Some((cookies, [_, version, exchange, flags, _, _, _, _, a, b, c, d])) = header(bytes)
    else {
        return false;
    };
    let known = match version {
        0x10 => matches!(exchange, 1..=6 | 32..=33) && flags & !0x07 == 0,
        0x20 => matches!(exchange, 34..=44) && flags & !0x38 == 0,
        _ => false,
    };
    let length = u32::from_be_bytes([a, b, c, d]) as usize;
    known && length == bytes.len() && cookies.first_chunk() != Some(&[0; 8])
}

fn header(bytes: &[u8]) -> Option<([u8; 16], [u8; 12])> {
    let (cookies, rest) = bytes.split_first_chunk()?;
    Some((*cookies, *rest.first_chunk()?))
}

/// A search or a notice, or the answer to a search (UPnP Device Architecture 2.0, 1.3.3).
fn is_ssdp(bytes: &[u8]) -> bool {
    let answer = bytes.starts_with(b"HTTP/1.1 200 OK\r\n")
        && bytes
            .windows(5)
            .any(|start| start.eq_ignore_ascii_case(b"\nUSN:"));
    answer || discovery(bytes)
}

/// RFC 3416 and 3412: a message that fills the datagram, its version, and a community or a header.
fn is_snmp(bytes: &[u8]) -> bool {
    let body = match bytes {
        [0x30, length @ 0..=0x7f, rest @ ..] if rest.len() == usize::from(*length) => rest,
        [0x30, 0x81, length, rest @ ..] if rest.len() == usize::from(*length) => rest,
        [0x30, 0x82, high, low, rest @ ..]
            if rest.len() == usize::from(u16::from_be_bytes([*high, *low])) =>
        {
            rest
        }
        _ => return false,
    };
    match body {
        [2, 1, 0 | 1, 4, length @ 0..=0x7f, rest @ ..] => {
            matches!(rest.get(usize::from(*length)), Some(0xa0..=0xa8))
        }
        [2, 1, 3, 0x30, length @ 0x0d..=0x11, 2, ..] => body.len() > usize::from(*length),
        _ => false,
    }
}

/// A query, an answer or an error of BitTorrent's distributed table (BEP 5), as they are encoded:
/// keys in the order of their bytes, a node's number first.
fn is_bittorrent(bytes: &[u8]) -> bool {
    [&b"d1:ad2:id20:"[..], b"d1:rd2:id20:", b"d1:eli20"]
        .iter()
        .any(|start| bytes.starts_with(start))
}
