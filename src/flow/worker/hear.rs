//! The step beside counting: payloads of flows that may have a name to tell yet are put aside while a
//! batch is counted, and heard after it, so that what naming takes can be measured by itself and a
//! flow that is named costs nothing.

use super::{Seen, Worker};
use crate::capture::Batch;
use crate::decode::tcp;
use crate::flow::held::Held;
use crate::flow::table::Flow;
use crate::key::{End, FlowKey};
use crate::names::{Speech, Who};
use crate::units::FrameNumber;

/// A frame whose payload is to be heard.
#[derive(Clone, Copy)]
pub(super) struct Unheard {
    key: FlowKey,
    hash: u64,
    /// Its flow: another one may have its key by the time it is heard.
    flow: FrameNumber,
    index: u32,
    sender: End,
    payload: (u32, u32),
    sequence: u32,
}

impl Seen {
    #[inline]
    pub(super) fn has_payload(&self) -> bool {
        self.payload.0 < self.payload.1
    }
}

impl Worker {
    /// Puts a frame aside, if its flow is listened to.
    pub(super) fn listen(&mut self, flow: &Flow, seen: &Seen) {
        if flow.hearing.is_on() && seen.has_payload() {
            // What comes with a SYN is behind it in the stream.
            let syn = u32::from(seen.flags & tcp::SYN != 0);
            self.unheard.push(Unheard {
                key: seen.key,
                hash: seen.hash,
                flow: flow.number,
                index: seen.index,
                sender: seen.sender,
                payload: seen.payload,
                sequence: seen.sequence.wrapping_add(syn),
            });
        }
    }

    /// Whether the batch that was read has anything to be heard.
    pub fn has_unheard(&self) -> bool {
        !self.unheard.is_empty()
    }

    /// Hears what was put aside of the batch that was read last.
    pub fn hear(&mut self, batch: &Batch) {
        let table = self.table.clone();
        let mut held = Held::new(&table);
        let unheard = std::mem::take(&mut self.unheard);
        for one in &unheard {
            self.hear_one(one, batch, &mut held);
        }
        self.unheard = unheard;
        self.unheard.clear();
    }

    fn hear_one(&mut self, one: &Unheard, batch: &Batch, held: &mut Held) {
        let Some(frame) = batch.frames.get(one.index as usize) else {
            return;
        };
        let flow = held.get_mut(one.hash, &one.key);
        let Some(flow) = flow.filter(|flow| flow.number == one.flow && flow.hearing.is_on()) else {
            return;
        };
        let bytes = batch.bytes(frame);
        let (from, to) = one.payload;
        let speech = Speech {
            from: one.sender,
            at: frame.at,
            frame: frame.number,
            sequence: one.sequence,
            payload: bytes.get(from as usize..to as usize).unwrap_or_default(),
        };
        let who = Who {
            key: one.key,
            flow: one.flow,
            local: flow.local,
        };
        self.listener.hear(&mut flow.hearing, who, speech);
        if !flow.hearing.is_on() {
            for second in &mut self.open {
                second.hush(one.hash, &one.key);
            }
        }
    }
}
