//! The step beside counting: payloads of flows that may have a name to tell yet are put aside while a
//! batch is counted, and heard after it, so that what naming takes can be measured by itself and a
//! flow that is named costs nothing.

use super::{Seen, Worker};
use crate::capture::{Batch, Frame, Link};
use crate::decode::{self, Fragment, Packet, tcp};
use crate::flow::held::Held;
use crate::flow::table::Flow;
use crate::key::{End, FlowKey};
use crate::names::{Hearing, Speech, Who};
use crate::units::FrameNumber;
use ahash::AHashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A frame whose payload is to be heard.
pub(super) struct Unheard {
    key: FlowKey,
    hash: u64,
    /// Its flow, where that is known: another one may have its key by the time it is heard.
    flow: Option<FrameNumber>,
    index: u32,
    sender: End,
    sequence: u32,
    payload: Payload,
}

/// Where a payload lies.
enum Payload {
    /// In its frame, from here to there.
    InFrame(u32, u32),
    /// Put together from parts, behind so many bytes of header.
    Whole(Vec<u8>, usize),
}

/// What is put aside of the batch at hand.
#[derive(Default)]
pub(super) struct Aside {
    unheard: Vec<Unheard>,
    /// Flows that were over before what they said was heard: another has their key now.
    former: AHashMap<FrameNumber, (Hearing, End)>,
}

impl Aside {
    /// Puts a frame aside, if its flow is listened to and it carries anything.
    #[inline]
    pub(super) fn listen(&mut self, flow: &mut Flow, seen: &Seen) {
        if flow.hearing.is_on() {
            self.listen_to(flow, seen);
        }
    }

    fn listen_to(&mut self, flow: &mut Flow, seen: &Seen) {
        if seen.flags & tcp::SYN != 0 {
            flow.hearing.begins(seen.sender, seen.sequence);
        }
        let (from, to) = seen.payload;
        if from < to {
            self.unheard.push(Unheard {
                key: seen.key,
                hash: seen.hash,
                flow: Some(flow.number),
                index: seen.index,
                sender: seen.sender,
                sequence: after_syn(seen.sequence, seen.flags),
                payload: Payload::InFrame(from, to),
            });
        }
    }

    /// A flow is over, and another takes its place.
    pub(super) fn part_with(&mut self, flow: &Flow) {
        if flow.hearing.is_on() && !self.unheard.is_empty() {
            self.former.insert(flow.number, (flow.hearing, flow.local));
        }
    }
}

impl Worker {
    /// A part of a packet: once all parts are there, what they carry is put aside.
    #[cold]
    pub(super) fn listen_to_part(
        &mut self,
        packet: &Packet,
        frame: &Frame,
        index: usize,
        bytes: &[u8],
    ) {
        if !self.listener.is_on() {
            return;
        }
        if let Some(whole) = self.put_together(packet, frame, bytes) {
            self.listen_to_whole(frame, index, whole);
        }
    }

    /// The whole packet that this part completes, behind a header that leads to it. Of a tunnel that
    /// is in parts, the tunnel's packet.
    fn put_together(&mut self, packet: &Packet, frame: &Frame, bytes: &[u8]) -> Option<Vec<u8>> {
        let outer = packet.around(bytes).unwrap_or(*packet);
        let (Fragment::First(part) | Fragment::Later(part)) = outer.fragment else {
            return None;
        };
        let id = outer.fragment_id(frame.interface)?;
        let data = bytes.get(part.data as usize..outer.end as usize)?;
        let (offset, now) = (usize::from(part.offset), frame.at.second());
        let whole = self.defrag.part(id, offset, part.more, data, now)?;
        let known = self.fragments.known(&id).map(|tuple| tuple.protocol);
        let protocol = if id.six {
            known.unwrap_or(outer.tuple.protocol)
        } else {
            id.protocol
        };
        Some(decode::whole(&outer.tuple, protocol, &whole))
    }

    fn listen_to_whole(&mut self, frame: &Frame, index: usize, whole: Vec<u8>) {
        let Ok(packet) = decode::again(Link::Raw, &whole, self.tunnels) else {
            return;
        };
        let (key, sender) = FlowKey::of(&packet.tuple, frame.interface);
        self.unheard.unheard.push(Unheard {
            key,
            hash: self.table.hasher().hash_one(key),
            flow: None,
            index: index as u32,
            sender,
            sequence: after_syn(packet.sequence, packet.flags),
            payload: Payload::Whole(whole, packet.payload as usize),
        });
    }

    /// Whether the batch that was read has anything to be heard.
    pub fn has_unheard(&self) -> bool {
        !self.unheard.unheard.is_empty()
    }

    /// Hears what was put aside of the batch that was read last. A panic of a parser (there must be
    /// none) costs one frame.
    pub fn hear(&mut self, batch: &Batch) {
        let table = self.table.clone();
        let mut held = Held::new(&table);
        let mut unheard = std::mem::take(&mut self.unheard.unheard);
        // What was put together was put aside when its last part was decoded: ahead of its turn.
        unheard.sort_by_key(|one| one.index);
        let mut next = 0;
        while next < unheard.len() {
            let run = AssertUnwindSafe(|| {
                while let Some(one) = unheard.get(next) {
                    next += 1;
                    self.hear_one(one, batch, &mut held);
                }
            });
            if catch_unwind(run).is_err() {
                self.panicked_at_names();
            }
        }
        unheard.clear();
        self.unheard.unheard = unheard;
        self.unheard.former.clear();
    }

    fn hear_one(&mut self, one: &Unheard, batch: &Batch, held: &mut Held) {
        let Some(frame) = batch.frames.get(one.index as usize) else {
            return;
        };
        let payload = match &one.payload {
            Payload::InFrame(from, to) => batch.bytes(frame).get(*from as usize..*to as usize),
            Payload::Whole(bytes, from) => bytes.get(*from..),
        };
        let speech = Speech {
            from: one.sender,
            at: frame.at,
            frame: frame.number,
            sequence: one.sequence,
            payload: payload.unwrap_or_default(),
        };
        let is_it = |flow: &Flow| one.flow.is_none_or(|number| number == flow.number);
        let flow = held.get_mut(one.hash, &one.key);
        let Some(flow) = flow.filter(|flow| is_it(flow)) else {
            return self.hear_former(one, speech);
        };
        let who = Who {
            key: one.key,
            flow: flow.number,
            local: flow.local,
        };
        if !flow.hearing.is_on() {
            return;
        }
        self.listener.hear(&mut flow.hearing, who, speech);
        if !flow.hearing.is_on() {
            for second in &mut self.open {
                second.hush(one.hash, &one.key);
            }
        }
    }

    /// Of a flow that was over before it was heard.
    fn hear_former(&mut self, one: &Unheard, speech: Speech) {
        let former = one
            .flow
            .and_then(|flow| Some((flow, self.unheard.former.get_mut(&flow)?)));
        if let Some((flow, (hearing, local))) = former.filter(|(_, (it, _))| it.is_on()) {
            let who = Who {
                key: one.key,
                flow,
                local: *local,
            };
            self.listener.hear(hearing, who, speech);
        }
    }

    fn panicked_at_names(&mut self) {
        if self.panics == 0 {
            tracing::error!("a payload made a parser of names panic; its frame is counted");
        }
        self.panics += 1;
        self.panics_since += 1;
    }
}

/// What comes with a SYN is behind it in the stream.
fn after_syn(sequence: u32, flags: u8) -> u32 {
    sequence.wrapping_add(u32::from(flags & tcp::SYN != 0))
}
