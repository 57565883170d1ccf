//! From a link's first byte to an IP header: which layer begins where, one step at a time. Each
//! layer's own file says what follows it; here is the table of them, and the bound on their number.

use super::encapsulation::{Encapsulation, Encapsulations};
use super::link::{self, ethernet, llc, mpls, nsh, ppp, wifi};
use super::tunnel::erspan;
use super::{Reason, chunk};
use crate::capture::Link;

/// What an IP header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Network {
    V4,
    V6,
}

/// What begins at a place of the captured bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    Ip(Network),
    /// IP of the version that its first byte says.
    AnyIp,
    /// What a capture file's link type says.
    Link(Link),
    /// An IEEE 802.3 header.
    Ethernet,
    /// What this ethertype says.
    Ethertype(u16),
    /// IEEE 802.2.
    Llc,
    /// PPP, with or without address and control.
    Ppp,
    /// A PPPoE session's header.
    Pppoe,
    Mpls,
    /// IEEE 802.11.
    Wifi(Quirk),
    /// A network service header.
    Nsh,
    /// ERSPAN's own header, types II and III.
    Erspan(u8),
}

/// What some who write IEEE 802.11 frames do with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quirk {
    None,
    /// The body begins at a multiple of four bytes.
    Padded,
    /// The first two bytes may have changed places.
    Swapped,
}

/// The layer that follows another, and what the other was, where that is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Next {
    pub layer: Layer,
    pub at: usize,
    pub past: Option<Encapsulation>,
}

impl Next {
    /// What follows a header that nobody is told of.
    pub(super) fn plain(layer: Layer, at: usize) -> Next {
        let past = None;
        Next { layer, at, past }
    }

    /// What is inside of something.
    pub(super) fn inside(past: Encapsulation, layer: Layer, at: usize) -> Next {
        let past = Some(past);
        Next { layer, at, past }
    }
}

/// More layers than any network has between two IP headers are not followed.
const MOST: usize = 16;

/// Follows the layers to an IP header; adds what it passes to `chain`.
pub(super) fn descend(
    mut next: Next,
    bytes: &[u8],
    chain: &mut Encapsulations,
) -> Result<(Network, usize), Reason> {
    for _ in 0..MOST {
        if let Some(past) = next.past {
            chain.push(past);
        }
        if next.at > bytes.len() {
            return Err(Reason::ShortLink);
        }
        if let Layer::Ip(network) = next.layer {
            return Ok((network, next.at));
        }
        next = step(next.layer, bytes, next.at)?;
    }
    Err(Reason::TooDeep)
}

/// What follows the layer that begins at `at`.
fn step(layer: Layer, bytes: &[u8], at: usize) -> Result<Next, Reason> {
    match layer {
        Layer::Ip(_) => Ok(Next::plain(layer, at)),
        Layer::AnyIp => any_ip(bytes, at),
        Layer::Link(link) => link::first(link, bytes, at),
        Layer::Ethernet => ethernet::header(bytes, at),
        Layer::Ethertype(kind) => ethernet::ethertype(kind, bytes, at),
        Layer::Llc => llc::header(bytes, at),
        Layer::Ppp => ppp::header(bytes, at),
        Layer::Pppoe => ppp::session(bytes, at),
        Layer::Mpls => mpls::labels(bytes, at),
        Layer::Wifi(quirk) => wifi::header(bytes, at, quirk),
        Layer::Nsh => nsh::header(bytes, at),
        Layer::Erspan(kind) => erspan::header(kind, bytes, at),
    }
}

/// IPv4 or IPv6, by the first four bits.
fn any_ip(bytes: &[u8], at: usize) -> Result<Next, Reason> {
    let [first] = *chunk(bytes, at).ok_or(Reason::ShortLink)?;
    match first >> 4 {
        4 => Ok(Next::plain(Layer::Ip(Network::V4), at)),
        6 => Ok(Next::plain(Layer::Ip(Network::V6), at)),
        _ => Err(Reason::NotIp),
    }
}
