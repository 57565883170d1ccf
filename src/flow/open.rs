//! A second that is open in one worker: what each flow did in it so far, and what was in no flow.
//! Only what changed is in here, so a cut takes it as it is. A frame of a flow that has a row here
//! reads and writes that row alone, and not the flow.

use super::held::Held;
use super::index::Index;
use super::row::{Folded, OpenTotal, Row, Unflowed};
use crate::decode::Reason;
use crate::key::{FlowKey, InterfaceId, Protocol};
use crate::label::Classes;
use crate::platform;
use crate::units::Direction;
use std::collections::BTreeMap;

/// A row's place, until its second is taken.
pub(super) type RowAt = u32;

#[derive(Debug)]
pub(super) struct OpenSecond {
    /// The most rows that there may be: what the flows beyond did is folded by its kind.
    most: usize,
    index: Index,
    rows: Vec<Lines>,
    folded: BTreeMap<Kind, Folded>,
    unflowed: Vec<Unflowed>,
}

/// A row where frames count in it: on two cache lines of its own.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Lines(Row);

/// What is folded together.
type Kind = (InterfaceId, Protocol, Classes);

/// What a second comes to.
pub(super) struct Taken {
    pub rows: Vec<Row>,
    pub folded: Vec<Folded>,
    pub unflowed: Vec<Unflowed>,
}

impl OpenSecond {
    pub(super) fn new(most: usize) -> OpenSecond {
        OpenSecond {
            most,
            index: Index::new(),
            rows: Vec::new(),
            folded: BTreeMap::new(),
            unflowed: Vec::new(),
        }
    }

    /// Has the processor fetch what a search for this hash reads first.
    #[inline]
    pub(super) fn prefetch(&self, hash: u64) {
        self.index.prefetch(hash);
    }

    /// Has the processor fetch a row, if the search for it is likely to end there.
    #[inline]
    pub(super) fn prefetch_row(&self, at: RowAt) {
        if let Some(row) = self.rows.get(at as usize) {
            platform::prefetch(row);
        }
    }

    /// The row that a search by hash alone finds first: most likely the one.
    #[inline]
    pub(super) fn likely(&self, hash: u64) -> Option<RowAt> {
        self.index.find(hash, |_| true)
    }

    /// The row of the flow with this key that is in the table now.
    #[inline]
    pub(super) fn find(&self, hash: u64, key: &FlowKey) -> Option<RowAt> {
        self.index.find(hash, |at| self.has_key(at, key))
    }

    /// The row at a place, if it is this key's.
    #[inline]
    pub(super) fn row_of(&mut self, at: RowAt, key: &FlowKey) -> Option<&mut Row> {
        let Lines(row) = self.rows.get_mut(at as usize)?;
        (row.key == *key).then_some(row)
    }

    /// What the flow with this key did, if it did anything.
    pub(super) fn get(&self, hash: u64, key: &FlowKey) -> Option<&Row> {
        let Lines(row) = self.rows.get(self.find(hash, key)? as usize)?;
        Some(row)
    }

    /// Adds the row of a flow that has none. False if there is no room: then what it counts is
    /// folded, and is to be added to its flow at once.
    #[inline]
    pub(super) fn push(&mut self, hash: u64, row: Row, held: &Held) -> bool {
        if self.rows.len() >= self.most {
            self.fold(&row);
            return false;
        }
        let at = self.rows.len() as RowAt;
        self.rows.push(Lines(row));
        let rows = &self.rows;
        let hash_of = |at: RowAt| rows.get(at as usize).map_or(0, |it| held.hash(&it.0.key));
        self.index.add(hash, at, hash_of);
        true
    }

    /// The flow with this key has told what it will.
    pub(super) fn hush(&mut self, hash: u64, key: &FlowKey) {
        if let Some(at) = self.find(hash, key)
            && let Some(row) = self.row_of(at, key)
        {
            row.listening = false;
        }
    }

    /// The flow with this key is over: its row stays, but another flow will have its own.
    pub(super) fn part_with(&mut self, hash: u64, key: &FlowKey) {
        if let Some(at) = self.find(hash, key) {
            self.index.drop_row(hash, |row| row == at);
        }
    }

    /// Counts a frame that is in no flow.
    pub(super) fn unflowed(
        &mut self,
        interface: InterfaceId,
        reason: Reason,
        direction: Direction,
        length: u32,
    ) {
        let known = self
            .unflowed
            .iter()
            .position(|entry| entry.interface == interface);
        let index = known.unwrap_or_else(|| {
            self.unflowed.push(Unflowed {
                interface,
                by_reason: Vec::new(),
            });
            self.unflowed.len() - 1
        });
        if let Some(entry) = self.unflowed.get_mut(index) {
            entry.of(reason).side(direction).count(length);
        }
    }

    /// What the interfaces carried so far.
    pub(super) fn totals(&self) -> Vec<OpenTotal> {
        let mut totals: Vec<OpenTotal> = Vec::new();
        let rows = self.rows.iter();
        let rows = rows.map(|Lines(row)| (row.key.interface(), row.traffic));
        let folded = self.folded.values();
        let folded = folded.map(|folded| (folded.interface, folded.traffic));
        let unflowed = self.unflowed.iter().flat_map(|entry| {
            let reasons = entry.by_reason.iter();
            reasons.map(|(_, traffic)| (entry.interface, *traffic))
        });
        for (interface, traffic) in rows.chain(folded).chain(unflowed) {
            match totals.iter_mut().find(|total| total.interface == interface) {
                Some(total) => total.traffic += traffic,
                None => totals.push(OpenTotal { interface, traffic }),
            }
        }
        totals
    }

    /// Takes everything and makes the slot ready for its next second: that is likely to have about
    /// as many rows, so their lines are kept, unless they were many more before.
    pub(super) fn take(&mut self) -> Taken {
        self.index.clear();
        let rows: Vec<Row> = self.rows.iter().map(|Lines(row)| *row).collect();
        self.rows.clear();
        if self.rows.capacity() > 4 * rows.len() {
            self.rows.shrink_to(2 * rows.len());
        }
        Taken {
            rows,
            folded: std::mem::take(&mut self.folded).into_values().collect(),
            unflowed: std::mem::take(&mut self.unflowed),
        }
    }

    #[cold]
    fn fold(&mut self, row: &Row) {
        let more = Folded::from(row);
        self.folded
            .entry(more.kind())
            .and_modify(|folded| folded.add(&more))
            .or_insert(more);
    }

    #[inline]
    fn has_key(&self, at: RowAt, key: &FlowKey) -> bool {
        self.rows
            .get(at as usize)
            .is_some_and(|Lines(row)| row.key == *key)
    }
}
