//! Is this an Ethernet frame with an IP packet? For places where nothing says so: its lengths and
//! its checksum have to leave no doubt.

use crate::decode::{be16, chunk};

/// Tags that such a frame may have.
const MOST_TAGS: usize = 2;

/// An Ethernet header, and behind it an IP packet that is all there and ends where the bytes do, or
/// is padded to Ethernet's least.
pub(in crate::decode) fn ethernet(bytes: &[u8], at: usize) -> bool {
    let mut kind = at.saturating_add(12);
    for _ in 0..=MOST_TAGS {
        let network = kind.saturating_add(2);
        match be16(bytes, kind) {
            Some(0x8100 | 0x88a8) => kind = kind.saturating_add(4),
            Some(0x0800) => return v4(bytes, network),
            Some(0x86dd) => return v6(bytes, network),
            _ => return false,
        }
    }
    false
}

/// An IPv4 header whose checksum and length are right.
fn v4(bytes: &[u8], at: usize) -> bool {
    let Some(head) = chunk::<20>(bytes, at) else {
        return false;
    };
    let header = usize::from(head[0] & 0x0f) * 4;
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    let there = bytes.len().saturating_sub(at);
    let whole = bytes.get(at..at.saturating_add(header));
    head[0] >> 4 == 4
        && (20..=length).contains(&header)
        && fits(length, there)
        && whole.is_some_and(|header| checksum(header) == 0xffff)
}

/// An IPv6 header whose length is right.
fn v6(bytes: &[u8], at: usize) -> bool {
    let Some(head) = chunk::<40>(bytes, at) else {
        return false;
    };
    let length = 40 + usize::from(u16::from_be_bytes([head[4], head[5]]));
    head[0] >> 4 == 6 && fits(length, bytes.len().saturating_sub(at))
}

/// A packet of this length in a frame whose payload is so long: 46 bytes are Ethernet's least, and
/// a check sequence may follow.
fn fits(length: usize, there: usize) -> bool {
    length <= there && there <= length.max(46) + 4
}

/// The Internet checksum's sum (RFC 1071) of a header that has its own in it: all ones if right.
fn checksum(header: &[u8]) -> u16 {
    let words = header.chunks_exact(2);
    let sum = words.fold(0u32, |sum, word| match word {
        [high, low] => sum + u32::from(u16::from_be_bytes([*high, *low])),
        _ => sum,
    });
    let folded = (sum & 0xffff) + (sum >> 16);
    ((folded & 0xffff) + (folded >> 16)) as u16
}
