//! Joins the workers' parts of a second by key. Equal keys meet here only when a flow's frames went
//! to several workers (a tunnel with several outer paths); otherwise nothing is looked up.

use super::delta::Amendment;
use crate::capture::{Cut, Interface};
use crate::flow::{Ended, Folded, OpenTotal, Owner, Part, Row, Unflowed};
use crate::key::FlowKey;
use crate::names::{Effort, Heard};
use crate::owners::{Carriers, Owned};
use ahash::RandomState;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// All parts of one second.
#[derive(Debug)]
pub struct Merged {
    pub cut: Arc<Cut>,
    pub interfaces: Vec<Arc<Interface>>,
    /// One a flow, in no order.
    pub rows: Vec<Row>,
    /// What flows without rows of their own did: one an interface, protocol and set of classes.
    pub folded: Vec<Folded>,
    pub unflowed: Vec<Unflowed>,
    pub ended: Vec<Ended>,
    /// Owners that the capture tells.
    pub owners: Vec<Owner>,
    /// Owners that were found out: set before what was heard is taken in.
    pub owned: Vec<Owned>,
    /// Who carries which tunnel: set before the second is labelled.
    pub carriers: Carriers,
    pub unrecorded: u64,
    pub open: Vec<OpenTotal>,
    pub flows: u64,
    pub evicted: u64,
    /// Fragmented packets whose ports are remembered.
    pub fragmented: u64,
    /// What payloads told since the last cut, in no order.
    pub heard: Vec<Heard>,
    pub effort: Effort,
    /// Labels that became known late: set when what was heard is taken in.
    pub amendments: Vec<Amendment>,
}

/// Parts that wait for the rest of their second.
#[derive(Debug)]
pub struct Gather {
    workers: usize,
    waiting: VecDeque<(Arc<Cut>, Vec<Part>)>,
}

impl Gather {
    pub fn new(workers: usize) -> Gather {
        Gather {
            workers,
            waiting: VecDeque::new(),
        }
    }

    /// Takes a part in; gives the second that it completes. Every worker answers the cuts in their
    /// order, so the oldest second is complete first.
    pub fn add(&mut self, part: Part) -> Option<Merged> {
        let known = self
            .waiting
            .iter_mut()
            .find(|(cut, _)| Arc::ptr_eq(cut, &part.cut));
        match known {
            Some((_, parts)) => parts.push(part),
            None => self.waiting.push_back((part.cut.clone(), vec![part])),
        }
        let complete = self
            .waiting
            .front()
            .is_some_and(|(_, parts)| parts.len() == self.workers);
        let (cut, parts) = if complete {
            self.waiting.pop_front()?
        } else {
            return None;
        };
        Some(merge(cut, parts))
    }
}

fn merge(cut: Arc<Cut>, parts: Vec<Part>) -> Merged {
    let mut rows = Vec::with_capacity(parts.len());
    let mut merged = Merged {
        cut,
        interfaces: Vec::new(),
        rows: Vec::new(),
        folded: Vec::new(),
        unflowed: Vec::new(),
        ended: Vec::new(),
        owners: Vec::new(),
        owned: Vec::new(),
        carriers: Carriers::default(),
        unrecorded: 0,
        open: Vec::new(),
        flows: 0,
        evicted: 0,
        fragmented: 0,
        heard: Vec::new(),
        effort: Effort::default(),
        amendments: Vec::new(),
    };
    for mut part in parts {
        merged.interfaces.append(&mut part.interfaces);
        rows.push(part.rows);
        append(&mut merged.ended, part.ended);
        append(&mut merged.owners, part.owners);
        merged.unrecorded += part.unrecorded;
        merged.folded.append(&mut part.folded);
        part.unflowed
            .into_iter()
            .for_each(|more| add_unflowed(&mut merged.unflowed, more));
        part.open
            .into_iter()
            .for_each(|more| add_open(&mut merged.open, more));
        merged.flows += part.flows;
        merged.evicted += part.evicted;
        merged.fragmented += part.fragmented;
        append(&mut merged.heard, part.heard);
        merged.effort += part.effort;
    }
    merged.rows = join(rows);
    merged.folded = Folded::sum(merged.folded.into_iter()).collect();
    merged
}

/// Appends without copying when there is nothing yet: the usual case of one worker.
fn append<T>(to: &mut Vec<T>, mut more: Vec<T>) {
    if to.is_empty() {
        *to = more;
    } else {
        to.append(&mut more);
    }
}

/// Rows with one key that several workers counted become one; the one with the lowest first frame
/// says who is who. Rows with one key from one worker are flows that followed each other: they stay
/// apart, as they would with a single worker.
fn join(mut parts: Vec<Vec<Row>>) -> Vec<Row> {
    parts.retain(|rows| !rows.is_empty());
    if parts.len() < 2 {
        return parts.pop().unwrap_or_default();
    }
    let mut places: HashMap<FlowKey, (usize, usize), RandomState> = HashMap::default();
    let mut joined: Vec<Row> = Vec::with_capacity(parts.iter().map(Vec::len).sum());
    for (part, rows) in parts.into_iter().enumerate() {
        for row in rows {
            let (place, last) = places.entry(row.key).or_insert((joined.len(), part));
            match joined.get_mut(*place) {
                Some(known) if *last != part => {
                    join_row(known, row);
                    *last = part;
                }
                _ => joined.push(row),
            }
        }
    }
    joined
}

fn join_row(known: &mut Row, other: Row) {
    let (mut first, second) = if known.flow <= other.flow {
        (*known, other)
    } else {
        (other, *known)
    };
    first.traffic += second.traffic;
    first.first = first.first.min(second.first);
    first.last = first.last.max(second.last);
    *known = first;
}

fn add_unflowed(all: &mut Vec<Unflowed>, more: Unflowed) {
    let Some(known) = all
        .iter_mut()
        .find(|known| known.interface == more.interface)
    else {
        return all.push(more);
    };
    for (reason, traffic) in more.by_reason {
        match known
            .by_reason
            .iter_mut()
            .find(|(known, _)| *known == reason)
        {
            Some((_, sum)) => *sum += traffic,
            None => known.by_reason.push((reason, traffic)),
        }
    }
}

fn add_open(all: &mut Vec<OpenTotal>, more: OpenTotal) {
    match all
        .iter_mut()
        .find(|known| known.interface == more.interface)
    {
        Some(known) => known.traffic += more.traffic,
        None => all.push(more),
    }
}

#[cfg(test)]
mod tests;
