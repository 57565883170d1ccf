//! Which application the flows are of, as the workers told it: for the labels of rows and
//! connections, and for the flows of a whole file. Bounded for the former.

use crate::capture::Process;
use crate::flow::{Ended, Owner};
use crate::key::FlowKey;
use crate::label::{App, Label, OwnerSource};
use crate::units::FrameNumber;
use ahash::AHashMap;
use std::sync::Arc;

/// The most flows whose owners are remembered; beyond it the older half is forgotten.
const MOST: usize = 1 << 19;

/// The owners of flows that are under way.
#[derive(Debug, Default)]
pub(super) struct Owners {
    by_flow: AHashMap<FrameNumber, Arc<Process>>,
    /// Ended in the second before: it may have had rows in the one after.
    leaving: Vec<FrameNumber>,
}

impl Owners {
    pub(super) fn learn(&mut self, owners: Vec<Owner>) {
        for owner in owners {
            self.by_flow.insert(owner.flow, owner.process);
        }
        if self.by_flow.len() > MOST {
            self.forget_older_half();
        }
    }

    /// Puts the application that the flow is known to be of on its label.
    pub(super) fn put_on(&self, flow: FrameNumber, label: &mut Arc<Label>) {
        if let Some(process) = self.by_flow.get(&flow) {
            let label = Arc::make_mut(label);
            label.app = App {
                name: process.app().clone(),
                path: None,
                user: None,
            };
            label.app_source = OwnerSource::Pktap;
        }
    }

    /// Forgets the flows that ended a second ago, and notes those that end in this one.
    pub(super) fn leave(&mut self, ended: &[Ended]) {
        for flow in self.leaving.drain(..) {
            self.by_flow.remove(&flow);
        }
        if !self.by_flow.is_empty() {
            self.leaving.extend(ended.iter().map(|ended| ended.flow));
        }
    }

    /// Flows that end in too great a number to be told one by one stay here until then.
    fn forget_older_half(&mut self) {
        let mut flows: Vec<FrameNumber> = self.by_flow.keys().copied().collect();
        let middle = flows.len() / 2;
        let (_, middle, _) = flows.select_nth_unstable(middle);
        let middle = *middle;
        self.by_flow.retain(|flow, _| *flow >= middle);
    }
}

/// The owners of all flows of a file, on whatever interface: of the first of those with one key.
#[derive(Debug, Default)]
pub(super) struct OwnersOfAll(AHashMap<FlowKey, (FrameNumber, Arc<Process>)>);

impl OwnersOfAll {
    pub(super) fn add(&mut self, owner: &Owner) {
        let told = (owner.flow, owner.process.clone());
        self.0
            .entry(owner.key.anywhere())
            .and_modify(|known| {
                let better = owner.flow < known.0
                    || (owner.flow == known.0 && owner.process.replaces(&known.1));
                if better {
                    *known = told.clone();
                }
            })
            .or_insert(told);
    }

    pub(super) fn take(&mut self, key: &FlowKey) -> Option<Arc<Process>> {
        Some(self.0.remove(key)?.1)
    }
}
