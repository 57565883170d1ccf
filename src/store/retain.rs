//! Retention: what is older than it is kept goes, a small slice a job, oldest first.

use super::config::Config;
use super::error::Error;
use super::layout::{CONNECTIONS, GAPS, SEALED, connection_key, from_second};
use crate::units::{FrameNumber, Moment, Second};
use redb::{Key, ReadableTable, ReadableTableMetadata, Table, WriteTransaction};

const DAY: i64 = 86_400;
/// Entries of a table that one job removes: sealed blocks are large, connections small.
const BLOCKS: usize = 64;
const CONNECTIONS_A_JOB: usize = 2_048;

/// Removes a slice of what is too old at `now`. `true` when there is nothing left to remove.
pub(super) fn retain(
    transaction: &WriteTransaction,
    config: &Config,
    now: Second,
) -> Result<bool, Error> {
    let seconds = from_second(days_before(now, config.seconds_days));
    let mut sealed = transaction.open_table(SEALED)?;
    let mut left = remove_before(&mut sealed, &seconds, BLOCKS)?;
    let mut gaps = transaction.open_table(GAPS)?;
    left |= remove_before(&mut gaps, &seconds, BLOCKS)?;
    let mut connections = transaction.open_table(CONNECTIONS)?;
    let oldest = Moment {
        second: days_before(now, config.connections_days),
        ..Moment::default()
    };
    let oldest = connection_key(oldest, FrameNumber(0));
    left |= remove_before(&mut connections, &oldest, CONNECTIONS_A_JOB)?;
    left |= cap(&mut connections, config.connections_max)?;
    Ok(!left)
}

fn days_before(now: Second, days: u32) -> Second {
    Second(now.0.saturating_sub(i64::from(days) * DAY))
}

/// Removes up to `most` entries before `end`; `true` when it removed that many.
fn remove_before<K: for<'a> Key<SelfType<'a> = &'a [u8; N]> + 'static, const N: usize>(
    table: &mut Table<K, &'static [u8]>,
    end: &[u8; N],
    most: usize,
) -> Result<bool, Error> {
    let mut removed = 0;
    while removed < most {
        match table.first()? {
            Some((key, _)) if *key.value() < *end => {}
            _ => return Ok(false),
        }
        table.pop_first()?;
        removed += 1;
    }
    Ok(true)
}

/// Removes the oldest connections while there are more than `most`.
fn cap(
    table: &mut Table<&'static super::layout::ConnectionKey, &'static [u8]>,
    most: u64,
) -> Result<bool, Error> {
    let over = table.len()?.saturating_sub(most);
    for _ in 0..over.min(CONNECTIONS_A_JOB as u64) {
        table.pop_first()?;
    }
    Ok(over > CONNECTIONS_A_JOB as u64)
}
