//! What identifies a flow: addresses, ports, protocol and interface, packed into forty bytes and
//! put in one order whichever side sent. Knows nothing of counters, names or links.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An interface (or an interface of a capture file) for the time of this run.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct InterfaceId(pub u16);

/// An IP protocol number: what the last next-header field says.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Protocol(pub u8);

impl Protocol {
    pub const ICMP: Protocol = Protocol(1);
    pub const TCP: Protocol = Protocol(6);
    pub const UDP: Protocol = Protocol(17);
    pub const ICMP6: Protocol = Protocol(58);
    pub const SCTP: Protocol = Protocol(132);
    /// A reserved number: sums that are told by no protocol.
    pub const NONE: Protocol = Protocol(255);

    /// The IANA keyword in lower case for the usual ones, `ip-N` for the rest.
    pub fn name(self) -> String {
        match self.0 {
            1 => "icmp".into(),
            2 => "igmp".into(),
            6 => "tcp".into(),
            17 => "udp".into(),
            33 => "dccp".into(),
            41 => "ipv6".into(),
            47 => "gre".into(),
            50 => "esp".into(),
            51 => "ah".into(),
            58 => "icmp6".into(),
            89 => "ospf".into(),
            103 => "pim".into(),
            112 => "vrrp".into(),
            132 => "sctp".into(),
            136 => "udplite".into(),
            number => format!("ip-{number}"),
        }
    }
}

/// One end of a flow. `port` is `None` where the protocol has none, or where it is not known
/// (a later fragment whose first fragment was not seen).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    pub address: IpAddr,
    pub port: Option<u16>,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.address, self.port) {
            (address, None) => write!(f, "{address}"),
            (IpAddr::V4(address), Some(port)) => write!(f, "{address}:{port}"),
            (IpAddr::V6(address), Some(port)) => write!(f, "[{address}]:{port}"),
        }
    }
}

/// An address as it lies in a packet: sixteen bytes, IPv4 in the first four.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RawAddress(pub u128);

impl RawAddress {
    pub fn v4(bytes: [u8; 4]) -> Self {
        Self(u128::from(u32::from_be_bytes(bytes)) << 96)
    }

    pub fn v6(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    fn ip(self, six: bool) -> IpAddr {
        if six {
            IpAddr::V6(Ipv6Addr::from(self.0))
        } else {
            IpAddr::V4(Ipv4Addr::from((self.0 >> 96) as u32))
        }
    }
}

/// Which end of a [`FlowKey`] sent a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum End {
    Low = 0,
    High = 1,
}

impl End {
    #[must_use]
    pub fn other(self) -> End {
        match self {
            End::Low => End::High,
            End::High => End::Low,
        }
    }
}

/// A canonical five-tuple on one interface. The lower (address, port) comes first, so that both
/// directions have the same key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlowKey {
    low: [u64; 2],
    high: [u64; 2],
    /// low port, high port, interface, protocol, flags: 16 + 16 + 16 + 8 + 8 bits.
    rest: u64,
}

const SIX: u64 = 1;
const PORTS: u64 = 2;

/// The parts of a key as a decoder finds them: who sent, who shall receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuple {
    pub source: RawAddress,
    pub destination: RawAddress,
    /// Source and destination port, where there are any.
    pub ports: Option<(u16, u16)>,
    pub protocol: Protocol,
    /// IPv6, not IPv4.
    pub six: bool,
}

impl FlowKey {
    /// The key of the flow that a frame with this tuple belongs to, and the end that sent it.
    /// Where both ends are equal the sender is the low one.
    #[inline]
    pub fn of(tuple: &Tuple, interface: InterfaceId) -> (FlowKey, End) {
        let (from, to) = tuple.ports.unwrap_or((0, 0));
        let forward = (tuple.source, from) <= (tuple.destination, to);
        let (low, high, ports, sender) = if forward {
            (tuple.source, tuple.destination, (from, to), End::Low)
        } else {
            (tuple.destination, tuple.source, (to, from), End::High)
        };
        let flags = if tuple.six { SIX } else { 0 } | if tuple.ports.is_some() { PORTS } else { 0 };
        let rest = u64::from(ports.0) << 48
            | u64::from(ports.1) << 32
            | u64::from(interface.0) << 16
            | u64::from(tuple.protocol.0) << 8
            | flags;
        let words = |address: RawAddress| [(address.0 >> 64) as u64, address.0 as u64];
        (
            FlowKey {
                low: words(low),
                high: words(high),
                rest,
            },
            sender,
        )
    }

    pub fn interface(&self) -> InterfaceId {
        InterfaceId((self.rest >> 16) as u16)
    }

    pub fn protocol(&self) -> Protocol {
        Protocol((self.rest >> 8) as u8)
    }

    pub fn has_ports(&self) -> bool {
        self.rest & PORTS != 0
    }

    /// One end: its address and, where the protocol has them, its port.
    pub fn end(&self, end: End) -> Endpoint {
        let (words, port) = match end {
            End::Low => (self.low, (self.rest >> 48) as u16),
            End::High => (self.high, (self.rest >> 32) as u16),
        };
        let raw = RawAddress(u128::from(words[0]) << 64 | u128::from(words[1]));
        Endpoint {
            address: raw.ip(self.rest & SIX != 0),
            port: self.has_ports().then_some(port),
        }
    }

    /// The same flow on whatever interface: for views that join interfaces.
    #[must_use]
    pub fn anywhere(&self) -> FlowKey {
        FlowKey {
            rest: self.rest & !(0xffff << 16),
            ..*self
        }
    }
}

impl Hash for FlowKey {
    /// Three writes: a hasher takes in a number at once, an array piece by piece.
    #[inline]
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let wide = |[high, low]: [u64; 2]| u128::from(high) << 64 | u128::from(low);
        hasher.write_u128(wide(self.low));
        hasher.write_u128(wide(self.high));
        hasher.write_u64(self.rest);
    }
}

impl fmt::Debug for FlowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = (self.end(End::Low), self.end(End::High));
        write!(
            f,
            "{} {low} {high} on {}",
            self.protocol().name(),
            self.interface().0
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tuple(from: u8, to: u8, ports: Option<(u16, u16)>) -> Tuple {
        Tuple {
            source: RawAddress::v4([10, 0, 0, from]),
            destination: RawAddress::v4([10, 0, 0, to]),
            ports,
            protocol: Protocol::UDP,
            six: false,
        }
    }

    #[test]
    fn both_directions_have_one_key() {
        let interface = InterfaceId(7);
        let (there, first) = FlowKey::of(&tuple(9, 2, Some((5000, 53))), interface);
        let (back, second) = FlowKey::of(&tuple(2, 9, Some((53, 5000))), interface);
        assert_eq!(there, back);
        assert_eq!((first, second), (End::High, End::Low));
        assert_eq!(there.end(first).to_string(), "10.0.0.9:5000");
        assert_eq!(
            (there.interface(), there.protocol()),
            (interface, Protocol::UDP)
        );
    }

    #[test]
    fn no_ports_differ_from_port_zero() {
        let (with, _) = FlowKey::of(&tuple(1, 2, Some((0, 0))), InterfaceId(0));
        let (without, _) = FlowKey::of(&tuple(1, 2, None), InterfaceId(0));
        assert_ne!(with, without);
        assert_eq!(without.end(End::Low).port, None);
    }

    #[test]
    fn it_is_forty_bytes() {
        assert_eq!(size_of::<FlowKey>(), 40);
    }
}
