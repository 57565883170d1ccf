//! Whose the frames of a group are, where the capture tells it: noted for their flows after they
//! were counted.

use super::{Seen, Worker};
use crate::capture::{Batch, Process};
use crate::flow::held::Held;
use std::sync::Arc;

impl Worker {
    /// Notes the owners of the flows of the group that was counted. A batch without any costs one
    /// look.
    #[inline]
    pub(super) fn note_owners(&mut self, batch: &Batch, held: &Held) {
        if tells_owners(batch) {
            self.note_each_owner(batch, held);
        }
    }

    fn note_each_owner(&mut self, batch: &Batch, held: &Held) {
        for seen in &self.seen {
            let Some(process) = owner(batch, seen) else {
                continue;
            };
            if let Some(flow) = held.get(seen.hash, &seen.key) {
                self.owners.note(seen.key, flow, process);
            }
        }
    }
}

/// Whether a frame of the batch may have an owner.
#[inline]
fn tells_owners(batch: &Batch) -> bool {
    !batch.owned.is_empty()
}

/// The process that the capture tells of a frame: all ways to know it meet here.
fn owner<'a>(batch: &'a Batch, seen: &Seen) -> Option<&'a Arc<Process>> {
    batch.owner(seen.index)
}
