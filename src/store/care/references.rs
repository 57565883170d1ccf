//! Whether the numbers in a value are numbers of words: those that are known to be are remembered,
//! in bounded memory.

use crate::label::{App, Site};
use crate::store::dictionary::{lookup, number_of};
use crate::store::second::{LabelId, NicSecond, Row};
use crate::store::word::{ClassSet, ClassesId, Nic, NicId, Word};
use ahash::AHashSet;
use redb::ReadTransaction;

/// Numbers of a kind that are remembered.
const REMEMBERED: usize = 65_536;

#[derive(Debug, Default)]
pub(super) struct Known {
    apps: AHashSet<u32>,
    sites: AHashSet<u32>,
    nics: AHashSet<u32>,
    classes: AHashSet<u32>,
}

impl Known {
    pub(super) fn row(&mut self, at: &ReadTransaction, row: &Row) -> Result<(), String> {
        self.nic(at, row.nic)?;
        self.classes(at, row.classes)?;
        self.label(at, &row.label)
    }

    pub(super) fn nic_second(
        &mut self,
        at: &ReadTransaction,
        nic: &NicSecond,
    ) -> Result<(), String> {
        self.nic(at, nic.nic)?;
        match nic.carrier {
            Some(app) => known::<App>(&mut self.apps, at, app),
            None => Ok(()),
        }
    }

    pub(super) fn label(&mut self, at: &ReadTransaction, label: &LabelId) -> Result<(), String> {
        known::<App>(&mut self.apps, at, label.app)?;
        known::<Site>(&mut self.sites, at, label.site)
    }

    pub(super) fn nic(&mut self, at: &ReadTransaction, nic: NicId) -> Result<(), String> {
        known::<Nic>(&mut self.nics, at, nic)
    }

    pub(super) fn classes(&mut self, at: &ReadTransaction, set: ClassesId) -> Result<(), String> {
        known::<ClassSet>(&mut self.classes, at, set)
    }
}

fn known<W: Word>(seen: &mut AHashSet<u32>, at: &ReadTransaction, id: W::Id) -> Result<(), String> {
    let number = W::number(id);
    if seen.contains(&number) {
        return Ok(());
    }
    word::<W>(at, number)?;
    if seen.len() >= REMEMBERED {
        seen.clear();
    }
    seen.insert(number);
    Ok(())
}

/// The word with this number, whose number must be this.
pub(super) fn word<W: Word>(at: &ReadTransaction, number: u32) -> Result<(), String> {
    let (by_id, _) = W::tables();
    let name = redb::TableHandle::name(&by_id).to_owned();
    let found = lookup::<W>(at, W::id(number)).map_err(|error| error.to_string())?;
    let Some((word, _)) = found else {
        return Err(format!("number {number} is not in `{name}`"));
    };
    match number_of(at, &word).map_err(|error| error.to_string())? {
        Some(back) if W::number(back) == number => Ok(()),
        _ => Err(format!(
            "the word with number {number} of `{name}` has another number"
        )),
    }
}

/// The entry of this word: the number must lead back to it.
pub(super) fn number<W: Word>(
    at: &ReadTransaction,
    word: &[u8],
    number: u32,
) -> Result<(), String> {
    let found = lookup::<W>(at, W::id(number)).map_err(|error| error.to_string())?;
    match found {
        Some((found, _)) if found.encode() == word => Ok(()),
        _ => Err(format!(
            "a word has number {number}, which is another word's"
        )),
    }
}
