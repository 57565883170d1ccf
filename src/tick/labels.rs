//! What flows are called: claims, answers and owners are taken in as they are heard, and the best
//! of what is known of a flow is its label (the accounting rules, 10). What becomes known after a
//! flow's seconds were cut moves them, too (rule 9). Bounded. Knows neither frames nor the store.

mod known;
mod ladder;
mod past;

pub use known::{Facts, Told};

use super::delta::Amendment;
use super::gather::Merged;
use crate::flow::{Ended, Row};
use crate::key::{End, FlowKey};
use crate::label::Label;
use crate::names::{Answers, Config, Heard, Ledger, Said};
use crate::owners::Owned;
use crate::units::{FrameNumber, Moment, NANOS, Nanos, Second};
use ahash::{AHashMap, AHashSet};
use known::Known;
use ladder::EVERYONE;
use past::Past;
use std::net::IpAddr;
use std::sync::Arc;

/// How far back a label that comes late moves a flow's bytes, in seconds.
const LATE: i64 = 60;
/// How often answers that hold no longer are looked for, in seconds.
const FORGET: i64 = 10;

/// Labels of the flows that have more than an address.
pub struct Labels {
    ledger: Ledger,
    /// Two generations: when the younger is full the elder goes.
    younger: AHashMap<FrameNumber, Known>,
    elder: AHashMap<FrameNumber, Known>,
    generation: usize,
    most_claims: usize,
    /// Flows whose label changed in the second at hand.
    changed: AHashSet<FrameNumber>,
    /// Flows that ended in this second, and in the one before: the second that was open then may
    /// have rows of them.
    leaving: Vec<FrameNumber>,
    gone: Vec<FrameNumber>,
    /// Of flows that are gone, those with a name whose owner may still be found out.
    past: Past,
    /// Somebody finds owners out.
    expects_owners: bool,
}

impl Labels {
    /// For a service: as many flows as are watched at a time, at most twice as many, and a few
    /// claims of each.
    pub fn new(config: &Config, flows: usize) -> Labels {
        Labels::with(config, flows.max(1), 8)
    }

    /// For a whole file: every flow and every claim that it has.
    pub fn unbounded(config: &Config) -> Labels {
        Labels::with(config, usize::MAX, usize::MAX)
    }

    fn with(config: &Config, generation: usize, most_claims: usize) -> Labels {
        Labels {
            ledger: Ledger::new(config.answers_max),
            younger: AHashMap::new(),
            elder: AHashMap::new(),
            generation,
            most_claims,
            changed: AHashSet::new(),
            leaving: Vec::new(),
            gone: Vec::new(),
            past: Past::new(generation),
            expects_owners: false,
        }
    }

    /// Owners will be found out, some of them late.
    pub fn expect_owners(&mut self) {
        self.expects_owners = true;
    }

    /// Takes in what a second brought, in the order of its frames: it does not matter which worker
    /// heard what. Labels of flows that had others in seconds before become its amendments.
    pub fn learn(&mut self, second: &mut Merged) {
        self.forget(second.cut.moment.second);
        second.heard.sort_by_key(|heard| heard.frame);
        for heard in second.heard.drain(..) {
            self.hear(heard);
        }
        for owner in second.owners.drain(..) {
            let changed = self.known(owner.flow, owner.remote()).owned(&owner.process);
            self.note(owner.flow, changed);
        }
        for owned in std::mem::take(&mut second.owned) {
            self.own(&owned);
        }
        for row in second.rows.iter().filter(|row| row.opened) {
            self.look_up(row.flow, &row.key, row.local, row.first);
        }
        second.amendments = self.amendments(second);
    }

    /// A flow's owner was found out. It may have ended meanwhile: its name is still its own then.
    fn own(&mut self, owned: &Owned) {
        if let Some(known) = self.past.take(owned.flow) {
            *self.known(owned.flow, owned.remote) = known;
            self.leaving.push(owned.flow);
        }
        let changed = self.known(owned.flow, owned.remote).found(owned);
        self.note(owned.flow, changed);
    }

    /// A row's label.
    pub fn of_row(&self, row: &Row) -> Arc<Label> {
        self.label(row.flow, &row.key, row.local)
    }

    /// What is known of a flow.
    pub fn of(&self, flow: &Ended) -> Told {
        let known = self.get(flow.flow);
        let remote = flow.key.end(flow.local.other()).address;
        let label = known.and_then(Known::label);
        Told {
            label: label.unwrap_or_else(|| Arc::new(Label::of_address(remote))),
            facts: known.and_then(|known| known.facts(flow.first)),
            process: known.and_then(Known::process),
        }
    }

    /// What is known of a flow that ended; it is forgotten soon.
    pub fn of_ended(&mut self, ended: &Ended) -> Told {
        if self.get(ended.flow).is_some() {
            self.leaving.push(ended.flow);
        }
        self.of(ended)
    }

    fn forget(&mut self, now: Second) {
        if now.0.rem_euclid(FORGET) == 0 {
            self.ledger.forget(now.start());
        }
        for flow in std::mem::replace(&mut self.gone, std::mem::take(&mut self.leaving)) {
            let known = self
                .younger
                .remove(&flow)
                .or_else(|| self.elder.remove(&flow));
            if let Some(known) = known.filter(|known| self.expects_owners && known.lacks_owner()) {
                self.past.keep(flow, known, now);
            }
        }
    }

    /// Flows that are known to have more than an address, and addresses that have names.
    pub fn sizes(&self) -> (usize, usize) {
        (
            self.younger.len() + self.elder.len() + self.past.len(),
            self.ledger.len(),
        )
    }

    fn label(&self, flow: FrameNumber, key: &FlowKey, local: End) -> Arc<Label> {
        let known = self.get(flow).and_then(Known::label);
        known.unwrap_or_else(|| Arc::new(Label::of_address(key.end(local.other()).address)))
    }

    fn hear(&mut self, heard: Heard) {
        let remote = heard.remote();
        match heard.said {
            Said::Answers(answers) => self.answers(&heard.key, heard.from, &answers, heard.at),
            Said::Claim(claim) => {
                let most = self.most_claims;
                let changed = self.known(heard.flow, remote).claim(claim, heard.at, most);
                self.note(heard.flow, changed);
            }
            Said::Spoke(protocol) => self.known(heard.flow, remote).spoke(protocol),
            Said::Fingerprint(ja4) => self.known(heard.flow, remote).fingerprint(ja4),
        }
    }

    /// Whoever was answered; what is answered to a group is answered to everybody on the link.
    fn answers(&mut self, key: &FlowKey, from: End, answers: &Answers, at: Nanos) {
        let to = key.end(from.other()).address;
        let client = if to.is_multicast() { EVERYONE } else { to };
        for answer in &answers.addresses {
            self.ledger.learn(client, answer, at);
        }
    }

    /// The name that was asked for a flow's address, where the flow has none of its own - or one
    /// that may be a provider's.
    fn look_up(&mut self, flow: FrameNumber, key: &FlowKey, local: End, at: Nanos) {
        if self.ledger.is_empty() || !self.get(flow).is_none_or(Known::wants_answer) {
            return;
        }
        let (client, address) = (key.end(local).address, key.end(local.other()).address);
        if let Some(told) = ladder::asked(&self.ledger, client, address, at) {
            let changed = self.known(flow, address).answered(told);
            self.note(flow, changed);
        }
    }

    fn note(&mut self, flow: FrameNumber, changed: bool) {
        if changed {
            self.changed.insert(flow);
        }
    }

    /// A flow that opened in this very second has no rows to move.
    fn amendments(&mut self, second: &Merged) -> Vec<Amendment> {
        if self.changed.is_empty() {
            return Vec::new();
        }
        let opened = second.rows.iter().filter(|row| row.opened);
        opened.for_each(|row| {
            self.changed.remove(&row.flow);
        });
        let mut flows: Vec<FrameNumber> = self.changed.drain().collect();
        flows.sort_unstable();
        let since = reach(second.cut.moment);
        let amendment = |flow| {
            let label = self.get(flow).and_then(Known::label)?;
            Some(Amendment { flow, since, label })
        };
        flows.into_iter().filter_map(amendment).collect()
    }

    fn get(&self, flow: FrameNumber) -> Option<&Known> {
        self.younger.get(&flow).or_else(|| self.elder.get(&flow))
    }

    /// What is known of a flow, to add to.
    fn known(&mut self, flow: FrameNumber, remote: IpAddr) -> &mut Known {
        if !self.younger.contains_key(&flow) && self.younger.len() >= self.generation {
            self.elder = std::mem::take(&mut self.younger);
        }
        let elder = &mut self.elder;
        let fresh = || elder.remove(&flow).unwrap_or_else(|| Known::of(remote));
        self.younger.entry(flow).or_insert_with(fresh)
    }
}

/// The first moment whose rows a label of this one still moves.
fn reach(now: Moment) -> Moment {
    Moment {
        second: Second(now.second.0.saturating_sub(LATE)),
        epoch: now.epoch,
    }
}

/// A time in whole milliseconds, for what is stored.
fn milliseconds(time: Nanos) -> u32 {
    u32::try_from(time.0 / (NANOS / 1000)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
