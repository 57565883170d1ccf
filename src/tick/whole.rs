//! The sums of a whole file: its flows merged by key whatever interface they were seen on, and what
//! each interface delivered. Kept outside the flow table and without a bound: only for files.

use super::labels::{Facts, Told};
use crate::capture::{Cut, Interface, Link, Process};
use crate::decode::{Encapsulations, Reason};
use crate::flow::{Ended, Unflowed};
use crate::key::{End, Endpoint, FlowKey, InterfaceId};
use crate::label::{Label, SiteSource};
use crate::names::{Claim, Heard, Said};
use crate::units::{FrameNumber, Nanos, Tally};
use ahash::{AHashMap, AHashSet};
use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// One flow over the whole file: no timeout, no split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowSum {
    /// Without an interface: see [`FlowKey::anywhere`].
    pub key: FlowKey,
    /// The number of its first frame.
    pub flow: FrameNumber,
    /// The end that sent that frame.
    pub client: End,
    pub first: Nanos,
    pub last: Nanos,
    /// Frames sent by the low and by the high end.
    pub sent: [Tally; 2],
    pub label: Arc<Label>,
    pub facts: Facts,
    /// What lay around its first frame's IP header.
    pub encapsulations: Encapsulations,
    /// The process that the capture tells of it.
    pub app: Option<Arc<Process>>,
}

impl FlowSum {
    pub fn client(&self) -> Endpoint {
        self.key.end(self.client)
    }

    pub fn server(&self) -> Endpoint {
        self.key.end(self.client.other())
    }

    pub fn from_client(&self) -> Tally {
        self.sent[self.client as usize]
    }

    pub fn from_server(&self) -> Tally {
        self.sent[self.client.other() as usize]
    }

    fn of(ended: &Ended, told: Option<Told>) -> FlowSum {
        let remote = ended.key.end(ended.local.other()).address;
        let Told {
            label,
            facts,
            process,
        } = told.unwrap_or_else(|| Told::of_address(remote));
        let facts = facts.map(Arc::unwrap_or_clone).unwrap_or_default();
        FlowSum {
            label,
            facts,
            encapsulations: ended.encapsulations,
            key: ended.key.anywhere(),
            flow: ended.flow,
            client: ended.client,
            first: ended.first,
            last: ended.last,
            sent: ended.sent,
            app: process,
        }
    }

    /// Takes in another part of the flow. The better label wins, the earlier of equal ones.
    fn merge(&mut self, other: FlowSum, told: &mut AHashSet<Claim>) {
        let is_earlier = other.flow < self.flow;
        let (known, more) = (self.label.site_source, other.label.site_source);
        if more < known || (more == known && is_earlier) {
            self.label = other.label;
            self.facts.name_age_ms = other.facts.name_age_ms;
            self.facts.named_after_ms = other.facts.named_after_ms;
        }
        if is_earlier {
            self.encapsulations = other.encapsulations;
        }
        // Of flows that followed each other the first one's owner is told.
        self.app = match (self.app.take(), other.app) {
            (Some(_), Some(first)) if is_earlier => Some(first),
            (known, more) => known.or(more),
        };
        if other.flow < self.flow {
            self.flow = other.flow;
            self.client = other.client;
        }
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.sent[0] += other.sent[0];
        self.sent[1] += other.sent[1];
        self.facts.merge(other.facts, told);
    }
}

/// What one interface of the file delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceSum {
    pub name: Arc<str>,
    pub link: Link,
    pub delivered: Tally,
    pub late_frames: u64,
    pub untimed_frames: u64,
}

/// What a whole file came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Every frame that was read, as the capture counts it.
    pub total: Tally,
    /// What is in no flow.
    pub unflowed: BTreeMap<Reason, Tally>,
    pub interfaces: BTreeMap<InterfaceId, InterfaceSum>,
    /// First and last frame of any flow.
    pub span: Option<(Nanos, Nanos)>,
    /// Flows that ended. Where flows are kept they are counted by key; else one that went on after
    /// it was given up counts again.
    pub flow_count: u64,
    /// Names that payloads told, by source; a flow may tell several.
    pub names: BTreeMap<SiteSource, u64>,
    /// In the order of their first frames; empty where they are not kept.
    pub flows: Vec<FlowSum>,
    /// Why reading stopped before the end of the file.
    pub error: Option<String>,
    /// How long it took, on the steady clock.
    pub elapsed: Nanos,
}

impl Outcome {
    /// What is in no flow, for whatever reason.
    pub fn unflowed_total(&self) -> Tally {
        self.unflowed
            .values()
            .fold(Tally::default(), |sum, tally| sum + *tally)
    }
}

/// Sums up a file as it is read.
#[derive(Debug)]
pub struct Whole {
    keep_flows: bool,
    flows: AHashMap<FlowKey, FlowSum>,
    /// The claims of flows that came in several parts, to find one among many.
    told: AHashMap<FlowKey, AHashSet<Claim>>,
    outcome: Outcome,
}

impl Whole {
    /// `keep_flows`: every flow of the file, however many there are; else their number alone.
    pub fn new(keep_flows: bool) -> Whole {
        Whole {
            keep_flows,
            flows: AHashMap::new(),
            told: AHashMap::new(),
            outcome: Outcome::default(),
        }
    }

    /// A flow, or a part of one, that ended, and what is known of it.
    pub fn add(&mut self, ended: &Ended, told: Option<Told>) {
        self.outcome.flow_count += 1;
        let (first, last) = self.outcome.span.unwrap_or((ended.first, ended.last));
        self.outcome.span = Some((first.min(ended.first), last.max(ended.last)));
        if self.keep_flows {
            let sum = FlowSum::of(ended, told);
            match self.flows.entry(sum.key) {
                Entry::Occupied(mut known) => {
                    let told = self.told.entry(sum.key).or_default();
                    known.get_mut().merge(sum, told);
                }
                Entry::Vacant(place) => {
                    place.insert(sum);
                }
            }
        }
    }

    /// What payloads told: how many names, by source.
    pub fn add_heard(&mut self, heard: &[Heard]) {
        for one in heard {
            if let Said::Claim(claim) = &one.said {
                *self.outcome.names.entry(claim.source).or_default() += 1;
            }
        }
    }

    /// Flows that ended and are not told one by one.
    pub fn add_unrecorded(&mut self, flows: u64) {
        self.outcome.flow_count += flows;
    }

    /// What one worker found to be in no flow.
    pub fn add_unflowed(&mut self, unflowed: &Unflowed) {
        for (reason, traffic) in &unflowed.by_reason {
            *self.outcome.unflowed.entry(*reason).or_default() += traffic.total();
        }
    }

    /// An interface of the file, before its first cut.
    pub fn add_interface(&mut self, interface: &Interface) {
        let fresh = InterfaceSum {
            name: interface.name.clone(),
            link: interface.link,
            delivered: Tally::default(),
            late_frames: 0,
            untimed_frames: 0,
        };
        self.outcome.interfaces.entry(interface.id).or_insert(fresh);
    }

    /// What the capture itself counted in one second; once a second, not once a worker.
    pub fn add_cut(&mut self, cut: &Cut) {
        for facts in &cut.facts {
            self.outcome.total += facts.delivered;
            if let Some(sum) = self.outcome.interfaces.get_mut(&facts.interface) {
                sum.delivered += facts.delivered;
                sum.late_frames += facts.late_frames;
                sum.untimed_frames += facts.untimed_frames;
            }
        }
    }

    /// The end of the file, or of what can be read of it.
    pub fn finish(self, error: Option<String>, elapsed: Nanos) -> Outcome {
        let mut flows: Vec<FlowSum> = self.flows.into_values().collect();
        flows.sort_unstable_by_key(|sum| sum.flow);
        let flow_count = if self.keep_flows {
            flows.len() as u64
        } else {
            self.outcome.flow_count
        };
        Outcome {
            flow_count,
            flows,
            error,
            elapsed,
            ..self.outcome
        }
    }
}

#[cfg(test)]
mod tests;
