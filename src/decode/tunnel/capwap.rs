//! CAPWAP's data channel (RFC 5415, 4.3): frames between a radio and its controller, as Ethernet or,
//! where the header says so, as the radio had them (RFC 5416). Some radios swap the first two bytes
//! of those.

use crate::decode::chunk;
use crate::decode::encapsulation::Encapsulation::Capwap;
use crate::decode::layer::{Layer, Next, Quirk};

/// Of the header's second to fourth byte: its length in words, whose frames these are, that they
/// are native, that this is a fragment, and that there is no frame.
const LENGTH: u32 = 19;
const BINDING: u32 = 0x3e00;
const WIFI: u32 = 0x0200;
const NATIVE: u32 = 0x0100;
const FRAGMENT: u32 = 0x0080;
const ALIVE: u32 = 0x0008;

pub(super) fn carried(bytes: &[u8], at: usize) -> Option<Next> {
    // A preamble of 0: this version, and not encrypted.
    let [0, a, b, c, _, _, offset @ ..] = *chunk::<8>(bytes, at)? else {
        return None;
    };
    let fields = u32::from_be_bytes([0, a, b, c]);
    let is_later = fields & FRAGMENT != 0 && u16::from_be_bytes(offset) >> 3 != 0;
    if is_later || fields & ALIVE != 0 {
        return None;
    }
    let layer = match (fields & NATIVE, fields & BINDING) {
        (0, _) => Layer::Ethernet,
        (_, WIFI) => Layer::Wifi(Quirk::Swapped),
        _ => return None,
    };
    let header = (fields >> LENGTH) as usize * 4;
    (header >= 8).then(|| Next::inside(Capwap, layer, at + header))
}
