//! Tables as such: which there are, of what kind each is, and their entries as bytes. A new table
//! whose keys and values are of a kind that is here needs nothing more to be copied and counted.

use crate::store::error::Error;
use crate::store::layout::{ConnectionKey, Key as Moments};
use redb::{
    Key, ReadTransaction, TableDefinition, TableError, TableHandle, Value, WriteTransaction,
};
use std::ops::{Bound, ControlFlow};

/// What the keys and values of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// By moment.
    Moments = 1,
    /// By moment and flow.
    Connections = 2,
    /// By a text.
    Names = 3,
    /// By a number.
    Numbers = 4,
    /// Numbers by bytes.
    Words = 5,
    /// Nothing but keys: a time with a byte before it.
    Marks = 6,
}

const KINDS: [Kind; 6] = [
    Kind::Moments,
    Kind::Connections,
    Kind::Names,
    Kind::Numbers,
    Kind::Words,
    Kind::Marks,
];

/// Something that is done with a table of whatever kind.
pub(super) trait Typed {
    type Done;
    fn done<K: Key + 'static, V: Value + 'static>(self) -> Result<Self::Done, Error>;
}

impl Kind {
    pub(super) fn of_code(code: u8) -> Option<Kind> {
        KINDS.into_iter().find(|kind| *kind as u8 == code)
    }

    pub(super) fn with<T: Typed>(self, typed: T) -> Result<T::Done, Error> {
        match self {
            Kind::Moments => typed.done::<&'static Moments, &'static [u8]>(),
            Kind::Connections => typed.done::<&'static ConnectionKey, &'static [u8]>(),
            Kind::Names => typed.done::<&'static str, &'static [u8]>(),
            Kind::Numbers => typed.done::<u32, &'static [u8]>(),
            Kind::Words => typed.done::<&'static [u8], u32>(),
            Kind::Marks => typed.done::<&'static [u8; 9], ()>(),
        }
    }
}

/// A table that a file has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// Every table of a file, by name. One of a kind that is not known here is an error: whoever copies
/// must not leave it behind.
pub(super) fn tables(transaction: &ReadTransaction) -> Result<Vec<Found>, Error> {
    let names = transaction.list_tables()?;
    let names: Vec<String> = names.map(|table| table.name().to_owned()).collect();
    let strange = transaction.list_multimap_tables()?.next().is_some();
    if strange {
        return Err(Error::StrangeTable("a multimap".to_owned()));
    }
    let found = names.into_iter().map(|name| {
        let kind = kind_of(transaction, &name)?;
        Ok(Found { name, kind })
    });
    found.collect()
}

fn kind_of(transaction: &ReadTransaction, name: &str) -> Result<Kind, Error> {
    for kind in KINDS {
        if kind.with(Fits { transaction, name })? {
            return Ok(kind);
        }
    }
    Err(Error::StrangeTable(name.to_owned()))
}

struct Fits<'a> {
    transaction: &'a ReadTransaction,
    name: &'a str,
}

impl Typed for Fits<'_> {
    type Done = bool;

    fn done<K: Key + 'static, V: Value + 'static>(self) -> Result<bool, Error> {
        let opened = self
            .transaction
            .open_table(TableDefinition::<K, V>::new(self.name));
        match opened {
            Ok(_) => Ok(true),
            Err(TableError::TableTypeMismatch { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// What is done with an entry's key and value.
pub(super) type Each<'a> = dyn FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, Error> + 'a;

/// Visits the entries of a table after a key, in order.
pub(super) fn entries(
    transaction: &ReadTransaction,
    table: &Found,
    after: Option<&[u8]>,
    each: &mut Each,
) -> Result<(), Error> {
    table.kind.with(Entries {
        transaction,
        name: &table.name,
        after,
        each,
    })
}

struct Entries<'a, 'e> {
    transaction: &'a ReadTransaction,
    name: &'a str,
    after: Option<&'a [u8]>,
    each: &'a mut Each<'e>,
}

impl Typed for Entries<'_, '_> {
    type Done = ();

    fn done<K: Key + 'static, V: Value + 'static>(self) -> Result<(), Error> {
        let definition = TableDefinition::<K, V>::new(self.name);
        let table = match self.transaction.open_table(definition) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(()),
            other => other?,
        };
        let start = self.after.map_or(Bound::Unbounded, |after| {
            Bound::Excluded(K::from_bytes(after))
        });
        for entry in table.range::<K::SelfType<'_>>((start, Bound::Unbounded))? {
            let (key, value) = entry?;
            let (key, value) = (key.value(), value.value());
            let (key, value) = (K::as_bytes(&key), V::as_bytes(&value));
            if (self.each)(key.as_ref(), value.as_ref())?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// Entries that are put into a table of a new file; the table is made if there is none.
pub(super) struct Insert<'a> {
    pub(super) transaction: &'a WriteTransaction,
    pub(super) name: &'a str,
    pub(super) entries: &'a [(Vec<u8>, Vec<u8>)],
}

impl Typed for Insert<'_> {
    type Done = ();

    fn done<K: Key + 'static, V: Value + 'static>(self) -> Result<(), Error> {
        let definition = TableDefinition::<K, V>::new(self.name);
        let mut table = self.transaction.open_table(definition)?;
        for (key, value) in self.entries {
            table.insert(K::from_bytes(key), V::from_bytes(value))?;
        }
        Ok(())
    }
}
