//! IPv4 (RFC 791) and IPv6 (RFC 8200) headers: addresses, the protocol behind all extension
//! headers, and whether this is a fragment.

use super::link::Network;
use super::{Reason, be16, chunk};
use crate::key::{Protocol, RawAddress};

/// A part of a packet, by the identification that its parts share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fragment {
    /// The whole packet.
    Whole,
    /// The part with the transport header.
    First(u32),
    /// A part without it.
    Later(u32),
}

/// An IP header, its extensions included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub source: RawAddress,
    pub destination: RawAddress,
    pub protocol: Protocol,
    pub six: bool,
    pub fragment: Fragment,
    /// Where the transport begins, and where the packet ends, in the captured bytes.
    pub transport: usize,
    pub end: usize,
}

/// More extension headers than any packet needs are not followed: the flow then bears the number
/// of the next one.
const MOST_EXTENSIONS: usize = 64;

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const DESTINATION: u8 = 60;
const MOBILITY: u8 = 135;
const HIP: u8 = 139;
const SHIM6: u8 = 140;

#[inline]
pub(super) fn header(network: Network, bytes: &[u8], at: usize) -> Result<Header, Reason> {
    match network {
        Network::V4 => v4(bytes, at),
        Network::V6 => v6(bytes, at),
    }
}

#[inline]
fn v4(bytes: &[u8], at: usize) -> Result<Header, Reason> {
    let head: &[u8; 20] = chunk(bytes, at).ok_or(Reason::ShortIp)?;
    let length = usize::from(head[0] & 0x0f) * 4;
    if head[0] >> 4 != 4 || length < 20 {
        return Err(Reason::BadIp);
    }
    let part = u16::from_be_bytes([head[6], head[7]]);
    let id = u32::from(u16::from_be_bytes([head[4], head[5]]));
    let fragment = match (part & 0x1fff, part & 0x2000 != 0) {
        (0, false) => Fragment::Whole,
        (0, true) => Fragment::First(id),
        _ => Fragment::Later(id),
    };
    let mut header = Header {
        source: RawAddress::v4([head[12], head[13], head[14], head[15]]),
        destination: RawAddress::v4([head[16], head[17], head[18], head[19]]),
        protocol: Protocol(head[9]),
        six: false,
        fragment,
        transport: at + length,
        end: end(
            bytes,
            at,
            usize::from(u16::from_be_bytes([head[2], head[3]])),
        ),
    };
    if head[9] == AUTHENTICATION && !matches!(fragment, Fragment::Later(_)) {
        extensions(bytes, &mut header);
    }
    Ok(header)
}

#[inline]
fn v6(bytes: &[u8], at: usize) -> Result<Header, Reason> {
    let head: &[u8; 40] = chunk(bytes, at).ok_or(Reason::ShortIp)?;
    if head[0] >> 4 != 6 {
        return Err(Reason::BadIp);
    }
    let address = |from: usize| chunk(head, from).map_or(RawAddress(0), |raw| RawAddress::v6(*raw));
    let payload = usize::from(u16::from_be_bytes([head[4], head[5]]));
    let mut header = Header {
        source: address(8),
        destination: address(24),
        protocol: Protocol(head[6]),
        six: true,
        fragment: Fragment::Whole,
        transport: at + 40,
        end: end(bytes, at, if payload == 0 { 0 } else { payload + 40 }),
    };
    extensions(bytes, &mut header);
    Ok(header)
}

/// The end of the packet in the captured bytes. A length of 0 was left to the network card
/// (segmentation offload) or is a jumbogram: then it is what was captured.
#[inline]
fn end(bytes: &[u8], at: usize, length: usize) -> usize {
    if length == 0 {
        bytes.len()
    } else {
        bytes.len().min(at + length)
    }
}

/// Follows extension headers to the transport. Where one is cut off, the flow bears its number.
#[inline]
fn extensions(bytes: &[u8], header: &mut Header) {
    for _ in 0..MOST_EXTENSIONS {
        let at = header.transport;
        let Some([next, length]) = chunk(bytes, at) else {
            return;
        };
        let length = usize::from(*length);
        header.transport = at
            + match header.protocol.0 {
                HOP_BY_HOP | ROUTING | DESTINATION | MOBILITY | HIP | SHIM6 if header.six => {
                    (length + 1) * 8
                }
                FRAGMENT if header.six => match fragment(bytes, at) {
                    Some(fragment) => {
                        header.fragment = fragment;
                        8
                    }
                    None => return,
                },
                AUTHENTICATION => (length + 2) * 4,
                _ => return,
            };
        header.protocol = Protocol(*next);
        if matches!(header.fragment, Fragment::Later(_)) {
            return;
        }
    }
}

/// What an IPv6 fragment header says; an atomic fragment (RFC 6946) is whole.
fn fragment(bytes: &[u8], at: usize) -> Option<Fragment> {
    let part = be16(bytes, at + 2)?;
    let id = u32::from_be_bytes(*chunk(bytes, at + 4)?);
    Some(match (part & 0xfff8, part & 1 != 0) {
        (0, false) => Fragment::Whole,
        (0, true) => Fragment::First(id),
        _ => Fragment::Later(id),
    })
}
