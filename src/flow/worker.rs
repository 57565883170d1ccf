//! One worker's share of the flows: frames in, a part for every cut out. It alone writes its table.
//! A batch is read in groups of frames, and each frame in three steps: it is decoded, its flow's
//! memory is asked for, and while that arrives others take their steps; then it is counted. The
//! steps alternate, because a processor asks for a dozen or two of lines at a time.

mod ahead;
mod count;
mod hear;
mod owned;
mod parts;

use super::config::Config;
use super::defrag::Defrag;
use super::endings::Endings;
use super::expiry::{Ending, Expiry};
use super::fragments::Fragments;
use super::held::Held;
use super::newcomers::{Newcomer, Newcomers};
use super::open::{OpenSecond, RowAt, Taken};
use super::owners::Owners;
use super::row::{Part, Row};
use super::side::Side;
use super::table::{Table, Tables};
use crate::capture::{Batch, Cut, Interface, Link, SLOTS, Slot};
use crate::decode::Tunnels;
use crate::key::{End, FlowKey};
use crate::label::Classes;
use crate::names::{Effort, Listener};
use crate::units::Direction;
use ahead::fetch_header;
use hear::Aside;
use owned::Tags;
use std::sync::Arc;

/// Says which classes a flow is in, from its first frame.
pub type Classify = Box<dyn FnMut(Link, &[u8]) -> Classes + Send>;

/// How many frames are looked ahead.
const GROUP: usize = 32;

pub struct Worker {
    table: Arc<Table>,
    config: Config,
    tunnels: Tunnels,
    classify: Classify,
    sides: Vec<Option<Side>>,
    open: [OpenSecond; SLOTS],
    fragments: Fragments,
    defrag: Defrag,
    expiry: Expiry,
    ended: Endings,
    owners: Owners,
    newcomers: Newcomers,
    tags: Tags,
    /// Interfaces heard of since the last cut: the next part bears them.
    heard: Vec<Arc<Interface>>,
    /// The group that is counted, and the one that was decoded after it.
    seen: Vec<Seen>,
    ahead: Vec<Seen>,
    /// How often a flow was ended while frames were counted: what was looked up before is stale.
    disturbed: u32,
    panics: u64,
    /// Of them, those since the last cut.
    panics_since: u64,
    listener: Listener,
    /// Frames of the batch at hand whose payload is to be heard.
    unheard: Aside,
}

/// A decoded frame of the group at hand.
#[derive(Clone, Copy)]
struct Seen {
    key: FlowKey,
    hash: u64,
    /// Its place in the batch.
    index: u32,
    sender: End,
    /// Which way it went, where its link address tells.
    told: Option<Direction>,
    flags: u8,
    /// Something lies around its IP header.
    wrapped: bool,
    /// Where its payload begins and ends in the captured bytes; nothing of a part of a packet.
    payload: (u32, u32),
    /// The place of its first byte in a TCP stream.
    sequence: u32,
    /// Most likely its flow's row, if there was one when it was asked for.
    row: Option<RowAt>,
    /// The worker's count of disturbances then.
    disturbed: u32,
}

impl Seen {
    /// Which way it went, `local` being this host's end of its flow.
    #[inline]
    fn direction(&self, local: End) -> Direction {
        let by_sender = if self.sender == local {
            Direction::Out
        } else {
            Direction::In
        };
        self.told.unwrap_or(by_sender)
    }
}

impl Worker {
    /// The worker that writes the `index`th of `tables`; `config.max` is its own share; `tunnels`
    /// says which of a tunnel's flows counts.
    pub fn new(
        tables: &Tables,
        index: usize,
        config: Config,
        tunnels: Tunnels,
        listener: Listener,
        classify: Classify,
    ) -> Worker {
        Worker {
            table: tables.of(index),
            expiry: Expiry::new(config.idle),
            open: [config.rows(), config.rows()].map(OpenSecond::new),
            ended: Endings::new(config.ended_max),
            owners: Owners::new(config.max.max(config.ended_max)),
            newcomers: Newcomers::default(),
            tags: Tags::default(),
            config,
            tunnels,
            classify,
            sides: Vec::new(),
            fragments: Fragments::default(),
            defrag: Defrag::default(),
            heard: Vec::new(),
            seen: Vec::with_capacity(GROUP),
            ahead: Vec::with_capacity(GROUP),
            disturbed: 0,
            panics: 0,
            panics_since: 0,
            listener,
            unheard: Aside::default(),
        }
    }

    /// Learns of an interface, or what changed about it.
    pub fn interface(&mut self, interface: Arc<Interface>) {
        let index = usize::from(interface.id.0);
        if index >= self.sides.len() {
            self.sides.resize_with(index + 1, || None);
        }
        self.tags.interface(&interface);
        self.heard.push(interface.clone());
        self.sides[index] = Some(Side::new(interface));
    }

    /// From now on flows that begin are noted.
    pub fn note_newcomers(&mut self) {
        self.newcomers.want();
    }

    /// Flows that began since this was last asked, where they are noted: to be taken after each
    /// batch and each cut.
    pub fn newcomers(&mut self) -> Vec<Newcomer> {
        self.newcomers.take()
    }

    #[cfg(test)]
    pub(super) fn tickets(&self) -> usize {
        self.expiry.tickets()
    }

    /// Counts a batch.
    pub fn read(&mut self, batch: &Batch) {
        let table = self.table.clone();
        let mut held = Held::new(&table);
        self.expiry.trim(&held);
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
            self.note_owners(batch, &held);
        }
        self.count_ready(&mut held);
    }

    /// Answers a cut: what changed in its second, and the flows that are over.
    pub fn cut(&mut self, cut: Arc<Cut>) -> Part {
        let table = self.table.clone();
        let mut held = Held::new(&table);
        self.count_overdue(&cut, &mut held);
        let Taken {
            rows,
            folded,
            unflowed,
        } = self.open[place(cut.slot)].take();
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
        let now = cut.moment.second.start();
        self.listener.expire(now, cut.last);
        let (ended, unrecorded) = self.ended.take();
        let open = cut.open.map(|(_, slot)| self.open[place(slot)].totals());
        Part {
            rows,
            folded,
            unflowed,
            interfaces: std::mem::take(&mut self.heard),
            owners: self.owners.take(&ended),
            ended,
            unrecorded,
            open: open.unwrap_or_default(),
            evicted: self.expiry.take_evicted(),
            flows: self.expiry.live() as u64,
            fragmented: self.fragments.len() as u64,
            heard: self.listener.take(),
            effort: Effort {
                panics: std::mem::take(&mut self.panics_since),
                ..self.listener.effort()
            },
            cut,
        }
    }
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

fn place(slot: Slot) -> usize {
    usize::from(slot.0) % SLOTS
}
