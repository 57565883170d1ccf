//! Seconds as bytes: heads with their facts first, then the rows of all of them, column by column.
//! A hot value is one second, plain, with a column of flows; a sealed value is up to a minute,
//! compressed, without. Reading streams: no row is kept.

use super::codec::{Damaged, In, Out};
use super::columns::Columns;
pub(super) use super::columns::Rows;
use super::head;
use super::second::{Row, Second};
use crate::units::Moment;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use std::io::{Read, Write};

/// The format byte of a hot value, and the one that was written before carriers were told.
const HOT: u8 = 3;
const HOT_BEFORE: u8 = 1;
/// The same of a sealed value.
const SEALED: u8 = 4;
const SEALED_BEFORE: u8 = 2;
/// What a sealed block may grow to when it is unpacked.
const MOST: u64 = 16 << 20;

/// Seconds and rows being put into a block.
#[derive(Debug)]
pub(super) struct Builder {
    first: Moment,
    flows: bool,
    seconds: u64,
    heads: Out,
    columns: Columns,
}

impl Builder {
    /// A block of one second, with flows.
    pub(super) fn hot(first: Moment) -> Builder {
        Builder {
            first,
            flows: true,
            seconds: 0,
            heads: Out::default(),
            columns: Columns::new(true),
        }
    }

    /// A block of up to a minute, without flows.
    pub(super) fn sealed(first: Moment) -> Builder {
        Builder {
            flows: false,
            columns: Columns::new(false),
            ..Builder::hot(first)
        }
    }

    pub(super) fn second(&mut self, second: &Second, rows: &[Row]) {
        self.seconds += 1;
        let offset = second.moment.second.0.wrapping_sub(self.first.second.0);
        head::write(&mut self.heads, offset as u64, second, rows.len() as u64);
        for row in rows {
            self.columns.row(row);
        }
    }

    /// The value to store.
    pub(super) fn finish(self) -> std::io::Result<Vec<u8>> {
        let mut body = Out::default();
        body.number(self.seconds);
        body.0.extend_from_slice(&self.heads.0);
        self.columns.write(&mut body);
        if self.flows {
            let mut out = Out::envelope(HOT);
            out.0.extend_from_slice(&body.0);
            return Ok(out.sealed());
        }
        let out = Out::envelope(SEALED);
        Ok(pack(out, &body.0)?.sealed())
    }
}

/// Appends a body, compressed, after its length.
pub(super) fn pack(mut out: Out, body: &[u8]) -> std::io::Result<Out> {
    out.number(body.len() as u64);
    let mut deflate = DeflateEncoder::new(out.0, Compression::default());
    deflate.write_all(body)?;
    Ok(Out(deflate.finish()?))
}

/// Unpacks what [`pack`] appended.
pub(super) fn unpack(mut input: In, scratch: &mut Vec<u8>) -> Result<(), Damaged> {
    let length = input.number()?;
    if length > MOST {
        return Err(Damaged("a block that would unpack to more than 16 MiB"));
    }
    scratch.clear();
    DeflateDecoder::new(input.0)
        .take(length + 1)
        .read_to_end(scratch)
        .map_err(|_| Damaged("a block that cannot be unpacked"))?;
    if scratch.len() as u64 != length {
        return Err(Damaged("a block that unpacks to another length"));
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
    read(first, input, shape, visit)
}

/// Visits the seconds of a sealed value, in order. `scratch` is memory to unpack into.
pub(super) fn read_sealed<E: From<Damaged>>(
    first: Moment,
    value: &[u8],
    scratch: &mut Vec<u8>,
    visit: impl FnMut(&Second, &mut Rows) -> Result<(), E>,
) -> Result<(), E> {
    let (input, format) = In::either(value, &[SEALED, SEALED_BEFORE])?;
    unpack(input, scratch)?;
    let shape = Shape {
        flows: false,
        carriers: format == SEALED,
    };
    read(first, In(scratch), shape, visit)
}

/// What a body has.
#[derive(Clone, Copy)]
struct Shape {
    flows: bool,
    carriers: bool,
}

fn read<E: From<Damaged>>(
    first: Moment,
    mut input: In,
    shape: Shape,
    mut visit: impl FnMut(&Second, &mut Rows) -> Result<(), E>,
) -> Result<(), E> {
    let count: u8 = input.small()?;
    let heads = (0..count).map(|_| head::read(first, &mut input, shape.carriers));
    let heads = heads.collect::<Result<Vec<_>, Damaged>>()?;
    let mut rows = Rows::new(&mut input, shape.flows)?;
    input.end()?;
    for (second, count) in heads {
        rows.begin(count);
        visit(&second, &mut rows)?;
        rows.end();
    }
    Ok(())
}
