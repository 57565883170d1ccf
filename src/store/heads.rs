//! The heads of a block's seconds (or buckets) as columns: what is the same from second to second, or
//! follows from what else is told, takes next to nothing. What was delivered and what an interface's
//! own counters say is told as the difference to what was counted.

use super::codec::{Damaged, In, Out};
use super::head::{read_carrier, read_reason};
use super::second::{NicSecond, Second, was_watched};
use super::sheet::{self, Four, figures, traffic};
use super::word::NicId;
use crate::decode::Reason;
use crate::tick::Cost;
use crate::units::{Moment, Nanos, Tally, Traffic};

const COLUMNS: usize = 22;

/// Of each second, of each of its interfaces, of each reason why frames there were in no flow.
#[derive(Debug, Default)]
struct Columns<T> {
    /// The difference to the second before; the same of width and resident size.
    offset: T,
    width: T,
    cpu: T,
    resident: T,
    nics: T,

    nic: T,
    carrier: T,
    watched: T,
    flowed: Four<T>,
    reasons: T,
    /// The difference to what was counted: packets and bytes.
    delivered: T,
    lost: T,
    gap: T,
    counters: T,

    reason: T,
    unflowed: Four<T>,
}

impl<T> Columns<T> {
    #[rustfmt::skip]
    fn list(self) -> [T; COLUMNS] {
        let ([pi, bi, po, bo], [upi, ubi, upo, ubo]) = (self.flowed.0, self.unflowed.0);
        [
            self.offset, self.width, self.cpu, self.resident, self.nics,
            self.nic, self.carrier, self.watched, pi, bi, po, bo, self.reasons, self.delivered,
            self.lost, self.gap, self.counters,
            self.reason, upi, ubi, upo, ubo,
        ]
    }

    #[rustfmt::skip]
    fn of(all: [T; COLUMNS]) -> Columns<T> {
        let [
            offset, width, cpu, resident, nics,
            nic, carrier, watched, pi, bi, po, bo, reasons, delivered, lost, gap, counters,
            reason, upi, ubi, upo, ubo,
        ] = all;
        let (flowed, unflowed) = (Four([pi, bi, po, bo]), Four([upi, ubi, upo, ubo]));
        Columns {
            offset, width, cpu, resident, nics,
            nic, carrier, watched, flowed, reasons, delivered, lost, gap, counters,
            reason, unflowed,
        }
    }
}

/// Whose heads they are. When a bucket is, is told elsewhere; a second is watched or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Seconds,
    Buckets,
}

/// What is told as the difference to the second before.
#[derive(Debug, Default)]
struct Before {
    offset: u64,
    width: i64,
    resident: u64,
}

/// Heads being written.
#[derive(Debug)]
pub(super) struct Heads {
    of: Of,
    columns: Columns<Out>,
    before: Before,
}

impl Heads {
    pub(super) fn new(of: Of) -> Heads {
        Heads {
            of,
            columns: Columns::default(),
            before: Before::default(),
        }
    }

    /// `offset`: how many seconds after the block's first.
    pub(super) fn add(&mut self, offset: u64, second: &Second) {
        let (to, before) = (&mut self.columns, &mut self.before);
        if self.of == Of::Seconds {
            to.offset.number(offset.wrapping_sub(before.offset));
        }
        to.width.signed(second.width.0.wrapping_sub(before.width));
        to.cpu.signed(second.cost.cpu.0);
        let grown = second.cost.resident.wrapping_sub(before.resident);
        to.resident.signed(grown as i64);
        to.nics.number(second.nics.len() as u64);
        *before = Before {
            offset,
            width: second.width.0,
            resident: second.cost.resident,
        };
        second.nics.iter().for_each(|nic| to.put(nic, self.of));
    }

    /// The body, to be compressed.
    pub(super) fn bytes(self) -> Vec<u8> {
        let mut out = Out::default();
        sheet::write(&mut out, &self.columns.list());
        out.0
    }
}

impl Columns<Out> {
    fn put(&mut self, nic: &NicSecond, of: Of) {
        self.nic.number(nic.nic.0.into());
        self.carrier
            .number(nic.carrier.map_or(0, |app| app.0).into());
        if of == Of::Buckets {
            self.watched.number(nic.watched.into());
        }
        self.flowed.put(nic.flowed);
        self.reasons.number(nic.unflowed.len() as u64);
        for (reason, traffic) in &nic.unflowed {
            self.reason.byte(*reason as u8);
            self.unflowed.put(*traffic);
        }
        let counted = counted(nic.flowed, &nic.unflowed);
        let [packets, bytes] = both_ways(counted);
        difference(&mut self.delivered, nic.delivered.packets, packets);
        difference(&mut self.delivered, nic.delivered.bytes, bytes);
        self.lost.tally(nic.ring_dropped);
        self.lost.number(nic.kernel_dropped);
        self.lost.number(nic.interface_dropped);
        self.lost.number(nic.late_frames);
        self.lost.number(nic.untimed_frames);
        self.gap.number(nic.gap_ms.into());
        self.counters.byte(u8::from(nic.counters.is_some()));
        for (own, counted) in nic
            .counters
            .iter()
            .flat_map(|own| figures(*own).into_iter().zip(counted))
        {
            difference(&mut self.counters, own, counted);
        }
    }
}

impl Columns<In<'_>> {
    fn take(&mut self, of: Of) -> Result<NicSecond, Damaged> {
        let nic = NicId(self.nic.small()?);
        let carrier = read_carrier(&mut self.carrier)?;
        let flowed = self.flowed.take()?;
        let unflowed = self.take_unflowed()?;
        let counted = counted(flowed, &unflowed);
        let [packets, bytes] = both_ways(counted);
        let delivered = Tally {
            packets: sum(&mut self.delivered, packets)?,
            bytes: sum(&mut self.delivered, bytes)?,
        };
        let gap_ms = self.gap.small()?;
        Ok(NicSecond {
            nic,
            carrier,
            delivered,
            ring_dropped: self.lost.tally()?,
            kernel_dropped: self.lost.number()?,
            interface_dropped: self.lost.number()?,
            late_frames: self.lost.number()?,
            untimed_frames: self.lost.number()?,
            counters: self.take_counters(counted)?,
            gap_ms,
            watched: match of {
                Of::Seconds => was_watched(gap_ms),
                Of::Buckets => self.watched.small()?,
            },
            flowed,
            unflowed,
        })
    }

    fn take_unflowed(&mut self) -> Result<Vec<(Reason, Traffic)>, Damaged> {
        let count: u8 = self.reasons.small()?;
        let reasons =
            (0..count).map(|_| Ok((read_reason(&mut self.reason)?, self.unflowed.take()?)));
        reasons.collect()
    }

    fn take_counters(&mut self, counted: [u64; 4]) -> Result<Option<Traffic>, Damaged> {
        if self.counters.byte()? == 0 {
            return Ok(None);
        }
        let mut own = counted;
        for figure in &mut own {
            *figure = sum(&mut self.counters, *figure)?;
        }
        Ok(Some(traffic(own)))
    }
}

/// Reads heads, in the order in which they were added.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    of: Of,
    columns: Columns<In<'a>>,
    before: Before,
}

impl<'a> Reading<'a> {
    pub(super) fn new(of: Of, body: In<'a>) -> Result<Reading<'a>, Damaged> {
        Ok(Reading {
            of,
            columns: Columns::of(sheet::read(body)?),
            before: Before::default(),
        })
    }

    /// Of the next second: how many seconds after the block's first it is.
    pub(super) fn offset(&mut self) -> Result<u64, Damaged> {
        let offset = self
            .before
            .offset
            .checked_add(self.columns.offset.number()?);
        self.before.offset = offset.ok_or(Damaged("a second after the end of time"))?;
        Ok(self.before.offset)
    }

    /// What is told of the next second, or bucket, which begins at this moment and is so long.
    pub(super) fn next(&mut self, moment: Moment, span: u32) -> Result<Second, Damaged> {
        let (columns, before) = (&mut self.columns, &mut self.before);
        before.width = before.width.wrapping_add(columns.width.signed()?);
        let grown = columns.resident.signed()?;
        before.resident = before.resident.wrapping_add(grown as u64);
        let cost = Cost {
            cpu: Nanos(columns.cpu.signed()?),
            resident: before.resident,
        };
        let count: u16 = columns.nics.small()?;
        let nics = (0..count).map(|_| columns.take(self.of));
        Ok(Second {
            moment,
            span,
            width: Nanos(before.width),
            cost,
            nics: nics.collect::<Result<_, _>>()?,
        })
    }

    /// Nothing may be left.
    pub(super) fn end(self) -> Result<(), Damaged> {
        self.columns.list().iter().try_for_each(In::end)
    }
}

/// What was counted on an interface, in flows or not. Sums of damaged values may be too large.
fn counted(flowed: Traffic, unflowed: &[(Reason, Traffic)]) -> [u64; 4] {
    let mut sums = figures(flowed);
    for (_, traffic) in unflowed {
        let sums = sums.iter_mut().zip(figures(*traffic));
        sums.for_each(|(sum, figure)| *sum = sum.wrapping_add(figure));
    }
    sums
}

fn both_ways([pi, bi, po, bo]: [u64; 4]) -> [u64; 2] {
    [pi.wrapping_add(po), bi.wrapping_add(bo)]
}

fn difference(column: &mut Out, figure: u64, counted: u64) {
    column.signed(figure.wrapping_sub(counted) as i64);
}

fn sum(column: &mut In, counted: u64) -> Result<u64, Damaged> {
    Ok(counted.wrapping_add(column.signed()? as u64))
}
