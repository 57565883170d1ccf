//! Parts of IP packets: what IPv4's header (RFC 791) and IPv6's fragment header (RFC 8200, 4.5) say,
//! and by what the parts of one packet are known to belong together.

use super::chunk;
use crate::key::{InterfaceId, Protocol, RawAddress, Tuple};

/// Whether a packet is all there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fragment {
    /// The whole packet.
    Whole,
    /// The part with the transport header.
    First(Part),
    /// A part without it.
    Later(Part),
}

/// A part of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The identification that all its parts share.
    pub number: u32,
    /// Where its data begins in the captured bytes.
    pub data: u32,
    /// Where that lies in the whole packet's data, in bytes.
    pub offset: u16,
    /// More parts follow.
    pub more: bool,
    /// The protocol that IPv4's parts share; IPv6's need not, and have 0 here.
    pub protocol: Protocol,
}

/// A packet that was put together from its parts, as a frame of raw IP: a header that leads to the
/// data, of a length that is left open.
pub fn whole(tuple: &Tuple, protocol: Protocol, data: &[u8]) -> Vec<u8> {
    let [source, destination] = [tuple.source, tuple.destination].map(|it| it.0.to_be_bytes());
    let (head, addresses) = if tuple.six {
        (vec![0x60, 0, 0, 0, 0, 0, protocol.0, 64], 16)
    } else {
        (vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol.0, 0, 0], 4)
    };
    let (source, destination) = (source.into_iter(), destination.into_iter());
    let addresses = source.take(addresses).chain(destination.take(addresses));
    head.into_iter()
        .chain(addresses)
        .chain(data.iter().copied())
        .collect()
}

/// By what the parts of one packet are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FragmentId {
    pub source: RawAddress,
    pub destination: RawAddress,
    pub number: u32,
    pub protocol: Protocol,
    pub six: bool,
    pub interface: InterfaceId,
}

impl FragmentId {
    /// Of a part between two addresses, IPv6's or not.
    pub(super) fn of(
        fragment: Fragment,
        (source, destination, six): (RawAddress, RawAddress, bool),
        interface: InterfaceId,
    ) -> Option<FragmentId> {
        let (Fragment::First(part) | Fragment::Later(part)) = fragment else {
            return None;
        };
        Some(FragmentId {
            source,
            destination,
            number: part.number,
            protocol: part.protocol,
            six,
            interface,
        })
    }
}

impl std::hash::Hash for FragmentId {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u128(self.source.0);
        state.write_u128(self.destination.0);
        let rest = [self.protocol.0, u8::from(self.six)].map(u64::from);
        let place = u64::from(self.interface.0) << 16 | rest[0] << 8 | rest[1];
        state.write_u64(u64::from(self.number) << 32 | place);
    }
}

#[inline]
pub(super) fn of_v4(head: &[u8; 20], data: usize) -> Fragment {
    let part = u16::from_be_bytes([head[6], head[7]]);
    let (offset, more) = ((part & 0x1fff) << 3, part & 0x2000 != 0);
    let number = u32::from(u16::from_be_bytes([head[4], head[5]]));
    of(offset, more, number, Protocol(head[9]), data)
}

/// The fragment header at `at`; an atomic fragment (RFC 6946) is whole.
pub(super) fn of_v6(bytes: &[u8], at: usize) -> Option<Fragment> {
    let [_, _, upper, lower, number @ ..] = *chunk::<8>(bytes, at)?;
    let part = u16::from_be_bytes([upper, lower]);
    let number = u32::from_be_bytes(number);
    Some(of(
        part & 0xfff8,
        part & 1 != 0,
        number,
        Protocol(0),
        at + 8,
    ))
}

#[inline]
fn of(offset: u16, more: bool, number: u32, protocol: Protocol, data: usize) -> Fragment {
    let part = Part {
        number,
        data: data as u32,
        offset,
        more,
        protocol,
    };
    match (offset, more) {
        (0, false) => Fragment::Whole,
        (0, true) => Fragment::First(part),
        _ => Fragment::Later(part),
    }
}
