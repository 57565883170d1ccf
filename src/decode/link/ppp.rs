//! PPP (RFC 1661) with or without HDLC framing (RFC 1662) and with either field compressed, the
//! session header of PPPoE (RFC 2516), and Cisco's HDLC.

use crate::decode::encapsulation::Encapsulation::{Ppp, Pppoe};
use crate::decode::layer::{Layer, Network, Next};
use crate::decode::{Reason, be16, chunk};

/// A serial line: PPP, or Cisco's framing where the address says so (RFC 1547, 4.3.1).
pub(in crate::decode) fn serial(bytes: &[u8], at: usize) -> Result<Next, Reason> {
    match chunk(bytes, at) {
        Some([0x0f | 0x8f, 0x00]) => cisco(bytes, at),
        _ => header(bytes, at),
    }
}

/// Cisco's HDLC: address, control, ethertype.
pub(in crate::decode) fn cisco(bytes: &[u8], at: usize) -> Result<Next, Reason> {
    match be16(bytes, at + 2).ok_or(Reason::ShortLink)? {
        0..0x0600 => Err(Reason::NotIp),
        kind => Ok(Next::plain(Layer::Ethertype(kind), at + 4)),
    }
}

/// PPP: address and control may be left out, and so may the first byte of the protocol's number,
/// whose last is odd.
pub(in crate::decode) fn header(bytes: &[u8], at: usize) -> Result<Next, Reason> {
    let at = match chunk(bytes, at) {
        // Where captures say the direction instead of the address it is 0 or 1.
        Some([0xff | 0x00 | 0x01, 0x03]) => at + 2,
        _ => at,
    };
    let [first] = *chunk(bytes, at).ok_or(Reason::ShortLink)?;
    let (protocol, at) = if first & 1 == 1 {
        (u16::from(first), at + 1)
    } else {
        (be16(bytes, at).ok_or(Reason::ShortLink)?, at + 2)
    };
    match protocol {
        0x0021 => Ok(Next::inside(Ppp, Layer::Ip(Network::V4), at)),
        0x0057 => Ok(Next::inside(Ppp, Layer::Ip(Network::V6), at)),
        0x0281 | 0x0283 => Ok(Next::inside(Ppp, Layer::Mpls, at)),
        _ => Err(Reason::NotIp),
    }
}

/// A PPPoE session's header: version and type 1, code 0.
pub(in crate::decode) fn session(bytes: &[u8], at: usize) -> Result<Next, Reason> {
    match chunk::<6>(bytes, at).ok_or(Reason::ShortLink)? {
        [0x11, 0, ..] => Ok(Next::inside(Pppoe, Layer::Ppp, at + 6)),
        _ => Err(Reason::NotIp),
    }
}
