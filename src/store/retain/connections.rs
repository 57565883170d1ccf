//! Ended connections: those that are too old go, and the oldest where they are too many, or take more
//! than half of the budget.

use super::{days_before, remove_before};
use crate::store::config::Config;
use crate::store::error::Error;
use crate::store::layout::{CONNECTIONS, ConnectionKey, connection_key, connection_of};
use crate::units::{FrameNumber, Moment, Second};
use redb::{ReadableTable, ReadableTableMetadata, Table, WriteTransaction};

/// Connections that one job removes.
const A_JOB: usize = 2_048;
/// Of so many times, evenly over all that there are, so many are looked at for what one takes.
const PLACES: i64 = 16;
const AT_EACH: usize = 8;
/// None takes less.
const LEAST: u64 = 64;

/// What was removed of them, and what there is.
pub(super) struct Connections {
    pub(super) removed: usize,
    pub(super) bytes: u64,
    /// Bytes that those that are left take in the file, about.
    pub(super) left: u64,
    /// Nothing is left to remove.
    pub(super) finished: bool,
}

/// Removes a slice of those that are too old at `now`, or too many.
pub(super) fn retain(
    transaction: &WriteTransaction,
    config: &Config,
    now: Second,
) -> Result<Connections, Error> {
    let mut table = transaction.open_table(CONNECTIONS)?;
    let oldest = edge(days_before(now, config.connections_days));
    let old = remove_before(&mut table, &oldest, A_JOB)?;
    let each = bytes_of_one(&table)?;
    let over = cap(&mut table, most(config, each))?;
    Ok(Connections {
        removed: old + over,
        bytes: (old + over) as u64 * each,
        left: table.len()? * each,
        finished: old < A_JOB && over < A_JOB,
    })
}

/// As many as may be kept, in at most half of the budget: the other half is the tiers'.
fn most(config: &Config, each: u64) -> u64 {
    let half = (config.budget_mib << 20) / 2;
    config.connections_max.min(half / each)
}

/// What one takes in the file, about: the mean of some, and an eighth for pages that are not full.
fn bytes_of_one(
    table: &impl ReadableTable<&'static ConnectionKey, &'static [u8]>,
) -> Result<u64, Error> {
    let (Some(first), Some(last)) = (table.first()?, table.last()?) else {
        return Ok(LEAST);
    };
    let [first, last] = [first, last].map(|(key, _)| connection_of(key.value()).0.second.0);
    let (mut bytes, mut count) = (0, 0);
    for place in 0..PLACES {
        let from = first.saturating_add(last.saturating_sub(first) / PLACES * place);
        for entry in table
            .range::<&ConnectionKey>(&edge(Second(from))..)?
            .take(AT_EACH)
        {
            let (key, value) = entry?;
            bytes += (key.value().len() + value.value().len()) as u64;
            count += 1;
        }
    }
    let mean = bytes / u64::max(count, 1);
    Ok((mean + mean / 8).max(LEAST))
}

fn edge(second: Second) -> ConnectionKey {
    let moment = Moment {
        second,
        ..Moment::default()
    };
    connection_key(moment, FrameNumber(0))
}

/// Removes the oldest while there are more than `most`, and says how many.
fn cap(
    table: &mut Table<&'static ConnectionKey, &'static [u8]>,
    most: u64,
) -> Result<usize, Error> {
    let over = table.len()?.saturating_sub(most);
    let removed = over.min(A_JOB as u64) as usize;
    for _ in 0..removed {
        table.pop_first()?;
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_get_half_of_the_budget_and_no_more_than_their_number() {
        let most = |budget_mib| {
            let config = Config {
                budget_mib,
                connections_max: 2_000_000,
                ..Config::default()
            };
            most(&config, 224)
        };
        assert_eq!(most(1_024), 2_000_000);
        assert_eq!(most(128), (64 << 20) / 224);
        assert_eq!(most(0), 0);
    }
}
