//! One worker's share of the flows: frames in, a part for every cut out. It alone writes its table;
//! a frame costs a decode, a look-up and two additions.

use super::config::Config;
use super::fragments::Fragments;
use super::open::OpenSecond;
use super::row::{Ended, Ending, Part, Row};
use super::side::Side;
use super::table::{Flow, Table, Tables};
use super::wheel::{Ticket, Wheel};
use crate::capture::{Batch, Cut, Frame, Interface, Link, SLOTS};
use crate::decode::{self, Fragment, Packet, Reason, tcp};
use crate::key::{End, FlowKey};
use crate::label::Classes;
use crate::units::{Direction, Second, Traffic};
use dashmap::Entry;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Says which classes a flow is in, from its first frame.
pub type Classify = Box<dyn FnMut(Link, &[u8]) -> Classes + Send>;

/// How many candidates for eviction are compared to find an idle one.
const CANDIDATES: usize = 8;

pub struct Worker {
    table: Arc<Table>,
    /// Flows in the table; only this worker adds or takes any.
    live: usize,
    config: Config,
    classify: Classify,
    sides: Vec<Option<Side>>,
    open: [OpenSecond; SLOTS],
    fragments: Fragments,
    /// Half-open and single-frame flows, and the others.
    fresh: Wheel,
    settled: Wheel,
    /// Interfaces heard of since the last cut: the next part bears them.
    heard: Vec<Arc<Interface>>,
    ended: Vec<Ended>,
    evicted: u64,
    panics: u64,
}

impl Worker {
    /// The worker that writes the `index`th of `tables`; `config.max` is its own share.
    pub fn new(tables: &Tables, index: usize, config: Config, classify: Classify) -> Worker {
        Worker {
            table: tables.of(index).unwrap_or_default(),
            live: 0,
            config,
            classify,
            sides: Vec::new(),
            open: [OpenSecond::new(), OpenSecond::new()],
            fragments: Fragments::default(),
            fresh: Wheel::new(),
            settled: Wheel::new(),
            heard: Vec::new(),
            ended: Vec::new(),
            evicted: 0,
            panics: 0,
        }
    }

    /// Learns of an interface, or what changed about it.
    pub fn interface(&mut self, interface: Arc<Interface>) {
        let index = usize::from(interface.id.0);
        if index >= self.sides.len() {
            self.sides.resize_with(index + 1, || None);
        }
        self.heard.push(interface.clone());
        self.sides[index] = Some(Side::new(interface));
    }

    /// Counts a batch. A panic of the decoder (there must be none) costs one frame.
    pub fn read(&mut self, batch: &Batch) {
        let mut next = 0;
        while next < batch.frames.len() {
            let run = AssertUnwindSafe(|| self.read_from(batch, &mut next));
            if catch_unwind(run).is_err() {
                if self.panics == 0 {
                    tracing::error!("a frame made the decoder panic; it is counted as `panicked`");
                }
                self.panics += 1;
                if let Some(frame) = batch.frames.get(next) {
                    self.count_unflowed(frame, Reason::Panicked, Direction::In);
                }
                next += 1;
            }
        }
    }

    /// Answers a cut: what changed in its second, and the flows that are over.
    pub fn cut(&mut self, cut: Arc<Cut>) -> Part {
        let (rows, unflowed) = self.open[usize::from(cut.slot.0) % SLOTS].take();
        if cut.last {
            self.end_all();
        } else {
            self.expire(cut.moment.second);
        }
        let open = cut
            .open
            .map(|(_, slot)| self.open[usize::from(slot.0) % SLOTS].totals());
        Part {
            rows,
            unflowed,
            interfaces: std::mem::take(&mut self.heard),
            ended: std::mem::take(&mut self.ended),
            open: open.unwrap_or_default(),
            evicted: std::mem::take(&mut self.evicted),
            flows: self.live as u64,
            cut,
        }
    }

    fn read_from(&mut self, batch: &Batch, next: &mut usize) {
        while let Some(frame) = batch.frames.get(*next) {
            self.read_frame(frame, batch.bytes(frame));
            *next += 1;
        }
    }

    #[inline]
    fn read_frame(&mut self, frame: &Frame, bytes: &[u8]) {
        let side = self
            .sides
            .get(usize::from(frame.interface.0))
            .and_then(Option::as_ref);
        let Some(side) = side else {
            return self.count_unflowed(frame, Reason::UnknownLink, Direction::In);
        };
        match decode::frame(side.link, bytes) {
            Ok(packet) => self.read_packet(frame, bytes, packet),
            Err(reason) => {
                let direction = side.unflowed(bytes);
                self.count_unflowed(frame, reason, direction);
            }
        }
    }

    #[inline]
    fn read_packet(&mut self, frame: &Frame, bytes: &[u8], mut packet: Packet) {
        if packet.fragment != Fragment::Whole {
            self.fragments
                .resolve(&mut packet, frame.interface, frame.at.second());
        }
        let (key, sender) = FlowKey::of(&packet.tuple, frame.interface);
        if self.live >= self.config.max && !self.table.contains_key(&key) {
            self.evict();
        }
        let Some(Some(side)) = self.sides.get(usize::from(frame.interface.0)) else {
            return;
        };
        let mut opened = None;
        let mut flow = match self.table.entry(key) {
            Entry::Occupied(known) => {
                let mut flow = known.into_ref();
                if flow.is_closed() && is_opening(packet.flags) {
                    self.ended.push(flow.ended(key, flow.natural_ending()));
                    *flow = first(frame, bytes, side, &key, sender, &mut self.classify);
                    opened = Some(flow.number);
                }
                flow
            }
            Entry::Vacant(place) => {
                let flow = first(frame, bytes, side, &key, sender, &mut self.classify);
                self.live += 1;
                opened = Some(flow.number);
                place.insert(flow)
            }
        };
        let direction = side.direction(bytes, sender, flow.local);
        let slot = usize::from(frame.slot.0) % SLOTS;
        let open = &mut self.open[slot];
        let closed = flow.count(sender, frame.length, frame.at, packet.flags);
        open.total(frame.interface, direction, frame.length);
        if let Some(row) = open.row(flow.rows[slot]) {
            row.traffic.side(direction).count(frame.length);
        } else {
            flow.rows[slot] = open.push(row(key, &flow, opened.is_some(), direction, frame.length));
        }
        if closed || opened.is_some() {
            let ticket = Ticket {
                key,
                flow: flow.number,
            };
            let due = flow.deadline(key.protocol(), &self.config.idle);
            if closed {
                &mut self.settled
            } else {
                &mut self.fresh
            }
            .file(ticket, due);
        }
    }

    fn count_unflowed(&mut self, frame: &Frame, reason: Reason, direction: Direction) {
        let open = &mut self.open[usize::from(frame.slot.0) % SLOTS];
        open.unflowed(frame.interface, reason, direction, frame.length);
        open.total(frame.interface, direction, frame.length);
    }

    /// Ends what was silent for too long. A ticket whose flow is gone, or was heard from since, is
    /// dropped or filed again.
    fn expire(&mut self, now: Second) {
        self.fragments.forget(now);
        let mut tickets = self.fresh.due(now);
        tickets.extend(self.settled.due(now));
        for ticket in tickets {
            self.look_at(ticket, now);
        }
    }

    fn look_at(&mut self, ticket: Ticket, now: Second) {
        let Some(flow) = self.flow(ticket) else {
            return;
        };
        let protocol = ticket.key.protocol();
        let due = flow.deadline(protocol, &self.config.idle);
        if due <= now {
            self.end(ticket, flow.natural_ending());
        } else if flow.is_fresh(protocol) {
            self.fresh.file(ticket, due);
        } else {
            self.settled.file(ticket, due);
        }
    }

    /// Makes room for one flow: a half-open or single-frame one if there is any, else the most idle
    /// of a few that are due first.
    fn evict(&mut self) {
        while let Some(ticket) = self.fresh.earliest() {
            match self.flow(ticket) {
                Some(flow) if flow.is_fresh(ticket.key.protocol()) => {
                    return self.give_up(ticket);
                }
                Some(flow) => {
                    let due = flow.deadline(ticket.key.protocol(), &self.config.idle);
                    self.settled.file(ticket, due);
                }
                None => {}
            }
        }
        let mut candidates = Vec::with_capacity(CANDIDATES);
        while candidates.len() < CANDIDATES
            && let Some(ticket) = self.settled.earliest()
        {
            candidates.extend(self.flow(ticket).map(|flow| (flow.last, ticket)));
        }
        candidates.sort_by_key(|(last, _)| std::cmp::Reverse(*last));
        let idlest = candidates.pop();
        for (last, ticket) in candidates {
            self.settled.file(ticket, Second(last.second().0 + 1));
        }
        if let Some((_, ticket)) = idlest {
            self.give_up(ticket);
        }
    }

    fn give_up(&mut self, ticket: Ticket) {
        self.evicted += 1;
        self.end(ticket, Ending::Evicted);
    }

    fn end(&mut self, ticket: Ticket, ending: Ending) {
        if let Some((key, flow)) = self.table.remove(&ticket.key) {
            self.live -= 1;
            self.ended.push(flow.ended(key, ending));
        }
    }

    /// Nothing follows: every flow ends now.
    fn end_all(&mut self) {
        let ended = self.table.iter().map(|flow| {
            let ending = if flow.is_closed() {
                flow.natural_ending()
            } else {
                Ending::Stopped
            };
            flow.ended(*flow.key(), ending)
        });
        self.ended.extend(ended);
        self.table.clear();
        self.live = 0;
    }

    /// A copy of the flow that a ticket is for, if it is still there.
    fn flow(&self, ticket: Ticket) -> Option<Flow> {
        let flow = *self.table.get(&ticket.key)?;
        (flow.number == ticket.flow).then_some(flow)
    }
}

/// A flow as its first frame makes it, not counted yet.
fn first(
    frame: &Frame,
    bytes: &[u8],
    side: &Side,
    key: &FlowKey,
    sender: End,
    classify: &mut Classify,
) -> Flow {
    let local = side.local_end(key, bytes, sender);
    let mut flow = Flow::new(frame.number, frame.at, sender, local);
    flow.classes = classify(side.link, bytes);
    flow
}

/// A flow's first row of a second.
fn row(key: FlowKey, flow: &Flow, opened: bool, direction: Direction, length: u32) -> Row {
    let mut traffic = Traffic::default();
    traffic.side(direction).count(length);
    let (classes, local) = (flow.classes, flow.local);
    Row {
        key,
        flow: flow.number,
        traffic,
        classes,
        local,
        opened,
    }
}

/// A SYN that asks for a connection: after the end of one it begins another.
fn is_opening(flags: u8) -> bool {
    flags & (tcp::SYN | tcp::ACK | tcp::RST) == tcp::SYN
}
