//! A kind's two tables while a transaction gives numbers to its words.

use super::{Seen, decode, encode};
use crate::label::Site;
use crate::store::codec::Damaged;
use crate::store::error::{Error, in_table};
use crate::store::word::{SiteId, Word};
use crate::units::Second;
use redb::{ReadableTable, Table, WriteTransaction};
use std::marker::PhantomData;
use std::net::IpAddr;

/// One kind's tables, open for one transaction: a second may bring thousands of new words.
pub(super) struct Pages<'a, W: Word> {
    by_id: Table<'a, u32, &'static [u8]>,
    by_word: Table<'a, &'static [u8], u32>,
    last: u32,
    kind: PhantomData<W>,
}

impl<'a, W: Word> Pages<'a, W> {
    fn open(transaction: &'a WriteTransaction) -> Result<Pages<'a, W>, Error> {
        let (by_id, by_word) = W::tables();
        let by_id = transaction.open_table(by_id)?;
        let last = by_id.last()?.map_or(0, |(number, _)| number.value());
        Ok(Pages {
            by_id,
            by_word: transaction.open_table(by_word)?,
            last,
            kind: PhantomData,
        })
    }

    /// The number of a word, a new one if it has none yet.
    fn intern(&mut self, word: &W, now: Second) -> Result<W::Id, Error> {
        let bytes = word.encode();
        if let Some(number) = self.by_word.get(bytes.as_slice())? {
            return Ok(W::id(number.value()));
        }
        let full = || in_table("a dictionary")(Damaged("all its numbers are given"));
        let number = self.last.checked_add(1).ok_or_else(full)?;
        let seen = Seen {
            first: now,
            last: now,
            address: None,
        };
        self.by_id.insert(number, encode(word, seen).as_slice())?;
        self.by_word.insert(bytes.as_slice(), number)?;
        self.last = number;
        Ok(W::id(number))
    }
}

impl Pages<'_, Site> {
    /// Gives a site the address that it has now. An entry that is damaged stays as it is.
    fn place(&mut self, id: SiteId, address: IpAddr) -> Result<(), Error> {
        let found = self.by_id.get(id.0)?.map(|value| decode(value.value()));
        if let Some(Ok((word @ Site::Name(_), seen))) = found
            && seen.address != Some(address)
        {
            let address = Some(address);
            let value = encode(&word, Seen { address, ..seen });
            self.by_id.insert(id.0, value.as_slice())?;
        }
        Ok(())
    }
}

/// Gives a site the address that it has now.
pub(super) fn place<'a>(
    pages: &mut Option<Pages<'a, Site>>,
    transaction: &'a WriteTransaction,
    id: SiteId,
    address: IpAddr,
) -> Result<(), Error> {
    match pages {
        Some(pages) => pages.place(id, address),
        None => pages.insert(Pages::open(transaction)?).place(id, address),
    }
}

/// The number of a word, from tables that are opened when they are first needed.
pub(super) fn intern<'a, W: Word>(
    pages: &mut Option<Pages<'a, W>>,
    transaction: &'a WriteTransaction,
    word: &W,
    now: Second,
) -> Result<W::Id, Error> {
    match pages {
        Some(pages) => pages.intern(word, now),
        None => pages.insert(Pages::open(transaction)?).intern(word, now),
    }
}
