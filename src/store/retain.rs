//! Retention: what is older than it is kept goes, a small slice a job, oldest first; and where all of
//! it is more than the budget, the oldest of the finest tier. Of a tier nothing goes before the next
//! one holds it, and before it is gone from the finer one.

mod connections;

use super::calendar::Calendar;
use super::codec::Damaged;
use super::config::Config;
use super::error::Error;
use super::layout::{self, GAPS, Key, META, STALE, Tier, from_second, keys};
use super::sizes::{self, Sizes};
use super::{block, coarse, stale, tier};
use crate::units::{Moment, Second};
use redb::{ReadableTable, Table, WriteTransaction};
use std::ops::Range;

const DAY: i64 = 86_400;
/// Blocks that one job removes.
const BLOCKS: usize = 32;

/// What a slice of retention did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Retained {
    pub(super) removed: usize,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    /// Nothing is left to remove.
    pub(super) finished: bool,
}

/// Removes a slice of what is too old at `now`, or too much.
pub(super) fn retain(
    transaction: &WriteTransaction,
    calendar: &Calendar,
    config: &Config,
    now: Second,
) -> Result<Retained, Error> {
    let connections = connections::retain(transaction, config, now)?;
    // No tier gives way for connections that go themselves.
    let budget = connections.finished.then_some(config.budget_mib << 20);
    let over = budget.map_or(Ok(0), |budget| over(transaction, budget, connections.left))?;
    let tiers = tiers(transaction, calendar, config, now, over)?;
    let gaps = match limit(config, Tier::Day, now) {
        Some(oldest) => {
            let mut table = transaction.open_table(GAPS)?;
            remove_before(&mut table, &from_second(oldest), BLOCKS)?
        }
        None => 0,
    };
    Ok(Retained {
        removed: tiers.removed + gaps + connections.removed,
        rows: tiers.rows + connections.removed as u64,
        bytes: tiers.bytes + connections.bytes,
        finished: connections.finished && tiers.removed < BLOCKS && gaps < BLOCKS,
    })
}

/// By how many bytes history is larger than its budget, beside what connections take. A block takes
/// half as much again as its bytes: pages come in powers of two, and are never quite full.
fn over(transaction: &WriteTransaction, budget: u64, connections: u64) -> Result<u64, Error> {
    let sizes = Sizes::load(&transaction.open_table(META)?)?;
    let tiers: u64 = sizes.0.iter().map(|held| in_file(held.bytes)).sum();
    Ok((tiers + connections).saturating_sub(budget))
}

/// What blocks of so many bytes take in the file, about.
fn in_file(bytes: u64) -> u64 {
    bytes + bytes / 2
}

fn tiers(
    transaction: &WriteTransaction,
    calendar: &Calendar,
    config: &Config,
    now: Second,
    over: u64,
) -> Result<Retained, Error> {
    let sizes = Sizes::load(&transaction.open_table(META)?)?;
    let mut slice = Slice {
        transaction,
        calendar,
        over,
        retained: Retained::default(),
    };
    let mut ceiling = Second(i64::MAX);
    let mut reached = Vec::new();
    for tier in Tier::ALL {
        let old = limit(config, tier, now).unwrap_or(Second(i64::MIN));
        let spare = floor(tier, now).max(old);
        let from = slice.tier(tier, old.min(ceiling), spare.min(ceiling))?;
        ceiling = from.max(sizes.of(tier).from);
        reached.push((tier, ceiling));
    }
    if slice.retained.removed > 0 {
        for (tier, from) in reached {
            sizes::cut(transaction, tier, from)?;
        }
    }
    Ok(slice.retained)
}

/// Before this a tier is older than it is kept; `None`: it is kept for ever.
fn limit(config: &Config, tier: Tier, now: Second) -> Option<Second> {
    let days = match tier {
        Tier::Second => config.seconds_days,
        Tier::Minute => config.minutes_days,
        Tier::Hour => config.hours_days,
        Tier::Day if config.days_days == 0 => return None,
        Tier::Day => config.days_days,
    };
    Some(days_before(now, days))
}

/// Before this a tier gives way where there is too much of all.
fn floor(tier: Tier, now: Second) -> Second {
    let kept = match tier {
        Tier::Second => 3_600,
        Tier::Minute => DAY,
        Tier::Hour => 7 * DAY,
        Tier::Day => return Second(i64::MIN),
    };
    Second(now.0.saturating_sub(kept))
}

/// One transaction's work on the tiers.
struct Slice<'a> {
    transaction: &'a WriteTransaction,
    calendar: &'a Calendar,
    /// Bytes that must go.
    over: u64,
    retained: Retained,
}

impl Slice<'_> {
    /// Removes the oldest groups that end by `old`, and while there is too much by `spare`. Says up to
    /// where the tier is empty then.
    fn tier(&mut self, tier: Tier, old: Second, spare: Second) -> Result<Second, Error> {
        let (old, spare) = (self.whole(tier, old), self.whole(tier, spare));
        let mut gone = Second(i64::MIN);
        while let Some(first) = self.first(tier)? {
            let group = self.calendar.group(tier, first);
            let end = if self.over > 0 { spare } else { old };
            let full = self.retained.removed >= BLOCKS;
            if group.end > end || full || self.is_wanted(tier, &group)? {
                return Ok(gone.max(old.min(group.start)));
            }
            self.remove(tier, &group)?;
            gone = group.end;
        }
        Ok(gone.max(old))
    }

    /// Groups go whole: what lies before the one that this second is in.
    fn whole(&self, tier: Tier, end: Second) -> Second {
        match end.0 {
            i64::MIN | i64::MAX => end,
            _ => self.calendar.group(tier, end).start,
        }
    }

    fn first(&self, tier: Tier) -> Result<Option<Second>, Error> {
        let table = self.transaction.open_table(tier.table())?;
        let first = table.first()?;
        Ok(first.map(|(at, _)| layout::moment(at.value()).second))
    }

    /// The next tier does not hold these seconds yet.
    fn is_wanted(&self, tier: Tier, group: &Range<Second>) -> Result<bool, Error> {
        let Some(coarser) = tier.coarser() else {
            return Ok(false);
        };
        let table = self.transaction.open_table(STALE)?;
        Ok(!stale::covered(&table, self.calendar, coarser, group)?.is_empty())
    }

    fn remove(&mut self, tier: Tier, group: &Range<Second>) -> Result<(), Error> {
        let (blocks, rows) = self.count(tier, group)?;
        let bytes = tier::remove(self.transaction, tier, group)? as u64;
        self.retained.removed += blocks;
        self.retained.rows += rows;
        self.retained.bytes += bytes;
        self.over = self.over.saturating_sub(in_file(bytes));
        Ok(())
    }

    fn count(&self, tier: Tier, group: &Range<Second>) -> Result<(usize, u64), Error> {
        let table = self.transaction.open_table(tier.table())?;
        let range = keys(group);
        let (mut blocks, mut rows, mut scratch) = (0, 0, Vec::new());
        for entry in table.range::<&Key>(&range.start..&range.end)? {
            let (at, value) = entry?;
            blocks += 1;
            let at = layout::moment(at.value());
            rows += rows_of(tier, at, value.value(), &mut scratch).unwrap_or(0);
        }
        Ok((blocks, rows))
    }
}

fn rows_of(tier: Tier, at: Moment, value: &[u8], scratch: &mut Vec<u8>) -> Result<u64, Damaged> {
    if tier == Tier::Second {
        return block::rows_of(at, value, scratch);
    }
    let (entries, _) = coarse::entries(at.second, value)?;
    Ok(entries.iter().map(|entry| entry.rows).sum())
}

fn days_before(now: Second, days: u32) -> Second {
    Second(now.0.saturating_sub(i64::from(days) * DAY))
}

/// Removes up to `most` entries before `end`, and says how many.
fn remove_before<K: for<'a> redb::Key<SelfType<'a> = &'a [u8; N]> + 'static, const N: usize>(
    table: &mut Table<K, &'static [u8]>,
    end: &[u8; N],
    most: usize,
) -> Result<usize, Error> {
    for removed in 0..most {
        match table.first()? {
            Some((key, _)) if *key.value() < *end => {}
            _ => return Ok(removed),
        }
        table.pop_first()?;
    }
    Ok(most)
}
