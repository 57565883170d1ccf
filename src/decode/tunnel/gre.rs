//! GRE (RFC 2784 with the key and sequence number of RFC 2890, and the routing of RFC 1701), its
//! version 1 for PPTP (RFC 2637), and over UDP (RFC 8086).

use crate::decode::encapsulation::Encapsulation::Gre;
use crate::decode::layer::{Layer, Network, Next};
use crate::decode::{be16, chunk};

/// Of the first word: which fields there are, and the version.
const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
const ACKNOWLEDGEMENT: u16 = 0x0080;
const VERSION: u16 = 0x0007;

const ERSPAN: u16 = 0x88be;
const ERSPAN_3: u16 = 0x22eb;
const WCCP: u16 = 0x883e;
const PPP: u16 = 0x880b;
/// Longer source routes are not followed.
const MOST_ROUTES: usize = 8;

pub(super) fn carried(bytes: &[u8], at: usize) -> Option<Next> {
    let flags = be16(bytes, at)?;
    let kind = be16(bytes, at + 2)?;
    match flags & VERSION {
        0 => inside(flags, kind, bytes, behind(flags, bytes, at)?),
        1 if kind == PPP && flags & (CHECKSUM | ROUTING | KEY) == KEY => {
            let words =
                usize::from(flags & SEQUENCE != 0) + usize::from(flags & ACKNOWLEDGEMENT != 0);
            // A length of 0: an acknowledgement and nothing else.
            let length = be16(bytes, at + 4)?;
            (length > 0).then(|| Next::inside(Gre, Layer::Ppp, at + 8 + 4 * words))
        }
        _ => None,
    }
}

/// Where a header of version 0 ends.
fn behind(flags: u16, bytes: &[u8], at: usize) -> Option<usize> {
    let field = |bit| if flags & bit == 0 { 0 } else { 4 };
    let checksum = field(CHECKSUM | ROUTING);
    let end = at + 4 + checksum + field(KEY) + field(SEQUENCE);
    if flags & ROUTING == 0 {
        Some(end)
    } else {
        behind_routes(bytes, end)
    }
}

/// Source route entries end with one that has no length.
fn behind_routes(bytes: &[u8], mut at: usize) -> Option<usize> {
    for _ in 0..MOST_ROUTES {
        let [_, _, _, length] = *chunk(bytes, at)?;
        at += 4 + usize::from(length);
        if length == 0 {
            return Some(at);
        }
    }
    None
}

/// What the protocol type, an ethertype, says of the payload.
fn inside(flags: u16, kind: u16, bytes: &[u8], at: usize) -> Option<Next> {
    let layer = match kind {
        // ERSPAN without a sequence number is type I, which has no header of its own.
        ERSPAN if flags & SEQUENCE == 0 => Layer::Erspan(1),
        ERSPAN => Layer::Erspan(2),
        ERSPAN_3 => Layer::Erspan(3),
        // Version 2 of WCCP has a word of its own before the packet.
        WCCP => {
            let [first] = *chunk(bytes, at)?;
            let at = if first >> 4 == 4 { at } else { at + 4 };
            return Some(Next::inside(Gre, Layer::Ip(Network::V4), at));
        }
        0..0x0600 => return None,
        kind => Layer::Ethertype(kind),
    };
    Some(Next::inside(Gre, layer, at))
}
