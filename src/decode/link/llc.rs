//! IEEE 802.2: a SNAP header leads to an ethertype (RFC 1042, 802.1H), IP has a service access point
//! and a network layer identifier of its own, anything else is LLC's.

use crate::decode::layer::{Layer, Network, Next};
use crate::decode::{Reason, be16, chunk};

pub(in crate::decode) fn header(bytes: &[u8], at: usize) -> Result<Next, Reason> {
    if is_snap(bytes, at) {
        let kind = be16(bytes, at + 6).ok_or(Reason::ShortLink)?;
        return match kind {
            0..0x0600 => Err(Reason::Llc),
            _ => Ok(Next::plain(Layer::Ethertype(kind), at + 8)),
        };
    }
    match chunk(bytes, at) {
        Some([0x06, 0x06, 0x03, _]) => Ok(Next::plain(Layer::Ip(Network::V4), at + 3)),
        Some([0xfe, 0xfe, 0x03, 0xcc]) => Ok(Next::plain(Layer::Ip(Network::V4), at + 4)),
        Some([0xfe, 0xfe, 0x03, 0x8e]) => Ok(Next::plain(Layer::Ip(Network::V6), at + 4)),
        _ => Err(Reason::Llc),
    }
}

/// Does a SNAP header that encapsulates Ethernet begin here?
pub(in crate::decode) fn is_snap(bytes: &[u8], at: usize) -> bool {
    matches!(
        chunk(bytes, at),
        Some([0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00 | 0xf8])
    )
}
