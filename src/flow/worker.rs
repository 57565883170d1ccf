//! One worker's share of the flows: frames in, a part for every cut out. It alone writes its table.
//! A batch is read in groups of frames: first all are decoded, then their flows' memory is touched,
//! then they are counted, so that the processor waits for several flows at once, not one by one.

use super::config::Config;
use super::expiry::{Ending, Expiry};
use super::fragments::Fragments;
use super::held::Held;
use super::open::{Count, OpenSecond, Place};
use super::row::{Ended, Part, Row};
use super::side::Side;
use super::table::{Flow, Table, Tables};
use crate::capture::{Batch, Cut, Frame, Interface, Link, SLOTS, Slot};
use crate::decode::{self, Fragment, Reason, tcp};
use crate::key::{End, FlowKey};
use crate::label::Classes;
use crate::units::{Direction, Traffic};
use std::hint::black_box;
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
    seen: Vec<Seen>,
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
    /// Where its flow's row was when it was touched: a guess.
    row: Place,
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
        for from in (0..batch.frames.len()).step_by(GROUP) {
            touch_headers(batch, from);
            self.decode(batch, from, &held);
            self.touch(batch, &held);
            self.count(batch, &mut held);
        }
    }

    /// Answers a cut: what changed in its second, and the flows that are over.
    pub fn cut(&mut self, cut: Arc<Cut>) -> Part {
        let table = self.table.clone();
        let mut held = Held::new(&table);
        let (rows, unflowed) = self.open[place(cut.slot)].take(|row, count| {
            let hash = held.hash(&row.key);
            let flow = held
                .get_mut(hash, &row.key)
                .filter(|flow| flow.number == row.flow);
            flow.into_iter().for_each(|flow| flow.add(count));
        });
        if cut.last {
            drop(held);
            self.expiry.end_all(&table, &mut self.ended);
        } else {
            self.fragments.forget(cut.moment.second);
            let (open, ended) = (&self.open, &mut self.ended);
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
            cut,
        }
    }

    /// Decodes a group. A panic of the decoder (there must be none) costs one frame.
    fn decode(&mut self, batch: &Batch, from: usize, held: &Held) {
        self.seen.clear();
        let end = batch.frames.len().min(from + GROUP);
        let mut next = from;
        while next < end {
            let run = AssertUnwindSafe(|| {
                while next < end {
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
                let (hash, flags, index) = (held.hash(&key), packet.flags, index as u32);
                let row = Place::default();
                self.seen.push(Seen {
                    key,
                    hash,
                    index,
                    sender,
                    flags,
                    row,
                });
            }
            Err(reason) => {
                let direction = side.unflowed(bytes);
                self.count_unflowed(frame, reason, direction);
            }
        }
    }

    /// Reads what counting is about to need: nothing depends on it, so the reads overlap.
    fn touch(&mut self, batch: &Batch, held: &Held) {
        for seen in &mut self.seen {
            let slot = place(batch.frames[seen.index as usize].slot);
            if let Some(flow) = held.get(seen.hash, &seen.key) {
                seen.row = flow.rows[slot];
            }
        }
        for seen in &self.seen {
            let slot = place(batch.frames[seen.index as usize].slot);
            black_box(self.open[slot].count(seen.row).map(|count| count.last));
        }
    }

    fn count(&mut self, batch: &Batch, held: &mut Held) {
        for index in 0..self.seen.len() {
            let seen = self.seen[index];
            let frame = &batch.frames[seen.index as usize];
            self.count_frame(frame, batch.bytes(frame), seen, held);
        }
    }

    #[inline]
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
            self.ended
                .push(flow.with(&self.open).ended(key, flow.natural_ending()));
            *flow = first(frame, bytes, side, &seen, &mut self.classify);
            self.expiry.reopened(key, flow);
        }
        let direction = side.direction(bytes, sender, flow.local);
        let slot = place(frame.slot);
        let open = &mut self.open[slot];
        open.total(frame.interface, direction, frame.length);
        match open.count_mut(flow.rows[slot]) {
            Some(count) => count.frame(direction, frame.length, frame.at),
            None => flow.rows[slot] = open.push(row(key, flow, frame), one(frame, direction)),
        }
        if flow.note(sender, flags) {
            self.expiry.closed(key, &flow.with(&self.open));
        }
    }

    /// The first frame of a flow.
    fn open_flow(&mut self, frame: &Frame, bytes: &[u8], seen: Seen, held: &mut Held) {
        if self.expiry.live() >= self.config.max {
            let (open, ended) = (&self.open, &mut self.ended);
            self.expiry.evict(&mut Ending { held, open, ended });
        }
        let Some(Some(side)) = self.sides.get(usize::from(frame.interface.0)) else {
            return;
        };
        let mut flow = first(frame, bytes, side, &seen, &mut self.classify);
        let direction = side.direction(bytes, seen.sender, flow.local);
        let slot = place(frame.slot);
        let open = &mut self.open[slot];
        open.total(frame.interface, direction, frame.length);
        flow.rows[slot] = open.push(row(seen.key, &flow, frame), one(frame, direction));
        flow.note(seen.sender, seen.flags);
        self.expiry.opened(seen.key, &flow);
        held.insert(seen.hash, seen.key, flow);
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
        open.total(frame.interface, direction, frame.length);
    }
}

/// Reads the first lines of a group's frames, which another core has written: the processor waits
/// for them together.
fn touch_headers(batch: &Batch, from: usize) {
    for frame in batch.frames.iter().skip(from).take(GROUP) {
        let bytes = batch.bytes(frame);
        black_box((bytes.get(12), bytes.get(FURTHER)));
    }
}

/// A flow as its first frame makes it, not counted yet.
fn first(frame: &Frame, bytes: &[u8], side: &Side, seen: &Seen, classify: &mut Classify) -> Flow {
    let local = side.local_end(&seen.key, bytes, seen.sender);
    let mut flow = Flow::new(frame.number, frame.at, seen.sender, local);
    flow.classes = classify(side.link, bytes);
    flow
}

/// A flow's row of a second. It opened in it if this is its first frame.
fn row(key: FlowKey, flow: &Flow, frame: &Frame) -> Row {
    let opened = flow.number == frame.number;
    let Flow {
        number,
        classes,
        local,
        ..
    } = *flow;
    Row {
        key,
        flow: number,
        traffic: Traffic::default(),
        classes,
        local,
        opened,
    }
}

/// A count of one frame.
fn one(frame: &Frame, direction: Direction) -> Count {
    let mut count = Count {
        first: frame.at,
        last: frame.at,
        ..Count::default()
    };
    count.frame(direction, frame.length, frame.at);
    count
}

/// A SYN that asks for a connection: after the end of one it begins another.
fn is_opening(flags: u8) -> bool {
    flags & (tcp::SYN | tcp::ACK | tcp::RST) == tcp::SYN
}

fn place(slot: Slot) -> usize {
    usize::from(slot.0) % SLOTS
}
