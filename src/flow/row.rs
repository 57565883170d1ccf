//! What a worker hands over: the rows of a second, and the flows that ended. Raw keys, no labels.

use super::owners::Owner;
use crate::capture::{Cut, Interface};
use crate::decode::{Encapsulations, Reason};
use crate::key::{End, FlowKey, InterfaceId, Protocol};
use crate::label::Classes;
use crate::names::{Effort, Heard};
use crate::units::{Direction, FrameNumber, Nanos, Tally, Traffic};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one flow did in one second. What a frame compares comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Row {
    pub key: FlowKey,
    /// The number of the flow's first frame: its identity.
    pub flow: FrameNumber,
    /// The times of its frames in this second, the earliest and the latest.
    pub first: Nanos,
    pub last: Nanos,
    pub traffic: Traffic,
    pub classes: Classes,
    /// The end that is this host's (or the client, where neither or both are).
    pub local: End,
    /// The flow's first frame lies in this second.
    pub opened: bool,
    /// Payloads of this flow may have something to tell yet.
    pub listening: bool,
}

impl Row {
    /// Counts one frame.
    #[inline]
    pub(super) fn count(&mut self, direction: Direction, length: u32, at: Nanos) {
        self.traffic.side(direction).count(length);
        self.first = self.first.min(at);
        self.last = self.last.max(at);
    }
}

/// Why a flow is no longer in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// FIN seen both ways.
    Closed,
    /// RST seen.
    Reset,
    /// Nothing seen for as long as its kind may be silent.
    Idle,
    /// Given up to make room.
    Evicted,
    /// The source ended, or the monitor stopped.
    Stopped,
}

/// A flow that ended, whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    pub key: FlowKey,
    pub flow: FrameNumber,
    pub client: End,
    pub local: End,
    pub first: Nanos,
    pub last: Nanos,
    /// Frames sent by the low and by the high end, fragments included.
    pub sent: [Tally; 2],
    pub traffic: Traffic,
    pub classes: Classes,
    /// What lay around the IP header of its first frame.
    pub encapsulations: Encapsulations,
    pub ending: Ending,
}

/// What is in no flow, of one interface in one second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unflowed {
    pub interface: InterfaceId,
    pub by_reason: Vec<(Reason, Traffic)>,
}

impl Unflowed {
    /// What is in no flow for this reason, to count in.
    pub(super) fn of(&mut self, reason: Reason) -> &mut Traffic {
        let known = self.by_reason.iter().position(|(it, _)| *it == reason);
        let place = known.unwrap_or_else(|| {
            self.by_reason.push((reason, Traffic::default()));
            self.by_reason.len() - 1
        });
        &mut self.by_reason[place].1
    }
}

/// One interface's sum over one open second: a look ahead, not yet final.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenTotal {
    pub interface: InterfaceId,
    pub traffic: Traffic,
}

/// What the flows did that found no room for rows of their own, of one kind in one second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Folded {
    pub interface: InterfaceId,
    pub protocol: Protocol,
    pub classes: Classes,
    pub traffic: Traffic,
    /// Flows whose first frame is in it.
    pub opened: u32,
}

impl Folded {
    /// What is folded together: interface, protocol and classes.
    pub fn kind(&self) -> (InterfaceId, Protocol, Classes) {
        (self.interface, self.protocol, self.classes)
    }

    /// The same, told by interface alone.
    #[must_use]
    pub fn of_any_kind(self) -> Folded {
        Folded {
            protocol: Protocol::NONE,
            classes: Classes(0),
            ..self
        }
    }

    /// Adds what others of this kind did.
    pub fn add(&mut self, more: &Folded) {
        self.traffic += more.traffic;
        self.opened += more.opened;
    }

    /// One of each kind.
    pub fn sum(all: impl Iterator<Item = Folded>) -> impl Iterator<Item = Folded> {
        let mut sums = BTreeMap::new();
        for one in all {
            sums.entry(one.kind())
                .and_modify(|sum: &mut Folded| sum.add(&one))
                .or_insert(one);
        }
        sums.into_values()
    }
}

impl From<&Row> for Folded {
    fn from(row: &Row) -> Folded {
        Folded {
            interface: row.key.interface(),
            protocol: row.key.protocol(),
            classes: row.classes,
            traffic: row.traffic,
            opened: u32::from(row.opened),
        }
    }
}

/// One worker's answer to a [`Cut`].
#[derive(Debug)]
pub struct Part {
    pub cut: Arc<Cut>,
    /// Interfaces that were announced or changed since the last cut.
    pub interfaces: Vec<Arc<Interface>>,
    pub rows: Vec<Row>,
    /// Beyond the most rows that a second can have.
    pub folded: Vec<Folded>,
    pub unflowed: Vec<Unflowed>,
    pub ended: Vec<Ended>,
    /// Flows whose owners became known since the last cut.
    pub owners: Vec<Owner>,
    /// How many more ended than are kept.
    pub unrecorded: u64,
    /// What the second that is still open holds so far.
    pub open: Vec<OpenTotal>,
    /// Flows that were given up to make room since the last cut.
    pub evicted: u64,
    /// Flows in this worker's table now.
    pub flows: u64,
    /// Fragmented packets whose ports this worker remembers.
    pub fragmented: u64,
    /// What payloads told since the last cut.
    pub heard: Vec<Heard>,
    /// What listening took.
    pub effort: Effort,
}

impl Part {
    /// An answer to this cut with nothing in it.
    pub fn empty(cut: Arc<Cut>) -> Part {
        Part {
            cut,
            interfaces: Vec::new(),
            rows: Vec::new(),
            folded: Vec::new(),
            unflowed: Vec::new(),
            ended: Vec::new(),
            unrecorded: 0,
            open: Vec::new(),
            evicted: 0,
            flows: 0,
            fragmented: 0,
            owners: Vec::new(),
            heard: Vec::new(),
            effort: Effort::default(),
        }
    }
}
