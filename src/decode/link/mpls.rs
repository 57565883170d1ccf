//! MPLS label stacks (RFC 3032). The labels do not say what they carry: its first four bits do
//! (RFC 4928), which are IP's version, or 0 of a pseudowire's control word (RFC 4385), or else of an
//! Ethernet address, which is taken only where an IP packet behind it leaves no doubt (RFC 4448).

use super::certain;
use crate::decode::encapsulation::Encapsulation::Mpls;
use crate::decode::layer::{Layer, Network, Next};
use crate::decode::{Reason, chunk};

/// Longer stacks are not followed.
const MOST_LABELS: usize = 16;

pub(in crate::decode) fn labels(bytes: &[u8], mut at: usize) -> Result<Next, Reason> {
    for _ in 0..MOST_LABELS {
        let [_, _, last, _] = *chunk(bytes, at).ok_or(Reason::ShortLink)?;
        at += 4;
        if last & 1 == 1 {
            return bottom(bytes, at);
        }
    }
    Err(Reason::TooDeep)
}

/// What lies under the last label.
fn bottom(bytes: &[u8], at: usize) -> Result<Next, Reason> {
    let [first] = *chunk(bytes, at).ok_or(Reason::ShortLink)?;
    let bare = certain::ethernet(bytes, at);
    let (layer, at) = match first >> 4 {
        4 if !bare && first & 0x0f >= 5 => (Layer::Ip(Network::V4), at),
        6 if !bare => (Layer::Ip(Network::V6), at),
        0 if !bare || certain::ethernet(bytes, at + 4) => (Layer::Ethernet, at + 4),
        _ if bare => (Layer::Ethernet, at),
        _ => return Err(Reason::NotIp),
    };
    Ok(Next::inside(Mpls, layer, at))
}
