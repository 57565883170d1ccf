//! Retention: what is older than it is kept goes, a small slice a job, oldest first.

use super::config::Config;
use super::error::Error;
use super::layout::{CONNECTIONS, ConnectionKey, GAPS, SEALED, connection_key, from_second};
use crate::units::{FrameNumber, Moment, Second};
use redb::{Key, ReadableTable, ReadableTableMetadata, Table, WriteTransaction};

const DAY: i64 = 86_400;
/// Entries of a table that one job removes: sealed blocks are large, connections small.
const BLOCKS: usize = 64;
const CONNECTIONS_A_JOB: usize = 2_048;

/// What a slice of retention did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Retained {
    pub(super) removed: usize,
    /// Nothing is left to remove.
    pub(super) finished: bool,
}

/// Removes a slice of what is too old at `now`.
pub(super) fn retain(
    transaction: &WriteTransaction,
    config: &Config,
    now: Second,
) -> Result<Retained, Error> {
    let seconds = from_second(days_before(now, config.seconds_days));
    let blocks = remove_before(&mut transaction.open_table(SEALED)?, &seconds, BLOCKS)?;
    let gaps = remove_before(&mut transaction.open_table(GAPS)?, &seconds, BLOCKS)?;
    let mut connections = transaction.open_table(CONNECTIONS)?;
    let oldest = Moment {
        second: days_before(now, config.connections_days),
        ..Moment::default()
    };
    let oldest = connection_key(oldest, FrameNumber(0));
    let old = remove_before(&mut connections, &oldest, CONNECTIONS_A_JOB)?;
    let over = cap(&mut connections, config.connections_max)?;
    let full = blocks == BLOCKS || gaps == BLOCKS;
    Ok(Retained {
        removed: blocks + gaps + old + over,
        finished: !full && old < CONNECTIONS_A_JOB && over < CONNECTIONS_A_JOB,
    })
}

fn days_before(now: Second, days: u32) -> Second {
    Second(now.0.saturating_sub(i64::from(days) * DAY))
}

/// Removes up to `most` entries before `end`, and says how many.
fn remove_before<K: for<'a> Key<SelfType<'a> = &'a [u8; N]> + 'static, const N: usize>(
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

/// Removes the oldest connections while there are more than `most`, and says how many.
fn cap(
    table: &mut Table<&'static ConnectionKey, &'static [u8]>,
    most: u64,
) -> Result<usize, Error> {
    let over = table.len()?.saturating_sub(most);
    let removed = over.min(CONNECTIONS_A_JOB as u64) as usize;
    for _ in 0..removed {
        table.pop_first()?;
    }
    Ok(removed)
}
