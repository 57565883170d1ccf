//! The last step of a frame: it counts in its flow's row of its second. Opens flows, and ends those
//! that make room or begin anew.

use super::{Seen, Worker, place};
use crate::capture::{Batch, Frame};
use crate::decode::{self, Tunnels, tcp};
use crate::flow::expiry::Ending;
use crate::flow::held::Held;
use crate::flow::row::Row;
use crate::flow::side::Side;
use crate::flow::table::Flow;
use crate::flow::worker::Classify;
use crate::key::FlowKey;
use crate::units::{Direction, Traffic};

impl Worker {
    #[inline]
    pub(super) fn count(&mut self, index: usize, batch: &Batch, held: &mut Held) {
        let Some(seen) = self.seen.get(index).copied() else {
            return;
        };
        let frame = &batch.frames[seen.index as usize];
        if !self.count_known(frame, &seen) {
            self.count_frame(frame, batch.bytes(frame), seen, held);
        }
    }

    /// Counts the usual frame: its flow's row was found, and it changes nothing else.
    #[inline]
    fn count_known(&mut self, frame: &Frame, seen: &Seen) -> bool {
        if self.disturbed != seen.disturbed || seen.flags & (tcp::SYN | tcp::FIN | tcp::RST) != 0 {
            return false;
        }
        let open = &mut self.open[place(frame.slot)];
        let row = seen.row.and_then(|at| open.row_of(at, &seen.key));
        let row = row.filter(|row| !row.listening);
        row.is_some_and(|row| {
            row.count(seen.direction(row.local), frame.length, frame.at);
            true
        })
    }

    pub(super) fn count_frame(&mut self, frame: &Frame, bytes: &[u8], seen: Seen, held: &mut Held) {
        let Some(Some(side)) = self.sides.get(usize::from(frame.interface.0)) else {
            return;
        };
        let (key, hash, flags) = (seen.key, seen.hash, seen.flags);
        let Some(flow) = held.get_mut(hash, &key) else {
            return self.open_flow(frame, bytes, seen, held);
        };
        if flow.is_closed() && is_opening(flags) {
            self.disturbed = self.disturbed.wrapping_add(1);
            let over = flow.with(hash, &key, &self.open);
            self.ended.push(over.ended(key, flow.natural_ending()));
            for second in &mut self.open {
                second.part_with(hash, &key);
            }
            self.unheard.part_with(flow);
            let of = (frame, bytes);
            *flow = first(of, side, &seen, self.tunnels, &mut self.classify);
            flow.hearing = self.listener.begin(&key);
            self.expiry.reopened(key, flow);
            self.newcomers.note(key, flow, seen.sender, frame.at);
        }
        if is_opening(flags) && flow.hearing.is_of_another(seen.sender, seen.sequence) {
            // The port is used again, and how the connection before it ended was not seen.
            flow.hearing = self.listener.begin(&key);
        }
        let closed = flow.note(seen.sender, flags);
        self.unheard.listen(flow, &seen);
        let flow = *flow;
        self.count_in_row(frame, &seen, &flow, held);
        if closed {
            self.expiry.closed(key, &flow.with(hash, &key, &self.open));
        }
    }

    /// The first frame of a flow.
    fn open_flow(&mut self, frame: &Frame, bytes: &[u8], seen: Seen, held: &mut Held) {
        if self.expiry.live() >= self.config.max {
            self.disturbed = self.disturbed.wrapping_add(1);
            let (open, ended) = (&mut self.open, &mut self.ended);
            self.expiry.evict(&mut Ending { held, open, ended });
        }
        let Some(Some(side)) = self.sides.get(usize::from(frame.interface.0)) else {
            return;
        };
        let of = (frame, bytes);
        let mut flow = first(of, side, &seen, self.tunnels, &mut self.classify);
        flow.note(seen.sender, seen.flags);
        flow.hearing = self.listener.begin(&seen.key);
        self.unheard.listen(&mut flow, &seen);
        self.expiry.opened(seen.key, &flow);
        self.newcomers.note(seen.key, &flow, seen.sender, frame.at);
        held.insert(seen.hash, seen.key, flow);
        self.count_in_row(frame, &seen, &flow, held);
    }

    /// Counts a frame of a flow that is in the table.
    fn count_in_row(&mut self, frame: &Frame, seen: &Seen, flow: &Flow, held: &mut Held) {
        let direction = seen.direction(flow.local);
        let open = &mut self.open[place(frame.slot)];
        let at = open.find(seen.hash, &seen.key);
        if let Some(row) = at.and_then(|at| open.row_of(at, &seen.key)) {
            row.listening = flow.hearing.is_on();
            return row.count(direction, frame.length, frame.at);
        }
        let row = row(seen.key, flow, frame, direction);
        if !open.push(seen.hash, row, held)
            && let Some(flow) = held.get_mut(seen.hash, &seen.key)
        {
            flow.add(&row);
        }
    }
}

/// A flow as its first frame makes it, not counted yet.
fn first(
    (frame, bytes): (&Frame, &[u8]),
    side: &Side,
    seen: &Seen,
    tunnels: Tunnels,
    classify: &mut Classify,
) -> Flow {
    let local = side.local_end(&seen.key, bytes, seen.sender);
    let mut flow = Flow::new(frame.number, frame.at, seen.sender, local);
    flow.classes = classify(side.link, bytes);
    if seen.wrapped {
        flow.encapsulations = decode::encapsulations(side.link, bytes, tunnels);
    }
    flow
}

/// A flow's row of a second, with its first frame there counted. The flow opened in it if that is
/// the first of all.
fn row(key: FlowKey, flow: &Flow, frame: &Frame, direction: Direction) -> Row {
    let mut row = Row {
        key,
        flow: flow.number,
        first: frame.at,
        last: frame.at,
        traffic: Traffic::default(),
        classes: flow.classes,
        local: flow.local,
        opened: flow.number == frame.number,
        listening: flow.hearing.is_on(),
    };
    row.count(direction, frame.length, frame.at);
    row
}

/// A SYN that asks for a connection: after the end of one it begins another.
fn is_opening(flags: u8) -> bool {
    flags & (tcp::SYN | tcp::ACK | tcp::RST) == tcp::SYN
}
