//! A block of a coarser tier: some buckets' sums, compressed together. Which buckets it holds is told
//! before what is compressed, so that a block is unpacked only where it is wanted. A bucket has a part
//! for each set of roles that were watched at a time: which interfaces count depends on that. Beside the
//! rows are their sums by app: a year of one app is read from these.

use super::block::{pack, unpack};
use super::bounds;
use super::by_label::{ByLabel, Gathered, Told};
use super::codec::{Damaged, In, Out};
use super::columns::Streamed;
use super::head;
use super::heads::{Heads, Of, Reading};
use super::plan::Detail;
use super::rows::Rows;
use super::second::{LabelId, Row, Second};
use super::word::{AppId, ClassesId, NicId, SiteId};
use crate::key::Protocol;
use crate::label::{OwnerSource, SiteSource};
use crate::units::{self, Moment, Traffic};
use std::collections::BTreeMap;
use std::ops::Range;

const FORMAT: u8 = 7;
/// Is read: rows bucket by bucket.
const BY_BUCKET: u8 = 5;
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

    fn moment(&self) -> Moment {
        Moment {
            second: self.start,
            ..Moment::default()
        }
    }

    pub(super) fn is_in(&self, range: &Range<units::Second>) -> bool {
        range.start <= self.start && self.end() <= range.end
    }
}

/// The value of parts that are sorted by time, their rows by label; its key is the moment of the
/// first.
pub(super) fn encode(parts: &[Part]) -> std::io::Result<Vec<u8>> {
    let mut out = Out::envelope(FORMAT);
    let mut heads = Heads::new(Of::Buckets);
    let (mut apps, mut rows) = (Gathered::default(), Gathered::default());
    let first = parts.first().map_or(0, |part| part.second.moment.second.0);
    out.number(parts.len() as u64);
    for part in parts {
        let offset = part.second.moment.second.0.wrapping_sub(first) as u64;
        out.number(offset);
        out.number(part.second.span.into());
        out.number(part.rows.len() as u64);
        heads.add(offset, &part.second);
        apps.add(&by_app(&part.rows));
        rows.add(&part.rows);
    }
    out.bytes(&pack(Out::default(), &heads.bytes())?.0);
    out.bytes(&apps.write(Out::default())?.0);
    Ok(rows.write(out)?.sealed())
}

/// Sums of rows by interface and app. They have no site, no protocol and no class set: nothing of the
/// kind has the number 0.
fn by_app(rows: &[Row]) -> Vec<Row> {
    let mut sums = BTreeMap::<(NicId, AppId), Row>::new();
    for row in rows {
        let place = (row.nic, row.label.app);
        let sum = sums.entry(place).or_insert_with(|| Row {
            flow: None,
            protocol: Protocol(0),
            label: LabelId {
                app: row.label.app,
                site: SiteId(0),
                owner_source: OwnerSource::Unknown,
                site_source: SiteSource::Address,
            },
            classes: ClassesId(0),
            opened: 0,
            traffic: Traffic::default(),
            ..*row
        });
        sum.opened = sum.opened.saturating_add(row.opened);
        sum.traffic += row.traffic;
    }
    sums.into_values().collect()
}

/// What is wanted of a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    /// Parts that lie in it whole.
    pub(super) range: &'a Range<units::Second>,
    pub(super) detail: Detail,
}

impl<'a> Wanted<'a> {
    /// All labels of these parts.
    pub(super) fn all(range: &'a Range<units::Second>) -> Wanted<'a> {
        Wanted {
            range,
            detail: Detail::Labels,
        }
    }
}

/// What is compressed of a block, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packed<'a> {
    by_bucket: bool,
    rest: In<'a>,
}

/// What a block holds, without unpacking it; and the rest of it.
pub(super) fn entries(
    first: units::Second,
    value: &[u8],
) -> Result<(Vec<Entry>, Packed<'_>), Damaged> {
    let (mut input, format) = In::either(value, &[FORMAT, BY_BUCKET])?;
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
            rows: input.small::<u32>()?.into(),
        })
    });
    let entries = entries.collect::<Result<_, Damaged>>()?;
    let packed = Packed {
        by_bucket: format == BY_BUCKET,
        rest: input,
    };
    Ok((entries, packed))
}

/// Visits the parts of a block that are wanted, in order. `scratch` is memory to unpack into.
pub(super) fn read<E: From<Damaged>>(
    first: units::Second,
    value: &[u8],
    wanted: &Wanted,
    scratch: &mut Vec<u8>,
    mut visit: impl FnMut(&Second, &mut Rows) -> Result<(), E>,
) -> Result<(), E> {
    let (entries, mut packed) = entries(first, value)?;
    if !entries.iter().any(|entry| entry.is_in(wanted.range)) {
        return Ok(());
    }
    // Of so many entries, each u32, the sum is no u64's end.
    let told = entries.iter().map(|entry| entry.rows).sum();
    bounds::in_block(told)?;
    let (heads, mut rows) = if packed.by_bucket {
        unpack(packed.rest, scratch)?;
        heads_by_bucket(&entries, In(scratch))?
    } else {
        unpack(In(packed.rest.bytes()?), scratch)?;
        let heads = heads(&entries, In(scratch))?;
        let apps = In(packed.rest.bytes()?);
        let (rows, told) = match wanted.detail {
            Detail::Apps if !heads.iter().any(has_carrier) => (apps, Told::AtMost(told)),
            _ => (packed.rest, Told::Exactly(told)),
        };
        (
            heads,
            Rows::ByLabel(ByLabel::new(rows, entries.len(), told)),
        )
    };
    for (place, (entry, second)) in entries.iter().zip(heads).enumerate() {
        rows.begin(place, entry.rows);
        if entry.is_in(wanted.range) {
            visit(&second, &mut rows)?;
        }
        rows.end();
    }
    Ok(())
}

/// Where a payload takes its carrier's place, it does so row by row.
fn has_carrier(bucket: &Second) -> bool {
    bucket.nics.iter().any(|nic| nic.carrier.is_some())
}

fn heads(entries: &[Entry], body: In) -> Result<Vec<Second>, Damaged> {
    let mut reading = Reading::new(Of::Buckets, body)?;
    let heads = entries
        .iter()
        .map(|entry| reading.next(entry.moment(), entry.span));
    let heads = heads.collect::<Result<Vec<_>, Damaged>>()?;
    reading.end()?;
    Ok(heads)
}

fn heads_by_bucket<'a>(
    entries: &[Entry],
    mut body: In<'a>,
) -> Result<(Vec<Second>, Rows<'a>), Damaged> {
    let heads = entries
        .iter()
        .map(|entry| head::read_bucket(entry.moment(), entry.span, &mut body));
    let heads = heads.collect::<Result<Vec<_>, Damaged>>()?;
    let rows = Streamed::new(&mut body, false)?;
    body.end()?;
    Ok((heads, Rows::Streamed(rows)))
}

/// All parts of a block.
pub(super) fn decode(first: units::Second, value: &[u8]) -> Result<Vec<Part>, Damaged> {
    let mut parts = Vec::new();
    let always = units::Second(i64::MIN)..units::Second(i64::MAX);
    let wanted = Wanted::all(&always);
    read::<Damaged>(first, value, &wanted, &mut Vec::new(), |second, rows| {
        let rows = rows.collect::<Result<_, _>>()?;
        let second = second.clone();
        parts.push(Part { second, rows });
        Ok(())
    })?;
    Ok(parts)
}
