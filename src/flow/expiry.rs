//! When a flow is over, and whom to give up when there are too many: half-open and single-frame
//! flows first, then the most idle. Looks only at flows that are due, never at the whole table.

use super::config::Idle;
use super::endings::Endings;
use super::held::Held;
use super::open::OpenSecond;
use super::row;
use super::table::{Flow, Table};
use super::wheel::{HORIZON, Ticket, Wheel};
use crate::capture::SLOTS;
use crate::key::FlowKey;
use crate::units::Second;
use std::cmp::Reverse;

/// How many tickets ahead the processor is asked for their flows.
const AHEAD: usize = 8;
/// A flow has about two tickets. With more than so many for each that is live, and some to spare,
/// most are of flows that are over.
const TICKETS: usize = 4;
const SPARE_TICKETS: usize = 65_536;
/// How many candidates are compared to find an idle one.
const CANDIDATES: usize = 8;

#[derive(Debug)]
pub(super) struct Expiry {
    idle: Idle,
    /// Half-open and single-frame flows when they were last looked at, and the others.
    fresh: Wheel,
    settled: Wheel,
    live: usize,
    evicted: u64,
}

impl Expiry {
    pub(super) fn new(idle: Idle) -> Expiry {
        Expiry {
            idle,
            fresh: Wheel::new(),
            settled: Wheel::new(),
            live: 0,
            evicted: 0,
        }
    }

    /// Flows in the table; only its worker adds or takes any.
    pub(super) fn live(&self) -> usize {
        self.live
    }

    /// Flows given up since this was last asked.
    pub(super) fn take_evicted(&mut self) -> u64 {
        std::mem::take(&mut self.evicted)
    }

    /// A flow comes into the table.
    pub(super) fn opened(&mut self, key: FlowKey, flow: &Flow) {
        self.live += 1;
        self.reopened(key, flow);
    }

    /// A flow takes the place of one with the same key.
    pub(super) fn reopened(&mut self, key: FlowKey, flow: &Flow) {
        self.fresh.file(ticket(key, flow), self.due(key, flow));
    }

    /// A flow was closed: it is to be looked at soon.
    pub(super) fn closed(&mut self, key: FlowKey, flow: &Flow) {
        self.settled.file(ticket(key, flow), self.due(key, flow));
    }

    /// Ends what was silent for too long, or is from before the clock was set back. A ticket whose
    /// flow is gone is dropped, one whose flow was heard from is filed again.
    pub(super) fn expire(&mut self, now: Second, table: &mut Ending<'_, '_>) {
        let mut tickets = self.fresh.due(now);
        tickets.extend(self.settled.due(now));
        for (index, ticket) in tickets.iter().copied().enumerate() {
            if let Some(later) = tickets.get(index + AHEAD) {
                table.held.prefetch(table.held.hash(&later.key));
            }
            let Some(flow) = table.flow(ticket) else {
                continue;
            };
            let due = flow.deadline(ticket.key.protocol(), &self.idle);
            if due <= now || was_set_back(now, &flow) {
                self.end(ticket, &flow, flow.natural_ending(), table);
            } else if flow.is_fresh(ticket.key.protocol()) {
                self.fresh.file(ticket, due);
            } else {
                self.settled.file(ticket, due);
            }
        }
    }

    pub(super) fn tickets(&self) -> usize {
        self.fresh.len() + self.settled.len()
    }

    /// Drops tickets whose flows are over, when they are most of all tickets.
    pub(super) fn trim(&mut self, held: &Held) {
        if self.tickets() > self.live * TICKETS + SPARE_TICKETS {
            let is_live = |ticket: &Ticket| {
                let flow = held.get(held.hash(&ticket.key), &ticket.key);
                flow.is_some_and(|flow| flow.number == ticket.flow)
            };
            self.fresh.retain(is_live);
            self.settled.retain(is_live);
        }
    }

    /// Makes room for one flow.
    pub(super) fn evict(&mut self, table: &mut Ending<'_, '_>) {
        if let Some((ticket, flow)) = self.fresh_one(table).or_else(|| self.idle_one(table)) {
            self.evicted += 1;
            self.end(ticket, &flow, row::Ending::Evicted, table);
        }
    }

    /// Nothing follows: every flow ends now. All seconds are cut by then.
    pub(super) fn end_all(&mut self, table: &Table, ended: &mut Endings) {
        ended.extend(table.iter().map(|flow| {
            let stopped = !flow.is_closed();
            let ending = if stopped {
                row::Ending::Stopped
            } else {
                flow.natural_ending()
            };
            flow.ended(*flow.key(), ending)
        }));
        table.clear();
        self.live = 0;
    }

    /// A half-open or single-frame flow; those that are no longer are filed where they belong.
    fn fresh_one(&mut self, table: &Ending<'_, '_>) -> Option<(Ticket, Flow)> {
        while let Some(ticket) = self.fresh.earliest() {
            let Some(flow) = table.flow(ticket) else {
                continue;
            };
            if flow.is_fresh(ticket.key.protocol()) {
                return Some((ticket, flow));
            }
            self.settled
                .file(ticket, flow.deadline(ticket.key.protocol(), &self.idle));
        }
        None
    }

    /// The most idle of a few flows that are due first. The others stay due next, so that over
    /// many calls the most idle ones go.
    fn idle_one(&mut self, table: &Ending<'_, '_>) -> Option<(Ticket, Flow)> {
        let mut candidates = Vec::with_capacity(CANDIDATES);
        while candidates.len() < CANDIDATES
            && let Some(ticket) = self.settled.earliest()
        {
            candidates.extend(table.flow(ticket).map(|flow| (ticket, flow)));
        }
        candidates.sort_by_key(|(_, flow)| Reverse(flow.last));
        let idlest = candidates.pop()?;
        for (ticket, flow) in candidates {
            self.settled.file(ticket, flow.last.second());
        }
        Some(idlest)
    }

    fn due(&self, key: FlowKey, flow: &Flow) -> Second {
        flow.deadline(key.protocol(), &self.idle)
    }

    fn end(&mut self, ticket: Ticket, flow: &Flow, why: row::Ending, table: &mut Ending<'_, '_>) {
        let hash = table.held.hash(&ticket.key);
        table.held.remove(hash, &ticket.key);
        for second in &mut *table.open {
            second.part_with(hash, &ticket.key);
        }
        table.ended.push(flow.ended(ticket.key, why));
        self.live -= 1;
    }
}

fn ticket(key: FlowKey, flow: &Flow) -> Ticket {
    Ticket {
        key,
        flow: flow.number,
    }
}

/// Was the flow heard from so far ahead of `now` that the clock was set back since? It would be
/// watched until the clock is there again.
fn was_set_back(now: Second, flow: &Flow) -> bool {
    flow.last.second().0 > now.0 + HORIZON
}

/// What ending a flow needs: the table, the open seconds that may still count some of it, and the
/// list that it goes to.
pub(super) struct Ending<'a, 'b> {
    pub held: &'a mut Held<'b>,
    pub open: &'a mut [OpenSecond; SLOTS],
    pub ended: &'a mut Endings,
}

impl Ending<'_, '_> {
    /// The flow that a ticket is for, whole, if it is still there.
    fn flow(&self, ticket: Ticket) -> Option<Flow> {
        let hash = self.held.hash(&ticket.key);
        let flow = self.held.get(hash, &ticket.key)?;
        (flow.number == ticket.flow).then(|| flow.with(hash, &ticket.key, self.open))
    }
}
