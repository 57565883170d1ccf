//! The hand-off between a source and the workers: bounded channels of batches, with interfaces and
//! cuts in band. When a worker falls behind, a live source's batch is dropped and counted where its
//! frames would have counted, and capture never waits; a file waits. Knows frames, not what is in
//! them, but for the addresses by which it steers.

mod steer;

use crate::capture::{BATCH_FRAMES, Batch, Cut, Frame, Home, Interface, InterfaceFacts, Link};
use crate::capture::{Message, SLOTS, Slot};
use crate::key::InterfaceId;
use crate::units::{Nanos, Tally};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
pub use steer::Steer;

/// How many batches wait for one worker at most, so that a live source rides out a worker's pause.
pub const CAPACITY: usize = 64;
/// The same for a file, which waits anyway: few, so that a batch is still in the processor's cache
/// when its worker reads it.
const CAPACITY_OF_FILE: usize = 8;

/// Items that are gathered before they are handed over at once, at most.
const GATHERED: usize = 256;

/// What a worker gets, in the order in which the source gave it.
#[derive(Debug)]
pub enum Item {
    Interface(Arc<Interface>),
    Batch(Batch),
    Cut(Arc<Cut>),
    /// Several of the others, in order; never in each other.
    Many(Vec<Item>),
}

impl Item {
    /// What is in it, in order: itself, or the many.
    pub fn each(self, mut take: impl FnMut(Item)) {
        match self {
            Item::Many(items) => items.into_iter().for_each(take),
            one => take(one),
        }
    }
}

/// What to do with a batch for which there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// A live source cannot wait.
    Drop,
    /// A file can.
    Wait,
    /// So can one that is read as fast as it goes. Its seconds come by the thousand: a hand-over
    /// would cost more than what is in one, so items are gathered until they hold a full batch.
    Gather,
}

impl WhenFull {
    fn capacity(self) -> usize {
        match self {
            WhenFull::Drop => CAPACITY,
            WhenFull::Wait | WhenFull::Gather => CAPACITY_OF_FILE,
        }
    }
}

/// The workers are gone: nothing can be handed on any more.
#[derive(Debug, thiserror::Error)]
#[error("a worker thread ended early; see the log for why")]
pub struct Closed;

/// The source's end of the rings.
pub struct Ring {
    lanes: Vec<Lane>,
    when_full: WhenFull,
    steer: Steer,
    home: Home,
    links: Vec<Link>,
    lost: [Vec<Tally>; SLOTS],
    /// Frames that all lanes have gathered.
    gathered: usize,
}

/// The way to one worker.
struct Lane {
    sender: Arc<Sender<Item>>,
    dropped: Arc<AtomicU64>,
    /// Cuts and interfaces that found no room: they are never dropped, and nothing overtakes them.
    held: VecDeque<Item>,
    gathered: Vec<Item>,
}

impl Ring {
    /// Rings to `workers` workers, and the workers' ends of them.
    pub fn new(workers: usize, when_full: WhenFull, home: Home) -> (Ring, Vec<Receiver<Item>>) {
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..workers.max(1))
            .map(|_| bounded(when_full.capacity()))
            .unzip();
        let lane = |sender| Lane {
            sender: Arc::new(sender),
            dropped: Arc::default(),
            held: VecDeque::new(),
            gathered: Vec::new(),
        };
        let lanes = senders.into_iter().map(lane).collect();
        let lost = Default::default();
        (
            Ring {
                lanes,
                when_full,
                steer: Steer::new(),
                home,
                links: Vec::new(),
                lost,
                gathered: 0,
            },
            receivers,
        )
    }

    /// Hands a message on at the steady time `now`.
    pub fn send(&mut self, message: Message, now: Nanos) -> Result<(), Closed> {
        match message {
            Message::Batch(batch) => self.send_batch(Batch { sent: now, ..batch })?,
            Message::Interface(interface) => {
                self.learn(&interface);
                self.send_all(|| Item::Interface(interface.clone()))?;
            }
            Message::Cut(mut cut) => {
                self.add_lost(&mut cut);
                cut.sent = now;
                let cut = Arc::new(cut);
                self.send_all(|| Item::Cut(cut.clone()))?;
            }
        }
        self.hand_over_when_full()
    }

    /// A look at each ring from elsewhere.
    pub fn gauges(&self) -> Vec<Gauge> {
        let gauge = |lane: &Lane| Gauge {
            ring: Arc::downgrade(&lane.sender),
            dropped: lane.dropped.clone(),
        };
        self.lanes.iter().map(gauge).collect()
    }

    fn learn(&mut self, interface: &Interface) {
        let index = usize::from(interface.id.0);
        if index >= self.links.len() {
            self.links.resize(index + 1, Link::Other(u16::MAX));
        }
        self.links[index] = interface.link;
    }

    fn send_batch(&mut self, batch: Batch) -> Result<(), Closed> {
        if self.lanes.len() == 1 {
            return self.send_to(0, batch);
        }
        for (worker, frames) in self.spread(&batch).into_iter().enumerate() {
            if !frames.is_empty() {
                self.send_to(worker, batch.part(frames))?;
            }
        }
        self.home.give(batch);
        Ok(())
    }

    /// The batch's frames by worker. One list a worker and batch is allocated: a few nanoseconds a
    /// frame, and only where there are several workers.
    fn spread(&self, batch: &Batch) -> Vec<Vec<Frame>> {
        let room = batch.frames.len() / self.lanes.len() + 64;
        let mut lists: Vec<_> = self
            .lanes
            .iter()
            .map(|_| Vec::with_capacity(room))
            .collect();
        for frame in &batch.frames {
            let link = self.links.get(usize::from(frame.interface.0)).copied();
            let link = link.unwrap_or(Link::Other(u16::MAX));
            let worker = self.steer.worker(link, batch.bytes(frame), lists.len());
            if let Some(list) = lists.get_mut(worker) {
                list.push(*frame);
            }
        }
        lists
    }

    fn send_to(&mut self, worker: usize, batch: Batch) -> Result<(), Closed> {
        let Some(lane) = self.lanes.get_mut(worker) else {
            return Ok(());
        };
        let refused = match self.when_full {
            WhenFull::Wait => return lane.sender.send(Item::Batch(batch)).map_err(|_| Closed),
            WhenFull::Gather => {
                self.gathered += batch.frames.len();
                lane.gathered.push(Item::Batch(batch));
                return Ok(());
            }
            WhenFull::Drop => lane.offer(batch)?,
        };
        if let Some(batch) = refused {
            lane.dropped
                .fetch_add(batch.frames.len() as u64, Ordering::Relaxed);
            self.count_lost(&batch);
            self.home.give(batch);
        }
        Ok(())
    }

    fn send_all(&mut self, item: impl Fn() -> Item) -> Result<(), Closed> {
        for lane in &mut self.lanes {
            match self.when_full {
                WhenFull::Wait => lane.sender.send(item()).map_err(|_| Closed)?,
                WhenFull::Gather => lane.gathered.push(item()),
                WhenFull::Drop => {
                    lane.held.push_back(item());
                    lane.release()?;
                }
            }
        }
        Ok(())
    }

    /// Hands over what all lanes have gathered, together: a second is over when every worker has
    /// answered its cut, also one that gets no frames.
    fn hand_over_when_full(&mut self) -> Result<(), Closed> {
        let longest = self.lanes.iter().map(|lane| lane.gathered.len()).max();
        if self.gathered >= BATCH_FRAMES || longest.is_some_and(|items| items >= GATHERED) {
            self.gathered = 0;
            return self.lanes.iter_mut().try_for_each(Lane::hand_over);
        }
        Ok(())
    }

    fn count_lost(&mut self, batch: &Batch) {
        for frame in &batch.frames {
            let lost = &mut self.lost[usize::from(frame.slot.0) % SLOTS];
            let index = usize::from(frame.interface.0);
            if index >= lost.len() {
                lost.resize(index + 1, Tally::default());
            }
            lost[index].count(frame.length);
        }
    }

    /// Notes what was dropped in the second that is cut.
    fn add_lost(&mut self, cut: &mut Cut) {
        let Slot(slot) = cut.slot;
        let lost = std::mem::take(&mut self.lost[usize::from(slot) % SLOTS]);
        for (index, tally) in lost
            .into_iter()
            .enumerate()
            .filter(|(_, lost)| !lost.is_zero())
        {
            let interface = InterfaceId(index as u16);
            match cut
                .facts
                .iter_mut()
                .find(|facts| facts.interface == interface)
            {
                Some(facts) => facts.ring_dropped += tally,
                None => cut.facts.push(InterfaceFacts {
                    interface,
                    delivered: tally,
                    ring_dropped: tally,
                    ..InterfaceFacts::default()
                }),
            }
        }
    }
}

impl Lane {
    /// Sends a batch if there is room, and gives it back if not.
    fn offer(&mut self, batch: Batch) -> Result<Option<Batch>, Closed> {
        if !self.release()? {
            return Ok(Some(batch));
        }
        match self.sender.try_send(Item::Batch(batch)) {
            Err(TrySendError::Full(Item::Batch(batch))) => Ok(Some(batch)),
            Err(TrySendError::Disconnected(_)) => Err(Closed),
            Ok(()) | Err(TrySendError::Full(_)) => Ok(None),
        }
    }

    /// Hands over what was gathered, waiting for room.
    fn hand_over(&mut self) -> Result<(), Closed> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let many = std::mem::take(&mut self.gathered);
        self.sender.send(Item::Many(many)).map_err(|_| Closed)
    }

    /// Sends what was held back, as far as there is room; true when nothing is held any more.
    fn release(&mut self) -> Result<bool, Closed> {
        while let Some(item) = self.held.pop_front() {
            match self.sender.try_send(item) {
                Ok(()) => {}
                Err(TrySendError::Full(item)) => {
                    self.held.push_front(item);
                    return Ok(false);
                }
                Err(TrySendError::Disconnected(_)) => return Err(Closed),
            }
        }
        Ok(true)
    }
}

impl Drop for Ring {
    /// The last cut must arrive: what is held back is sent now, waiting if it has to.
    fn drop(&mut self) {
        for lane in &mut self.lanes {
            for item in lane.held.drain(..).chain(lane.gathered.drain(..)) {
                let _ = lane.sender.send(item);
            }
        }
    }
}

/// A look at one ring. It does not keep the ring open.
pub struct Gauge {
    ring: Weak<Sender<Item>>,
    dropped: Arc<AtomicU64>,
}

impl Gauge {
    /// Items that wait.
    pub fn depth(&self) -> usize {
        self.ring.upgrade().map_or(0, |ring| ring.len())
    }

    /// How many items may wait.
    pub fn capacity(&self) -> usize {
        let ring = self.ring.upgrade();
        ring.and_then(|ring| ring.capacity()).unwrap_or(0)
    }

    /// Frames that found no room since the start.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests;
