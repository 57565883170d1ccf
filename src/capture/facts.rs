//! What each interface did in each open second, as the capture counts it. Filled a frame at a time,
//! taken when the second is cut. Knows no protocol.

use super::frame::{Frame, InterfaceFacts, SLOTS, Slot};
use super::seconds::Fault;
use crate::key::InterfaceId;
use crate::units::Tally;

/// The facts of the open seconds, by slot and interface.
#[derive(Debug, Default)]
pub struct OpenFacts {
    slots: [Vec<InterfaceFacts>; SLOTS],
    /// Frames in a row of one slot and interface, not added to their facts yet.
    run: Tally,
    run_of: (Slot, InterfaceId),
}

impl OpenFacts {
    /// Counts a frame that was delivered.
    #[inline]
    pub fn delivered(&mut self, frame: &Frame) {
        if self.run_of != (frame.slot, frame.interface) {
            self.settle();
            self.run_of = (frame.slot, frame.interface);
        }
        self.run.count(frame.length);
    }

    fn settle(&mut self) {
        let run = std::mem::take(&mut self.run);
        let (slot, interface) = self.run_of;
        if !run.is_zero() {
            self.of(slot, interface).delivered += run;
        }
    }

    /// Notes what is the matter with a frame's time.
    pub fn fault(&mut self, slot: Slot, interface: InterfaceId, fault: Fault) {
        let facts = self.of(slot, interface);
        match fault {
            Fault::Late => facts.late_frames += 1,
            Fault::Untimed => facts.untimed_frames += 1,
        }
    }

    /// The facts of one interface in one open second, to add to.
    #[inline]
    pub fn of(&mut self, slot: Slot, interface: InterfaceId) -> &mut InterfaceFacts {
        let facts = &mut self.slots[usize::from(slot.0) % SLOTS];
        let index = usize::from(interface.0);
        if index >= facts.len() {
            let fresh = |id| InterfaceFacts {
                interface: InterfaceId(id),
                ..Default::default()
            };
            facts.extend((facts.len() as u16..=interface.0).map(fresh));
        }
        &mut facts[index]
    }

    /// Takes the facts of a second that is cut: interfaces with anything to say.
    pub fn take(&mut self, slot: Slot) -> Vec<InterfaceFacts> {
        self.settle();
        let facts = &mut self.slots[usize::from(slot.0) % SLOTS];
        let said = facts
            .iter()
            .filter(|facts| !facts.is_silent())
            .cloned()
            .collect();
        for facts in facts.iter_mut() {
            *facts = InterfaceFacts {
                interface: facts.interface,
                ..Default::default()
            };
        }
        said
    }
}

impl InterfaceFacts {
    /// Nothing was delivered, lost or even read.
    pub fn is_silent(&self) -> bool {
        *self
            == InterfaceFacts {
                interface: self.interface,
                ..Default::default()
            }
    }
}
