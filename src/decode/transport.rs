//! Transport headers: ports, TCP's flags, and where the payload begins and ends. TCP (RFC 9293), UDP
//! (768), SCTP (9260), DCCP (4340), UDP-Lite (3828). What has no ports is a flow of its protocol.

use super::fragment::Fragment;
use super::ip::Header;
use super::{Encapsulations, Packet, be32, chunk};
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
    let head = match header.fragment {
        Fragment::Later(_) => Segment::default(),
        _ => self::segment(header.protocol, segment),
    };
    let payload = (header.transport + head.payload).min(bytes.len());
    Packet {
        tuple: Tuple {
            source: header.source,
            destination: header.destination,
            ports: head.ports,
            protocol: header.protocol,
            six: header.six,
        },
        fragment: header.fragment,
        flags: head.flags,
        payload: payload as u32,
        end: header.end.max(payload) as u32,
        sequence: head.sequence,
        encapsulations,
        around,
    }
}

/// What a transport's header says, as far as it is there.
#[derive(Clone, Copy, Debug, Default)]
struct Segment {
    /// From and to.
    ports: Option<(u16, u16)>,
    flags: u8,
    /// Where the payload begins.
    payload: usize,
    sequence: u32,
}

/// The header at the start of a segment.
#[inline]
fn segment(protocol: Protocol, bytes: &[u8]) -> Segment {
    let plain = |payload| Segment {
        ports: ports(bytes),
        payload,
        ..Segment::default()
    };
    match protocol {
        Protocol::TCP => Segment {
            flags: bytes.get(13).copied().unwrap_or_default(),
            sequence: be32(bytes, 4).unwrap_or_default(),
            ..plain(bytes.get(12).map_or(20, |it| usize::from(it >> 4) * 4))
        },
        Protocol::UDP | UDP_LITE => plain(8),
        Protocol::SCTP | DCCP => plain(12),
        _ => Segment::default(),
    }
}

#[inline]
fn ports(segment: &[u8]) -> Option<(u16, u16)> {
    let [a, b, c, d] = *chunk(segment, 0)?;
    Some((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
}
