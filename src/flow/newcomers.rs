//! Flows that began in the batch at hand, for whoever finds out whose they are. Noted only where
//! somebody asks. Knows no owners.

use super::table::Flow;
use crate::key::{End, FlowKey};
use crate::units::{FrameNumber, Nanos};

/// A flow that has just begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newcomer {
    pub key: FlowKey,
    pub flow: FrameNumber,
    /// This host's end of it, or the client's.
    pub local: End,
    /// Its first frame was sent by that end.
    pub sent: bool,
    /// When its first frame was seen.
    pub at: Nanos,
}

/// The newcomers since they were last taken. There are no more of them than frames.
#[derive(Debug, Default)]
pub(super) struct Newcomers {
    wanted: bool,
    fresh: Vec<Newcomer>,
}

impl Newcomers {
    pub(super) fn want(&mut self) {
        self.wanted = true;
    }

    #[inline]
    pub(super) fn note(&mut self, key: FlowKey, flow: &Flow, sender: End, at: Nanos) {
        if self.wanted {
            let (flow, local) = (flow.number, flow.local);
            self.fresh.push(Newcomer {
                key,
                flow,
                local,
                sent: sender == local,
                at,
            });
        }
    }

    pub(super) fn take(&mut self) -> Vec<Newcomer> {
        std::mem::take(&mut self.fresh)
    }
}
