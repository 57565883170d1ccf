//! GTP-U (3GPP TS 29.281): version 1 with its optional fields and extension headers, and the
//! version 0 that came before it (GSM 09.60). Only a user's packets are followed.

use crate::decode::chunk;
use crate::decode::encapsulation::Encapsulation::Gtp;
use crate::decode::layer::{Layer, Network, Next};

/// Of the first byte: version and protocol type, and which optional fields there are.
const KIND: u8 = 0xf0;
const VERSION_1: u8 = 0x30;
const VERSION_0: u8 = 0x10;
const EXTENSION: u8 = 0x04;
const OPTIONAL: u8 = 0x07;
/// The message that is a user's packet.
const PACKET: u8 = 255;
/// More extension headers than there are kinds of are not followed.
const MOST_EXTENSIONS: usize = 8;

pub(super) fn carried(bytes: &[u8], at: usize) -> Option<Next> {
    let [first, PACKET] = *chunk(bytes, at)? else {
        return None;
    };
    let at = match first & KIND {
        VERSION_1 if first & OPTIONAL == 0 => at + 8,
        VERSION_1 if first & EXTENSION == 0 => at + 12,
        VERSION_1 => behind_extensions(bytes, at + 11)?,
        VERSION_0 => at + 20,
        _ => return None,
    };
    let [version] = *chunk(bytes, at)?;
    let network = match version >> 4 {
        4 => Network::V4,
        6 => Network::V6,
        _ => return None,
    };
    Some(Next::inside(Gtp, Layer::Ip(network), at))
}

/// Each extension header says its own length in words, and at its end what the next is. `at` is
/// where the first one's kind stands.
fn behind_extensions(bytes: &[u8], mut at: usize) -> Option<usize> {
    for _ in 0..MOST_EXTENSIONS {
        let [kind] = *chunk(bytes, at)?;
        if kind == 0 {
            return Some(at + 1);
        }
        let [length] = *chunk(bytes, at + 1)?;
        if length == 0 {
            return None;
        }
        at += 4 * usize::from(length);
    }
    None
}
