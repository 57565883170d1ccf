//! Later fragments belong to the flow of their first: ports by the identification that the parts of
//! a packet share. Bounded, and forgotten after a while.

use crate::decode::{Fragment, Packet};
use crate::key::{InterfaceId, Protocol, RawAddress};
use crate::units::Second;
use ahash::RandomState;
use std::collections::HashMap;

/// Most packets whose parts are remembered at a time.
const MOST: usize = 4096;
/// How long parts of a packet may be apart, in seconds (RFC 8200, 4.5).
const LONGEST: i64 = 60;

#[derive(PartialEq, Eq, Hash)]
struct Id {
    source: [u64; 2],
    destination: [u64; 2],
    number: u32,
    protocol: u8,
    interface: u16,
}

#[derive(Debug, Default)]
pub(super) struct Fragments {
    ports: HashMap<Id, ((u16, u16), Second), RandomState>,
}

impl std::fmt::Debug for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "fragment {}", self.number)
    }
}

impl Fragments {
    /// Remembers a first fragment's ports, or gives a later one its first's.
    pub(super) fn resolve(&mut self, packet: &mut Packet, interface: InterfaceId, now: Second) {
        match (packet.fragment, packet.tuple.ports) {
            (Fragment::First(id), Some(ports)) => {
                if self.ports.len() >= MOST {
                    self.forget(now);
                }
                if self.ports.len() < MOST {
                    self.ports
                        .insert(Id::of(packet, id, interface), (ports, now));
                }
            }
            (Fragment::Later(id), None) => {
                let known = self.ports.get(&Id::of(packet, id, interface));
                packet.tuple.ports = known.map(|(ports, _)| *ports);
            }
            _ => {}
        }
    }

    /// Forgets packets whose parts must all have come by now.
    pub(super) fn forget(&mut self, now: Second) {
        self.ports
            .retain(|_, (_, seen)| (now.0 - LONGEST..=now.0 + LONGEST).contains(&seen.0));
    }
}

impl Id {
    fn of(packet: &Packet, number: u32, interface: InterfaceId) -> Id {
        let words = |RawAddress(raw): RawAddress| [(raw >> 64) as u64, raw as u64];
        let Protocol(protocol) = packet.tuple.protocol;
        Id {
            source: words(packet.tuple.source),
            destination: words(packet.tuple.destination),
            number,
            protocol,
            interface: interface.0,
        }
    }
}
