//! Teredo (RFC 4380): IPv6 in UDP, behind an authentication and an origin indication where there are
//! any. Trailers (RFC 6081) lie behind the packet.

use crate::decode::encapsulation::Encapsulation::Teredo;
use crate::decode::layer::{Layer, Network, Next};
use crate::decode::{be16, chunk};

const ORIGIN: usize = 8;
/// Nonce and confirmation.
const NONCE: usize = 9;
const HEADER: usize = 40;

pub(super) fn carried(bytes: &[u8], mut at: usize) -> Option<Next> {
    if let Some([0, 1, client, value]) = chunk(bytes, at) {
        at += 4 + usize::from(*client) + usize::from(*value) + NONCE;
    }
    if let Some([0, 0]) = chunk(bytes, at) {
        at += ORIGIN;
    }
    let [version] = *chunk(bytes, at)?;
    let length = HEADER + usize::from(be16(bytes, at + 4)?);
    let whole = bytes.len() >= at + length;
    (version >> 4 == 6 && whole).then(|| Next::inside(Teredo, Layer::Ip(Network::V6), at))
}
