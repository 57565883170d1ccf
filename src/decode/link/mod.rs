//! Link types: the layer that a capture's frames begin with
//! (<https://www.tcpdump.org/linktypes.html>). Another link type is one more arm here.

pub(super) mod certain;
pub(super) mod ethernet;
pub(super) mod llc;
pub(super) mod mpls;
mod nflog;
pub(super) mod nsh;
pub(super) mod ppp;
mod radio;
pub(super) mod wifi;

use super::layer::{Layer, Network, Next, Quirk};
use super::{Reason, be16, chunk, pktap};
use crate::capture::Link;

const RADIOTAP_ARPHRD: u16 = 803;

/// The layer behind what a link type puts first.
pub(super) fn first(link: Link, bytes: &[u8], at: usize) -> Result<Next, Reason> {
    match link {
        Link::Ethernet => ethernet::header(bytes, at),
        Link::LinuxSll => cooked(bytes, at + 2, at + 14, at + 16),
        Link::LinuxSll2 => cooked(bytes, at + 8, at, at + 20),
        Link::Null => family(bytes, at, u32::from_ne_bytes),
        Link::Loop => family(bytes, at, u32::from_be_bytes),
        Link::Raw => Ok(Next::plain(Layer::AnyIp, at)),
        Link::Ppp => ppp::serial(bytes, at),
        Link::PppDirected => ppp::serial(bytes, at + 1),
        Link::PppEthernet => Ok(Next::plain(Layer::Pppoe, at)),
        Link::CiscoHdlc => ppp::cisco(bytes, at),
        Link::Wifi => Ok(Next::plain(Layer::Wifi(Quirk::None), at)),
        Link::Radiotap => radio::radiotap(bytes, at),
        Link::Prism => radio::prism(bytes, at),
        Link::Avs => radio::avs(bytes, at),
        Link::Ppi => radio::ppi(bytes, at),
        Link::Pktap | Link::User2 => pktap::inside(link, bytes, at),
        Link::Mpls => Ok(Next::plain(Layer::Mpls, at)),
        Link::Llc => Ok(Next::plain(Layer::Llc, at)),
        Link::Mpacket => ethernet::mpacket(bytes, at),
        Link::Nflog => nflog::payload(bytes, at),
        Link::Other(_) => Err(Reason::UnknownLink),
    }
}

/// A Linux cooked capture: an ethertype at `kind`, unless the device's type says that a radio
/// header is what follows.
fn cooked(bytes: &[u8], device: usize, kind: usize, at: usize) -> Result<Next, Reason> {
    if be16(bytes, device) == Some(RADIOTAP_ARPHRD) {
        return Ok(Next::plain(Layer::Link(Link::Radiotap), at));
    }
    let kind = be16(bytes, kind).ok_or(Reason::ShortLink)?;
    Ok(Next::plain(Layer::Ethertype(kind), at))
}

/// An address family: AF_INET is 2 everywhere, AF_INET6 what the capturing system says. A file may
/// come from a host of the other byte order.
fn family(bytes: &[u8], at: usize, order: fn([u8; 4]) -> u32) -> Result<Next, Reason> {
    let family = order(*chunk(bytes, at).ok_or(Reason::ShortLink)?);
    let family = match family {
        0x1_0000.. => family.swap_bytes(),
        _ => family,
    };
    match family {
        2 => Ok(Next::plain(Layer::Ip(Network::V4), at + 4)),
        10 | 23 | 24 | 28 | 30 => Ok(Next::plain(Layer::Ip(Network::V6), at + 4)),
        // Some hosts put an ethertype behind two bytes of their own.
        _ => {
            let kind = be16(bytes, at + 2).ok_or(Reason::ShortLink)?;
            Ok(Next::plain(Layer::Ethertype(kind), at + 4))
        }
    }
}
