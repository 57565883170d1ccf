//! Seconds as bytes: their heads with their facts, then the rows of all of them. A hot value is one
//! second, plain, its rows by flow; a sealed value is up to a minute, compressed, its rows by label.
//! Heads and rows are compressed apart, so that who asks for sums alone unpacks no rows.

use super::bounds;
use super::by_label::{ByLabel, Gathered, Told};
use super::codec::{Damaged, In, Out};
use super::columns::{Columns, Streamed};
use super::head;
use super::heads::{Heads, Of, Reading};
pub(super) use super::rows::Rows;
use super::second::{Row, Second};
use crate::units::{self, Moment};
use flate2::write::DeflateEncoder;
use flate2::{Compression, Decompress, FlushDecompress, Status};
use std::io::Write;

/// The format byte of a hot value; format 1, without carriers, is read.
const HOT: u8 = 3;
const HOT_BEFORE: u8 = 1;
/// The same of a sealed value; formats 4 and 2, rows second by second, are read.
const SEALED: u8 = 6;
const BY_SECOND: u8 = 4;
const SEALED_BEFORE: u8 = 2;
/// What a part of a block may grow to when it is unpacked.
const MOST: u64 = 16 << 20;

/// Seconds and rows being put into a sealed block.
#[derive(Debug)]
pub(super) struct Builder {
    first: Moment,
    seconds: u64,
    heads: Heads,
    rows: Gathered,
}

impl Builder {
    /// A block of up to a minute, its rows by label.
    pub(super) fn new(first: Moment) -> Builder {
        Builder {
            first,
            seconds: 0,
            heads: Heads::new(Of::Seconds),
            rows: Gathered::default(),
        }
    }

    /// Adds the next second.
    pub(super) fn second(&mut self, second: &Second, rows: &[Row]) {
        self.seconds += 1;
        self.heads.add(offset(self.first, second), second);
        self.rows.add(rows);
    }

    /// The value to store.
    pub(super) fn finish(self) -> std::io::Result<Vec<u8>> {
        let mut out = Out::envelope(SEALED);
        out.number(self.seconds);
        out.number(self.rows.count() as u64);
        out.bytes(&pack(Out::default(), &self.heads.bytes())?.0);
        Ok(self.rows.write(out)?.sealed())
    }
}

/// How many seconds of the clock it is after the first of its block.
fn offset(first: Moment, second: &Second) -> u64 {
    second.moment.second.0.wrapping_sub(first.second.0) as u64
}

/// A hot second being put into a value: told at once, its rows some at a time.
#[derive(Debug)]
pub(super) struct Hot {
    out: Out,
    columns: Columns,
}

impl Hot {
    /// A second of which so many rows will be told.
    pub(super) fn new(second: &Second, rows: usize) -> Hot {
        let mut out = Out::envelope(HOT);
        out.number(1);
        head::write(&mut out, 0, second, rows as u64);
        let columns = Columns::with_capacity(rows);
        Hot { out, columns }
    }

    pub(super) fn rows(&mut self, rows: &[Row]) {
        self.columns.rows(rows);
    }

    /// The value to store.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.columns.write(&mut self.out);
        self.out.sealed()
    }
}

/// Appends a body, compressed, after its length.
pub(super) fn pack(mut out: Out, body: &[u8]) -> std::io::Result<Out> {
    out.number(body.len() as u64);
    let mut deflate = DeflateEncoder::new(out.0, Compression::default());
    deflate.write_all(body)?;
    Ok(Out(deflate.finish()?))
}

/// Unpacks what [`pack`] appended, all of it at once: there is nothing to copy it through then.
pub(super) fn unpack(mut input: In, scratch: &mut Vec<u8>) -> Result<(), Damaged> {
    let length = input.number()?;
    if length > MOST {
        return Err(Damaged("a block that would unpack to more than 16 MiB"));
    }
    scratch.clear();
    scratch.reserve(length as usize + 1);
    let mut inflate = Decompress::new(false);
    let status = inflate.decompress_vec(input.0, scratch, FlushDecompress::Finish);
    let status = status.map_err(|_| Damaged("a block that cannot be unpacked"))?;
    if status != Status::StreamEnd || scratch.len() as u64 != length {
        return Err(Damaged("a block that unpacks to another length"));
    }
    if inflate.total_in() != input.0.len() as u64 {
        return Err(Damaged("bytes after its end"));
    }
    Ok(())
}

/// Visits the seconds of a hot value.
pub(super) fn read_hot<E: From<Damaged>>(
    first: Moment,
    value: &[u8],
    visit: impl FnMut(&Second, &mut Rows) -> Result<(), E>,
) -> Result<(), E> {
    let (input, format) = In::either(value, &[HOT, HOT_BEFORE])?;
    let shape = Shape {
        flows: true,
        carriers: format == HOT,
    };
    read_by_second(first, input, shape, visit)
}

/// Visits the seconds of a sealed value, in order. `scratch` is memory to unpack into.
pub(super) fn read_sealed<E: From<Damaged>>(
    first: Moment,
    value: &[u8],
    scratch: &mut Vec<u8>,
    visit: impl FnMut(&Second, &mut Rows) -> Result<(), E>,
) -> Result<(), E> {
    let (input, format) = In::either(value, &[SEALED, BY_SECOND, SEALED_BEFORE])?;
    if format == SEALED {
        return read_by_label(first, input, scratch, visit);
    }
    unpack(input, scratch)?;
    let shape = Shape {
        flows: false,
        carriers: format == BY_SECOND,
    };
    read_by_second(first, In(scratch), shape, visit)
}

/// How many rows a sealed value has.
pub(super) fn rows_of(first: Moment, value: &[u8], scratch: &mut Vec<u8>) -> Result<u64, Damaged> {
    let (mut input, format) = In::either(value, &[SEALED, BY_SECOND, SEALED_BEFORE])?;
    if format == SEALED {
        let _seconds = input.number()?;
        return input.number();
    }
    let mut count = 0;
    read_sealed::<Damaged>(first, value, scratch, |_, rows| {
        count += rows.count() as u64;
        Ok(())
    })?;
    Ok(count)
}

fn read_by_label<E: From<Damaged>>(
    first: Moment,
    mut input: In,
    scratch: &mut Vec<u8>,
    mut visit: impl FnMut(&Second, &mut Rows) -> Result<(), E>,
) -> Result<(), E> {
    let seconds: u16 = input.small()?;
    let told = Told::Exactly(input.number()?);
    unpack(In(input.bytes()?), scratch)?;
    let mut heads = Reading::new(Of::Seconds, In(scratch))?;
    let mut rows = Rows::ByLabel(ByLabel::new(input, seconds.into(), told));
    for place in 0..seconds {
        let offset = i64::try_from(heads.offset()?).ok();
        let second = offset.and_then(|offset| first.second.0.checked_add(offset));
        let moment = Moment {
            second: units::Second(second.ok_or(Damaged("a second after the end of time"))?),
            epoch: first.epoch,
        };
        let second = heads.next(moment, 1)?;
        rows.begin(place.into(), 0);
        visit(&second, &mut rows)?;
    }
    Ok(heads.end()?)
}

/// What a body has whose rows are told second by second.
#[derive(Clone, Copy)]
struct Shape {
    flows: bool,
    carriers: bool,
}

fn read_by_second<E: From<Damaged>>(
    first: Moment,
    mut input: In,
    shape: Shape,
    mut visit: impl FnMut(&Second, &mut Rows) -> Result<(), E>,
) -> Result<(), E> {
    let count: u8 = input.small()?;
    let heads = (0..count).map(|_| head::read(first, &mut input, shape.carriers));
    let heads = heads.collect::<Result<Vec<_>, Damaged>>()?;
    let rows = heads.iter().map(|(_, rows)| *rows);
    let told = rows.fold(0, u64::saturating_add);
    if shape.flows {
        bounds::in_second(told)?;
        if count != 1 {
            return Err(Damaged("a hot value of more or fewer than one second").into());
        }
    }
    bounds::in_block(told)?;
    let mut rows = Rows::Streamed(Streamed::new(&mut input, shape.flows)?);
    input.end()?;
    for (place, (second, count)) in heads.iter().enumerate() {
        rows.begin(place, *count);
        visit(second, &mut rows)?;
        rows.end();
    }
    Ok(())
}
