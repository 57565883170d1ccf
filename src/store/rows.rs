//! The rows of a block's seconds as they are read, however they are stored.

use super::by_label::ByLabel;
use super::codec::Damaged;
use super::columns::Streamed;
use super::second::Row;

/// The rows of one second after the other.
#[derive(Debug)]
pub(super) enum Rows<'a> {
    Streamed(Streamed<'a>),
    ByLabel(ByLabel<'a>),
}

impl Rows<'_> {
    /// The rows of the second at this place of the block are to be read; it has so many, where that
    /// is told.
    pub(super) fn begin(&mut self, place: usize, count: u64) {
        match self {
            Rows::Streamed(rows) => rows.begin(count),
            Rows::ByLabel(rows) => rows.begin(place),
        }
    }

    /// What was not read of them is passed over.
    pub(super) fn end(&mut self) {
        if let Rows::Streamed(rows) = self {
            rows.end();
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, Damaged>;

    fn next(&mut self) -> Option<Result<Row, Damaged>> {
        match self {
            Rows::Streamed(rows) => rows.next(),
            Rows::ByLabel(rows) => rows.row(),
        }
    }
}
