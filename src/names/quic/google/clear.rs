//! The headers in front of frames in the clear.

use super::super::bytes::Bytes;

/// A hash of the packet stands in front of the frames; it is no seal, everybody can make it.
const HASH: usize = 12;

/// A version as its three digits say.
pub(in super::super) type Digits = u8;

/// Whether this could be a client's packet with Google's public header and a version in it, or the
/// long header of Q044 to Q046.
pub(in super::super) fn is_clear(datagram: &[u8]) -> bool {
    header(datagram).is_some()
}

/// The frames, and the version that they are written in.
pub(in super::super) fn payload(datagram: &[u8]) -> Option<(&[u8], Digits)> {
    let (mut rest, digits) = header(datagram)?;
    rest.take(HASH)?;
    if digits < 34 {
        rest.byte()?; // private flags
    }
    Some((rest.0, digits))
}

fn header(datagram: &[u8]) -> Option<(Bytes<'_>, Digits)> {
    match datagram.first()? & 0x80 {
        0 => public_header(Bytes(datagram)),
        _ => long_header(Bytes(datagram)),
    }
}

/// Flags, connection ID of eight bytes, version, packet number.
fn public_header(mut rest: Bytes<'_>) -> Option<(Bytes<'_>, Digits)> {
    let flags = rest.byte()?;
    if flags & (HAS_VERSION | IS_RESET | HAS_ID | MULTIPATH) != HAS_VERSION | HAS_ID {
        return None;
    }
    rest.take(8)?;
    let digits = digits(rest.array()?).filter(|digits| (24..44).contains(digits))?;
    rest.take(match flags & NUMBER {
        0x00 => 1,
        0x10 => 2,
        0x20 => 4,
        _ => 6,
    })?;
    Some((rest, digits))
}

/// First byte, version, both lengths of connection IDs in one byte, those, packet number.
fn long_header(mut rest: Bytes<'_>) -> Option<(Bytes<'_>, Digits)> {
    let first = rest.byte()?;
    let digits = digits(rest.array()?).filter(|digits| (44..47).contains(digits))?;
    let lengths = rest.byte()?;
    rest.take(id_length(lengths >> 4))?;
    rest.take(id_length(lengths & 0x0f))?;
    rest.take(usize::from(first & 3) + 1)?;
    Some((rest, digits))
}

fn id_length(nibble: u8) -> usize {
    match nibble {
        0 => 0,
        length => usize::from(length) + 3,
    }
}

fn digits(version: [u8; 4]) -> Option<Digits> {
    match version {
        [b'Q', b'0', tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
            Some((tens - b'0') * 10 + (ones - b'0'))
        }
        _ => None,
    }
}

const HAS_VERSION: u8 = 0x01;
const IS_RESET: u8 = 0x02;
const HAS_ID: u8 = 0x08;
const NUMBER: u8 = 0x30;
const MULTIPATH: u8 = 0x40;
