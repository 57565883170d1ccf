//! The rows of a hot second as columns, row by row in the order in which they were told. Read as they
//! are asked for. The rows of sealed blocks of the formats 4 and 2, and of blocks of buckets of format 5, are
//! read so, too.

use super::codec::{Damaged, In, Out, zigzag};
use super::codes::{how, sources};
use super::second::{LabelId, Row};
use super::word::{AppId, ClassesId, NicId, SiteId};
use crate::key::Protocol;
use crate::units::{FrameNumber, Tally, Traffic};

/// flow, interface, protocol, app, site, how, classes, opened, packets in, bytes in, packets out,
/// bytes out. The first is empty where rows are by label.
const COLUMNS: usize = 12;

/// Rows being written: of some at a time, one column after the other.
#[derive(Debug)]
pub(super) struct Columns {
    all: [Out; COLUMNS],
    previous: u64,
}

impl Columns {
    /// Columns of so many rows.
    pub(super) fn with_capacity(rows: usize) -> Columns {
        Columns {
            all: std::array::from_fn(|_| Out(Vec::with_capacity(rows))),
            previous: 0,
        }
    }

    pub(super) fn rows(&mut self, rows: &[Row]) {
        self.flows(rows);
        let all = &mut self.all;
        all[1].numbers(rows, |row| row.nic.0.into());
        all[2].0.extend(rows.iter().map(|row| row.protocol.0));
        all[3].numbers(rows, |row| row.label.app.0.into());
        all[4].numbers(rows, |row| row.label.site.0.into());
        all[5].0.extend(
            rows.iter()
                .map(|row| how(row.label.owner_source, row.label.site_source)),
        );
        all[6].numbers(rows, |row| row.classes.0.into());
        all[7].numbers(rows, |row| row.opened.into());
        all[8].numbers(rows, |row| row.traffic.inbound.packets);
        all[9].numbers(rows, |row| row.traffic.inbound.bytes);
        all[10].numbers(rows, |row| row.traffic.outbound.packets);
        all[11].numbers(rows, |row| row.traffic.outbound.bytes);
    }

    /// Each flow by what is between it and the one before.
    fn flows(&mut self, rows: &[Row]) {
        let mut previous = self.previous;
        self.all[0].numbers(rows, |row| {
            let flow = row.flow.map_or(0, |flow| flow.0);
            let moved = flow.wrapping_sub(std::mem::replace(&mut previous, flow));
            zigzag(moved as i64)
        });
        self.previous = previous;
    }

    pub(super) fn write(&self, out: &mut Out) {
        out.0
            .reserve(self.all.iter().map(|column| column.0.len() + 5).sum());
        self.all.iter().for_each(|column| out.bytes(&column.0));
    }
}

/// The rows of one second, read as they are asked for.
#[derive(Debug)]
pub(super) struct Streamed<'a> {
    columns: [In<'a>; COLUMNS],
    flows: bool,
    previous: u64,
    left: u64,
    /// Rows of earlier seconds that nobody asked for.
    unread: u64,
}

impl<'a> Streamed<'a> {
    pub(super) fn new(input: &mut In<'a>, flows: bool) -> Result<Streamed<'a>, Damaged> {
        let mut columns = [In::default(); COLUMNS];
        for column in &mut columns {
            *column = In(input.bytes()?);
        }
        Ok(Streamed {
            columns,
            flows,
            previous: 0,
            left: 0,
            unread: 0,
        })
    }

    /// The next so many rows are to be read.
    pub(super) fn begin(&mut self, count: u64) {
        self.left = count;
    }

    /// What was not read of them is passed over when the next are.
    pub(super) fn end(&mut self) {
        self.unread = self.unread.saturating_add(self.left);
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

impl Iterator for Streamed<'_> {
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::label::{OwnerSource, SiteSource};
    use proptest::prelude::*;

    fn row((flow, site, count): (u64, u32, u64)) -> Row {
        Row {
            flow: (flow != 0).then_some(FrameNumber(flow)),
            nic: NicId(1),
            protocol: Protocol::UDP,
            label: LabelId {
                app: AppId(3),
                site: SiteId(site),
                owner_source: OwnerSource::Exact,
                site_source: SiteSource::Dns,
            },
            classes: ClassesId(2),
            opened: 1,
            traffic: Traffic {
                inbound: Tally {
                    packets: count,
                    bytes: count.wrapping_mul(1_500),
                },
                outbound: Tally::default(),
            },
        }
    }

    proptest! {
        /// However many rows are put at once, they are the rows that were put.
        #[test]
        fn rows_in_pieces_come_back(
            rows in prop::collection::vec((0..5_000_u64, any::<u32>(), any::<u64>()), 0..600),
            piece in 1..300_usize,
        ) {
            let rows: Vec<Row> = rows.into_iter().map(row).collect();
            let mut columns = Columns::with_capacity(rows.len());
            rows.chunks(piece).for_each(|some| columns.rows(some));
            let mut out = Out::default();
            columns.write(&mut out);
            let mut read = Streamed::new(&mut In(&out.0), true).unwrap();
            read.begin(rows.len() as u64);
            let read: Vec<Row> = read.map(Result::unwrap).collect();
            prop_assert_eq!(read, rows);
        }
    }
}
