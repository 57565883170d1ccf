//! VXLAN (RFC 7348): Ethernet behind eight bytes. Its generic protocol extension
//! (draft-ietf-nvo3-vxlan-gpe) says in its last reserved byte what follows instead.

use crate::decode::chunk;
use crate::decode::encapsulation::Encapsulation::Vxlan;
use crate::decode::layer::{Layer, Next};
use crate::decode::link::nsh;

const HEADER: usize = 8;
/// The network identifier is valid; a next protocol is told; not a frame but an event of the
/// tunnel's own.
const VALID: u8 = 0x08;
const TELLS: u8 = 0x04;
const EVENT: u8 = 0x01;

pub(super) fn carried(bytes: &[u8], at: usize) -> Option<Next> {
    let [flags, ..] = *chunk::<HEADER>(bytes, at)?;
    (flags & VALID != 0).then(|| Next::inside(Vxlan, Layer::Ethernet, at + HEADER))
}

pub(super) fn generic(bytes: &[u8], at: usize) -> Option<Next> {
    let [flags, _, _, protocol, ..] = *chunk::<HEADER>(bytes, at)?;
    let layer = match flags & (TELLS | EVENT) {
        TELLS => nsh::next(protocol)?,
        0 if flags & VALID != 0 => Layer::Ethernet,
        _ => return None,
    };
    Some(Next::inside(Vxlan, layer, at + HEADER))
}
