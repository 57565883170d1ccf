//! Whether the numbers in a value are numbers of words: those that are known to be are remembered,
//! in bounded memory. And which numbers a whole history uses.

use crate::label::{App, Site};
use crate::store::amendment;
use crate::store::block::{Rows, read_hot, read_sealed};
use crate::store::coarse;
use crate::store::codec::Damaged;
use crate::store::connection::Ended;
use crate::store::dictionary::{lookup, number_of};
use crate::store::forget;
use crate::store::layout::{self, META};
use crate::store::second::Second;
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
        // Of what is being forgotten, numbers lead to words that have others, or none.
        _ if forgets(at) => Ok(()),
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

fn forgets(at: &ReadTransaction) -> bool {
    let meta = at.open_table(META).ok();
    let mark = meta.and_then(|meta| meta.get(forget::KEY).ok().flatten().map(drop));
    mark.is_some()
}

/// Which apps and sites the values of a history have. Where one cannot be read, all of them.
#[derive(Debug, Default)]
pub(super) struct Used {
    apps: AHashSet<u32>,
    sites: AHashSet<u32>,
    unread: bool,
    scratch: Vec<u8>,
}

impl Used {
    pub(super) fn has_app(&self, number: u32) -> bool {
        self.unread || self.apps.contains(&number)
    }

    pub(super) fn has_site(&self, number: u32) -> bool {
        self.unread || self.sites.contains(&number)
    }

    /// Takes in what an entry of a table has.
    pub(super) fn note(&mut self, table: &str, key: &[u8], value: &[u8]) {
        if self.try_note(table, key, value).is_err() {
            self.unread = true;
        }
    }

    fn try_note(&mut self, table: &str, key: &[u8], value: &[u8]) -> Result<(), Damaged> {
        let strange = |_| Damaged("its key is no moment");
        if table == "connections" {
            let ended = Ended::decode(key.try_into().map_err(strange)?, value)?;
            self.label(&ended.label);
            return Ok(());
        }
        if !["amendments", "hot", "sealed", "minutes", "hours", "days"].contains(&table) {
            return Ok(());
        }
        let first = layout::moment(key.try_into().map_err(strange)?);
        match table {
            "amendments" => {
                let relabels = amendment::decode(value)?;
                for one in &relabels {
                    self.label(&one.label);
                }
                Ok(())
            }
            "hot" => read_hot(first, value, |second, rows| self.second(second, rows)),
            "sealed" => {
                let mut scratch = std::mem::take(&mut self.scratch);
                let each = |second: &Second, rows: &mut Rows| self.second(second, rows);
                let read = read_sealed(first, value, &mut scratch, each);
                self.scratch = scratch;
                read
            }
            _ => {
                for part in coarse::decode(first.second, value)? {
                    self.carriers(&part.second);
                    for row in &part.rows {
                        self.label(&row.label);
                    }
                }
                Ok(())
            }
        }
    }

    fn second(&mut self, second: &Second, rows: &mut Rows) -> Result<(), Damaged> {
        self.carriers(second);
        for row in rows {
            self.label(&row?.label);
        }
        Ok(())
    }

    fn carriers(&mut self, second: &Second) {
        let carriers = second.nics.iter().filter_map(|nic| nic.carrier);
        self.apps.extend(carriers.map(|app| app.0));
    }

    fn label(&mut self, label: &LabelId) {
        self.apps.insert(label.app.0);
        self.sites.insert(label.site.0);
    }
}
