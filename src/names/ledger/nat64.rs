//! IPv6 addresses that stand for an IPv4 one behind a translator: the well-known prefix (RFC 6052,
//! 2.1) and those that a network shows by its answers for `ipv4only.arpa` (RFC 7050).

use crate::names::dns::Answer;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// 64:ff9b::/96, without its last 32 bits.
const WELL_KNOWN: u128 = 0x0064_ff9b << 96;
/// Prefixes of networks that are remembered: the latest.
const MOST: usize = 4;
/// The name whose only addresses are these (RFC 7050, 2.2).
const PROBE: &str = "ipv4only.arpa";
const PROBED: [Ipv4Addr; 2] = [Ipv4Addr::new(192, 0, 0, 170), Ipv4Addr::new(192, 0, 0, 171)];

/// Prefixes of 96 bits: others are rare, and cannot be told from the address alone.
#[derive(Debug, Default)]
pub(super) struct Prefixes {
    shown: [Option<u128>; MOST],
    next: usize,
}

impl Prefixes {
    /// Takes the prefix out of an answer for the name that is asked to learn it.
    pub(super) fn learn(&mut self, answer: &Answer) {
        let IpAddr::V6(address) = answer.address else {
            return;
        };
        let (prefix, inside) = split(address);
        let shows = answer.name.as_str() == PROBE && PROBED.contains(&inside);
        if shows && !self.shown.contains(&Some(prefix)) {
            if let Some(place) = self.shown.get_mut(self.next) {
                *place = Some(prefix);
            }
            self.next = (self.next + 1) % MOST;
        }
    }

    /// The address that this one stands for.
    pub(super) fn inside(&self, address: IpAddr) -> Option<Ipv4Addr> {
        let IpAddr::V6(address) = address else {
            return None;
        };
        let (prefix, inside) = split(address);
        (prefix == WELL_KNOWN || self.shown.contains(&Some(prefix))).then_some(inside)
    }
}

/// The first 96 bits, in place, and the last 32.
fn split(address: Ipv6Addr) -> (u128, Ipv4Addr) {
    let bits = address.to_bits();
    (bits >> 32 << 32, Ipv4Addr::from(bits as u32))
}
