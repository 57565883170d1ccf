//! A worker's table while the worker holds it: all its shards are locked once a batch instead of
//! once a frame, because a locked instruction a frame keeps the processor from looking ahead to
//! the next frame's memory. A reader waits for a batch at most.

use super::table::{Flow, Table};
use crate::key::FlowKey;
use crate::platform;
use ahash::RandomState;
use dashmap::{DashMap, RwLockWriteGuard, SharedValue};
use hashbrown::raw::RawTable;

/// Shards of one worker's table. A reader holds one of them while it copies.
const SHARDS: usize = 16;

type Entry = (FlowKey, SharedValue<Flow>);

/// An empty table with a key of its own from the operating system.
pub(super) fn table() -> Table {
    DashMap::with_hasher_and_shard_amount(RandomState::new(), SHARDS)
}

pub(super) struct Held<'a> {
    table: &'a Table,
    shards: Vec<RwLockWriteGuard<'a, RawTable<Entry>>>,
}

impl<'a> Held<'a> {
    pub(super) fn new(table: &'a Table) -> Held<'a> {
        Held {
            table,
            shards: table.shards().iter().map(|shard| shard.write()).collect(),
        }
    }

    #[inline]
    pub(super) fn hash(&self, key: &FlowKey) -> u64 {
        self.table.hasher().hash_one(key)
    }

    /// Has the processor fetch where a search for this hash begins: the control bytes, and the
    /// first place that a flow with it can lie at.
    #[inline]
    pub(super) fn prefetch(&self, hash: u64) {
        let shard = self.table.determine_shard(hash as usize);
        if let Some(shard) = self.shards.get(shard) {
            let home = hash as usize & (shard.buckets() - 1);
            let end = shard.data_end().as_ptr().cast_const();
            let place = end.wrapping_sub(home + 1).cast::<u8>();
            platform::prefetch_line(end.cast::<u8>().wrapping_add(home));
            platform::prefetch_line(place);
            platform::prefetch_line(place.wrapping_add(64));
        }
    }

    #[inline]
    pub(super) fn get(&self, hash: u64, key: &FlowKey) -> Option<&Flow> {
        let shard = self.shards.get(self.table.determine_shard(hash as usize))?;
        shard
            .get(hash, |(known, _)| known == key)
            .map(|(_, flow)| flow.get())
    }

    #[inline]
    pub(super) fn get_mut(&mut self, hash: u64, key: &FlowKey) -> Option<&mut Flow> {
        let shard = self
            .shards
            .get_mut(self.table.determine_shard(hash as usize))?;
        shard
            .get_mut(hash, |(known, _)| known == key)
            .map(|(_, flow)| flow.get_mut())
    }

    /// Adds a flow whose key is not in the table.
    pub(super) fn insert(&mut self, hash: u64, key: FlowKey, flow: Flow) {
        let hasher = self.table.hasher();
        if let Some(shard) = self
            .shards
            .get_mut(self.table.determine_shard(hash as usize))
        {
            shard.insert(hash, (key, SharedValue::new(flow)), |(key, _)| {
                hasher.hash_one(key)
            });
        }
    }

    pub(super) fn remove(&mut self, hash: u64, key: &FlowKey) -> Option<Flow> {
        let shard = self
            .shards
            .get_mut(self.table.determine_shard(hash as usize))?;
        shard
            .remove_entry(hash, |(known, _)| known == key)
            .map(|(_, flow)| flow.into_inner())
    }
}
