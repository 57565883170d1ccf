//! Takes live frames in: copies each into a slab, places it in its second, counts it, and queues
//! batches and cuts in order. Called a frame at a time from libpcap's callback: no clock, no log,
//! and no memory but the pool's.

use super::gaps::Gaps;
use super::pace::Pace;
use crate::capture::facts::OpenFacts;
use crate::capture::frame::{Cut, Frame, Message, Slot};
use crate::capture::interface::Interface;
use crate::capture::pool::{Filling, Home, Pool};
use crate::capture::process::Process;
use crate::capture::seconds::{Closing, Closings, Fault, Seconds};
use crate::clock::Now;
use crate::key::InterfaceId;
use crate::units::{Epoch, FrameNumber, NANOS, Nanos};
use std::collections::VecDeque;
use std::sync::Arc;

/// Bytes of a slab: a batch of usual frames, small enough to stay in a core's cache.
const SLAB_BYTES: usize = 256 << 10;

pub(super) struct Intake {
    pub out: VecDeque<Message>,
    pub facts: OpenFacts,
    pub gaps: Gaps,
    pool: Pool,
    filling: Filling,
    seconds: Seconds,
    pace: Pace,
    /// The clock jumped, and frames from before that may still come.
    jump: Option<Jump>,
    number: u64,
    /// When this epoch began, by the wall clock.
    began: Nanos,
}

/// A jump of the wall clock.
#[derive(Clone, Copy, Debug)]
struct Jump {
    /// Times from before it lie between these.
    since: Nanos,
    until: Nanos,
    now: Nanos,
}

/// A frame as libpcap gives it.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub interface: InterfaceId,
    pub at: Nanos,
    pub length: u32,
    pub bytes: &'a [u8],
}

impl Intake {
    /// Opens the second of `now`.
    pub(super) fn new(epoch: Epoch, now: Now) -> Intake {
        let mut pool = Pool::new(SLAB_BYTES);
        let mut seconds = Seconds::new(epoch);
        // The first second: nothing was open that could be over.
        let _ = seconds.advance(now.wall);
        Intake {
            out: VecDeque::with_capacity(64),
            facts: OpenFacts::default(),
            gaps: Gaps::default(),
            filling: pool.filling(),
            pool,
            seconds,
            pace: Pace::new(now),
            jump: None,
            number: 0,
            began: now.wall,
        }
    }

    pub(super) fn home(&self) -> Home {
        self.pool.home()
    }

    /// Takes one frame in.
    #[inline]
    pub(super) fn take(&mut self, seen: Seen) {
        let (at, slot) = match self.seconds.usual(seen.at) {
            Some(slot) => (seen.at, slot),
            None => self.turn(seen.at, seen.interface),
        };
        if !self.filling.has_room(seen.bytes.len()) {
            self.flush();
        }
        self.number += 1;
        let frame = Frame {
            number: FrameNumber(self.number),
            at,
            offset: 0,
            captured: 0,
            length: seen.length,
            interface: seen.interface,
            slot,
        };
        self.facts.delivered(&frame);
        self.filling.push(frame, seen.bytes);
    }

    /// Notes whose the frame is that was taken last.
    pub(super) fn own(&mut self, process: &Arc<Process>) {
        self.filling.own(process);
    }

    /// Describes an interface to the rooms downstream: frames that were taken before were of the
    /// interface as it was.
    pub(super) fn describe(&mut self, interface: Arc<Interface>) {
        self.flush();
        self.out.push_back(Message::Interface(interface));
    }

    /// Queues the frames taken so far as a batch.
    pub(super) fn flush(&mut self) {
        if !self.filling.is_empty() {
            let fresh = self.pool.filling();
            let full = std::mem::replace(&mut self.filling, fresh);
            // Stamped when it leaves the queue.
            self.out.push_back(Message::Batch(full.finish(Nanos(0))));
        }
    }

    /// Anything was taken in that is not handed over yet.
    pub(super) fn holds(&self) -> bool {
        !self.out.is_empty() || !self.filling.is_empty()
    }

    /// Before frames are read: no frame can be from much later than `now`.
    pub(super) fn expect(&mut self, now: Nanos) {
        self.seconds.expect(now);
    }

    /// After frames were read: closes the seconds that are over.
    pub(super) fn advance(&mut self, now: Nanos) {
        let closing = self.seconds.advance(now);
        self.cut(closing, None);
    }

    /// Looks at the clocks; true if the wall clock jumped. What comes from before that still counts
    /// there; [`Intake::settle`] begins the new epoch at the latest.
    pub(super) fn follow(&mut self, now: Now) -> bool {
        let jumped = self.pace.follow(now);
        if let Some((since, until)) = jumped {
            self.settle();
            // What the kernel held back for a moment is of before as well, where that can be told apart.
            let back = since.0.saturating_sub(now.wall.0);
            let held = if back > 0 { back / 2 } else { NANOS };
            self.jump = Some(Jump {
                since: Nanos(since.0 - held.min(NANOS)),
                until,
                now: now.wall,
            });
        }
        jumped.is_some()
    }

    /// After a jump, once what there was to read was read: closes everything, and begins a new epoch.
    pub(super) fn settle(&mut self) {
        let Some(jump) = self.jump.take() else {
            return;
        };
        let closing = self.seconds.step();
        self.cut(closing, Some(jump.until));
        self.pace.step();
        self.gaps.step(jump.now);
        self.began = jump.now;
        self.advance(jump.now);
    }

    /// Nothing follows: closes everything.
    pub(super) fn end(&mut self, now: Nanos) {
        self.settle();
        let closing = self.seconds.step();
        self.cut(closing, Some(now));
        if let Some(Message::Cut(cut)) = self.out.back_mut() {
            cut.last = true;
        }
    }

    /// The slot for what is read of the last full second: drops, counters.
    pub(super) fn last_slot(&self) -> Slot {
        self.seconds.last()
    }

    /// A frame that is not of the newest second: seconds may be over, its time may be faulty.
    #[cold]
    fn turn(&mut self, at: Nanos, interface: InterfaceId) -> (Nanos, Slot) {
        self.meet(at);
        let placed = self.seconds.place((at.0 > 0).then_some(at));
        self.cut(placed.closing, None);
        if let Some(fault) = placed.fault {
            self.facts.fault(placed.slot, interface, fault);
        }
        let untimed = placed.fault == Some(Fault::Untimed);
        let at = if untimed { self.seconds.newest() } else { at };
        (at, placed.slot)
    }

    /// After a jump: frames come in their order, and the first whose time is none of before is of after.
    fn meet(&mut self, at: Nanos) {
        let Some(jump) = &mut self.jump else {
            return;
        };
        let before = jump.since..=jump.until;
        if !before.contains(&at) {
            self.settle();
        } else if before.contains(&jump.now) {
            // Times come again: what follows is of before as long as it does not go back.
            jump.since = at;
        }
    }

    /// Queues the cuts of these seconds behind their frames; `ended` is when their epoch did.
    fn cut(&mut self, closings: Closings, ended: Option<Nanos>) {
        if closings[0].is_some() {
            self.flush();
        }
        for Closing { moment, slot, open } in closings.into_iter().flatten() {
            let start = moment.second.start();
            let end = Nanos(start.0.saturating_add(NANOS));
            let from = start.max(self.began);
            let until = ended.map_or(end, |ended| ended.min(end));
            for (interface, millis) in self.gaps.take(from, until) {
                self.facts.of(slot, interface).gap_ms = millis;
            }
            let lasted = self.pace.take(moment.second);
            let lasted = lasted.unwrap_or(Nanos(until.0 - from.0));
            self.out.push_back(Message::Cut(Cut {
                moment,
                slot,
                open,
                width: if lasted.0 > 0 { lasted } else { Nanos(NANOS) },
                facts: self.facts.take(slot),
                last: false,
                sent: Nanos(0),
            }));
        }
    }
}
