//! L2TP. Version 2 (RFC 2661) carries PPP behind a header whose fields it tells. Version 3 (RFC
//! 3931) has a cookie and a sublayer of lengths that only its ends know: a frame is taken where one
//! of them leaves no doubt.

use crate::decode::encapsulation::Encapsulation::L2tp;
use crate::decode::layer::{Layer, Next};
use crate::decode::link::certain;
use crate::decode::{be16, chunk};

/// Of the first word: a control message, which fields there are, and the version.
const CONTROL: u16 = 0x8000;
const LENGTH: u16 = 0x4000;
const SEQUENCE: u16 = 0x0800;
const OFFSET: u16 = 0x0200;
const VERSION: u16 = 0x000f;
/// A cookie has 0, 4 or 8 bytes, the sublayer 0 or 4.
const BETWEEN: [usize; 4] = [0, 4, 8, 12];

pub(super) fn over_udp(bytes: &[u8], at: usize) -> Option<Next> {
    let flags = be16(bytes, at)?;
    match flags & (CONTROL | VERSION) {
        2 => Some(Next::inside(L2tp, Layer::Ppp, behind(flags, bytes, at)?)),
        // Two reserved bytes, then as over IP.
        3 => over_ip(bytes, at + 4),
        _ => None,
    }
}

/// Where a header of version 2 ends: tunnel and session are always there.
fn behind(flags: u16, bytes: &[u8], at: usize) -> Option<usize> {
    let field = |bit, length| if flags & bit == 0 { 0 } else { length };
    let end = at + 6 + field(LENGTH, 2) + field(SEQUENCE, 4);
    if flags & OFFSET == 0 {
        return Some(end);
    }
    Some(end + 2 + usize::from(be16(bytes, end)?))
}

/// Version 3: a session, of which 0 is control.
pub(super) fn over_ip(bytes: &[u8], at: usize) -> Option<Next> {
    if *chunk(bytes, at)? == [0; 4] {
        return None;
    }
    let frames = BETWEEN.map(|between| at + 4 + between);
    let mut certain = frames
        .into_iter()
        .filter(|frame| certain::ethernet(bytes, *frame));
    let frame = certain.next()?;
    Some(Next::inside(L2tp, Layer::Ethernet, frame))
}
