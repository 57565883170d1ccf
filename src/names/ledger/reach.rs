//! Whom an answer can speak to: an address that means something else to everybody is named for
//! nobody but the one that asked (IANA special-purpose address registries, RFC 6890).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// For whom an answer with an address counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Loopback, unspecified, multicast or broadcast: what blockers answer, and what attacks that
    /// bind a name to this very host do.
    Nobody,
    /// Private, link-local or otherwise not the Internet's.
    Asker,
    /// The Internet's: it is the same host whoever asks.
    Anyone,
}

impl Reach {
    pub(super) fn of(address: IpAddr) -> Reach {
        match address.to_canonical() {
            IpAddr::V4(address) => Reach::of_four(address),
            IpAddr::V6(address) => Reach::of_six(address),
        }
    }

    fn of_four(address: Ipv4Addr) -> Reach {
        match address.octets() {
            [0 | 127 | 224..=239, ..] | [255, 255, 255, 255] => Reach::Nobody,
            [10 | 240..=255, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 168, ..]
            | [192, 0, 0 | 2, _]
            | [198, 18..=19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _] => Reach::Asker,
            _ => Reach::Anyone,
        }
    }

    fn of_six(address: Ipv6Addr) -> Reach {
        match address.segments() {
            _ if address.is_loopback() || address.is_unspecified() => Reach::Nobody,
            [0xff00..=0xffff, ..] => Reach::Nobody,
            [0x2001, 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => Reach::Asker,
            [0x2000..=0x3fff, ..] => Reach::Anyone,
            _ => Reach::Asker,
        }
    }
}

/// An address of either kind as one number: an IPv4 address is what it is mapped to.
pub(super) fn word(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_internet_addresses_are_the_same_for_all() {
        for (reach, addresses) in [
            (
                Reach::Nobody,
                "127.0.0.53 0.0.0.0 0.1.2.3 224.0.0.251 255.255.255.255 :: ::1 ff02::fb ::ffff:127.0.0.1",
            ),
            (
                Reach::Asker,
                "10.0.0.1 100.64.0.1 100.127.255.255 172.16.0.1 172.31.0.1 192.168.1.1 169.254.1.1 198.51.100.1 240.0.0.1 fe80::1 fd00::1 fc00::1 fec0::1 2001:db8::1 ::ffff:10.0.0.1",
            ),
            (
                Reach::Anyone,
                "8.8.8.8 100.128.0.1 172.32.0.1 192.167.1.1 198.20.0.1 1.0.0.1 223.255.255.255 2606:4700::1111 2a00::1 ::ffff:8.8.8.8",
            ),
        ] {
            for address in addresses.split(' ') {
                assert_eq!(Reach::of(address.parse().unwrap()), reach, "{address}");
            }
        }
    }
}
