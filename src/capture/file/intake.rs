//! Takes a file's frames in: numbers them, places each in its second, counts it, and queues batches
//! and cuts in order.

use super::Options;
use crate::capture::facts::OpenFacts;
use crate::capture::filter::Classes;
use crate::capture::frame::{Batch, Cut, Frame, Link, Message};
use crate::capture::interface::Interface;
use crate::capture::pool::{BATCH_FRAMES, Pool};
use crate::capture::process::Process;
use crate::capture::seconds::{Closing, Closings, Placed, Seconds};
use crate::key::InterfaceId;
use crate::label;
use crate::platform::Role;
use crate::units::{Epoch, FrameNumber, NANOS, Nanos};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::Arc;

/// No frame was longer than this, whatever a damaged file says: the largest length that readers of
/// capture files agree on.
const LONGEST: u32 = i32::MAX as u32;

/// More interfaces than any capture has: a file that describes more is made to cost memory.
const MOST_INTERFACES: u16 = 4_096;

pub(super) struct Intake {
    pub pool: Pool,
    pub out: VecDeque<Message>,
    options: Options,
    name: String,
    seconds: Seconds,
    facts: OpenFacts,
    number: u64,
    interfaces: u16,
    frames: Vec<Frame>,
    /// The processes of some of them.
    owned: Vec<(u32, Arc<Process>)>,
    /// What frames must match, and the links that interfaces have: only with a filter.
    filter: Option<Classes>,
    links: Vec<Link>,
}

/// A frame as a file's format describes it: where it lies in the slab, how long it was, and when.
#[derive(Clone, Copy)]
pub(super) struct Record {
    pub at: Option<Nanos>,
    pub offset: usize,
    pub captured: u32,
    pub length: u32,
    pub interface: InterfaceId,
}

impl Intake {
    pub(super) fn new(mut pool: Pool, options: Options, name: String) -> Intake {
        let frames = pool.list();
        let filter = options.filter.as_deref().map(Classes::of_expression);
        Intake {
            pool,
            out: VecDeque::new(),
            options,
            name,
            seconds: Seconds::new(Epoch(0)),
            facts: OpenFacts::default(),
            number: 0,
            interfaces: 0,
            frames,
            owned: Vec::new(),
            filter,
            links: Vec::new(),
        }
    }

    /// The epoch that seconds begin in, before there is one.
    pub(super) fn begin_in(&mut self, epoch: Epoch) {
        self.seconds = Seconds::new(epoch);
    }

    /// Announces an interface of the file; `None`: there are too many.
    pub(super) fn interface(
        &mut self,
        link: Link,
        snaplen: u32,
        name: Option<String>,
    ) -> Option<InterfaceId> {
        if self.interfaces == MOST_INTERFACES {
            return None;
        }
        let id = InterfaceId(self.interfaces);
        self.links.push(link);
        self.interfaces += 1;
        let name = name.unwrap_or_else(|| match id.0 {
            0 => self.name.clone(),
            number => format!("{}#{number}", self.name),
        });
        self.out.push_back(Message::Interface(Arc::new(Interface {
            id,
            name: name.into(),
            link,
            role: Role::File,
            snaplen,
            direction: self.options.direction(),
        })));
        Some(id)
    }

    /// Takes one frame of `slab` in. False when the batch is full: hand it over first.
    #[inline]
    pub(super) fn take(&mut self, slab: &Bytes, record: Record) -> bool {
        if self.filter.is_some() && !self.matches(slab, &record) {
            return true;
        }
        let at = record.at;
        let slot = match at.and_then(|at| self.seconds.usual(at)) {
            Some(slot) => slot,
            None => self.turn(slab, at, record.interface).slot,
        };
        self.number += 1;
        let frame = Frame {
            number: FrameNumber(self.number),
            at: at.unwrap_or_else(|| self.seconds.newest()),
            offset: record.offset as u32,
            captured: record.captured,
            length: record.length.min(LONGEST),
            interface: record.interface,
            slot,
        };
        self.facts.delivered(&frame);
        self.frames.push(frame);
        self.frames.len() < BATCH_FRAMES && !self.spans_enough(&frame)
    }

    /// The same for a frame whose process the file tells.
    pub(super) fn take_of(
        &mut self,
        slab: &Bytes,
        record: Record,
        process: Option<Arc<Process>>,
    ) -> bool {
        let before = self.number;
        let room = self.take(slab, record);
        if let Some(process) = process.filter(|_| self.number > before) {
            let last = self.frames.len().saturating_sub(1);
            self.owned.push((last as u32, process));
        }
        room
    }

    /// Hands the frames taken so far over as a batch.
    pub(super) fn flush(&mut self, slab: &Bytes) {
        if !self.frames.is_empty() {
            let fresh = self.pool.list();
            let frames = std::mem::replace(&mut self.frames, fresh);
            let batch = Batch {
                slab: slab.clone(),
                frames,
                owned: std::mem::take(&mut self.owned),
                sent: Nanos::default(),
            };
            self.out.push_back(Message::Batch(batch));
        }
    }

    /// Cuts what is still open: nothing follows. A file without a frame has one empty second, so
    /// that its end is told, too.
    pub(super) fn end(&mut self) {
        if self.number == 0 {
            self.seconds.place(None);
        }
        let closing = self.seconds.step();
        self.cut(closing);
        if let Some(Message::Cut(cut)) = self.out.back_mut() {
            cut.last = true;
        }
    }

    fn matches(&mut self, slab: &Bytes, record: &Record) -> bool {
        let bytes = slab.get(record.offset..record.offset + record.captured as usize);
        let link = self.links.get(usize::from(record.interface.0));
        match (&mut self.filter, link) {
            (Some(filter), Some(link)) => {
                filter.classify(*link, bytes.unwrap_or_default()) != label::Classes::default()
            }
            _ => true,
        }
    }

    fn spans_enough(&self, frame: &Frame) -> bool {
        let first = self.frames.first().map_or(frame.at, |first| first.at);
        self.options.span.0 > 0 && frame.at.0.saturating_sub(first.0) >= self.options.span.0
    }

    /// A frame that is not of the newest second: seconds may be over, its time may be faulty.
    fn turn(&mut self, slab: &Bytes, at: Option<Nanos>, interface: InterfaceId) -> Placed {
        let placed = self.seconds.place(at);
        if placed.closing[0].is_some() {
            self.flush(slab);
            self.cut(placed.closing);
        }
        if let Some(fault) = placed.fault {
            self.facts.fault(placed.slot, interface, fault);
        }
        placed
    }

    fn cut(&mut self, closings: Closings) {
        for Closing { moment, slot, open } in closings.into_iter().flatten() {
            let facts = self.facts.take(slot);
            let cut = Cut {
                moment,
                slot,
                open,
                width: Nanos(NANOS),
                facts,
                last: false,
                sent: Nanos::default(),
            };
            self.out.push_back(Message::Cut(cut));
        }
    }
}
