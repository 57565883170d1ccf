//! The dictionaries: words to numbers and back, with first and last seen. What was numbered lately
//! is kept in bounded memory; a number is given in the transaction that first uses it.

mod labels;
mod pages;
pub(super) mod taken;

use super::codec::{Damaged, In, Out};
use super::error::{Error, in_table};
use super::second::{LabelId, Numbering};
use super::word::{AppId, ClassSet, ClassesId, Nic, NicId, SiteId, Word, nic};
use crate::key::InterfaceId;
use crate::label::{App, Classes, Label, Site};
use crate::tick::InterfaceSecond;
use crate::units::Second;
use ahash::AHashMap;
use labels::Labels;
use pages::{Pages, intern, place};
use redb::{ReadTransaction, ReadableTable, WriteTransaction};
use std::net::IpAddr;
use std::sync::Arc;

const FORMAT: u8 = 1;
/// With the address that a site had last.
const PLACED: u8 = 2;
/// For so many seconds a site keeps the address that it was noted with.
const NOTED: i64 = 3_600;
/// Words of a kind that are kept in memory.
const CACHED: usize = 16_384;

/// When a word was first and last seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub first: Second,
    pub last: Second,
    /// Of a site with a name: the remote end of a connection to it, the last or one of the hour
    /// before.
    pub address: Option<IpAddr>,
}

/// The word with this number.
pub(super) fn lookup<W: Word>(
    transaction: &ReadTransaction,
    id: W::Id,
) -> Result<Option<(W, Seen)>, Error> {
    let (by_id, _) = W::tables();
    let table = transaction.open_table(by_id)?;
    let Some(value) = table.get(W::number(id))? else {
        return Ok(None);
    };
    let entry = decode(value.value()).map_err(in_table("a dictionary"))?;
    Ok(Some(entry))
}

/// The same while writing. An entry that is damaged is no word.
pub(super) fn lookup_now<W: Word>(
    transaction: &WriteTransaction,
    id: W::Id,
) -> Result<Option<W>, Error> {
    let (by_id, _) = W::tables();
    let table = transaction.open_table(by_id)?;
    let found = table.get(W::number(id))?;
    Ok(found.and_then(|value| Some(decode(value.value()).ok()?.0)))
}

/// The number of a word, a new one if it has none yet.
pub(super) fn number_now<W: Word>(
    transaction: &WriteTransaction,
    word: &W,
    now: Second,
) -> Result<W::Id, Error> {
    intern(&mut None, transaction, word, now)
}

/// The number of this word, if it has one.
pub(super) fn number_of<W: Word>(
    transaction: &ReadTransaction,
    word: &W,
) -> Result<Option<W::Id>, Error> {
    let (_, by_word) = W::tables();
    let table = transaction.open_table(by_word)?;
    let number = table.get(word.encode().as_slice())?;
    Ok(number.map(|number| W::id(number.value())))
}

/// Moves the last-seen time of words on, where `last` is later. An entry that is damaged stays as
/// it is: whoever asks for that word is told.
pub(super) fn touch<W: Word>(
    transaction: &WriteTransaction,
    ids: impl Iterator<Item = W::Id>,
    last: Second,
) -> Result<(), Error> {
    let (by_id, _) = W::tables();
    let mut table = transaction.open_table(by_id)?;
    for id in ids {
        let found = table
            .get(W::number(id))?
            .map(|value| decode::<W>(value.value()));
        let Some(Ok((word, seen))) = found else {
            continue;
        };
        if seen.last < last {
            let value = encode(&word, Seen { last, ..seen });
            table.insert(W::number(id), value.as_slice())?;
        }
    }
    Ok(())
}

/// Makes a kind's tables.
pub(super) fn create<W: Word>(transaction: &WriteTransaction) -> Result<(), Error> {
    let (by_id, by_word) = W::tables();
    transaction.open_table(by_id)?;
    transaction.open_table(by_word)?;
    Ok(())
}

fn encode<W: Word>(word: &W, seen: Seen) -> Vec<u8> {
    let mut out = Out::envelope(seen.address.map_or(FORMAT, |_| PLACED));
    out.signed(seen.first.0);
    out.signed(seen.last.0);
    out.bytes(&word.encode());
    if let Some(address) = seen.address {
        out.bytes(&Site::Address(address).encode());
    }
    out.sealed()
}

fn decode<W: Word>(value: &[u8]) -> Result<(W, Seen), Damaged> {
    let (mut input, format) = In::either(value, &[FORMAT, PLACED])?;
    let mut seen = Seen {
        first: Second(input.signed()?),
        last: Second(input.signed()?),
        address: None,
    };
    let word = W::decode(input.bytes()?)?;
    if format == PLACED {
        match Site::decode(input.bytes()?)? {
            Site::Address(address) => seen.address = Some(address),
            _ => return Err(Damaged("a site's place that is no address")),
        }
    }
    input.end()?;
    Ok((word, seen))
}

/// The writer's memory of the dictionaries.
#[derive(Debug)]
pub(super) struct Lexicon {
    class_names: Vec<Arc<str>>,
    apps: AHashMap<App, AppId>,
    sites: AHashMap<Site, SiteId>,
    nics: AHashMap<Nic, NicId>,
    classes: AHashMap<Classes, ClassesId>,
    labels: Labels,
    /// When each site's address was noted.
    noted: AHashMap<SiteId, Second>,
    /// The interfaces of this run, also those that are gone.
    interfaces: AHashMap<InterfaceId, Nic>,
}

impl Lexicon {
    /// `class_names`: what each class bit means in this run.
    pub(super) fn new(class_names: Vec<Arc<str>>) -> Lexicon {
        Lexicon {
            class_names,
            apps: AHashMap::new(),
            sites: AHashMap::new(),
            nics: AHashMap::new(),
            classes: AHashMap::new(),
            labels: Labels::default(),
            noted: AHashMap::new(),
            interfaces: AHashMap::new(),
        }
    }

    /// Forgets all numbers: a transaction that gave some was not committed.
    pub(super) fn forget(&mut self) {
        self.apps.clear();
        self.sites.clear();
        self.nics.clear();
        self.classes.clear();
        self.labels.clear();
        self.noted.clear();
    }

    /// Numbering in this transaction, of words that are seen at `now`.
    pub(super) fn numbers<'a>(
        &'a mut self,
        transaction: &'a WriteTransaction,
        now: Second,
    ) -> Numbers<'a> {
        Numbers {
            lexicon: self,
            transaction,
            now,
            apps: None,
            sites: None,
            nics: None,
            classes: None,
            before: None,
            classed: None,
        }
    }
}

/// Gives numbers to words in one transaction.
pub(super) struct Numbers<'a> {
    lexicon: &'a mut Lexicon,
    transaction: &'a WriteTransaction,
    now: Second,
    apps: Option<Pages<'a, App>>,
    sites: Option<Pages<'a, Site>>,
    nics: Option<Pages<'a, Nic>>,
    classes: Option<Pages<'a, ClassSet>>,
    /// The interface and the classes of the row before: most are of the same.
    before: Option<(InterfaceId, NicId)>,
    classed: Option<(Classes, ClassesId)>,
}

impl Numbers<'_> {
    /// Remembers which interfaces there are.
    pub(super) fn learn(&mut self, interfaces: &[InterfaceSecond]) {
        for one in interfaces {
            self.lexicon
                .interfaces
                .insert(one.facts.interface, nic(one));
        }
    }

    /// Notes the address of a site that has a name: at most once an hour, for every connection may
    /// bring another, and few bring another country.
    pub(super) fn note_address(&mut self, site: SiteId, address: IpAddr) -> Result<(), Error> {
        let noted = self.lexicon.noted.get(&site);
        if noted.is_some_and(|noted| (0..NOTED).contains(&(self.now.0 - noted.0))) {
            return Ok(());
        }
        place(&mut self.sites, self.transaction, site, address)?;
        cached(&mut self.lexicon.noted, &site, self.now);
        Ok(())
    }

    fn class_set(&mut self, classes: Classes) -> Result<ClassesId, Error> {
        if let Some(id) = self.lexicon.classes.get(&classes) {
            return Ok(*id);
        }
        let set = ClassSet::of(classes, &self.lexicon.class_names);
        let found = intern(&mut self.classes, self.transaction, &set, self.now)?;
        Ok(cached(&mut self.lexicon.classes, &classes, found))
    }
}

/// Remembers a number; a full memory starts afresh.
fn cached<K: Clone + Eq + std::hash::Hash, V: Copy>(
    memory: &mut AHashMap<K, V>,
    key: &K,
    found: V,
) -> V {
    if memory.len() >= CACHED {
        memory.clear();
    }
    memory.insert(key.clone(), found);
    found
}

impl Numbering for Numbers<'_> {
    type Error = Error;

    fn app(&mut self, app: &App) -> Result<AppId, Error> {
        if let Some(id) = self.lexicon.apps.get(app) {
            return Ok(*id);
        }
        let found = intern(&mut self.apps, self.transaction, app, self.now)?;
        Ok(cached(&mut self.lexicon.apps, app, found))
    }

    fn site(&mut self, site: &Site) -> Result<SiteId, Error> {
        if let Some(id) = self.lexicon.sites.get(site) {
            return Ok(*id);
        }
        let found = intern(&mut self.sites, self.transaction, site, self.now)?;
        Ok(cached(&mut self.lexicon.sites, site, found))
    }

    fn nic(&mut self, nic: &Nic) -> Result<NicId, Error> {
        if let Some(id) = self.lexicon.nics.get(nic) {
            return Ok(*id);
        }
        let found = intern(&mut self.nics, self.transaction, nic, self.now)?;
        Ok(cached(&mut self.lexicon.nics, nic, found))
    }

    fn classes(&mut self, classes: Classes) -> Result<ClassesId, Error> {
        if let Some((_, id)) = self.classed.filter(|(before, _)| *before == classes) {
            return Ok(id);
        }
        let id = self.class_set(classes)?;
        self.classed = Some((classes, id));
        Ok(id)
    }

    fn label(&mut self, label: &Arc<Label>) -> Result<LabelId, Error> {
        if let Some(id) = self.lexicon.labels.get(label) {
            return Ok(id);
        }
        let id = self.both(label)?;
        // What nobody but its row holds does not come again.
        if Arc::strong_count(label) > 1 {
            self.lexicon.labels.insert(label, id);
        }
        Ok(id)
    }

    fn nic_of(&mut self, id: InterfaceId, now: &[InterfaceSecond]) -> Result<NicId, Error> {
        if let Some((_, nic)) = self.before.filter(|(before, _)| *before == id) {
            return Ok(nic);
        }
        let nic = Nic::of(id, now, |id| self.lexicon.interfaces.get(&id).cloned());
        let nic = self.nic(&nic)?;
        self.before = Some((id, nic));
        Ok(nic)
    }
}
