//! Whether a whole history is sound, in small pieces: each looks at a few entries of one commit and
//! lets go of it, so that a service that writes meanwhile is not kept from anything.

use super::references::Known;
use super::stats::goes_on;
use super::tables::{self, Found, Kind, entries};
use super::values::{Look, costs, seconds};
use super::{CACHE, Overlay, Tell, copy, known_schema, locked, look, looked, open_existing};
use crate::store::error::Error;
use crate::store::file::guarded;
use crate::store::reader::Reader;
use crate::units::Second;
use redb::{Database, ReadTransaction};
use std::path::Path;

/// How much is looked at under one look at the history.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) entries: usize,
    /// Of values.
    pub(super) bytes: usize,
}

const PIECE: Piece = Piece {
    entries: 512,
    bytes: 4 << 20,
};
/// Damages that are told one by one.
const TOLD: usize = 200;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Values that were looked at.
    pub values: u64,
    /// How many are damaged.
    pub damaged: u64,
    /// The first of them.
    pub damages: Vec<Damage>,
    /// The pages themselves were checked, too, not only what is in them.
    pub pages: bool,
}

/// Something that is not as it was written, and what that costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Of the file as such, or of this table.
    pub table: Option<String>,
    /// The seconds that it concerns, the first and the last, where that can be told.
    pub seconds: Option<(Second, Second)>,
    pub why: String,
    pub costs: &'static str,
}

impl Report {
    fn add(&mut self, damage: Damage) {
        self.damaged += 1;
        if self.damages.len() < TOLD {
            self.damages.push(damage);
        }
    }
}

/// Checks a file that no service has open, pages and all. It is left as it is.
pub fn check_file(path: &Path, tell: &mut Tell) -> Result<Report, Error> {
    let mut report = Report {
        pages: true,
        ..Report::default()
    };
    tell(0, 0)?;
    if let Err(error) = check_pages(path) {
        report.add(of_file(&error.corruption()?));
    }
    match look(path) {
        Ok(reader) => in_pieces(&reader, &mut report, &PIECE, tell)?,
        Err(error) => {
            let why = error.corruption()?;
            if report.damaged == 0 {
                report.add(of_file(&why));
            }
        }
    }
    Ok(report)
}

/// Checks a history that may be written meanwhile.
pub fn check(reader: &Reader, tell: &mut Tell) -> Result<Report, Error> {
    let mut report = Report::default();
    in_pieces(reader, &mut report, &PIECE, tell)?;
    Ok(report)
}

fn of_file(why: &Error) -> Damage {
    Damage {
        table: None,
        seconds: None,
        why: why.to_string(),
        costs: "what lies in the pages that are wrong",
    }
}

/// Every page's checksum, and that no page is lost or used twice.
fn check_pages(path: &Path) -> Result<(), Error> {
    let checked = guarded(|| {
        let overlay = Overlay::new(open_existing(path)?)?;
        let mut database = Database::builder()
            .set_cache_size(CACHE)
            .create_with_backend(overlay)?;
        known_schema(&database)?;
        Ok(database.check_integrity()?)
    });
    if checked.map_err(|error| locked(path, error))? {
        return Ok(());
    }
    Err(redb::Error::Corrupted("pages do not have the checksums they should".into()).into())
}

/// Looks at everything, in pieces of this size; told after each.
pub(super) fn in_pieces(
    reader: &Reader,
    report: &mut Report,
    size: &Piece,
    tell: &mut Tell,
) -> Result<(), Error> {
    let (found, total) = match looked(reader, list) {
        Ok(listed) => listed,
        Err(error) => {
            report.add(of_file(&error.corruption()?));
            return Ok(());
        }
    };
    let mut checker = Checker {
        reader,
        report,
        size: *size,
        known: Known::default(),
        scratch: Vec::new(),
        total,
    };
    for table in &found {
        checker.table(table, tell)?;
    }
    tell(total, total)
}

fn list(transaction: &ReadTransaction) -> Result<(Vec<Found>, u64), Error> {
    let found = tables::tables(transaction)?;
    let lengths = found.iter().map(|table| copy::length(transaction, table));
    let total = lengths.sum::<Result<u64, Error>>()?;
    Ok((found, total))
}

struct Checker<'a> {
    reader: &'a Reader,
    report: &'a mut Report,
    size: Piece,
    known: Known,
    scratch: Vec<u8>,
    total: u64,
}

impl Checker<'_> {
    fn table(&mut self, table: &Found, tell: &mut Tell) -> Result<(), Error> {
        let mut after = None;
        loop {
            let more = match self.piece(table, &mut after) {
                Ok(more) => more,
                Err(error) => {
                    let why = error.corruption()?;
                    self.report.add(unreadable(table, after.as_deref(), &why));
                    false
                }
            };
            tell(self.report.values.min(self.total), self.total)?;
            if !more {
                return Ok(());
            }
        }
    }

    /// Looks at some entries after a key, and moves it on. `false` when there are no more.
    fn piece(&mut self, table: &Found, after: &mut Option<Vec<u8>>) -> Result<bool, Error> {
        let snapshot = self.reader.snapshot()?;
        let through = snapshot.through()?;
        let (mut count, mut bytes, mut more) = (0, 0, false);
        let from = after.clone();
        let size = self.size;
        let (report, known, scratch) = (&mut *self.report, &mut self.known, &mut self.scratch);
        let mut look = Look {
            at: snapshot.transaction(),
            through,
            known,
            scratch,
        };
        guarded(|| {
            entries(look.at, table, from.as_deref(), &mut |key, value| {
                let in_order = table.kind == Kind::Numbers
                    || after.as_deref().is_none_or(|before| before < key);
                let checked = look.check(table, key, value);
                let order = if in_order {
                    Ok(())
                } else {
                    Err("keys are not in order".to_owned())
                };
                report.values += 1;
                if let Err(why) = order.and(checked) {
                    report.add(damage(table, key, why));
                }
                *after = Some(key.to_vec());
                (count, bytes) = (count + 1, bytes + value.len());
                more = count >= size.entries || bytes >= size.bytes;
                Ok(goes_on(!more))
            })
        })?;
        Ok(more)
    }
}

fn damage(table: &Found, key: &[u8], why: String) -> Damage {
    Damage {
        table: Some(table.name.clone()),
        seconds: seconds(table, key),
        why,
        costs: costs(table),
    }
}

/// A table that cannot be read to its end.
fn unreadable(table: &Found, after: Option<&[u8]>, why: &Error) -> Damage {
    Damage {
        table: Some(table.name.clone()),
        seconds: after.and_then(|key| seconds(table, key)),
        why: why.to_string(),
        costs: "what this table holds from here on may not be readable",
    }
}
