//! IPv4 (RFC 791) and IPv6 (RFC 8200) headers: addresses, the protocol behind all extension
//! headers in any order, and whether this is a fragment.

use super::fragment::{self, Fragment};
use super::layer::Network;
use super::{Reason, chunk};
use crate::key::{Protocol, RawAddress};

/// An IP header, its extensions included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub source: RawAddress,
    pub destination: RawAddress,
    pub protocol: Protocol,
    pub six: bool,
    /// An authentication header is among the extensions.
    pub authenticated: bool,
    pub fragment: Fragment,
    /// Where the header itself begins.
    pub at: usize,
    /// Where the transport begins, and where the packet ends, in the captured bytes.
    pub transport: usize,
    pub end: usize,
    /// Where it says that it ends, captured or not.
    pub declared: usize,
}

/// More extension headers than fit into an Ethernet frame are not followed: the flow then bears the
/// number of the next one.
const MOST_EXTENSIONS: usize = 192;

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
/// No next header: nothing follows, and a length of 0 is what it says.
const NOTHING: u8 = 59;
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

/// The header at `at`, of whatever version it says.
pub(super) fn any(bytes: &[u8], at: usize) -> Result<Header, Reason> {
    let [first] = *chunk(bytes, at).ok_or(Reason::ShortIp)?;
    match first >> 4 {
        6 => v6(bytes, at),
        _ => v4(bytes, at),
    }
}

#[inline]
fn v4(bytes: &[u8], at: usize) -> Result<Header, Reason> {
    let head: &[u8; 20] = chunk(bytes, at).ok_or(Reason::ShortIp)?;
    let length = usize::from(head[0] & 0x0f) * 4;
    if head[0] >> 4 != 4 || length < 20 {
        return Err(Reason::BadIp);
    }
    let fragment = fragment::of_v4(head, at + length);
    let total = usize::from(u16::from_be_bytes([head[2], head[3]]));
    let declared = declared(at, total);
    let mut header = Header {
        source: RawAddress::v4([head[12], head[13], head[14], head[15]]),
        destination: RawAddress::v4([head[16], head[17], head[18], head[19]]),
        protocol: Protocol(head[9]),
        six: false,
        authenticated: false,
        fragment,
        at,
        transport: at + length,
        end: bytes.len().min(declared),
        declared,
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
    let total = if payload == 0 && head[6] != NOTHING {
        0
    } else {
        payload + 40
    };
    let declared = declared(at, total);
    let mut header = Header {
        source: address(8),
        destination: address(24),
        protocol: Protocol(head[6]),
        six: true,
        authenticated: false,
        fragment: Fragment::Whole,
        at,
        transport: at + 40,
        end: bytes.len().min(declared),
        declared,
    };
    extensions(bytes, &mut header);
    Ok(header)
}

/// Where the packet says that it ends. A length of 0 was left to the network card (segmentation
/// offload) or is a jumbogram: then it is what was captured.
#[inline]
fn declared(at: usize, length: usize) -> usize {
    if length == 0 { usize::MAX } else { at + length }
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
                FRAGMENT if header.six => match fragment::of_v6(bytes, at) {
                    Some(fragment) => {
                        header.fragment = fragment;
                        8
                    }
                    None => return,
                },
                AUTHENTICATION => {
                    header.authenticated = true;
                    (length + 2) * 4
                }
                _ => return,
            };
        header.protocol = Protocol(*next);
        if matches!(header.fragment, Fragment::Later(_)) {
            return;
        }
    }
}
