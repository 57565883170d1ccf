//! Which buckets must be made again: a mark each, set by the transaction that changes what the bucket
//! is made of, taken away by the one that makes it. What has no mark is as it should be, whatever
//! happened in between.

use super::calendar::Calendar;
use super::error::Error;
use super::layout::{STALE, StaleKey, Tier, stale_key, stale_of};
use crate::units::Second;
use redb::{ReadableTable, WriteTransaction};
use std::ops::Range;

/// Something of this tier changed here: the bucket of the next tier is to be made again.
pub(super) fn mark_above(
    transaction: &WriteTransaction,
    calendar: &Calendar,
    tier: Tier,
    at: Second,
) -> Result<(), Error> {
    if let Some(coarser) = tier.coarser() {
        let start = calendar.bucket(coarser, at).start;
        let mut table = transaction.open_table(STALE)?;
        table.insert(&stale_key(coarser, start), ())?;
    }
    Ok(())
}

/// The bucket of this tier was made.
pub(super) fn unmark(
    transaction: &WriteTransaction,
    tier: Tier,
    start: Second,
) -> Result<(), Error> {
    let mut table = transaction.open_table(STALE)?;
    table.remove(&stale_key(tier, start))?;
    Ok(())
}

/// The first stale bucket of a tier from `from` on.
pub(super) fn first(
    table: &impl ReadableTable<&'static StaleKey, ()>,
    tier: Tier,
    from: Second,
) -> Result<Option<Second>, Error> {
    let range = stale_key(tier, from)..=stale_key(tier, Second(i64::MAX));
    let first = table
        .range::<&StaleKey>(&range.start()..=&range.end())?
        .next();
    Ok(first.transpose()?.map(|(key, _)| stale_of(key.value())))
}

/// The buckets of `tier` in a range that are stale, or lie over stale ones.
pub(super) fn covered(
    table: &impl ReadableTable<&'static StaleKey, ()>,
    calendar: &Calendar,
    tier: Tier,
    range: &Range<Second>,
) -> Result<Vec<Range<Second>>, Error> {
    let mut found = Vec::new();
    for finer in Tier::COARSE.into_iter().filter(|one| *one <= tier) {
        let (start, end) = (stale_key(finer, range.start), stale_key(finer, range.end));
        for entry in table.range::<&StaleKey>(&start..&end)? {
            let at = stale_of(entry?.0.value());
            found.push(calendar.bucket(tier, at));
        }
    }
    found.sort_by_key(|bucket| bucket.start);
    found.dedup();
    Ok(found)
}
