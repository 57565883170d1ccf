//! Bytes to packet facts, or a named reason why not: link, layers, ip, tunnel, transport. No state, no
//! allocation, no panic: every length is checked against the bytes that were captured, and every
//! loop ends with them or earlier.

mod config;
mod encapsulation;
mod fragment;
mod ip;
mod layer;
mod link;
mod pktap;
mod reason;
mod transport;
mod tunnel;
mod usual;

pub use config::{Config, Tunnels};
pub use encapsulation::{Encapsulation, Encapsulations};
pub use fragment::{Fragment, FragmentId, Part, whole};
pub use reason::Reason;
pub use transport::tcp;

use crate::capture::Link;
use crate::key::{InterfaceId, Tuple};
use layer::{Layer, Network, Next};

/// What a frame says about the flow that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    pub tuple: Tuple,
    /// A part of a larger packet: a later part has no ports of its own.
    pub fragment: Fragment,
    /// TCP's flags ([`tcp`]); 0 where there are none.
    pub flags: u8,
    /// Where the transport's payload begins in the captured bytes (their end, if it was not
    /// captured), and where it ends: a link's padding is no payload.
    pub payload: u32,
    pub end: u32,
    /// The place of the segment's first byte in a TCP stream; 0 where there is none.
    pub sequence: u32,
    /// What lay around the IP header that this is the flow of.
    pub encapsulations: Encapsulations,
    /// Where the outermost IP header lies that is a first fragment and has that header inside.
    around: Option<u32>,
}

impl Packet {
    /// Does it say anything about the flow of other frames, or need to be told its own?
    #[inline]
    pub fn is_part(&self) -> bool {
        !matches!(self.fragment, Fragment::Whole) || self.around.is_some()
    }

    /// The identification of this part, if it is one.
    pub fn fragment_id(&self, interface: InterfaceId) -> Option<FragmentId> {
        let Tuple {
            source,
            destination,
            six,
            ..
        } = self.tuple;
        FragmentId::of(self.fragment, (source, destination, six), interface)
    }

    /// The tunnel's own packet, if this is in a tunnel and in its first part.
    pub fn around(&self, bytes: &[u8]) -> Option<Packet> {
        let header = ip::any(bytes, self.around? as usize).ok()?;
        Some(transport::packet(
            &header,
            bytes,
            Encapsulations::NONE,
            None,
        ))
    }
}

/// Decodes one captured frame.
#[inline]
pub fn frame(link: Link, bytes: &[u8], tunnels: Tunnels) -> Result<Packet, Reason> {
    let usual = (link == Link::Ethernet).then(|| usual::packet(bytes));
    match usual.flatten() {
        Some(packet) => Ok(packet),
        None => any_way(link, bytes, tunnels),
    }
}

/// The same, for a frame that is looked at once more: so that [`frame`] stays where it is used.
#[cold]
pub fn again(link: Link, bytes: &[u8], tunnels: Tunnels) -> Result<Packet, Reason> {
    any_way(link, bytes, tunnels)
}

/// What lies around the flow's IP header: for those who need nothing else of a frame.
#[cold]
pub fn encapsulations(link: Link, bytes: &[u8], tunnels: Tunnels) -> Encapsulations {
    let packet = any_way(link, bytes, tunnels);
    packet.map_or(Encapsulations::NONE, |packet| packet.encapsulations)
}

/// The general way, for whatever there is.
#[inline(never)]
fn any_way(link: Link, bytes: &[u8], tunnels: Tunnels) -> Result<Packet, Reason> {
    let mut chain = Encapsulations::NONE;
    let (network, at) = match (link, chunk(bytes, 12)) {
        (Link::Ethernet, Some([0x08, 0x00])) => (Network::V4, 14),
        (Link::Ethernet, Some([0x86, 0xdd])) => (Network::V6, 14),
        _ => layer::descend(Next::plain(Layer::Link(link), 0), bytes, &mut chain)?,
    };
    let mut header = ip::header(network, bytes, at)?;
    let mut around = None;
    for depth in 0..=tunnels.most() {
        if header.authenticated {
            chain.push(Encapsulation::Ah);
        }
        if depth == tunnels.most() {
            break;
        }
        let Some(inner) = tunnel::inner(&header, bytes, &mut chain) else {
            break;
        };
        if matches!(header.fragment, Fragment::First(_)) {
            around = around.or(Some(header.at as u32));
        }
        header = inner;
    }
    Ok(transport::packet(&header, bytes, chain, around))
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

/// A 32-bit field in network byte order.
fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    chunk(bytes, at).map(|field| u32::from_be_bytes(*field))
}

/// A 16-bit field, the lower byte first.
fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    chunk(bytes, at).map(|field| u16::from_le_bytes(*field))
}

/// A 32-bit field, the lowest byte first.
fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    chunk(bytes, at).map(|field| u32::from_le_bytes(*field))
}

#[cfg(test)]
mod tests;
