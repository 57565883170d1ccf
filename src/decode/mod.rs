//! Bytes to packet facts, or a named reason why not: link, ip, tunnel, transport. No state, no allocation,
//! no panic: every length is checked against the bytes that were captured.

mod ip;
mod link;
mod reason;
mod transport;
mod tunnel;
mod usual;

pub use ip::Fragment;
pub use reason::Reason;
pub use transport::tcp;

use crate::capture::Link;
use crate::key::Tuple;

/// What a frame says about the flow that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    pub tuple: Tuple,
    /// A part of a larger packet: a later part has no ports of its own.
    pub fragment: Fragment,
    /// TCP's flags ([`tcp`]); 0 where there are none.
    pub flags: u8,
    /// Where the transport's payload begins in the captured bytes (their end, if it was not
    /// captured).
    pub payload: u32,
}

/// Decodes one captured frame: the flow is that of the innermost IP header.
#[inline]
pub fn frame(link: Link, bytes: &[u8]) -> Result<Packet, Reason> {
    let usual = (link == Link::Ethernet).then(|| usual::packet(bytes));
    match usual.flatten() {
        Some(packet) => Ok(packet),
        None => any_way(link, bytes),
    }
}

/// The general way, for whatever there is.
fn any_way(link: Link, bytes: &[u8]) -> Result<Packet, Reason> {
    let (network, offset) = link::network(link, bytes)?;
    let mut header = ip::header(network, bytes, offset)?;
    for _ in 0..tunnel::MOST {
        match tunnel::inner(&header, bytes) {
            Some(inner) => header = inner,
            None => break,
        }
    }
    Ok(transport::packet(&header, bytes))
}

/// The bytes at `at`, if so many were captured.
#[inline]
fn chunk<const N: usize>(bytes: &[u8], at: usize) -> Option<&[u8; N]> {
    bytes.get(at..)?.first_chunk()
}

/// A 16-bit field in network byte order.
#[inline]
fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    chunk(bytes, at).map(|field| u16::from_be_bytes(*field))
}

#[cfg(test)]
mod tests;
