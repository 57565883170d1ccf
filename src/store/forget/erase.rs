//! Stored values without some seconds: what lies in them whole goes, what reaches out of them is cut.
//! A bucket cannot be cut: it goes, and is made again of what the finer tier has left of it.

use super::relabel::packed;
use crate::store::amendment;
use crate::store::block::{Builder, read_sealed};
use crate::store::coarse;
use crate::store::codec::Damaged;
use crate::store::layout::{self, Key, from_second};
use crate::store::second::Row;
use crate::units::{Moment, Second};
use std::ops::Range;

/// What becomes of an entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Stays,
    Goes,
    Becomes(Key, Vec<u8>),
}

/// Late labels go with the seconds that they are of.
pub(super) fn amendments(
    carrier: Moment,
    value: &[u8],
    range: &Range<Second>,
) -> Result<Fate, Damaged> {
    let before = amendment::decode(value)?;
    let reaches_out = |one: &&amendment::Relabel| !range.contains(&one.since.second);
    let left: Vec<_> = before.iter().filter(reaches_out).copied().collect();
    Ok(match left.len() {
        0 => Fate::Goes,
        some if some == before.len() => Fate::Stays,
        _ => Fate::Becomes(layout::key(carrier), amendment::encode(&left)),
    })
}

/// What is left of a block of seconds, and how many rows went.
pub(super) fn sealed(
    first: Moment,
    value: &[u8],
    scratch: &mut Vec<u8>,
    range: &Range<Second>,
) -> Result<(Fate, u64), Damaged> {
    let (mut builder, mut went, mut gone) = (None::<(Moment, Builder)>, false, 0);
    read_sealed::<Damaged>(first, value, scratch, |second, rows| {
        if range.contains(&second.moment.second) {
            went = true;
            gone += rows.by_ref().count() as u64;
            return Ok(());
        }
        let rows = rows.collect::<Result<Vec<Row>, Damaged>>()?;
        let begun = || (second.moment, Builder::new(second.moment));
        builder.get_or_insert_with(begun).1.second(second, &rows);
        Ok(())
    })?;
    let fate = match builder {
        _ if !went => Fate::Stays,
        None => Fate::Goes,
        Some((first, builder)) => Fate::Becomes(layout::key(first), packed(builder.finish())?),
    };
    Ok((fate, gone))
}

/// What is left of a block of buckets.
#[derive(Debug)]
pub(super) struct Left {
    pub(super) fate: Fate,
    /// Rows that went.
    pub(super) rows: u64,
    /// Buckets that went though they reach out of the range.
    pub(super) cut: Vec<Second>,
}

pub(super) fn coarse(first: Moment, value: &[u8], range: &Range<Second>) -> Result<Left, Damaged> {
    let (entries, _) = coarse::entries(first.second, value)?;
    let goes = |entry: &coarse::Entry| entry.start < range.end && entry.end() > range.start;
    let gone = || entries.iter().filter(|entry| goes(entry));
    let mut left = Left {
        fate: Fate::Stays,
        rows: gone().map(|entry| entry.rows).sum(),
        cut: gone()
            .filter(|entry| !entry.is_in(range))
            .map(|entry| entry.start)
            .collect(),
    };
    if gone().next().is_none() {
        return Ok(left);
    }
    let mut parts = coarse::decode(first.second, value)?;
    parts.retain(|part| {
        let start = part.second.moment.second;
        let end = Second(start.0.saturating_add(part.second.span.into()));
        start >= range.end || end <= range.start
    });
    left.fate = match parts.first() {
        None => Fate::Goes,
        Some(part) => {
            let at = from_second(part.second.moment.second);
            Fate::Becomes(at, packed(coarse::encode(&parts))?)
        }
    };
    Ok(left)
}
