//! The usual frame in one look: Ethernet without tags, IPv4 without options or fragments, TCP or UDP
//! with its header captured whole. The general way says the same of it, in several; what is not
//! quite so is left to that, and so are the UDP ports of tunnels.

use super::fragment::Fragment;
use super::{Encapsulations, Packet, be32, chunk, tunnel};
use crate::key::{Protocol, RawAddress, Tuple};

/// Where the headers begin, and the least that a UDP and a TCP packet have of them.
const IP: usize = 14;
const TRANSPORT: usize = IP + 20;
const UDP: usize = TRANSPORT + 8;
const TCP: usize = TRANSPORT + 20;

#[inline]
pub(super) fn packet(bytes: &[u8]) -> Option<Packet> {
    let head: &[u8; UDP] = bytes.first_chunk()?;
    let [_, _, upper, lower, _, _, more, offset, _, protocol, ..] = head[IP..] else {
        return None;
    };
    if head[12..=IP] != [0x08, 0x00, 0x45] || more & 0x3f != 0 || offset != 0 {
        return None;
    }
    let end = IP + usize::from(u16::from_be_bytes([upper, lower]));
    let whole = |least| end >= least && bytes.len() >= least;
    let port = |at: usize| u16::from_be_bytes([head[at], head[at + 1]]);
    let ports = (port(TRANSPORT), port(TRANSPORT + 2));
    let (protocol, flags, payload, sequence) = match Protocol(protocol) {
        Protocol::TCP if whole(TCP) => {
            let [words, flags] = chunk(bytes, TRANSPORT + 12).copied()?;
            let sequence = be32(bytes, TRANSPORT + 4)?;
            let payload = TRANSPORT + usize::from(words >> 4) * 4;
            (Protocol::TCP, flags, payload.min(bytes.len()), sequence)
        }
        Protocol::UDP if whole(UDP) && !tunnel::is_port(ports.0) && !tunnel::is_port(ports.1) => {
            (Protocol::UDP, 0, UDP, 0)
        }
        _ => return None,
    };
    let address = |at: usize| RawAddress::v4([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    Some(Packet {
        tuple: Tuple {
            source: address(IP + 12),
            destination: address(IP + 16),
            ports: Some(ports),
            protocol,
            six: false,
        },
        fragment: Fragment::Whole,
        flags,
        payload: payload as u32,
        end: end.min(bytes.len()).max(payload) as u32,
        sequence,
        encapsulations: Encapsulations::NONE,
        around: None,
    })
}
