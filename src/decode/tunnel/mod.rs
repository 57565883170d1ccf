//! What an IP header carries, where that is a tunnel: the table of IP protocols and UDP ports, one
//! small file each. A tunnel over UDP is told by its port and taken only where its content checks
//! out, else it stays a UDP flow; [`super::usual`] leaves these ports to the general way.

mod capwap;
pub(super) mod erspan;
mod geneve;
mod gre;
mod gtp;
mod l2tp;
mod teredo;
mod vxlan;

use super::encapsulation::Encapsulation::{EtherIp, FourInSix, IpIp, SixInFour, SixInSix};
use super::encapsulation::Encapsulations;
use super::fragment::Fragment;
use super::ip::{self, Header};
use super::layer::{Layer, Network, Next, descend};
use super::{Encapsulation, be16, chunk};
use crate::key::Protocol;

/// Tunnels within tunnels are followed this deep; deeper ones are a flow of the last.
pub(super) const MOST: usize = 8;

const UDP_HEADER: usize = 8;
/// IANA's ports of tunnels over UDP, Linux' old one of VXLAN (8472) included.
const LOWEST: u16 = 1701;
const HIGHEST: u16 = 8472;

/// What a tunnel over UDP carries, given its payload.
type Carried = fn(&[u8], usize) -> Option<Next>;

/// Is this the port of a tunnel? Cheap for the usual ports.
#[inline]
pub(super) fn is_port(port: u16) -> bool {
    (LOWEST..=HIGHEST).contains(&port) && by_port(port).is_some()
}

fn by_port(port: u16) -> Option<Carried> {
    Some(match port {
        1701 => l2tp::over_udp,
        2152 | 3386 => gtp::carried,
        3544 => teredo::carried,
        4754 => gre::carried,
        4789 | 8472 => vxlan::carried,
        4790 => vxlan::generic,
        5247 => capwap::carried,
        6081 => geneve::carried,
        6635 => |_, at| Some(Next::plain(Layer::Mpls, at)),
        _ => return None,
    })
}

/// The header inside, where there is one and it was captured. What lies between is added to
/// `chain`.
#[inline]
pub(super) fn inner(outer: &Header, bytes: &[u8], chain: &mut Encapsulations) -> Option<Header> {
    match outer.protocol {
        Protocol::TCP | Protocol::ICMP | Protocol::ICMP6 => None,
        _ if matches!(outer.fragment, Fragment::Later(_)) => None,
        _ => carried(outer, bytes, chain),
    }
}

fn carried(outer: &Header, bytes: &[u8], chain: &mut Encapsulations) -> Option<Header> {
    let bytes = bytes.get(..outer.end)?;
    if outer.protocol == Protocol::UDP {
        let ports = [
            be16(bytes, outer.transport + 2)?,
            be16(bytes, outer.transport)?,
        ];
        let is_tunnel = ports.into_iter().any(is_port);
        return is_tunnel.then(|| over_udp(outer, ports, bytes, chain))?;
    }
    follow(over_ip(outer, bytes)?, bytes, chain, |_| true)
}

/// What an IP protocol's number says of the bytes behind the header.
fn over_ip(outer: &Header, bytes: &[u8]) -> Option<Next> {
    let at = outer.transport;
    match outer.protocol.0 {
        4 => Some(ip(IpIp, FourInSix, Network::V4, outer)),
        41 => Some(ip(SixInFour, SixInSix, Network::V6, outer)),
        47 => gre::carried(bytes, at),
        // EtherIP: version 3, nothing else in its two bytes.
        97 if chunk(bytes, at) == Some(&[0x30, 0]) => {
            Some(Next::inside(EtherIp, Layer::Ethernet, at + 2))
        }
        115 => l2tp::over_ip(bytes, at),
        137 => Some(Next::plain(Layer::Mpls, at)),
        143 => Some(Next::inside(EtherIp, Layer::Ethernet, at)),
        _ => None,
    }
}

fn ip(in_four: Encapsulation, in_six: Encapsulation, network: Network, outer: &Header) -> Next {
    let kind = if outer.six { in_six } else { in_four };
    Next::inside(kind, Layer::Ip(network), outer.transport)
}

/// A tunnel at either port, if its content is a packet that fits into it.
fn over_udp(
    outer: &Header,
    ports: [u16; 2],
    bytes: &[u8],
    chain: &mut Encapsulations,
) -> Option<Header> {
    let at = outer.transport;
    let fits = |inner: &Header| {
        matches!(outer.fragment, Fragment::First(_)) || inner.declared <= outer.declared
    };
    ports.into_iter().find_map(|port| {
        let next = by_port(port)?(bytes, at + UDP_HEADER)?;
        follow(next, bytes, chain, fits)
    })
}

/// The IP header that this leads to, if it fits; `chain` is as it was if there is none.
fn follow(
    next: Next,
    bytes: &[u8],
    chain: &mut Encapsulations,
    fits: impl Fn(&Header) -> bool,
) -> Option<Header> {
    let mut longer = *chain;
    let (network, at) = descend(next, bytes, &mut longer).ok()?;
    let header = ip::header(network, bytes, at).ok().filter(fits)?;
    *chain = longer;
    Some(header)
}
