//! Geneve (RFC 8926): options in words of four bytes, and an ethertype.

use crate::decode::chunk;
use crate::decode::encapsulation::Encapsulation::Geneve;
use crate::decode::layer::{Layer, Next};

const VERSION: u8 = 0xc0;
const OPTIONS: u8 = 0x3f;

pub(super) fn carried(bytes: &[u8], at: usize) -> Option<Next> {
    let [first, _, upper, lower, ..] = *chunk::<8>(bytes, at)?;
    let kind = u16::from_be_bytes([upper, lower]);
    if first & VERSION != 0 || kind < 0x0600 {
        return None;
    }
    let options = usize::from(first & OPTIONS) * 4;
    Some(Next::inside(
        Geneve,
        Layer::Ethertype(kind),
        at + 8 + options,
    ))
}
