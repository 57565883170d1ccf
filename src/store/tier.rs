//! A coarser tier's table: a bucket is put in the place of what it was before, and blocks of one group
//! are removed together. Buckets share blocks as long as these stay small, for they pack better so.

use super::calendar::Calendar;
use super::coarse::{self, Part};
use super::error::{Error, tell_damage};
use super::layout::{self, Tier, from_second, keys};
use super::sizes;
use crate::units::{Moment, Second};
use redb::{ReadableTable, WriteTransaction};
use std::ops::Range;

/// Rows after which a block takes no further bucket, so that adding one stays a small job.
const ROWS: usize = 8_192;

/// What a change of the table took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Put {
    /// Rows that were written, those of the block's other buckets included.
    pub(super) rows: usize,
    /// By how many bytes the tier grew.
    pub(super) grown: i64,
}

/// The parts of the bucket that begins here, as they are now.
pub(super) fn bucket(
    transaction: &WriteTransaction,
    calendar: &Calendar,
    tier: Tier,
    start: Second,
) -> Result<Vec<Part>, Error> {
    let mut blocks = Blocks::load(transaction, tier, &calendar.group(tier, start))?;
    Ok(blocks.take(start))
}

/// Puts a bucket's parts in the place of what it held; none of them removes it.
pub(super) fn put(
    transaction: &WriteTransaction,
    calendar: &Calendar,
    tier: Tier,
    start: Second,
    parts: Vec<Part>,
) -> Result<Put, Error> {
    let mut blocks = Blocks::load(transaction, tier, &calendar.group(tier, start))?;
    blocks.take(start);
    blocks.add(parts);
    blocks.store(transaction)
}

/// Removes the blocks of these seconds; says how many bytes they had.
pub(super) fn remove(
    transaction: &WriteTransaction,
    tier: Tier,
    range: &Range<Second>,
) -> Result<usize, Error> {
    let mut table = transaction.open_table(tier.table())?;
    let range = keys(range);
    let mut went = 0;
    table.retain_in::<&layout::Key, _>(&range.start..&range.end, |_, value| {
        went += value.len();
        false
    })?;
    drop(table);
    if went > 0 {
        sizes::changed(transaction, tier, 0, went)?;
    }
    Ok(went)
}

/// A group's blocks. What is not touched stays packed.
struct Blocks {
    tier: Tier,
    blocks: Vec<Block>,
}

struct Block {
    /// Where it lies now, if it does, and how long it is there.
    first: Option<Second>,
    length: usize,
    /// As it lies there, until it is opened.
    packed: Option<Packed>,
    parts: Vec<Part>,
    changed: bool,
}

struct Packed {
    first: Second,
    value: Vec<u8>,
    entries: Vec<coarse::Entry>,
}

impl Blocks {
    fn load(
        transaction: &WriteTransaction,
        tier: Tier,
        group: &Range<Second>,
    ) -> Result<Blocks, Error> {
        let table = transaction.open_table(tier.table())?;
        let range = keys(group);
        let mut blocks = Vec::new();
        for entry in table.range::<&layout::Key>(&range.start..&range.end)? {
            let (at, value) = entry?;
            let first = layout::moment(at.value()).second;
            match coarse::entries(first, value.value()) {
                Ok((entries, _)) => blocks.push(Block::packed(first, value.value(), entries)),
                Err(why) => tell(tier, first, why),
            }
        }
        Ok(Blocks { tier, blocks })
    }

    /// Takes a bucket out.
    fn take(&mut self, start: Second) -> Vec<Part> {
        let mut taken = Vec::new();
        for block in self.blocks.iter_mut().filter(|block| block.has(start)) {
            let parts = block.open(self.tier);
            taken.extend(parts.extract_if(.., |part| part.second.moment.second == start));
            block.changed = true;
        }
        taken
    }

    /// Adds a bucket to the last block, if that has room.
    fn add(&mut self, parts: Vec<Part>) {
        if parts.is_empty() {
            return;
        }
        let more: usize = parts.iter().map(|part| part.rows.len()).sum();
        let tier = self.tier;
        let has_room = |last: &Block| last.rows() + more <= ROWS;
        if !self.blocks.last().is_some_and(has_room) {
            self.blocks.push(Block::empty());
        }
        let Some(block) = self.blocks.last_mut() else {
            return;
        };
        let held = block.open(tier);
        held.extend(parts);
        held.sort_by_key(|part| part.second.moment.second);
        block.changed = true;
    }

    fn store(self, transaction: &WriteTransaction) -> Result<Put, Error> {
        let mut table = transaction.open_table(self.tier.table())?;
        let (mut came, mut went, mut rows) = (0, 0, 0);
        let changed: Vec<_> = self.blocks.into_iter().filter(|one| one.changed).collect();
        for first in changed.iter().filter_map(|block| block.first) {
            table.remove(&from_second(first))?;
        }
        for block in changed {
            went += block.length;
            rows += block.rows();
            let Some(first) = block.parts.first().map(|part| part.second.moment.second) else {
                continue;
            };
            let value = coarse::encode(&block.parts).map_err(redb::Error::from)?;
            came += value.len();
            table.insert(&from_second(first), value.as_slice())?;
        }
        drop(table);
        sizes::changed(transaction, self.tier, came, went)?;
        let grown = came as i64 - went as i64;
        Ok(Put { rows, grown })
    }
}

impl Block {
    fn empty() -> Block {
        Block {
            first: None,
            length: 0,
            packed: None,
            parts: Vec::new(),
            changed: true,
        }
    }

    fn packed(first: Second, value: &[u8], entries: Vec<coarse::Entry>) -> Block {
        Block {
            first: Some(first),
            length: value.len(),
            packed: Some(Packed {
                first,
                value: value.to_vec(),
                entries,
            }),
            parts: Vec::new(),
            changed: false,
        }
    }

    fn has(&self, start: Second) -> bool {
        match &self.packed {
            Some(packed) => packed.entries.iter().any(|entry| entry.start == start),
            None => self
                .parts
                .iter()
                .any(|part| part.second.moment.second == start),
        }
    }

    fn rows(&self) -> usize {
        match &self.packed {
            Some(packed) => packed.entries.iter().map(|entry| entry.rows as usize).sum(),
            None => self.parts.iter().map(|part| part.rows.len()).sum(),
        }
    }

    /// What cannot be read of it is lost, and told.
    fn open(&mut self, tier: Tier) -> &mut Vec<Part> {
        if let Some(packed) = self.packed.take() {
            let parts = coarse::decode(packed.first, &packed.value);
            self.parts = parts.unwrap_or_else(|why| {
                tell(tier, packed.first, why);
                Vec::new()
            });
        }
        &mut self.parts
    }
}

fn tell(tier: Tier, second: Second, why: super::codec::Damaged) {
    let at = Moment {
        second,
        ..Moment::default()
    };
    tell_damage(tier.word(), at, why);
}
