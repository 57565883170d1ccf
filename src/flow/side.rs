//! Which way a frame goes, as seen from this host, by the rule of its interface (the accounting
//! rules, 4).

use crate::capture::{DirectionRule, Interface, Link};
use crate::key::{End, Endpoint, FlowKey};
use crate::units::Direction;
use std::net::IpAddr;
use std::sync::Arc;

/// What a worker keeps of an interface.
#[derive(Debug)]
pub(super) struct Side {
    pub link: Link,
    /// The link address to compare with, where direction is told frame by frame.
    hardware: Option<[u8; 6]>,
    interface: Arc<Interface>,
}

impl Side {
    pub(super) fn new(interface: Arc<Interface>) -> Side {
        let hardware = match interface.direction {
            DirectionRule::Hardware(address) if interface.link == Link::Ethernet => Some(address),
            _ => None,
        };
        Side {
            link: interface.link,
            hardware,
            interface,
        }
    }

    /// Which way a frame went, where its link address tells.
    #[inline]
    pub(super) fn told(&self, bytes: &[u8]) -> Option<Direction> {
        self.hardware.map(|own| by_hardware(bytes, own))
    }

    /// Which end of a flow is this host's, told from its first frame. Between two local ends, or
    /// two others, it is the client's.
    pub(super) fn local_end(&self, key: &FlowKey, bytes: &[u8], sender: End) -> End {
        let from_here = match (&self.hardware, &self.interface.direction) {
            (Some(own), _) => by_hardware(bytes, *own) == Direction::Out,
            (None, DirectionRule::Addresses(addresses)) => {
                is_here(key, sender, |address| addresses.contains(&address))
            }
            (None, DirectionRule::Networks(networks)) => is_here(key, sender, |address| {
                networks.iter().any(|net| net.contains(address))
            }),
            (None, _) => true,
        };
        if from_here { sender } else { sender.other() }
    }

    /// Which way a frame without a flow went: out only if its link address says so.
    pub(super) fn unflowed(&self, bytes: &[u8]) -> Direction {
        self.told(bytes).unwrap_or(Direction::In)
    }
}

/// Did this host send, going by addresses? If neither end is local, the client counts as it.
fn is_here(key: &FlowKey, sender: End, local: impl Fn(IpAddr) -> bool) -> bool {
    let Endpoint {
        address: source, ..
    } = key.end(sender);
    let Endpoint {
        address: destination,
        ..
    } = key.end(sender.other());
    local(source) || !local(destination)
}

#[inline]
fn by_hardware(bytes: &[u8], own: [u8; 6]) -> Direction {
    if bytes.get(6..12) == Some(&own[..]) {
        Direction::Out
    } else {
        Direction::In
    }
}
