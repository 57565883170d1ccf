//! One worker's share of the flows: frames in, a part for every cut out. It alone writes its table.
//! A batch is read in groups of frames, and each frame in three steps: it is decoded, its flow's
//! memory is asked for, and while that arrives others take their steps; then it is counted. The
//! steps alternate, because a processor asks for a dozen or two of lines at a time.

use super::config::Config;
use super::expiry::{Ending, Expiry};
use super::fragments::Fragments;
use super::held::Held;
use super::open::{OpenSecond, RowAt};
use super::row::{Ended, Part, Row};
use super::side::Side;
use super::table::{Flow, Table, Tables};
use crate::capture::{Batch, Cut, Frame, Interface, Link, SLOTS, Slot};
use crate::decode::{self, Fragment, Reason, tcp};
use crate::key::{End, FlowKey};
use crate::label::Classes;
use crate::platform;
use crate::units::{Direction, Traffic};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Says which classes a flow is in, from its first frame.
pub type Classify = Box<dyn FnMut(Link, &[u8]) -> Classes + Send>;

/// How many frames are looked ahead.
const GROUP: usize = 32;
/// Ethernet, IPv4 and TCP headers end here: a byte of the last line that decoding reads.
const FURTHER: usize = 53;

pub struct Worker {
    table: Arc<Table>,
    config: Config,
    classify: Classify,
    sides: Vec<Option<Side>>,
    open: [OpenSecond; SLOTS],
    fragments: Fragments,
    expiry: Expiry,
    ended: Vec<Ended>,
    /// Interfaces heard of since the last cut: the next part bears them.
    heard: Vec<Arc<Interface>>,
    /// The group that is counted, and the one that was decoded after it.
    seen: Vec<Seen>,
    ahead: Vec<Seen>,
    /// How often a flow was ended while frames were counted: what was looked up before is stale.
    disturbed: u32,
    panics: u64,
}

/// A decoded frame of the group at hand.
#[derive(Clone, Copy)]
struct Seen {
    key: FlowKey,
    hash: u64,
    /// Its place in the batch.
    index: u32,
    sender: End,
    flags: u8,
    /// Most likely its flow's row, if there was one when it was asked for, and when that was.
    row: Option<RowAt>,
    disturbed: u32,
}

impl Worker {
    /// The worker that writes the `index`th of `tables`; `config.max` is its own share.
    pub fn new(tables: &Tables, index: usize, config: Config, classify: Classify) -> Worker {
        Worker {
            table: tables.of(index),
            expiry: Expiry::new(config.idle),
            config,
            classify,
            sides: Vec::new(),
            open: [OpenSecond::new(), OpenSecond::new()],
            fragments: Fragments::default(),
            ended: Vec::new(),
            heard: Vec::new(),
            seen: Vec::with_capacity(GROUP),
            ahead: Vec::with_capacity(GROUP),
            disturbed: 0,
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

    /// Counts a batch.
    pub fn read(&mut self, batch: &Batch) {
        let table = self.table.clone();
        let mut held = Held::new(&table);
        (0..GROUP).for_each(|index| fetch_header(batch, index));
        self.decode(batch, 0, &held);
        (0..self.ahead.len()).for_each(|index| self.touch(index, batch, &held));
        for from in (0..batch.frames.len()).step_by(GROUP) {
            std::mem::swap(&mut self.seen, &mut self.ahead);
            self.decode(batch, from + GROUP, &held);
            for index in 0..self.seen.len().max(self.ahead.len()) {
                self.touch(index, batch, &held);
                self.count(index, batch, &mut held);
            }
        }
    }

    /// Answers a cut: what changed in its second, and the flows that are over.
    pub fn cut(&mut self, cut: Arc<Cut>) -> Part {
        let table = self.table.clone();
        let mut held = Held::new(&table);
        let (rows, unflowed) = self.open[place(cut.slot)].take();
        add_up(&rows, &mut held);
        if cut.last {
            drop(held);
            self.expiry.end_all(&table, &mut self.ended);
        } else {
            self.fragments.forget(cut.moment.second);
            let (open, ended) = (&mut self.open, &mut self.ended);
            self.expiry.expire(
                cut.moment.second,
                &mut Ending {
                    held: &mut held,
                    open,
                    ended,
                },
            );
        }
        let open = cut.open.map(|(_, slot)| self.open[place(slot)].totals());
        Part {
            rows,
            unflowed,
            interfaces: std::mem::take(&mut self.heard),
            ended: std::mem::take(&mut self.ended),
            open: open.unwrap_or_default(),
            evicted: self.expiry.take_evicted(),
            flows: self.expiry.live() as u64,
            fragmented: self.fragments.len() as u64,
            cut,
        }
    }

    /// Decodes a group. A panic of the decoder (there must be none) costs one frame.
    fn decode(&mut self, batch: &Batch, from: usize, held: &Held) {
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
        match decode::frame(side.link, bytes) {
            Ok(mut packet) => {
                if packet.fragment != Fragment::Whole {
                    self.fragments
                        .resolve(&mut packet, frame.interface, frame.at.second());
                }
                let (key, sender) = FlowKey::of(&packet.tuple, frame.interface);
                let hash = held.hash(&key);
                self.open[place(frame.slot)].prefetch(hash);
                self.ahead.push(Seen {
                    key,
                    hash,
                    index: index as u32,
                    sender,
                    flags: packet.flags,
                    row: None,
                    disturbed: 0,
                });
            }
            Err(reason) => {
                let direction = side.unflowed(bytes);
                self.count_unflowed(frame, reason, direction);
            }
        }
    }

    /// Asks for what counting a frame of the next group will need: its row, or its flow where there
    /// is none yet.
    #[inline]
    fn touch(&mut self, index: usize, batch: &Batch, held: &Held) {
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

    #[inline]
    fn count(&mut self, index: usize, batch: &Batch, held: &mut Held) {
        let Some(seen) = self.seen.get(index).copied() else {
            return;
        };
        let frame = &batch.frames[seen.index as usize];
        if !self.count_known(frame, batch, &seen) {
            self.count_frame(frame, batch.bytes(frame), seen, held);
        }
    }

    /// Counts the usual frame: its flow's row was found, and it changes nothing else.
    #[inline]
    fn count_known(&mut self, frame: &Frame, batch: &Batch, seen: &Seen) -> bool {
        if self.disturbed != seen.disturbed || seen.flags & (tcp::SYN | tcp::FIN | tcp::RST) != 0 {
            return false;
        }
        let side = self
            .sides
            .get(usize::from(frame.interface.0))
            .and_then(Option::as_ref);
        let open = &mut self.open[place(frame.slot)];
        let row = seen.row.and_then(|at| open.row_of(at, &seen.key));
        let (Some(side), Some(row)) = (side, row) else {
            return false;
        };
        let direction = side.direction(batch.bytes(frame), seen.sender, row.local);
        row.count(direction, frame.length, frame.at);
        true
    }

    fn count_frame(&mut self, frame: &Frame, bytes: &[u8], seen: Seen, held: &mut Held) {
        let Some(Some(side)) = self.sides.get(usize::from(frame.interface.0)) else {
            return;
        };
        let Seen {
            key,
            hash,
            sender,
            flags,
            ..
        } = seen;
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
            *flow = first(frame, bytes, side, &seen, &mut self.classify);
            self.expiry.reopened(key, flow);
        }
        let closed = flow.note(sender, flags);
        let flow = *flow;
        let direction = side.direction(bytes, sender, flow.local);
        self.count_in_row(frame, &seen, &flow, direction, held);
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
        let mut flow = first(frame, bytes, side, &seen, &mut self.classify);
        let direction = side.direction(bytes, seen.sender, flow.local);
        flow.note(seen.sender, seen.flags);
        self.expiry.opened(seen.key, &flow);
        held.insert(seen.hash, seen.key, flow);
        let row = row(seen.key, &flow, frame, direction);
        self.open[place(frame.slot)].push(seen.hash, row, held);
    }

    /// Counts a frame of a flow that is in the table.
    fn count_in_row(
        &mut self,
        frame: &Frame,
        seen: &Seen,
        flow: &Flow,
        direction: Direction,
        held: &Held,
    ) {
        let open = &mut self.open[place(frame.slot)];
        let at = open.find(seen.hash, &seen.key);
        match at.and_then(|at| open.row_of(at, &seen.key)) {
            Some(row) => row.count(direction, frame.length, frame.at),
            None => open.push(seen.hash, row(seen.key, flow, frame, direction), held),
        }
    }

    fn panicked(&mut self, frame: &Frame) {
        if self.panics == 0 {
            tracing::error!("a frame made the decoder panic; it is counted as `panicked`");
        }
        self.panics += 1;
        self.count_unflowed(frame, Reason::Panicked, Direction::In);
    }

    fn count_unflowed(&mut self, frame: &Frame, reason: Reason, direction: Direction) {
        let open = &mut self.open[place(frame.slot)];
        open.unflowed(frame.interface, reason, direction, frame.length);
    }
}

/// Asks for a frame's first lines, which another core has written.
#[inline]
fn fetch_header(batch: &Batch, index: usize) {
    if let Some(frame) = batch.frames.get(index) {
        let bytes = batch.bytes(frame);
        for at in [0, FURTHER] {
            bytes.get(at).into_iter().for_each(platform::prefetch);
        }
    }
}

/// A flow as its first frame makes it, not counted yet.
fn first(frame: &Frame, bytes: &[u8], side: &Side, seen: &Seen, classify: &mut Classify) -> Flow {
    let local = side.local_end(&seen.key, bytes, seen.sender);
    let mut flow = Flow::new(frame.number, frame.at, seen.sender, local);
    flow.classes = classify(side.link, bytes);
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
    };
    row.count(direction, frame.length, frame.at);
    row
}

/// Adds a second's rows to the sums of their flows, where those are still in the table.
fn add_up(rows: &[Row], held: &mut Held) {
    let mut hashes = [0; GROUP];
    for rows in rows.chunks(GROUP) {
        for (row, hash) in rows.iter().zip(&mut hashes) {
            *hash = held.hash(&row.key);
            held.prefetch(*hash);
        }
        for (row, hash) in rows.iter().zip(hashes) {
            let flow = held.get_mut(hash, &row.key);
            if let Some(flow) = flow.filter(|flow| flow.number == row.flow) {
                flow.add(row);
            }
        }
    }
}

/// A SYN that asks for a connection: after the end of one it begins another.
fn is_opening(flags: u8) -> bool {
    flags & (tcp::SYN | tcp::ACK | tcp::RST) == tcp::SYN
}

fn place(slot: Slot) -> usize {
    usize::from(slot.0) % SLOTS
}
