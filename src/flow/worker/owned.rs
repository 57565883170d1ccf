//! Whose the frames of a group are, where the capture or a header before the frame tells it: noted
//! for their flows after they were counted.

use super::{Seen, Worker};
use crate::capture::pktap::{self, Header, Processes};
use crate::capture::{Batch, Interface, Process};
use crate::flow::held::Held;
use crate::flow::side::Side;
use crate::key::{End, FlowKey};
use std::sync::Arc;

/// What tells a worker of owners besides its batches.
#[derive(Debug, Default)]
pub(super) struct Tags {
    /// An interface's frames have headers that may tell.
    expected: bool,
    processes: Processes,
}

impl Tags {
    /// Learns of an interface.
    pub(super) fn interface(&mut self, interface: &Interface) {
        self.expected |= pktap::is_before(interface.link);
    }
}

impl Worker {
    /// Notes the owners of the flows of the group that was counted. A batch without any costs one
    /// look.
    #[inline]
    pub(super) fn note_owners(&mut self, batch: &Batch, held: &Held) {
        if self.tags.expected || !batch.owned.is_empty() {
            self.note_each_owner(batch, held);
        }
    }

    fn note_each_owner(&mut self, batch: &Batch, held: &Held) {
        for seen in &self.seen {
            let Some((process, end)) = owner(batch, seen, &self.sides, &mut self.tags) else {
                continue;
            };
            let flow = held.get(seen.hash, &seen.key);
            // Within a host the flow is the client's, and each end's frames tell of that end.
            if let Some(flow) = flow.filter(|flow| end == flow.local || !is_within(&seen.key)) {
                self.owners.note(seen.key, flow, process);
            }
        }
    }
}

/// The process that is told of a frame, and whose end it is: all ways to know it meet here.
fn owner<'a>(
    batch: &'a Batch,
    seen: &Seen,
    sides: &[Option<Side>],
    tags: &'a mut Tags,
) -> Option<(&'a Arc<Process>, End)> {
    if let Some(process) = batch.owner(seen.index) {
        return Some((process, seen.sender));
    }
    let frame = batch.frames.get(seen.index as usize)?;
    let side = sides.get(usize::from(frame.interface.0))?.as_ref()?;
    if !pktap::is_before(side.link) {
        return None;
    }
    let header = Header::of(batch.bytes(frame))?;
    let end = if header.is_sent() {
        seen.sender
    } else {
        seen.sender.other()
    };
    Some((tags.processes.of(&header.tag()?)?, end))
}

/// Whether both ends are one host.
fn is_within(key: &FlowKey) -> bool {
    let [low, high] = [End::Low, End::High].map(|end| key.end(end).address);
    low == high || low.is_loopback() && high.is_loopback()
}
