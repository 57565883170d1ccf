//! This host's addresses, and those at which it hears what is sent to several. Asked for again when
//! they have grown old. Knows no sockets.

use crate::platform;
use crate::units::{NANOS, Nanos};
use std::net::IpAddr;

/// How long a list of them holds.
const LASTS: Nanos = Nanos(10 * NANOS);

#[derive(Debug, Default)]
pub(super) struct Own {
    addresses: Vec<IpAddr>,
    broadcasts: Vec<IpAddr>,
    listed: Option<Nanos>,
}

impl Own {
    /// Whether this host has the address.
    pub(super) fn has(&mut self, address: IpAddr, now: Nanos) -> bool {
        self.list(now);
        address.is_loopback() || self.addresses.contains(&address)
    }

    /// Whether a socket that is bound to no address gets what is sent to this one: not what this
    /// host only hands on.
    pub(super) fn hears(&mut self, address: IpAddr, now: Nanos) -> bool {
        let is_of_all = match address {
            IpAddr::V4(four) => four.is_broadcast(),
            IpAddr::V6(_) => false,
        };
        let is_of_several = is_of_all || address.is_multicast() || address.is_unspecified();
        is_of_several || self.has(address, now) || self.broadcasts.contains(&address)
    }

    fn list(&mut self, now: Nanos) {
        if self.listed.is_none_or(|at| now.0 - at.0 > LASTS.0) {
            (self.addresses, self.broadcasts) = platform::addresses().unwrap_or_default();
            self.listed = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_handed_on_is_not_heard() {
        let mut own = Own {
            addresses: vec!["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()],
            broadcasts: vec!["192.0.2.127".parse().unwrap()],
            listed: Some(Nanos(0)),
        };
        for (address, has, hears) in [
            ("192.0.2.1", true, true),
            ("2001:db8::1", true, true),
            ("127.0.0.9", true, true),
            ("192.0.2.127", false, true),
            ("255.255.255.255", false, true),
            ("224.0.0.251", false, true),
            ("ff02::fb", false, true),
            ("192.0.2.2", false, false),
            ("2001:db8::2", false, false),
        ] {
            let address = address.parse().unwrap();
            let found = (own.has(address, Nanos(1)), own.hears(address, Nanos(1)));
            assert_eq!(found, (has, hears), "{address}");
        }
    }
}
