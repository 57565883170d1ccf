//! A copy of a whole history as it was at one commit: one read transaction, every table, entry by
//! entry to whoever takes them. The writer goes on; pages that it frees meanwhile are kept until
//! the copy is done. Where the file must be opened again after a disk error, the copy gives way.

use super::Tell;
use super::make::{Made, Maker, Target};
use super::tables::{self, Found, Kind};
use crate::store::error::Error;
use crate::store::file::guarded;
use crate::store::reader::Reader;
use redb::{ReadTransaction, ReadableDatabase, ReadableTableMetadata, TableDefinition};
use std::ops::ControlFlow;

/// Entries between two looks whether to go on.
const STRIDE: u64 = 256;

/// Who takes the entries.
pub(super) trait Take {
    /// How many entries there will be.
    fn total(&mut self, entries: u64) -> Result<(), Error>;
    fn table(&mut self, table: &Found) -> Result<(), Error>;
    fn entry(&mut self, key: &[u8], value: &[u8]) -> Result<(), Error>;
}

/// Copies a history into a new file.
pub fn backup(reader: &Reader, target: &Target, tell: &mut Tell) -> Result<Made, Error> {
    let mut maker = Maker::new(target)?;
    copy(reader, &mut maker, tell)?;
    maker.finish()
}

/// Hands every entry on, in tables.
pub(super) fn copy(reader: &Reader, take: &mut impl Take, tell: &mut Tell) -> Result<(), Error> {
    let database = reader.0.get()?;
    let transaction = guarded(|| Ok(database.begin_read()?))?;
    let gone = || !reader.0.holds(&database);
    guarded(|| {
        let mut found = tables::tables(&transaction)?;
        // Words come after whatever has them, so that it is known then which are used.
        found.sort_by_key(|table| matches!(table.kind, Kind::Numbers | Kind::Words));
        let total = found.iter().map(|table| length(&transaction, table));
        let total = total.sum::<Result<u64, Error>>()?;
        take.total(total)?;
        let mut done = 0;
        for table in &found {
            take.table(table)?;
            tables::entries(&transaction, table, None, &mut |key, value| {
                take.entry(key, value)?;
                done += 1;
                if done % STRIDE == 0 {
                    tell(done, total)?;
                    if gone() {
                        return Err(Error::Closed);
                    }
                }
                Ok(ControlFlow::Continue(()))
            })?;
        }
        tell(total, total)
    })
}

/// How many entries a table has.
pub(super) fn length(transaction: &ReadTransaction, table: &Found) -> Result<u64, Error> {
    let definition = TableDefinition::<u32, u32>::new(&table.name);
    Ok(transaction.open_untyped_table(definition)?.len()?)
}

impl Take for Maker {
    fn total(&mut self, _: u64) -> Result<(), Error> {
        Ok(())
    }

    fn table(&mut self, table: &Found) -> Result<(), Error> {
        Maker::table(self, table)
    }

    fn entry(&mut self, key: &[u8], value: &[u8]) -> Result<(), Error> {
        Maker::entry(self, key, value)
    }
}
