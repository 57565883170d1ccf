//! Later fragments belong to the flow of their first: ports by the identification that the parts of
//! a packet share. Bounded, and forgotten after a while.

use crate::decode::{Fragment, Packet};
use crate::key::{InterfaceId, Protocol, RawAddress};
use crate::units::Second;
use ahash::RandomState;
use std::collections::HashMap;

/// Packets of a generation: at least so many of the latest are remembered, at most twice as many.
const GENERATION: usize = 2048;
/// Packets that one worker remembers at most.
pub const MOST_FRAGMENTED: usize = 2 * GENERATION;
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

type Ports = HashMap<Id, ((u16, u16), Second), RandomState>;

/// Two generations: when the younger is full the elder goes, so that a flood of first fragments
/// costs no search and cannot keep the latest ones out.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    younger: Ports,
    elder: Ports,
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
                if self.younger.len() >= GENERATION {
                    self.elder = std::mem::take(&mut self.younger);
                }
                self.younger
                    .insert(Id::of(packet, id, interface), (ports, now));
            }
            (Fragment::Later(id), None) => {
                let id = Id::of(packet, id, interface);
                let known = self.younger.get(&id).or_else(|| self.elder.get(&id));
                packet.tuple.ports = known.map(|(ports, _)| *ports);
            }
            _ => {}
        }
    }

    /// How many packets are remembered.
    pub(super) fn len(&self) -> usize {
        self.younger.len() + self.elder.len()
    }

    /// Forgets packets whose parts must all have come by now.
    pub(super) fn forget(&mut self, now: Second) {
        let span = now.0 - LONGEST..=now.0 + LONGEST;
        for ports in [&mut self.younger, &mut self.elder] {
            ports.retain(|_, (_, seen)| span.contains(&seen.0));
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Tuple;

    fn part(fragment: Fragment, ports: Option<(u16, u16)>) -> Packet {
        Packet {
            tuple: Tuple {
                source: RawAddress::v4([10, 0, 0, 1]),
                destination: RawAddress::v4([10, 0, 0, 2]),
                ports,
                protocol: Protocol::UDP,
                six: false,
            },
            fragment,
            flags: 0,
            payload: 0,
        }
    }

    /// The ports that a later part of packet `id` gets.
    fn later(fragments: &mut Fragments, id: u32) -> Option<(u16, u16)> {
        let mut packet = part(Fragment::Later(id), None);
        fragments.resolve(&mut packet, InterfaceId(0), Second(0));
        packet.tuple.ports
    }

    #[test]
    fn a_flood_of_packets_is_bounded_and_the_latest_are_known() {
        let mut fragments = Fragments::default();
        for id in 0..100_000 {
            let mut first = part(Fragment::First(id), Some((id as u16, 53)));
            fragments.resolve(&mut first, InterfaceId(0), Second(0));
            assert!(fragments.len() <= MOST_FRAGMENTED);
        }
        assert_eq!(later(&mut fragments, 99_999), Some((99_999u32 as u16, 53)));
        assert_eq!(
            later(&mut fragments, 100_000 - GENERATION as u32),
            Some(((100_000 - GENERATION as u32) as u16, 53))
        );
        assert_eq!(later(&mut fragments, 0), None);
        fragments.forget(Second(LONGEST + 1));
        assert_eq!(later(&mut fragments, 99_999), None);
    }
}
