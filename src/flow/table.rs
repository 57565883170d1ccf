//! The flow tables: one a worker, sharded for readers, so that a worker never waits for another and
//! hardly ever for the API. A reader copies out and keeps no guard.

use super::config::Idle;
use super::held;
use super::open::OpenSecond;
use super::row::{Ended, Ending, Row};
use crate::capture::SLOTS;
use crate::decode::{Encapsulations, tcp};
use crate::key::{End, FlowKey, Protocol};
use crate::label::Classes;
use crate::names::Hearing;
use crate::units::{FrameNumber, Nanos, Second, Traffic};
use ahash::RandomState;
use dashmap::DashMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

pub(super) type Table = DashMap<FlowKey, Flow, RandomState>;

/// A flow that is in the table. Its frames write its row of the open second; the sums here grow
/// when that is cut.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    /// TCP flags seen from the low and from the high end.
    flags: [u8; 2],
    pub local: End,
    pub client: End,
    pub classes: Classes,
    pub encapsulations: Encapsulations,
    pub number: FrameNumber,
    /// How far listening to its payload has come.
    pub(super) hearing: Hearing,
    /// Up to the last cut.
    pub traffic: Traffic,
    pub first: Nanos,
    pub last: Nanos,
}

/// All workers' tables, to read from.
#[derive(Clone, Default)]
pub struct Tables(Vec<Arc<Table>>);

impl Flow {
    pub(super) fn new(number: FrameNumber, at: Nanos, client: End, local: End) -> Flow {
        Flow {
            flags: [0; 2],
            local,
            client,
            classes: Classes::default(),
            encapsulations: Encapsulations::NONE,
            number,
            hearing: Hearing::default(),
            traffic: Traffic::default(),
            first: at,
            last: at,
        }
    }

    /// Notes a segment's TCP flags; true if it closed the flow.
    #[inline]
    pub(super) fn note(&mut self, sender: End, flags: u8) -> bool {
        if flags & (tcp::FIN | tcp::RST) == 0 {
            return false;
        }
        let was = self.is_closed();
        self.flags[sender as usize] |= flags;
        self.is_closed() && !was
    }

    /// Adds what a second counted.
    pub(super) fn add(&mut self, row: &Row) {
        self.traffic += row.traffic;
        self.first = self.first.min(row.first);
        self.last = self.last.max(row.last);
    }

    /// The flow with what its open seconds count.
    pub(super) fn with(mut self, hash: u64, key: &FlowKey, open: &[OpenSecond; SLOTS]) -> Flow {
        open.iter()
            .filter_map(|second| second.get(hash, key))
            .for_each(|row| self.add(row));
        self
    }

    /// FIN was seen both ways, or RST.
    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        let [low, high] = self.flags;
        low & high & tcp::FIN != 0 || (low | high) & tcp::RST != 0
    }

    /// A single frame, or TCP one way only: the first to be given up.
    pub(super) fn is_fresh(&self, protocol: Protocol) -> bool {
        self.traffic.total().packets <= 1 || (protocol == Protocol::TCP && self.is_one_way())
    }

    /// When the flow is over if nothing more is seen.
    pub(super) fn deadline(&self, protocol: Protocol, idle: &Idle) -> Second {
        let silence = match protocol {
            _ if self.is_closed() => idle.closed,
            Protocol::TCP if self.is_one_way() => idle.half_open,
            _ if self.traffic.total().packets <= 1 => idle.single,
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
        let (local, remote) = (self.traffic.outbound, self.traffic.inbound);
        Ended {
            key,
            flow: self.number,
            client: self.client,
            local: self.local,
            first: self.first,
            last: self.last,
            sent: if self.local == End::Low {
                [local, remote]
            } else {
                [remote, local]
            },
            traffic: self.traffic,
            classes: self.classes,
            encapsulations: self.encapsulations,
            ending,
        }
    }

    fn is_one_way(&self) -> bool {
        self.traffic.inbound.is_zero() || self.traffic.outbound.is_zero()
    }
}

impl Tables {
    pub fn new(workers: usize) -> Tables {
        Tables((0..workers).map(|_| Arc::new(held::table())).collect())
    }

    pub(super) fn of(&self, worker: usize) -> Arc<Table> {
        self.0
            .get(worker)
            .cloned()
            .unwrap_or_else(|| Arc::new(held::table()))
    }

    /// How many flows are being watched.
    pub fn live(&self) -> usize {
        self.0.iter().map(|table| table.len()).sum()
    }

    /// Copies of the flows that were heard from last, as of the last cut, newest first, at most `limit`; of those that
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
