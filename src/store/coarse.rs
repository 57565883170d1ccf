//! A block of a coarser tier: some buckets' sums, compressed together. Which buckets it holds is told
//! before what is compressed, so that a block is unpacked only where it is wanted. A bucket has a part
//! for each set of roles that were watched at a time: which interfaces count depends on that.

use super::block::{pack, unpack};
use super::codec::{Damaged, In, Out};
use super::columns::{Columns, Rows};
use super::head;
use super::second::{Row, Second};
use crate::units::{self, Moment};
use std::ops::Range;

const FORMAT: u8 = 5;
/// Parts that one block may have.
const MOST_PARTS: u64 = 16_384;

/// A part of a bucket with its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) second: Second,
    pub(super) rows: Vec<Row>,
}

/// When a part is, and how many rows it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) start: units::Second,
    pub(super) span: u32,
    pub(super) rows: u64,
}

impl Entry {
    pub(super) fn end(&self) -> units::Second {
        units::Second(self.start.0.saturating_add(self.span.into()))
    }

    pub(super) fn is_in(&self, range: &Range<units::Second>) -> bool {
        range.start <= self.start && self.end() <= range.end
    }
}

/// The value of parts that are sorted by time; its key is the moment of the first.
pub(super) fn encode(parts: &[Part]) -> std::io::Result<Vec<u8>> {
    let mut out = Out::envelope(FORMAT);
    let (mut body, mut columns) = (Out::default(), Columns::new(false));
    let first = parts.first().map_or(0, |part| part.second.moment.second.0);
    out.number(parts.len() as u64);
    for part in parts {
        let offset = part.second.moment.second.0.wrapping_sub(first);
        out.number(offset as u64);
        out.number(part.second.span.into());
        out.number(part.rows.len() as u64);
        head::write_bucket(&mut body, &part.second);
        for row in &part.rows {
            columns.row(row);
        }
    }
    columns.write(&mut body);
    Ok(pack(out, &body.0)?.sealed())
}

/// What a block holds, without unpacking it; and the rest of it.
pub(super) fn entries(first: units::Second, value: &[u8]) -> Result<(Vec<Entry>, In<'_>), Damaged> {
    let mut input = In::envelope(value, FORMAT)?;
    let count = input.number()?;
    if count > MOST_PARTS {
        return Err(Damaged("more buckets than a block has"));
    }
    let entries = (0..count).map(|_| {
        let offset = i64::try_from(input.number()?).ok();
        let start = offset.and_then(|offset| first.0.checked_add(offset));
        Ok(Entry {
            start: units::Second(start.ok_or(Damaged("a bucket after the end of time"))?),
            span: input.small()?,
            rows: input.number()?,
        })
    });
    let entries = entries.collect::<Result<_, Damaged>>()?;
    Ok((entries, input))
}

/// Visits the parts of a block that lie in a range, in order. `scratch` is memory to unpack into.
pub(super) fn read<E: From<Damaged>>(
    first: units::Second,
    value: &[u8],
    range: &Range<units::Second>,
    scratch: &mut Vec<u8>,
    mut visit: impl FnMut(&Second, &mut Rows) -> Result<(), E>,
) -> Result<(), E> {
    let (entries, packed) = entries(first, value)?;
    if !entries.iter().any(|entry| entry.is_in(range)) {
        return Ok(());
    }
    unpack(packed, scratch)?;
    let mut input = In(scratch);
    let heads = entries.iter().map(|entry| {
        let moment = Moment {
            second: entry.start,
            ..Moment::default()
        };
        head::read_bucket(moment, entry.span, &mut input)
    });
    let heads = heads.collect::<Result<Vec<_>, Damaged>>()?;
    let mut rows = Rows::new(&mut input, false)?;
    input.end()?;
    for (entry, second) in entries.iter().zip(heads) {
        rows.begin(entry.rows);
        if entry.is_in(range) {
            visit(&second, &mut rows)?;
        }
        rows.end();
    }
    Ok(())
}

/// All parts of a block.
pub(super) fn decode(first: units::Second, value: &[u8]) -> Result<Vec<Part>, Damaged> {
    let mut parts = Vec::new();
    let always = units::Second(i64::MIN)..units::Second(i64::MAX);
    read::<Damaged>(first, value, &always, &mut Vec::new(), |second, rows| {
        let rows = rows.collect::<Result<_, _>>()?;
        let second = second.clone();
        parts.push(Part { second, rows });
        Ok(())
    })?;
    Ok(parts)
}
