//! The flow tables: one a worker, sharded for readers, so that a worker never waits for another and
//! hardly ever for the API. A reader copies out and keeps no guard.

use super::config::Idle;
use super::open::Place;
use super::row::{Ended, Ending};
use crate::capture::SLOTS;
use crate::decode::tcp;
use crate::key::{End, FlowKey, Protocol};
use crate::label::Classes;
use crate::units::{FrameNumber, Nanos, Second, Tally, Traffic};
use ahash::RandomState;
use dashmap::DashMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

pub(super) type Table = DashMap<FlowKey, Flow, RandomState>;

/// Shards of one worker's table: a reader holds one of them for microseconds.
const SHARDS: usize = 64;

/// A flow that is in the table.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    pub number: FrameNumber,
    pub first: Nanos,
    pub last: Nanos,
    /// Frames sent by the low and by the high end.
    pub sent: [Tally; 2],
    pub(super) rows: [Place; SLOTS],
    pub classes: Classes,
    pub client: End,
    pub local: End,
    /// TCP flags seen from the low and from the high end.
    flags: [u8; 2],
}

/// All workers' tables, to read from.
#[derive(Clone, Default)]
pub struct Tables(Vec<Arc<Table>>);

impl Flow {
    pub(super) fn new(number: FrameNumber, at: Nanos, client: End, local: End) -> Flow {
        Flow {
            number,
            first: at,
            last: at,
            sent: [Tally::default(); 2],
            rows: [Place::default(); SLOTS],
            classes: Classes::default(),
            client,
            local,
            flags: [0; 2],
        }
    }

    /// Counts one frame; true if it closed the flow.
    #[inline]
    pub(super) fn count(&mut self, sender: End, length: u32, at: Nanos, flags: u8) -> bool {
        self.sent[sender as usize].count(length);
        self.first = self.first.min(at);
        self.last = self.last.max(at);
        if flags & (tcp::FIN | tcp::RST) == 0 {
            return false;
        }
        let was = self.is_closed();
        self.flags[sender as usize] |= flags;
        self.is_closed() && !was
    }

    /// FIN was seen both ways, or RST.
    pub(super) fn is_closed(&self) -> bool {
        let [low, high] = self.flags;
        low & high & tcp::FIN != 0 || (low | high) & tcp::RST != 0
    }

    /// A single frame, or TCP one way only: the first to be given up.
    pub(super) fn is_fresh(&self, protocol: Protocol) -> bool {
        let [low, high] = [self.sent[0].packets, self.sent[1].packets];
        low + high == 1 || (protocol == Protocol::TCP && (low == 0 || high == 0))
    }

    /// When the flow is over if nothing more is seen.
    pub(super) fn deadline(&self, protocol: Protocol, idle: &Idle) -> Second {
        let [low, high] = [self.sent[0].packets, self.sent[1].packets];
        let silence = match protocol {
            _ if self.is_closed() => idle.closed,
            Protocol::TCP if low == 0 || high == 0 => idle.half_open,
            _ if low + high == 1 => idle.single,
            Protocol::TCP => idle.tcp,
            _ => idle.other,
        };
        Second(self.last.second().0 + i64::from(silence))
    }

    /// Why a flow that is no longer watched ended, if it was not cut short.
    pub(super) fn natural_ending(&self) -> Ending {
        match self.flags {
            [low, high] if (low | high) & tcp::RST != 0 => Ending::Reset,
            _ if self.is_closed() => Ending::Closed,
            _ => Ending::Idle,
        }
    }

    pub(super) fn ended(&self, key: FlowKey, ending: Ending) -> Ended {
        Ended {
            key,
            flow: self.number,
            client: self.client,
            local: self.local,
            first: self.first,
            last: self.last,
            sent: self.sent,
            traffic: Traffic {
                outbound: self.sent[self.local as usize],
                inbound: self.sent[self.local.other() as usize],
            },
            classes: self.classes,
            ending,
        }
    }
}

impl Tables {
    pub fn new(workers: usize) -> Tables {
        let table = |_| {
            Arc::new(DashMap::with_hasher_and_shard_amount(
                RandomState::new(),
                SHARDS,
            ))
        };
        Tables((0..workers).map(table).collect())
    }

    pub(super) fn of(&self, worker: usize) -> Option<Arc<Table>> {
        self.0.get(worker).cloned()
    }

    /// How many flows are being watched.
    pub fn live(&self) -> usize {
        self.0.iter().map(|table| table.len()).sum()
    }

    /// Copies of the flows that were heard from last, newest first, at most `limit`; of those that
    /// `wanted` accepts. Their `ending` means nothing yet.
    pub fn latest(&self, limit: usize, wanted: impl Fn(&Ended) -> bool) -> Vec<Ended> {
        let mut heap = BinaryHeap::with_capacity(limit + 1);
        for entry in self.0.iter().flat_map(|table| table.iter()) {
            let flow = entry.value().ended(*entry.key(), Ending::Stopped);
            let rank = Reverse((flow.last, flow.flow));
            let newer = heap.peek().is_none_or(|(oldest, _, _)| rank < *oldest);
            if (heap.len() < limit || newer) && wanted(&flow) {
                heap.push((rank, flow.key, Copied(flow)));
            }
            if heap.len() > limit {
                heap.pop();
            }
        }
        heap.into_sorted_vec()
            .into_iter()
            .map(|(_, _, Copied(flow))| flow)
            .collect()
    }
}

/// A flow as a heap's passenger: the rank beside it decides.
struct Copied(Ended);

impl PartialEq for Copied {
    fn eq(&self, _: &Copied) -> bool {
        true
    }
}
impl Eq for Copied {}
impl PartialOrd for Copied {
    fn partial_cmp(&self, other: &Copied) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Copied {
    fn cmp(&self, _: &Copied) -> std::cmp::Ordering {
        std::cmp::Ordering::Equal
    }
}
