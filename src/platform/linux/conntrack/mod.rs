//! What the kernel's connection tracking knows of translated addresses (NAT): a flow has other ends
//! on the one side of it than on the other. Asked by netlink, for one flow at a time. Knows no
//! process.

mod message;

use super::netlink::Netlink;
use crate::key::{Endpoint, Protocol};
use crate::platform::{Ends, Error};
use netlink_sys::protocols::NETLINK_NETFILTER;
use nix::libc;
use std::io;

/// The translations of the network namespace in which this was opened.
pub struct Translations {
    netlink: Netlink,
}

impl Translations {
    /// Fails where they may not be read: that takes CAP_NET_ADMIN.
    pub fn open() -> Result<Translations, Error> {
        let netlink = Netlink::open(NETLINK_NETFILTER);
        let netlink = netlink.map_err(Error::system("ask for translated addresses"))?;
        let mut translations = Translations { netlink };
        let nowhere = Endpoint {
            address: std::net::Ipv4Addr::UNSPECIFIED.into(),
            port: Some(0),
        };
        // Whether it may be asked is only told when it is asked.
        translations.entry(Protocol::TCP, (nowhere, nowhere))?;
        Ok(translations)
    }

    /// What the ends of a packet from `from` to `to` are on the other side of the translation;
    /// `None` where it is not translated, or has no entry (any more).
    pub fn find(
        &mut self,
        protocol: Protocol,
        from: Endpoint,
        to: Endpoint,
    ) -> Result<Option<Ends>, Error> {
        for ends in [(from, to), (to, from)] {
            if let Some(entry) = self.entry(protocol, ends)? {
                return Ok(other_side(entry, (from, to)));
            }
        }
        Ok(None)
    }

    /// The tuples of the connection that one of its two tuples is this.
    fn entry(&mut self, protocol: Protocol, ends: Ends) -> Result<Option<message::Entry>, Error> {
        let Some(question) = message::question(protocol, ends) else {
            return Ok(None);
        };
        match self.netlink.get(message::GET, &question) {
            Ok(body) => Ok(message::entry(body)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(Error::system("ask for a translated address")(error)),
        }
    }
}

/// EINVAL is said of a protocol whose tuples have more to them.
fn is_absent(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    code == Some(libc::ENOENT) || code == Some(libc::EINVAL)
}

/// Before the translation a connection goes as its original tuple says; behind it, as the answers
/// come, turned round.
fn other_side(entry: message::Entry, asked: Ends) -> Option<Ends> {
    let turned = |(from, to): Ends| (to, from);
    let (before, behind) = (entry.original, turned(entry.reply));
    let sides = [
        (before, behind),
        (behind, before),
        (turned(before), turned(behind)),
        (turned(behind), turned(before)),
    ];
    let side = sides.into_iter().find(|(this, _)| *this == asked);
    side.map(|(_, other)| other).filter(|other| *other != asked)
}

#[cfg(test)]
mod tests;
