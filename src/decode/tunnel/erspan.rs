//! ERSPAN (draft-foschiano-erspan): a switch's mirrored frames in GRE. Type I has no header, type II
//! one of 8 bytes, type III one of 12 and perhaps 8 of the platform's.

use crate::decode::encapsulation::Encapsulation::Erspan;
use crate::decode::layer::{Layer, Next};
use crate::decode::{Reason, be16};

/// Of the last word of type III: what kind of frame it is (0: Ethernet, 2: IP), and whether the
/// platform's header follows.
const FRAME: u16 = 0x7c00;
const IP: u16 = 0x0800;
const PLATFORM: u16 = 0x0001;

pub(in crate::decode) fn header(kind: u8, bytes: &[u8], at: usize) -> Result<Next, Reason> {
    match kind {
        1 => Ok(Next::inside(Erspan, Layer::Ethernet, at)),
        2 => Ok(Next::inside(Erspan, Layer::Ethernet, at + 8)),
        _ => third(bytes, at),
    }
}

fn third(bytes: &[u8], at: usize) -> Result<Next, Reason> {
    let word = be16(bytes, at + 10).ok_or(Reason::ShortLink)?;
    let platform = if word & PLATFORM == 0 { 0 } else { 8 };
    let layer = match word & FRAME {
        0 => Layer::Ethernet,
        IP => Layer::AnyIp,
        _ => return Err(Reason::NotIp),
    };
    Ok(Next::inside(Erspan, layer, at + 12 + platform))
}
