//! The network service header (RFC 8300): its length in words of four bytes, and what follows it.

use crate::decode::encapsulation::Encapsulation::Nsh;
use crate::decode::layer::{Layer, Network, Next};
use crate::decode::{Reason, chunk};

/// What the "next protocol" of NSH and of VXLAN-GPE says.
pub(in crate::decode) fn next(protocol: u8) -> Option<Layer> {
    match protocol {
        1 => Some(Layer::Ip(Network::V4)),
        2 => Some(Layer::Ip(Network::V6)),
        3 => Some(Layer::Ethernet),
        4 => Some(Layer::Nsh),
        5 => Some(Layer::Mpls),
        _ => None,
    }
}

pub(in crate::decode) fn header(bytes: &[u8], at: usize) -> Result<Next, Reason> {
    let [_, length, _, protocol] = *chunk(bytes, at).ok_or(Reason::ShortLink)?;
    let length = usize::from(length & 0x3f) * 4;
    match next(protocol) {
        Some(layer) if length >= 8 => Ok(Next::inside(Nsh, layer, at + length)),
        _ => Err(Reason::NotIp),
    }
}
