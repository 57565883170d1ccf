//! Link headers: where the network header begins and what it is. IEEE 802.3 and 802.1Q, Linux
//! cooked captures (LINKTYPE_LINUX_SLL, SLL2), BSD loopback, raw IP. Another link type is one more
//! arm here.

use super::{Reason, be16, chunk};
use crate::capture::Link;

/// What the network header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Network {
    V4,
    V6,
}

/// More tags than any network stacks are not followed.
const MOST_TAGS: usize = 8;

/// The network header's kind and its place in the captured bytes.
#[inline]
pub(super) fn network(link: Link, bytes: &[u8]) -> Result<(Network, usize), Reason> {
    match link {
        Link::Ethernet => ethernet(bytes),
        Link::LinuxSll => ethertype(bytes, 14, 16),
        Link::LinuxSll2 => ethertype(bytes, 0, 20),
        Link::Null => family(bytes, u32::from_ne_bytes),
        Link::Loop => family(bytes, u32::from_be_bytes),
        Link::Raw => raw(bytes),
        Link::Other(_) => Err(Reason::UnknownLink),
    }
}

#[inline]
fn ethernet(bytes: &[u8]) -> Result<(Network, usize), Reason> {
    match chunk(bytes, 12) {
        Some([0x08, 0x00]) => Ok((Network::V4, 14)),
        Some([0x86, 0xdd]) => Ok((Network::V6, 14)),
        _ => ethertype(bytes, 12, 14),
    }
}

/// Follows the ethertype at `kind` and the tags in what begins at `at`.
fn ethertype(bytes: &[u8], kind: usize, mut at: usize) -> Result<(Network, usize), Reason> {
    let mut kind = be16(bytes, kind).ok_or(Reason::ShortLink)?;
    for _ in 0..=MOST_TAGS {
        at += match kind {
            0x0800 => return Ok((Network::V4, at)),
            0x86dd => return Ok((Network::V6, at)),
            0x0806 | 0x8035 => return Err(Reason::Arp),
            // 802.1Q, 802.1ad and what came before it: two bytes of tag, then an ethertype.
            0x8100 | 0x88a8 | 0x9100 | 0x9200 | 0x9300 => 2,
            0..0x0600 => snap(bytes, at)?,
            _ => return Err(Reason::NotIp),
        };
        kind = be16(bytes, at).ok_or(Reason::ShortLink)?;
        at += 2;
    }
    Err(Reason::TooDeep)
}

/// IEEE 802.2 behind a length: a SNAP header leads to an ethertype, anything else is LLC's own.
fn snap(bytes: &[u8], at: usize) -> Result<usize, Reason> {
    match chunk(bytes, at) {
        Some([0xaa, 0xaa, 0x03, 0, 0, 0]) => Ok(6),
        _ => Err(Reason::Llc),
    }
}

/// An address family: AF_INET is 2 everywhere, AF_INET6 what the capturing system says. A file may
/// come from a host of the other byte order.
fn family(bytes: &[u8], order: fn([u8; 4]) -> u32) -> Result<(Network, usize), Reason> {
    let family = order(*chunk(bytes, 0).ok_or(Reason::ShortLink)?);
    match if family > 0xffff {
        family.swap_bytes()
    } else {
        family
    } {
        2 => Ok((Network::V4, 4)),
        10 | 23 | 24 | 28 | 30 => Ok((Network::V6, 4)),
        // Some hosts put an ethertype behind two bytes of their own.
        _ => ethertype(bytes, 2, 4),
    }
}

fn raw(bytes: &[u8]) -> Result<(Network, usize), Reason> {
    match bytes.first().ok_or(Reason::ShortLink)? >> 4 {
        4 => Ok((Network::V4, 0)),
        6 => Ok((Network::V6, 0)),
        _ => Err(Reason::NotIp),
    }
}
