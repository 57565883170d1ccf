//! Parts of packets that waited for their first part: counted behind it, or, when their second is
//! over, on a flow without ports.

use super::{Seen, Worker};
use crate::capture::Cut;
use crate::flow::held::Held;
use crate::flow::parked::Parked;
use crate::key::FlowKey;

impl Worker {
    /// Counts the parts whose first part has come.
    #[inline]
    pub(super) fn count_ready(&mut self, held: &mut Held) {
        for parked in self.fragments.ready() {
            self.count_parked(&parked, held);
        }
    }

    /// Counts the parts that waited in vain in the second that is cut.
    pub(super) fn count_overdue(&mut self, cut: &Cut, held: &mut Held) {
        for mut parked in self.fragments.overdue(cut.slot, cut.last) {
            // No other second is open when nothing follows.
            parked.frame.slot = cut.slot;
            self.count_parked(&parked, held);
        }
    }

    #[cold]
    #[inline(never)]
    fn count_parked(&mut self, parked: &Parked, held: &mut Held) {
        let Parked {
            tuple,
            frame,
            bytes,
        } = parked;
        let side = self.sides.get(usize::from(frame.interface.0));
        let told = side
            .and_then(Option::as_ref)
            .and_then(|side| side.told(bytes));
        let (key, sender) = FlowKey::of(tuple, frame.interface);
        let seen = Seen {
            key,
            hash: held.hash(&key),
            index: 0,
            sender,
            told,
            flags: 0,
            wrapped: true,
            payload: (0, 0),
            sequence: 0,
            row: None,
            disturbed: self.disturbed,
        };
        self.count_frame(frame, bytes, seen, held);
    }
}
