//! Where a site is: the country of its address or, of a name, of the address that it had last.

use crate::label::Site;
use crate::names::places::{Country, Places};
use crate::store::{Error, SiteId, Snapshot};
use ahash::AHashMap;
use std::sync::Arc;

/// Sites whose country is remembered.
const REMEMBERED: usize = 131_072;

/// The countries of the sites that one look meets.
pub(super) struct Countries {
    places: Arc<Places>,
    known: AHashMap<SiteId, Option<Country>>,
}

impl Countries {
    pub(super) fn new(places: Arc<Places>) -> Countries {
        Countries {
            places,
            known: AHashMap::new(),
        }
    }

    pub(super) fn of(&mut self, id: SiteId, at: &Snapshot) -> Result<Option<Country>, Error> {
        if let Some(known) = self.known.get(&id) {
            return Ok(*known);
        }
        let address = match at.word::<Site>(id)? {
            Some((Site::Address(address), _)) => Some(address),
            Some((_, seen)) => seen.address,
            None => None,
        };
        let found = address.and_then(|address| self.places.of(address).country);
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        self.known.insert(id, found);
        Ok(found)
    }
}
