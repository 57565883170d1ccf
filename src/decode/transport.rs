//! Transport headers: ports, TCP's flags, and where the payload begins and ends. TCP (RFC 9293), UDP
//! (768), SCTP (9260), DCCP (4340), UDP-Lite (3828). What has no ports is a flow of its protocol.

use super::fragment::Fragment;
use super::ip::Header;
use super::{Encapsulations, Packet, chunk};
use crate::key::{Protocol, Tuple};

/// The bits of a TCP segment's flags.
pub mod tcp {
    pub const FIN: u8 = 0x01;
    pub const SYN: u8 = 0x02;
    pub const RST: u8 = 0x04;
    pub const ACK: u8 = 0x10;
}

const DCCP: Protocol = Protocol(33);
const UDP_LITE: Protocol = Protocol(136);

/// The packet that this header and what follows it make.
#[inline]
pub(super) fn packet(
    header: &Header,
    bytes: &[u8],
    encapsulations: Encapsulations,
    around: Option<u32>,
) -> Packet {
    let segment = bytes.get(header.transport..header.end).unwrap_or_default();
    let (ports, flags, length) = match header.fragment {
        Fragment::Later(_) => (None, 0, 0),
        _ => first(header.protocol, segment),
    };
    let payload = (header.transport + length).min(bytes.len());
    Packet {
        tuple: Tuple {
            source: header.source,
            destination: header.destination,
            ports,
            protocol: header.protocol,
            six: header.six,
        },
        fragment: header.fragment,
        flags,
        payload: payload as u32,
        end: header.end.max(payload) as u32,
        encapsulations,
        around,
    }
}

/// Ports, TCP flags and header length at the start of a segment.
#[inline]
fn first(protocol: Protocol, segment: &[u8]) -> (Option<(u16, u16)>, u8, usize) {
    match protocol {
        Protocol::TCP => {
            let flags = segment.get(13).copied().unwrap_or_default();
            let length = segment
                .get(12)
                .map_or(20, |offset| usize::from(offset >> 4) * 4);
            (ports(segment), flags, length)
        }
        Protocol::UDP | UDP_LITE => (ports(segment), 0, 8),
        Protocol::SCTP | DCCP => (ports(segment), 0, 12),
        _ => (None, 0, 0),
    }
}

#[inline]
fn ports(segment: &[u8]) -> Option<(u16, u16)> {
    let [a, b, c, d] = *chunk(segment, 0)?;
    Some((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
}
