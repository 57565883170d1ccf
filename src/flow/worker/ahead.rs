//! The first two steps of a frame: it is decoded, and the memory that counting it needs is asked
//! for. What is in no flow is counted here, by its reason.

use super::{GROUP, Seen, Worker, place};
use crate::capture::{Batch, Frame};
use crate::decode::{self, Fragment, Packet, Reason};
use crate::flow::held::Held;
use crate::key::FlowKey;
use crate::platform;
use crate::units::Direction;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Ethernet, IPv4 and TCP headers end here: a byte of the last line that decoding reads.
const FURTHER: usize = 53;

impl Worker {
    /// Decodes a group. A panic of the decoder (there must be none) costs one frame.
    pub(super) fn decode(&mut self, batch: &Batch, from: usize, held: &Held) {
        self.ahead.clear();
        let end = batch.frames.len().min(from + GROUP);
        let mut next = from;
        while next < end {
            let run = AssertUnwindSafe(|| {
                while next < end {
                    fetch_header(batch, next + GROUP);
                    self.decode_frame(batch, next, held);
                    next += 1;
                }
            });
            if catch_unwind(run).is_err() {
                self.panicked(&batch.frames[next]);
                next += 1;
            }
        }
    }

    #[inline]
    fn decode_frame(&mut self, batch: &Batch, index: usize, held: &Held) {
        let frame = &batch.frames[index];
        let bytes = batch.bytes(frame);
        let side = self
            .sides
            .get(usize::from(frame.interface.0))
            .and_then(Option::as_ref);
        let Some(side) = side else {
            return self.count_unflowed(frame, Reason::UnknownLink, Direction::In);
        };
        let told = side.told(bytes);
        match decode::frame(side.link, bytes, self.tunnels) {
            Ok(packet) => {
                if packet.is_part() {
                    return self.see_part(&packet, (batch, index), told, held);
                }
                self.see(&packet, (frame, index), told, held);
            }
            Err(reason) => {
                let direction = side.unflowed(bytes);
                self.count_unflowed(frame, reason, direction);
            }
        }
    }

    /// A frame that is to count on the flow of `tuple`.
    #[inline]
    fn see(
        &mut self,
        packet: &Packet,
        (frame, index): (&Frame, usize),
        told: Option<Direction>,
        held: &Held,
    ) {
        let (key, sender) = FlowKey::of(&packet.tuple, frame.interface);
        let hash = held.hash(&key);
        self.open[place(frame.slot)].prefetch(hash);
        self.ahead.push(Seen {
            key,
            hash,
            index: index as u32,
            sender,
            told,
            flags: packet.flags,
            wrapped: !packet.encapsulations.is_empty(),
            payload: (packet.payload, packet.end),
            sequence: packet.sequence,
            row: None,
            disturbed: 0,
        });
    }

    /// A frame with a part of a packet: it counts on its first part's flow, now or later.
    #[cold]
    #[inline(never)]
    fn see_part(
        &mut self,
        packet: &Packet,
        (batch, index): (&Batch, usize),
        told: Option<Direction>,
        held: &Held,
    ) {
        let frame = &batch.frames[index];
        let bytes = batch.bytes(frame);
        self.listen_to_part(packet, frame, index, bytes);
        if let Some(tuple) = self.fragments.resolve(packet, frame, bytes) {
            // A part alone is not heard: half a datagram says nothing.
            let end = if packet.fragment == Fragment::Whole {
                packet.end
            } else {
                packet.payload
            };
            let mut packet = *packet;
            (packet.tuple, packet.end) = (tuple, end);
            self.see(&packet, (frame, index), told, held);
        }
    }

    /// Asks for what counting a frame of the next group will need: its row, or its flow where there
    /// is none yet.
    #[inline]
    pub(super) fn touch(&mut self, index: usize, batch: &Batch, held: &Held) {
        let Some(seen) = self.ahead.get_mut(index) else {
            return;
        };
        let open = &self.open[place(batch.frames[seen.index as usize].slot)];
        (seen.row, seen.disturbed) = (open.likely(seen.hash), self.disturbed);
        match seen.row {
            Some(row) => open.prefetch_row(row),
            None => held.prefetch(seen.hash),
        }
    }

    fn panicked(&mut self, frame: &Frame) {
        if self.panics == 0 {
            tracing::error!("a frame made the decoder panic; it is counted as `panicked`");
        }
        self.panics += 1;
        self.panics_since += 1;
        self.count_unflowed(frame, Reason::Panicked, Direction::In);
    }

    fn count_unflowed(&mut self, frame: &Frame, reason: Reason, direction: Direction) {
        let open = &mut self.open[place(frame.slot)];
        open.unflowed(frame.interface, reason, direction, frame.length);
    }
}

/// Asks for a frame's first lines, which another core has written.
#[inline]
pub(super) fn fetch_header(batch: &Batch, index: usize) {
    if let Some(frame) = batch.frames.get(index) {
        let start = batch.slab.as_ptr().wrapping_add(frame.offset as usize);
        platform::prefetch_line(start);
        platform::prefetch_line(start.wrapping_add(FURTHER));
    }
}
