//! The header of a handshake message (RFC 8446, 4), and a ClientHello from there on.

use super::body;
use super::hello::{Hello, Transport, Wanted};
use super::reader::Reader;
use crate::names::{Name, Parsed};

/// The longest ClientHello that is looked at. Usual ones have 200 to 2,000 bytes.
pub(super) const LONGEST: usize = 16 * 1024;
/// Version, random and the lengths of empty vectors: no body is shorter.
pub(super) const SHORTEST: usize = 38;
pub(super) const CLIENT_HELLO: u8 = 1;
pub(super) const HEADER: usize = 4;

/// The ClientHello as one handshake message from its four-byte header on: what QUIC's CRYPTO stream
/// begins with (RFC 9001, 4). For DTLS it is the message without the fields of its fragments.
pub fn message(bytes: &[u8], transport: Transport, wanted: Wanted) -> Parsed<Hello> {
    match length(bytes, transport) {
        Parsed::Done(length) => match bytes.get(..length) {
            Some(whole) => hello(whole, transport, wanted),
            None => Parsed::More,
        },
        Parsed::More => Parsed::More,
        Parsed::Not => Parsed::Not,
    }
}

/// The name in a ClientHello that [`message`] refuses: all of it is there, but it is damaged after its
/// name, or it is too long to wait for. `None` while some of it may still come.
pub fn partial_message(bytes: &[u8], transport: Transport) -> Option<Name> {
    let length = body_length(bytes)?;
    let settled = length > LONGEST || bytes.len() >= length + HEADER;
    settled.then(|| name_so_far(bytes, transport)).flatten()
}

/// The name in what is there of a ClientHello, if all of its extension is.
pub(super) fn name_so_far(bytes: &[u8], transport: Transport) -> Option<Name> {
    if !is_hello(bytes, transport) {
        return None;
    }
    let there = bytes.get(HEADER..)?;
    let body = there.get(..body_length(bytes)?).unwrap_or(there);
    body::name_in_part(body, transport).and_then(Name::of)
}

/// The whole length of the ClientHello that begins here, header and all.
pub(super) fn length(bytes: &[u8], transport: Transport) -> Parsed<usize> {
    if !is_hello(bytes, transport) {
        return Parsed::Not;
    }
    match body_length(bytes) {
        Some(length) if (SHORTEST..=LONGEST).contains(&length) => Parsed::Done(length + HEADER),
        Some(_) => Parsed::Not,
        None => Parsed::More,
    }
}

/// The hello in a message whose length is right.
pub(super) fn hello(whole: &[u8], transport: Transport, wanted: Wanted) -> Parsed<Hello> {
    let body = whole.get(HEADER..).unwrap_or_default();
    Hello::of(body, transport, wanted).map_or(Parsed::Not, Parsed::Done)
}

/// What is there of message type and version fits; nothing of it need be there.
fn is_hello(bytes: &[u8], transport: Transport) -> bool {
    let major = match transport {
        Transport::Tcp | Transport::Quic => 3,
        Transport::Dtls => 0xfe,
    };
    bytes.first().is_none_or(|kind| *kind == CLIENT_HELLO)
        && bytes.get(HEADER).is_none_or(|version| *version == major)
}

fn body_length(bytes: &[u8]) -> Option<usize> {
    let mut reader = Reader(bytes);
    reader.u8()?;
    reader.u24()
}
