//! Whose flows are, where the capture tells a process of their frames: each is told once, and once
//! more where it becomes known better. Knows no frames and no labels.

use super::row::Ended;
use super::table::Flow;
use crate::capture::Process;
use crate::key::{End, FlowKey};
use crate::units::FrameNumber;
use ahash::AHashMap;
use std::net::IpAddr;
use std::sync::Arc;

/// Whose a flow is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub key: FlowKey,
    pub flow: FrameNumber,
    /// This host's end of it, or the client's.
    pub local: End,
    pub process: Arc<Process>,
}

impl Owner {
    /// The address that the flow's label is about.
    pub fn remote(&self) -> IpAddr {
        self.key.end(self.local.other()).address
    }
}

/// What a worker has told, and is to tell with the next cut.
#[derive(Debug)]
pub(super) struct Owners {
    /// Of flows that are in the table, or ended since the last cut.
    told: AHashMap<FrameNumber, Arc<Process>>,
    fresh: AHashMap<FrameNumber, Owner>,
    /// The most flows in each of them. Beyond it what was told is told again, and what is new is
    /// not.
    most: usize,
}

impl Owners {
    pub(super) fn new(most: usize) -> Owners {
        Owners {
            told: AHashMap::new(),
            fresh: AHashMap::new(),
            most,
        }
    }

    /// Notes whose frame there was of a flow.
    pub(super) fn note(&mut self, key: FlowKey, of: &Flow, process: &Arc<Process>) {
        let (flow, local) = (of.number, of.local);
        let known = self.told.get(&flow);
        if known.is_some_and(|known| Arc::ptr_eq(known, process) || !process.replaces(known)) {
            return;
        }
        if self.told.len() >= self.most {
            self.told.clear();
        }
        self.told.insert(flow, process.clone());
        if self.fresh.len() < self.most || self.fresh.contains_key(&flow) {
            let process = process.clone();
            self.fresh.insert(
                flow,
                Owner {
                    key,
                    flow,
                    local,
                    process,
                },
            );
        }
    }

    /// What became known since the last cut, in the order of the flows; those that ended are
    /// forgotten.
    pub(super) fn take(&mut self, ended: &[Ended]) -> Vec<Owner> {
        if self.told.is_empty() {
            return Vec::new();
        }
        for ended in ended {
            self.told.remove(&ended.flow);
        }
        let mut owners: Vec<Owner> = std::mem::take(&mut self.fresh).into_values().collect();
        owners.sort_unstable_by_key(|owner| owner.flow);
        owners
    }
}
