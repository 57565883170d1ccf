//! What waits to be written, as if it were stored: its numbers, its late labels.

use super::Look;
use crate::query::error::Error;
use crate::query::words::Words;
use crate::store::{Amendments, Numbering, Relabel, Row, Second, Snapshot, row_of, second_of};
use crate::tick::Delta;

impl Look {
    pub(super) fn amend_from_pending(&mut self) -> Result<(), Error> {
        let mut numbers = self.words.numbers(&self.snapshot);
        for delta in &self.pending {
            for one in &delta.amendments {
                let relabel = Relabel {
                    flow: one.flow,
                    since: one.since,
                    label: numbers.label(&one.label)?,
                };
                self.amendments.add(delta.moment, &relabel);
            }
        }
        Ok(())
    }
}

/// A pending second as a stored one would be.
pub(super) fn numbered(
    delta: &Delta,
    words: &mut Words,
    snapshot: &Snapshot,
    amendments: &Amendments,
) -> Result<(Second, Vec<Row>), Error> {
    let mut numbers = words.numbers(snapshot);
    let second = second_of(delta, &mut numbers)?;
    let rows = delta.rows.iter().map(|row| {
        let mut row = row_of(row, &delta.interfaces, &mut numbers)?;
        amendments.apply(delta.moment, &mut row);
        Ok(row)
    });
    let rows = rows.collect::<Result<Vec<_>, Error>>()?;
    Ok((second, rows))
}
