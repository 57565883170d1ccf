//! A hot second's head: how wide it was, what it cost, and each interface's facts - what was delivered,
//! counted and lost, and who carried it. Read, too, of sealed blocks of the formats 4 and 2, which have one for
//! each second, and of blocks of buckets of format 5, where it says for how many seconds each interface was
//! watched.

use super::codec::{Damaged, In, Out};
use super::second::{NicSecond, Second, was_watched};
use super::word::{AppId, NicId};
use crate::decode::Reason;
use crate::tick::Cost;
use crate::units::{self, Moment, Nanos, Traffic};

/// Writes a second's head: its time from the block's start, how many rows it has, its facts.
pub(super) fn write(out: &mut Out, offset: u64, second: &Second, rows: u64) {
    out.number(offset);
    width_and_cost(out, second);
    out.number(rows);
    out.number(second.nics.len() as u64);
    second.nics.iter().for_each(|nic| facts(out, nic));
}

/// Reads one of a bucket that begins at this moment and is so long.
pub(super) fn read_bucket(moment: Moment, span: u32, input: &mut In) -> Result<Second, Damaged> {
    let (width, cost) = read_width_and_cost(input)?;
    let count: u16 = input.small()?;
    let nics = (0..count).map(|_| {
        let watched = input.small()?;
        let facts = read_facts(input, true)?;
        Ok(NicSecond { watched, ..facts })
    });
    Ok(Second {
        moment,
        span,
        width,
        cost,
        nics: nics.collect::<Result<_, _>>()?,
    })
}

fn width_and_cost(out: &mut Out, second: &Second) {
    out.signed(second.width.0);
    out.signed(second.cost.cpu.0);
    out.number(second.cost.resident);
}

fn read_width_and_cost(input: &mut In) -> Result<(Nanos, Cost), Damaged> {
    let width = Nanos(input.signed()?);
    let cost = Cost {
        cpu: Nanos(input.signed()?),
        resident: input.number()?,
    };
    Ok((width, cost))
}

/// Reads one, and how many rows belong to it. `carriers`: whether carriers are told, which first
/// formats did not.
pub(super) fn read(
    first: Moment,
    input: &mut In,
    carriers: bool,
) -> Result<(Second, u64), Damaged> {
    let offset: u8 = input.small()?;
    let second = first.second.0.checked_add(offset.into());
    let moment = Moment {
        second: units::Second(second.ok_or(Damaged("a second after the end of time"))?),
        epoch: first.epoch,
    };
    let (width, cost) = read_width_and_cost(input)?;
    let rows = input.number()?;
    let count: u16 = input.small()?;
    let nics = (0..count).map(|_| read_facts(input, carriers));
    let nics = nics.collect::<Result<_, _>>()?;
    let second = Second {
        moment,
        span: 1,
        width,
        cost,
        nics,
    };
    Ok((second, rows))
}

fn facts(out: &mut Out, nic: &NicSecond) {
    out.number(nic.nic.0.into());
    out.number(nic.carrier.map_or(0, |app| app.0).into());
    out.tally(nic.delivered);
    out.tally(nic.ring_dropped);
    out.number(nic.kernel_dropped);
    out.number(nic.interface_dropped);
    out.number(nic.late_frames);
    out.number(nic.untimed_frames);
    out.number(nic.gap_ms.into());
    out.byte(u8::from(nic.counters.is_some()));
    if let Some(counters) = nic.counters {
        out.traffic(counters);
    }
    out.traffic(nic.flowed);
    out.number(nic.unflowed.len() as u64);
    for (reason, traffic) in &nic.unflowed {
        out.byte(*reason as u8);
        out.traffic(*traffic);
    }
}

fn read_facts(input: &mut In, carriers: bool) -> Result<NicSecond, Damaged> {
    let mut nic = NicSecond {
        nic: NicId(input.small()?),
        carrier: if carriers { read_carrier(input)? } else { None },
        delivered: input.tally()?,
        ring_dropped: input.tally()?,
        kernel_dropped: input.number()?,
        interface_dropped: input.number()?,
        late_frames: input.number()?,
        untimed_frames: input.number()?,
        gap_ms: input.small()?,
        watched: 0,
        counters: match input.byte()? {
            0 => None,
            _ => Some(input.traffic()?),
        },
        flowed: input.traffic()?,
        unflowed: read_unflowed(input)?,
    };
    nic.watched = was_watched(nic.gap_ms);
    Ok(nic)
}

/// Numbers begin at 1.
pub(super) fn read_carrier(input: &mut In) -> Result<Option<AppId>, Damaged> {
    let number = input.small()?;
    Ok((number != 0).then_some(AppId(number)))
}

fn read_unflowed(input: &mut In) -> Result<Vec<(Reason, Traffic)>, Damaged> {
    let count: u8 = input.small()?;
    let reasons = (0..count).map(|_| Ok((read_reason(input)?, input.traffic()?)));
    reasons.collect()
}

pub(super) fn read_reason(input: &mut In) -> Result<Reason, Damaged> {
    Reason::of(input.byte()?).ok_or(Damaged("a reason that is not known here"))
}
