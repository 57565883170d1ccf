//! Columns side by side: each is told with its length, and read on its own.

use super::codec::{Damaged, In, Out};
use crate::units::{Tally, Traffic};

/// Appends columns.
pub(super) fn write(out: &mut Out, columns: &[Out]) {
    for column in columns {
        out.bytes(&column.0);
    }
}

/// The columns of a body, which holds nothing else.
pub(super) fn read<const N: usize>(mut body: In<'_>) -> Result<[In<'_>; N], Damaged> {
    let mut columns = [In::default(); N];
    for column in &mut columns {
        *column = In(body.bytes()?);
    }
    body.end()?;
    Ok(columns)
}

/// Packets in, bytes in, packets out, bytes out: a column each.
#[derive(Debug, Default)]
pub(super) struct Four<T>(pub(super) [T; 4]);

pub(super) fn figures(traffic: Traffic) -> [u64; 4] {
    let Traffic { inbound, outbound } = traffic;
    [
        inbound.packets,
        inbound.bytes,
        outbound.packets,
        outbound.bytes,
    ]
}

pub(super) fn traffic([pi, bi, po, bo]: [u64; 4]) -> Traffic {
    let tally = |packets, bytes| Tally { packets, bytes };
    Traffic {
        inbound: tally(pi, bi),
        outbound: tally(po, bo),
    }
}

impl Four<Out> {
    pub(super) fn put(&mut self, traffic: Traffic) {
        let columns = self.0.iter_mut().zip(figures(traffic));
        columns.for_each(|(column, figure)| column.number(figure));
    }
}

impl Four<In<'_>> {
    pub(super) fn take(&mut self) -> Result<Traffic, Damaged> {
        let [pi, bi, po, bo] = &mut self.0;
        Ok(traffic([
            pi.number()?,
            bi.number()?,
            po.number()?,
            bo.number()?,
        ]))
    }
}
