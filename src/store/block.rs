//! Seconds as bytes: heads with their facts first, then the rows of all of them, column by column.
//! A hot value is one second, plain, with a column of flows; a sealed value is up to a minute,
//! compressed, without. Reading streams: no row is kept.

use super::codec::{Damaged, In, Out};
use super::codes::{how, sources};
use super::head;
use super::second::{LabelId, Row, Second};
use super::word::{AppId, ClassesId, NicId, SiteId};
use crate::key::Protocol;
use crate::units::{FrameNumber, Moment, Tally, Traffic};
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
/// flow, interface, protocol, app, site, how, classes, opened, packets in, bytes in, packets out,
/// bytes out. The first is empty in a sealed block.
const COLUMNS: usize = 12;

/// Seconds and rows being put into a block.
#[derive(Debug)]
pub(super) struct Builder {
    first: Moment,
    flows: bool,
    seconds: u64,
    heads: Out,
    columns: [Out; COLUMNS],
    previous: u64,
}

impl Builder {
    /// A block of one second, with flows.
    pub(super) fn hot(first: Moment) -> Builder {
        Builder {
            first,
            flows: true,
            seconds: 0,
            heads: Out::default(),
            columns: Default::default(),
            previous: 0,
        }
    }

    /// A block of up to a minute, without flows.
    pub(super) fn sealed(first: Moment) -> Builder {
        Builder {
            flows: false,
            ..Builder::hot(first)
        }
    }

    pub(super) fn second(&mut self, second: &Second, rows: &[Row]) {
        self.seconds += 1;
        let offset = second.moment.second.0.wrapping_sub(self.first.second.0);
        head::write(&mut self.heads, offset as u64, second, rows.len() as u64);
        for row in rows {
            self.row(row);
        }
    }

    fn row(&mut self, row: &Row) {
        if self.flows {
            let flow = row.flow.map_or(0, |flow| flow.0);
            self.columns[0].signed(flow.wrapping_sub(self.previous) as i64);
            self.previous = flow;
        }
        self.columns[1].number(row.nic.0.into());
        self.columns[2].byte(row.protocol.0);
        self.columns[3].number(row.label.app.0.into());
        self.columns[4].number(row.label.site.0.into());
        self.columns[5].byte(how(row.label.owner_source, row.label.site_source));
        self.columns[6].number(row.classes.0.into());
        self.columns[7].number(row.opened.into());
        let Traffic { inbound, outbound } = row.traffic;
        let counts = [
            inbound.packets,
            inbound.bytes,
            outbound.packets,
            outbound.bytes,
        ];
        let columns = self.columns[8..].iter_mut();
        columns
            .zip(counts)
            .for_each(|(column, count)| column.number(count));
    }

    /// The value to store.
    pub(super) fn finish(self) -> std::io::Result<Vec<u8>> {
        let mut body = Out::default();
        body.number(self.seconds);
        body.0.extend_from_slice(&self.heads.0);
        self.columns.iter().for_each(|column| body.bytes(&column.0));
        if self.flows {
            let mut out = Out::envelope(HOT);
            out.0.extend_from_slice(&body.0);
            return Ok(out.sealed());
        }
        let mut out = Out::envelope(SEALED);
        out.number(body.0.len() as u64);
        let mut deflate = DeflateEncoder::new(out.0, Compression::default());
        deflate.write_all(&body.0)?;
        Ok(Out(deflate.finish()?).sealed())
    }
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
    let (mut input, format) = In::either(value, &[SEALED, SEALED_BEFORE])?;
    let length = input.number()?;
    if length > MOST {
        return Err(Damaged("a block that would unpack to more than 16 MiB").into());
    }
    scratch.clear();
    DeflateDecoder::new(input.0)
        .take(length + 1)
        .read_to_end(scratch)
        .map_err(|_| Damaged("a block that cannot be unpacked"))?;
    if scratch.len() as u64 != length {
        return Err(Damaged("a block that unpacks to another length").into());
    }
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
        rows.left = count;
        visit(&second, &mut rows)?;
        rows.unread += rows.left;
    }
    Ok(())
}

/// The rows of one second, read as they are asked for.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    columns: [In<'a>; COLUMNS],
    flows: bool,
    previous: u64,
    left: u64,
    /// Rows of earlier seconds that nobody asked for.
    unread: u64,
}

impl<'a> Rows<'a> {
    fn new(input: &mut In<'a>, flows: bool) -> Result<Rows<'a>, Damaged> {
        let mut columns = [In::default(); COLUMNS];
        for column in &mut columns {
            *column = In(input.bytes()?);
        }
        Ok(Rows {
            columns,
            flows,
            previous: 0,
            left: 0,
            unread: 0,
        })
    }

    fn row(&mut self) -> Result<Row, Damaged> {
        let flow = self.flow()?;
        let [
            _,
            nic,
            protocol,
            app,
            site,
            how,
            classes,
            opened,
            pi,
            bi,
            po,
            bo,
        ] = &mut self.columns;
        let (owner_source, site_source) = sources(how.byte()?)?;
        Ok(Row {
            flow,
            nic: NicId(nic.small()?),
            protocol: Protocol(protocol.byte()?),
            label: LabelId {
                app: AppId(app.small()?),
                site: SiteId(site.small()?),
                owner_source,
                site_source,
            },
            classes: ClassesId(classes.small()?),
            opened: opened.small()?,
            traffic: Traffic {
                inbound: Tally {
                    packets: pi.number()?,
                    bytes: bi.number()?,
                },
                outbound: Tally {
                    packets: po.number()?,
                    bytes: bo.number()?,
                },
            },
        })
    }

    fn flow(&mut self) -> Result<Option<FrameNumber>, Damaged> {
        if !self.flows {
            return Ok(None);
        }
        self.previous = self.previous.wrapping_add(self.columns[0].signed()? as u64);
        Ok((self.previous != 0).then_some(FrameNumber(self.previous)))
    }

    fn skip_unread(&mut self) -> Result<(), Damaged> {
        while self.unread > 0 {
            self.unread -= 1;
            self.row()?;
        }
        Ok(())
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, Damaged>;

    fn next(&mut self) -> Option<Result<Row, Damaged>> {
        if self.left == 0 {
            return None;
        }
        let row = self.skip_unread().and_then(|()| self.row());
        self.left = if row.is_ok() { self.left - 1 } else { 0 };
        Some(row)
    }
}
