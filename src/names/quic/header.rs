//! Long headers and the packets of a datagram (RFC 8999, 5.1; RFC 9000, 12.2 and 17.2). Knows
//! nothing of keys: what is protected is left so.

use super::bytes::Bytes;
use super::version::{Kind, Version};

/// More packets than this are not looked for in a datagram.
const MOST_PACKETS: usize = 8;

/// The longest connection ID of the versions that are known (RFC 9000, 17.2).
const LONGEST_ID: usize = 20;

/// The start of a long header, the same in every version.
#[derive(Clone, Copy)]
pub(super) struct Header<'a> {
    pub(super) first: u8,
    pub(super) version: Version,
    pub(super) kind: Kind,
    /// The destination connection ID.
    pub(super) destination: &'a [u8],
}

/// A packet with its header protection still on it.
#[derive(Clone, Copy)]
pub(super) struct Packet<'a> {
    pub(super) header: Header<'a>,
    /// From the first byte of the header to the end that its Length says.
    pub(super) bytes: &'a [u8],
    /// Where the packet number begins.
    pub(super) protected: usize,
}

/// The long header that these bytes begin with, if its version is known, and what follows it.
pub(super) fn header(bytes: &[u8]) -> Option<(Header<'_>, Bytes<'_>)> {
    let mut rest = Bytes(bytes);
    let first = rest.byte().filter(|first| first & 0x80 != 0)?;
    let version = Version::of(u32::from_be_bytes(rest.array()?))?;
    let destination = connection_id(&mut rest)?;
    connection_id(&mut rest)?;
    let header = Header {
        first,
        version,
        kind: version.kind(first),
        destination,
    };
    Some((header, rest))
}

/// The packets that lie one behind the other in a datagram, as far as they say how long they are.
pub(super) fn packets(datagram: &[u8]) -> impl Iterator<Item = Packet<'_>> {
    let mut rest = datagram;
    std::iter::from_fn(move || {
        let (packet, behind) = packet(rest)?;
        rest = behind;
        Some(packet)
    })
    .take(MOST_PACKETS)
}

fn packet(bytes: &[u8]) -> Option<(Packet<'_>, &[u8])> {
    let (header, mut rest) = header(bytes)?;
    match header.kind {
        Kind::Initial => _ = rest.counted()?,
        Kind::ZeroRtt | Kind::Handshake => {}
        Kind::Retry => return None,
    }
    let length = usize::try_from(rest.variable()?).ok()?;
    let protected = bytes.len().checked_sub(rest.0.len())?;
    let (bytes, behind) = bytes.split_at_checked(protected.checked_add(length)?)?;
    let packet = Packet {
        header,
        bytes,
        protected,
    };
    Some((packet, behind))
}

fn connection_id<'a>(rest: &mut Bytes<'a>) -> Option<&'a [u8]> {
    let length = rest.byte().map(usize::from)?;
    rest.take(length).filter(|id| id.len() <= LONGEST_ID)
}
