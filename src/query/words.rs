//! Numbers to words for one answer, and numbers for words that the file does not have yet: those
//! are counted down from the top, where the dictionaries never come, and live as long as the look.

use crate::key::InterfaceId;
use crate::label::{App, Classes, Site};
use crate::store::{
    AppId, ClassSet, ClassesId, Error, Nic, NicId, Numbering, SiteId, Snapshot, Word,
};
use crate::tick::InterfaceSecond;
use ahash::AHashMap;
use std::collections::HashMap;
use std::sync::Arc;

/// Numbers from here up are of this look alone.
const OWN: u32 = u32::MAX - (1 << 20);

/// Words of a kind that are kept because they may be met again.
const KEPT: usize = 16_384;

/// The words of one kind that were met so far.
pub(super) struct Known<W: Word> {
    by_id: AHashMap<W::Id, W>,
    by_word: AHashMap<W, W::Id>,
    next: u32,
}

impl<W: Word> Default for Known<W> {
    fn default() -> Known<W> {
        Known {
            by_id: AHashMap::new(),
            by_word: AHashMap::new(),
            next: u32::MAX,
        }
    }
}

impl<W: Word> Known<W> {
    fn word(&mut self, snapshot: &Snapshot, id: W::Id) -> Result<Option<W>, Error> {
        if let Some(word) = self.by_id.get(&id) {
            return Ok(Some(word.clone()));
        }
        let found = snapshot.word::<W>(id)?.map(|(word, _)| word);
        if let Some(word) = found.as_ref().filter(|_| self.by_id.len() < KEPT) {
            self.by_id.insert(id, word.clone());
        }
        Ok(found)
    }

    fn number(&mut self, snapshot: &Snapshot, word: &W) -> Result<W::Id, Error> {
        if let Some(id) = self.by_word.get(word) {
            return Ok(*id);
        }
        let id = match snapshot.number(word)? {
            Some(id) => id,
            None => self.own(),
        };
        self.by_word.insert(word.clone(), id);
        self.by_id.insert(id, word.clone());
        Ok(id)
    }

    fn own(&mut self) -> W::Id {
        let id = W::id(self.next);
        self.next = self.next.saturating_sub(1).max(OWN);
        id
    }
}

/// The number as the API tells it: `None` until the file has the word.
pub(super) fn public(id: u32) -> Option<u32> {
    (id < OWN).then_some(id)
}

/// All kinds of words of one look.
#[derive(Default)]
pub(super) struct Words {
    apps: Known<App>,
    sites: Known<Site>,
    nics: Known<Nic>,
    classes: Known<ClassSet>,
    class_names: Vec<Arc<str>>,
    interfaces: HashMap<InterfaceId, Nic>,
}

impl Words {
    /// `class_names`: what each class bit means; `interfaces`: those of this run.
    pub(super) fn new(class_names: &[Arc<str>], interfaces: HashMap<InterfaceId, Nic>) -> Words {
        Words {
            class_names: class_names.to_vec(),
            interfaces,
            ..Words::default()
        }
    }

    /// An app that the dictionary has lost is nobody's.
    pub(super) fn app(&mut self, snapshot: &Snapshot, id: AppId) -> Result<App, Error> {
        Ok(self.apps.word(snapshot, id)?.unwrap_or_else(App::unknown))
    }

    pub(super) fn site(&mut self, snapshot: &Snapshot, id: SiteId) -> Result<Site, Error> {
        Ok(self.sites.word(snapshot, id)?.unwrap_or(Site::Other))
    }

    pub(super) fn nic(&mut self, snapshot: &Snapshot, id: NicId) -> Result<Nic, Error> {
        let found = self.nics.word(snapshot, id)?;
        Ok(found.unwrap_or_else(|| Nic {
            name: format!("interface-{}", id.0).into(),
            role: crate::platform::Role::Virtual,
        }))
    }

    pub(super) fn class_set(
        &mut self,
        snapshot: &Snapshot,
        id: ClassesId,
    ) -> Result<ClassSet, Error> {
        Ok(self.classes.word(snapshot, id)?.unwrap_or_default())
    }

    /// Numbering for seconds that are not written yet.
    pub(super) fn numbers<'a>(&'a mut self, snapshot: &'a Snapshot) -> Numbers<'a> {
        Numbers {
            words: self,
            snapshot,
        }
    }
}

pub(super) struct Numbers<'a> {
    words: &'a mut Words,
    snapshot: &'a Snapshot,
}

impl Numbering for Numbers<'_> {
    type Error = Error;

    fn app(&mut self, app: &App) -> Result<AppId, Error> {
        self.words.apps.number(self.snapshot, app)
    }

    fn site(&mut self, site: &Site) -> Result<SiteId, Error> {
        self.words.sites.number(self.snapshot, site)
    }

    fn nic(&mut self, nic: &Nic) -> Result<NicId, Error> {
        self.words.nics.number(self.snapshot, nic)
    }

    fn classes(&mut self, classes: Classes) -> Result<ClassesId, Error> {
        let set = ClassSet::of(classes, &self.words.class_names);
        self.words.classes.number(self.snapshot, &set)
    }

    fn nic_of(&mut self, id: InterfaceId, now: &[InterfaceSecond]) -> Result<NicId, Error> {
        let nic = Nic::of(id, now, |id| self.words.interfaces.get(&id).cloned());
        self.nic(&nic)
    }
}
