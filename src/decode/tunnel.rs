//! IP in IP: what a tunnel's outer header carries. IPv4 (RFC 2003) and IPv6 (RFC 4213, 2473) in
//! either. Another tunnel is one more arm here; one over TCP or UDP (VXLAN, ...) also needs its ports
//! left to the general way by [`super::usual`], which takes both for flows without asking here.

use super::ip::{self, Fragment, Header};
use super::link::Network;

/// Tunnels within tunnels are followed this deep; deeper ones are a flow of the last.
pub(super) const MOST: usize = 8;

const IPV4: u8 = 4;
const IPV6: u8 = 41;

/// The header inside, where there is one and it was captured.
#[inline]
pub(super) fn inner(outer: &Header, bytes: &[u8]) -> Option<Header> {
    let network = match outer.protocol.0 {
        IPV4 => Network::V4,
        IPV6 => Network::V6,
        _ => return None,
    };
    if matches!(outer.fragment, Fragment::Later(_)) {
        return None;
    }
    ip::header(network, bytes, outer.transport).ok()
}
