//! Joins the workers' parts of a second by key. Equal keys meet here only when a flow's frames went
//! to several workers (a tunnel with several outer paths); otherwise nothing is looked up.

use crate::capture::{Cut, Interface};
use crate::flow::{Ended, OpenTotal, Part, Row, Unflowed};
use crate::key::FlowKey;
use crate::units::Traffic;
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
    pub unflowed: Vec<Unflowed>,
    pub ended: Vec<Ended>,
    pub open: Vec<OpenTotal>,
    pub flows: u64,
    pub evicted: u64,
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
    let mut rows = Vec::new();
    let mut merged = Merged {
        cut,
        interfaces: Vec::new(),
        rows: Vec::new(),
        unflowed: Vec::new(),
        ended: Vec::new(),
        open: Vec::new(),
        flows: 0,
        evicted: 0,
    };
    for mut part in parts {
        merged.interfaces.append(&mut part.interfaces);
        rows.push(part.rows);
        append(&mut merged.ended, part.ended);
        part.unflowed
            .into_iter()
            .for_each(|more| add_unflowed(&mut merged.unflowed, more));
        part.open
            .into_iter()
            .for_each(|more| add_open(&mut merged.open, more));
        merged.flows += part.flows;
        merged.evicted += part.evicted;
    }
    rows.retain(|rows| !rows.is_empty());
    merged.rows = if rows.len() > 1 {
        join(rows)
    } else {
        rows.pop().unwrap_or_default()
    };
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

/// Rows of several workers with one key become one; the one with the lowest first frame says who
/// is who. One worker's rows with one key stay apart: a flow ended, and another began.
fn join(parts: Vec<Vec<Row>>) -> Vec<Row> {
    let mut places: HashMap<FlowKey, usize, RandomState> = HashMap::default();
    let mut joined: Vec<Row> = Vec::with_capacity(parts.iter().map(Vec::len).sum());
    for rows in parts {
        let others = joined.len();
        for row in rows {
            let place = *places.entry(row.key).or_insert(joined.len());
            match joined
                .get_mut(..others)
                .and_then(|rows| rows.get_mut(place))
            {
                Some(known) => join_row(known, row),
                None => joined.push(row),
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

/// The sum of many rows.
pub fn total(rows: &[Row]) -> Traffic {
    rows.iter().fold(Traffic::default(), |mut sum, row| {
        sum += row.traffic;
        sum
    })
}
