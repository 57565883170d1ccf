//! What a history holds, in numbers: rows, bytes and times of every table, what a row costs, and
//! what no table uses. Looks at one table at a time, so that no old page is kept for long.

use super::tables::{self, Found, Kind, Typed, entries};
use super::{Checked, looked, schema};
use crate::store::block::{Rows, read_hot, read_sealed};
use crate::store::codec::Damaged;
use crate::store::error::Error;
use crate::store::layout::{self, HOT, META, SEALED};
use crate::store::reader::Reader;
use crate::units::Second;
use redb::{
    Key, ReadTransaction, ReadableTable, ReadableTableMetadata, TableDefinition, TableHandle, Value,
};
use std::ops::ControlFlow;

/// The kinds of words that are numbered.
const DICTIONARIES: [&str; 4] = ["apps", "sites", "interfaces", "classes"];
/// Values that are unpacked under one look at the history.
const PIECE: usize = 256;

#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    pub schema: u32,
    pub through: Option<Second>,
    /// When a running service checked all of it last.
    pub checked: Option<Checked>,
    /// By name.
    pub tables: Vec<TableStats>,
    /// Of the seconds by flow, and of the sealed ones.
    pub rows: Vec<RowStats>,
    pub dictionaries: Vec<DictionaryStats>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableStats {
    pub name: String,
    pub rows: u64,
    /// Keys and values.
    pub stored_bytes: u64,
    /// Pages that hold them.
    pub file_bytes: u64,
    /// Of a table by time.
    pub first: Option<Second>,
    pub last: Option<Second>,
}

/// What a table of seconds holds when it is unpacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowStats {
    pub table: String,
    pub seconds: u64,
    pub rows: u64,
    /// Pages of its table.
    pub file_bytes: u64,
    /// Values that could not be read.
    pub damaged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DictionaryStats {
    pub name: String,
    pub words: u64,
    pub file_bytes: u64,
}

/// Counts a whole history.
pub fn stats(reader: &Reader) -> Result<Stats, Error> {
    let through = reader.snapshot()?.through()?;
    let (schema, found) = looked(reader, |transaction| {
        Ok((schema(transaction)?, tables::tables(transaction)?))
    })?;
    let tables = found
        .iter()
        .map(|table| looked(reader, |transaction| of_table(transaction, table)));
    let tables = tables.collect::<Result<Vec<_>, Error>>()?;
    let rows = [HOT.name(), SEALED.name()].into_iter();
    let rows = rows.map(|name| rows_of(reader, name, &tables));
    Ok(Stats {
        schema: schema.unwrap_or_default(),
        through: through.map(|through| through.second),
        checked: looked(reader, |transaction| {
            Checked::load(&transaction.open_table(META)?)
        })?,
        rows: rows.collect::<Result<_, Error>>()?,
        dictionaries: DICTIONARIES
            .iter()
            .map(|name| dictionary(name, &tables))
            .collect(),
        tables,
    })
}

fn of_table(transaction: &ReadTransaction, table: &Found) -> Result<TableStats, Error> {
    let untyped = TableDefinition::<u32, u32>::new(&table.name);
    let stats = transaction.open_untyped_table(untyped)?.stats()?;
    let ends = table.kind.with(Ends {
        transaction,
        name: &table.name,
    })?;
    let second = |key: &Vec<u8>| second_of(table.kind, key);
    Ok(TableStats {
        name: table.name.clone(),
        rows: super::copy::length(transaction, table)?,
        stored_bytes: stats.stored_bytes(),
        file_bytes: stats.stored_bytes() + stats.metadata_bytes() + stats.fragmented_bytes(),
        first: ends.as_ref().and_then(|(first, _)| second(first)),
        last: ends.as_ref().and_then(|(_, last)| second(last)),
    })
}

/// The second that a key begins with, where it is one by time.
pub(super) fn second_of(kind: Kind, key: &[u8]) -> Option<Second> {
    match kind {
        Kind::Moments | Kind::Connections => key
            .first_chunk()
            .map(|moment| layout::moment(moment).second),
        Kind::Names | Kind::Numbers | Kind::Words | Kind::Marks => None,
    }
}

struct Ends<'a> {
    transaction: &'a ReadTransaction,
    name: &'a str,
}

impl Typed for Ends<'_> {
    type Done = Option<(Vec<u8>, Vec<u8>)>;

    fn done<K: Key + 'static, V: Value + 'static>(self) -> Result<Self::Done, Error> {
        let definition = TableDefinition::<K, V>::new(self.name);
        let table = self.transaction.open_table(definition)?;
        let bytes = |key: K::SelfType<'_>| K::as_bytes(&key).as_ref().to_vec();
        let first = table.first()?.map(|(key, _)| bytes(key.value()));
        let last = table.last()?.map(|(key, _)| bytes(key.value()));
        Ok(first.zip(last))
    }
}

fn dictionary(name: &str, tables: &[TableStats]) -> DictionaryStats {
    let mine = tables.iter().filter(|table| {
        table
            .name
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest == "_by_word")
    });
    DictionaryStats {
        name: name.to_owned(),
        words: tables
            .iter()
            .find(|table| table.name == name)
            .map_or(0, |table| table.rows),
        file_bytes: mine.map(|table| table.file_bytes).sum(),
    }
}

fn rows_of(reader: &Reader, name: &str, tables: &[TableStats]) -> Result<RowStats, Error> {
    let mut stats = RowStats {
        table: name.to_owned(),
        seconds: 0,
        rows: 0,
        file_bytes: tables
            .iter()
            .find(|table| table.name == name)
            .map_or(0, |table| table.file_bytes),
        damaged: 0,
    };
    let table = Found {
        name: name.to_owned(),
        kind: Kind::Moments,
    };
    let mut scratch = Vec::new();
    let mut after: Option<Vec<u8>> = None;
    loop {
        let mut read = 0;
        looked(reader, |transaction| {
            let from = after.clone();
            entries(transaction, &table, from.as_deref(), &mut |key, value| {
                stats.count(key, value, &mut scratch);
                after = Some(key.to_vec());
                read += 1;
                Ok(goes_on(read < PIECE))
            })
        })?;
        if read < PIECE {
            return Ok(stats);
        }
    }
}

pub(super) fn goes_on(more: bool) -> ControlFlow<()> {
    if more {
        ControlFlow::Continue(())
    } else {
        ControlFlow::Break(())
    }
}

impl RowStats {
    fn count(&mut self, key: &[u8], value: &[u8], scratch: &mut Vec<u8>) {
        let Some(first) = key.first_chunk().map(layout::moment) else {
            return;
        };
        let (mut seconds, mut read) = (0, 0);
        let mut count = |rows: &mut Rows| -> Result<(), Damaged> {
            seconds += 1;
            rows.try_for_each(|row| row.map(|_| read += 1))
        };
        let counted = if self.table == HOT.name() {
            read_hot(first, value, |_, rows| count(rows))
        } else {
            read_sealed(first, value, scratch, |_, rows| count(rows))
        };
        match counted {
            Ok(()) => {
                self.seconds += seconds;
                self.rows += read;
            }
            Err(_) => self.damaged += 1,
        }
    }
}
