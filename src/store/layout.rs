//! The tables and the bytes of their keys. Keys start with time, most significant byte first, so
//! that writing appends, a range is a scan, and old history is cut off at the front.
//! `docs/storage.md` is the byte map.

use super::codec::Damaged;
use crate::units::{Epoch, FrameNumber, Moment, Second};
use redb::TableDefinition;
use std::ops::Range;
use std::str::FromStr;

/// The layout that this program writes. A file with a higher number is refused.
pub const SCHEMA: u32 = 2;

/// The key of a second, or of a block of seconds.
pub(super) type Key = [u8; 12];
/// The key of a stale bucket: its tier, then the second that it begins with.
pub(super) type StaleKey = [u8; 9];
/// The key of a connection.
pub(super) type ConnectionKey = [u8; 20];

/// A table by moments.
pub(super) type Timed = TableDefinition<'static, &'static Key, &'static [u8]>;

/// Facts about the file, by name.
pub(super) const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
/// One second a value, rows by flow, labels still unsettled.
pub(super) const HOT: Timed = TableDefinition::new("hot");
/// Labels that became known after their seconds were written, by the second that brought them.
pub(super) const AMENDMENTS: Timed = TableDefinition::new("amendments");
/// Up to a minute a value, final labels, compressed.
pub(super) const SEALED: Timed = TableDefinition::new("sealed");
/// Seconds that were counted and could not be written.
pub(super) const GAPS: Timed = TableDefinition::new("gaps");
/// Buckets of coarser tiers that must be made again, because what they are made of has changed.
pub(super) const STALE: TableDefinition<&StaleKey, ()> = TableDefinition::new("stale");
/// Ended flows by their last second.
pub(super) const CONNECTIONS: TableDefinition<&ConnectionKey, &[u8]> =
    TableDefinition::new("connections");

/// How fine a piece of history is: a bucket of the coarser tiers holds the sums of its seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    #[default]
    Second,
    Minute,
    Hour,
    Day,
}

impl FromStr for Tier {
    type Err = ();

    fn from_str(text: &str) -> Result<Tier, ()> {
        let mut all = Tier::ALL.into_iter();
        all.find(|tier| tier.word() == text).ok_or(())
    }
}

impl Tier {
    pub const ALL: [Tier; 4] = [Tier::Second, Tier::Minute, Tier::Hour, Tier::Day];
    /// Those that are rolled up from the one before.
    pub(super) const COARSE: [Tier; 3] = [Tier::Minute, Tier::Hour, Tier::Day];

    /// The next finer one.
    pub fn finer(self) -> Option<Tier> {
        match self {
            Tier::Second => None,
            Tier::Minute => Some(Tier::Second),
            Tier::Hour => Some(Tier::Minute),
            Tier::Day => Some(Tier::Hour),
        }
    }

    /// The next coarser one.
    pub fn coarser(self) -> Option<Tier> {
        match self {
            Tier::Second => Some(Tier::Minute),
            Tier::Minute => Some(Tier::Hour),
            Tier::Hour => Some(Tier::Day),
            Tier::Day => None,
        }
    }

    /// What the API calls it.
    pub fn word(self) -> &'static str {
        match self {
            Tier::Second => "second",
            Tier::Minute => "minute",
            Tier::Hour => "hour",
            Tier::Day => "day",
        }
    }

    /// The table that holds its blocks.
    pub(super) fn table(self) -> Timed {
        match self {
            Tier::Second => SEALED,
            Tier::Minute => TableDefinition::new("minutes"),
            Tier::Hour => TableDefinition::new("hours"),
            Tier::Day => TableDefinition::new("days"),
        }
    }
}

/// The order in which moments were lived through: the wall clock may jump, the epoch counts it.
pub fn order(moment: Moment) -> (Epoch, Second) {
    (moment.epoch, moment.second)
}

/// A moment's key: the second with its sign bit turned (so that times before 1970 sort first),
/// then the epoch.
pub(super) fn key(moment: Moment) -> Key {
    let mut key = [0; 12];
    key[..8].copy_from_slice(&sortable(moment.second));
    key[8..].copy_from_slice(&moment.epoch.0.to_be_bytes());
    key
}

/// The moment that a key means.
pub(super) fn moment(key: &Key) -> Moment {
    let (second, epoch) = (first_chunk::<8>(key), last_chunk::<4>(key));
    Moment {
        second: second_of(second),
        epoch: Epoch(u32::from_be_bytes(epoch)),
    }
}

/// The first key that a moment of this second can have.
pub(super) fn from_second(second: Second) -> Key {
    key(Moment {
        second,
        epoch: Epoch(0),
    })
}

/// The keys that moments of these seconds can have.
pub(super) fn keys(range: &Range<Second>) -> Range<Key> {
    from_second(range.start)..from_second(range.end)
}

/// A stale bucket's key.
pub(super) fn stale_key(tier: Tier, start: Second) -> StaleKey {
    let mut bytes = [tier as u8; 9];
    bytes[1..].copy_from_slice(&sortable(start));
    bytes
}

/// The bucket's first second.
pub(super) fn stale_of(key: &StaleKey) -> Second {
    second_of(last_chunk::<8>(key))
}

/// A connection's key: last second, epoch, flow.
pub(super) fn connection_key(last: Moment, flow: FrameNumber) -> ConnectionKey {
    let mut bytes = [0; 20];
    bytes[..12].copy_from_slice(&key(last));
    bytes[12..].copy_from_slice(&flow.0.to_be_bytes());
    bytes
}

/// The last second, epoch and flow that a connection's key means.
pub(super) fn connection_of(key: &ConnectionKey) -> (Moment, FrameNumber) {
    let last = moment(&first_chunk::<12>(key));
    (last, FrameNumber(u64::from_be_bytes(last_chunk::<8>(key))))
}

/// A moment as a stored value of its own.
pub(super) fn read_moment(bytes: &[u8]) -> Result<Moment, Damaged> {
    let key: &Key = bytes
        .try_into()
        .map_err(|_| Damaged("not a moment: 12 bytes were expected"))?;
    Ok(moment(key))
}

fn sortable(second: Second) -> [u8; 8] {
    (second.0 as u64 ^ 1 << 63).to_be_bytes()
}

fn second_of(bytes: [u8; 8]) -> Second {
    Second((u64::from_be_bytes(bytes) ^ 1 << 63) as i64)
}

fn first_chunk<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk().copied().unwrap_or([0; N])
}

fn last_chunk<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.last_chunk().copied().unwrap_or([0; N])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_sort_as_time_does(a: i64, b: i64, ea: u32, eb: u32, flow: u64) {
            let at = |second, epoch| Moment { second: Second(second), epoch: Epoch(epoch) };
            let (one, two) = (at(a, ea), at(b, eb));
            prop_assert_eq!(key(one).cmp(&key(two)), one.cmp(&two));
            prop_assert_eq!(moment(&key(one)), one);
            let connection = connection_key(one, FrameNumber(flow));
            prop_assert_eq!(connection_of(&connection), (one, FrameNumber(flow)));
        }
    }
}
