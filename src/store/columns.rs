//! The rows of a hot second as columns, row by row in the order in which they were told. Read as they
//! are asked for. The rows of sealed blocks of the formats 4 and 2, and of blocks of buckets of format 5, are
//! read so, too.

use super::codec::{Damaged, In, Out};
use super::codes::{how, sources};
use super::second::{LabelId, Row};
use super::word::{AppId, ClassesId, NicId, SiteId};
use crate::key::Protocol;
use crate::units::{FrameNumber, Tally, Traffic};

/// flow, interface, protocol, app, site, how, classes, opened, packets in, bytes in, packets out,
/// bytes out. The first is empty where rows are by label.
const COLUMNS: usize = 12;

/// Rows being written.
#[derive(Debug)]
pub(super) struct Columns {
    flows: bool,
    all: [Out; COLUMNS],
    previous: u64,
}

impl Columns {
    /// With or without the flow of each row.
    pub(super) fn new(flows: bool) -> Columns {
        Columns {
            flows,
            all: Default::default(),
            previous: 0,
        }
    }

    pub(super) fn row(&mut self, row: &Row) {
        if self.flows {
            let flow = row.flow.map_or(0, |flow| flow.0);
            self.all[0].signed(flow.wrapping_sub(self.previous) as i64);
            self.previous = flow;
        }
        self.all[1].number(row.nic.0.into());
        self.all[2].byte(row.protocol.0);
        self.all[3].number(row.label.app.0.into());
        self.all[4].number(row.label.site.0.into());
        self.all[5].byte(how(row.label.owner_source, row.label.site_source));
        self.all[6].number(row.classes.0.into());
        self.all[7].number(row.opened.into());
        let Traffic { inbound, outbound } = row.traffic;
        let counts = [
            inbound.packets,
            inbound.bytes,
            outbound.packets,
            outbound.bytes,
        ];
        let columns = self.all[8..].iter_mut();
        columns
            .zip(counts)
            .for_each(|(column, count)| column.number(count));
    }

    pub(super) fn write(&self, out: &mut Out) {
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
