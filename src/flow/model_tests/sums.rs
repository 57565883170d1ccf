//! What remains to be compared when flows are given up early: sums of every second by key, and of
//! all by flow. Knows neither the table nor how the model comes to its figures.

use super::{Flow, Key, Told};
use crate::flow::row::{self, Ending};
use crate::units::{FrameNumber, Tally};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// With a full table flows end early, so a flow of the model is several here: sums by key remain.
#[derive(Default)]
pub(super) struct Sums {
    /// There are parts among the frames: one that waited may be the first of a flow whose first was
    /// given up in the meantime, so who began it is not compared.
    parts: bool,
    rows: BTreeMap<FrameNumber, [Tally; 2]>,
    ended: BTreeMap<FrameNumber, Flow>,
    opened: usize,
    plain: BTreeMap<Key, Flow>,
}

impl Sums {
    /// Of frames with or without parts of packets among them.
    pub(super) fn new(parts: bool) -> Sums {
        Sums {
            parts,
            ..Sums::default()
        }
    }

    /// Sums of this second, by key; the rest is for the end.
    pub(super) fn check(&mut self, part: &row::Part, told: &Told) -> Result<(), TestCaseError> {
        let got = Told::of(part);
        prop_assert_eq!(by_key(got.rows.values()), by_key(told.rows.values()));
        for (number, (_, sent)) in got.rows {
            add(self.rows.entry(number).or_default(), sent);
        }
        self.opened += part.rows.iter().filter(|row| row.opened).count();
        let evicted = part
            .ended
            .iter()
            .filter(|ended| ended.ending == Ending::Evicted);
        prop_assert_eq!(evicted.count() as u64, part.evicted);
        for (number, (flow, _)) in got.ended {
            prop_assert!(self.ended.insert(number, flow).is_none(), "it ended twice");
        }
        for (flow, _) in told.ended.values() {
            merge(&mut self.plain, flow);
        }
        Ok(())
    }

    /// Every flow has ended with what its rows sum up to, and by key with what the model's have.
    pub(super) fn finish(self) -> Result<(), TestCaseError> {
        prop_assert_eq!(self.opened, self.ended.len());
        let sent: BTreeMap<_, _> = self
            .ended
            .iter()
            .map(|(number, flow)| (*number, flow.sent))
            .collect();
        prop_assert_eq!(&self.rows, &sent);
        let mut whole = BTreeMap::new();
        self.ended.values().for_each(|flow| merge(&mut whole, flow));
        if self.parts {
            let sent = |flows: BTreeMap<Key, Flow>| -> BTreeMap<Key, [Tally; 2]> {
                let flows = flows.into_iter();
                flows.map(|(key, flow)| (key, flow.sent)).collect()
            };
            prop_assert_eq!(sent(whole), sent(self.plain));
        } else {
            prop_assert_eq!(whole, self.plain);
        }
        Ok(())
    }
}

fn by_key<'a>(rows: impl Iterator<Item = &'a (Key, [Tally; 2])>) -> BTreeMap<Key, [Tally; 2]> {
    let mut sums = BTreeMap::new();
    for (key, sent) in rows {
        add(sums.entry(*key).or_default(), *sent);
    }
    sums
}

fn add(sum: &mut [Tally; 2], more: [Tally; 2]) {
    sum[0] += more[0];
    sum[1] += more[1];
}

/// One flow a key: it is called as its first part is.
fn merge(flows: &mut BTreeMap<Key, Flow>, part: &Flow) {
    let Some(known) = flows.get_mut(&part.key) else {
        flows.insert(part.key, part.clone());
        return;
    };
    let (mut first, other) = if known.number < part.number {
        (known.clone(), part)
    } else {
        (part.clone(), &*known)
    };
    add(&mut first.sent, other.sent);
    first.first = first.first.min(other.first);
    first.last = first.last.max(other.last);
    *known = first;
}
