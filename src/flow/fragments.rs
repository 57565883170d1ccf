//! Parts of a packet belong to the flow that its first part's frame counts on: remembered by the
//! identification that they share, bounded, and forgotten after a while. A part that comes before the
//! first waits for it.

use super::parked::{Parked, Parking};
use crate::capture::{Frame, Slot};
use crate::decode::{Fragment, FragmentId, Packet};
use crate::key::Tuple;
use crate::units::Second;
use ahash::RandomState;
use std::collections::HashMap;

/// Packets of a generation: at least so many of the latest are remembered, at most twice as many.
const GENERATION: usize = 2048;
/// Packets that one worker remembers at most.
pub const MOST_FRAGMENTED: usize = 2 * GENERATION;
/// How long parts of a packet may be apart, in seconds (RFC 8200, 4.5).
const LONGEST: i64 = 60;

type Known = HashMap<FragmentId, (Tuple, Second), RandomState>;

/// Two generations: when the younger is full the elder goes, so that a flood of first fragments
/// costs no search and cannot keep the latest ones out.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    younger: Known,
    elder: Known,
    parking: Parking,
}

impl Fragments {
    /// Remembers whose flow a first part is on; says on which tuple a part counts, or nothing if it
    /// is kept until its first has come.
    pub(super) fn resolve(
        &mut self,
        packet: &Packet,
        frame: &Frame,
        bytes: &[u8],
    ) -> Option<Tuple> {
        let now = frame.at.second();
        let id = packet.fragment_id(frame.interface);
        let around = packet.around(bytes);
        let around = around.and_then(|outer| outer.fragment_id(frame.interface));
        let mut tuple = packet.tuple;
        match (packet.fragment, id) {
            (Fragment::First(_), Some(id)) => self.learn(id, tuple, now),
            (Fragment::Later(_), Some(id)) => match self.known(&id) {
                Some(known) => tuple = known,
                // A tunnel's first part is not kept: others wait for it.
                None if around.is_none() && self.park(id, tuple, frame, bytes) => return None,
                None => {}
            },
            _ => {}
        }
        if let Some(id) = around {
            self.learn(id, tuple, now);
        }
        Some(tuple)
    }

    /// The parts that waited for a first one which has come since this was last asked, with the
    /// tuples that they count on.
    pub(super) fn ready(&mut self) -> Vec<Parked> {
        self.parking.ready()
    }

    /// The parts that count in this slot and wait in vain; all that wait if nothing follows.
    pub(super) fn overdue(&mut self, slot: Slot, last: bool) -> Vec<Parked> {
        self.parking.overdue(slot, last)
    }

    /// How many packets are remembered.
    pub(super) fn len(&self) -> usize {
        self.younger.len() + self.elder.len()
    }

    /// Forgets packets whose parts must all have come by now.
    pub(super) fn forget(&mut self, now: Second) {
        let span = now.0 - LONGEST..=now.0 + LONGEST;
        for known in [&mut self.younger, &mut self.elder] {
            known.retain(|_, (_, seen)| span.contains(&seen.0));
        }
    }

    /// The tuple that the parts of a packet count on, once its first part has come.
    pub(super) fn known(&self, id: &FragmentId) -> Option<Tuple> {
        let known = self.younger.get(id).or_else(|| self.elder.get(id));
        known.map(|(tuple, _)| *tuple)
    }

    fn learn(&mut self, id: FragmentId, tuple: Tuple, now: Second) {
        if self.younger.len() >= GENERATION {
            self.elder = std::mem::take(&mut self.younger);
        }
        self.younger.insert(id, (tuple, now));
        self.parking.release(&id, tuple);
    }

    /// Keeps a part; false if there is no room.
    fn park(&mut self, id: FragmentId, tuple: Tuple, frame: &Frame, bytes: &[u8]) -> bool {
        self.parking.take(id, Parked::new(tuple, *frame, bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_frames::{UDP, ip};
    use super::*;
    use crate::capture::Link;
    use crate::decode::{self, Tunnels};
    use crate::key::InterfaceId;
    use crate::units::{FrameNumber, NANOS, Nanos};

    const FIRST: u16 = 0x2000;
    const LATER: u16 = 0x0003;

    fn frame(second: i64) -> Frame {
        Frame {
            number: FrameNumber(1),
            at: Nanos(second * NANOS),
            offset: 0,
            captured: 0,
            length: 100,
            interface: InterfaceId(0),
            slot: Slot(0),
        }
    }

    /// A part of UDP packet `id` from a port of its own.
    fn part(fragments: &mut Fragments, id: u16, part: u16) -> Option<Tuple> {
        let mut bytes = ip(((1, id), (2, 53)), UDP, part, &[0; 8]);
        bytes[4..6].copy_from_slice(&id.to_be_bytes());
        let packet = decode::frame(Link::Raw, &bytes, Tunnels::Inner).unwrap();
        fragments.resolve(&packet, &frame(0), &bytes)
    }

    #[test]
    fn a_flood_of_packets_is_bounded_and_the_latest_are_known() {
        let mut fragments = Fragments::default();
        for id in 0..60_000 {
            part(&mut fragments, id, FIRST);
            assert!(fragments.len() <= MOST_FRAGMENTED);
        }
        for id in [59_999, 60_000 - GENERATION as u16] {
            let tuple = part(&mut fragments, id, LATER).unwrap();
            assert_eq!(tuple.ports, Some((id, 53)));
        }
        assert_eq!(part(&mut fragments, 0, LATER), None);
        fragments.forget(Second(LONGEST + 1));
        assert_eq!(part(&mut fragments, 59_999, LATER), None);
    }

    #[test]
    fn a_later_part_waits_for_its_first_and_no_other() {
        let mut fragments = Fragments::default();
        assert_eq!(part(&mut fragments, 7, LATER), None);
        assert_eq!(part(&mut fragments, 8, LATER), None);
        assert!(fragments.ready().is_empty());
        part(&mut fragments, 7, FIRST);
        let ready = fragments.ready();
        assert_eq!(ready.len(), 1);
        assert_eq!(ready[0].tuple.ports, Some((7, 53)));
        assert!(fragments.ready().is_empty());
        assert!(fragments.overdue(Slot(1), false).is_empty());
        let overdue = fragments.overdue(Slot(0), false);
        assert_eq!(overdue.len(), 1);
        assert_eq!(overdue[0].tuple.ports, None);
    }
}
