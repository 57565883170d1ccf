//! Which rows match a filter, and which way their traffic counts. Labels are matched by their words,
//! each of which is looked up once for each look.

use super::countries::Countries;
use super::filter::UNKNOWN;
use super::live::names_of;
use super::words::Words;
use crate::key::Protocol;
use crate::label::{App, Site};
use crate::names::domain;
use crate::names::places::Country;
use crate::store::{AppId, ClassSet, ClassesId, Error, Row, SiteId, Snapshot};
use crate::units::{Tally, Traffic};
use ahash::AHashMap;
use std::hash::Hash;

/// Numbers of one kind whose answer is remembered.
const REMEMBERED: usize = 131_072;

/// Which application is meant.
#[derive(Debug)]
pub(super) enum AppIs {
    App(App),
    /// By its name or its path.
    Called(String),
    /// A number that nobody has.
    Nobody,
}

/// Which site is meant.
#[derive(Debug)]
pub(super) enum SiteIs {
    Site(Site),
    Called(String),
    Nowhere,
}

/// Which ways traffic counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ways {
    pub(super) inbound: bool,
    pub(super) outbound: bool,
}

impl Ways {
    pub(super) const BOTH: Ways = Ways {
        inbound: true,
        outbound: true,
    };

    pub(super) fn of(self, traffic: Traffic) -> Traffic {
        let kept = |tally: Tally, counts: bool| if counts { tally } else { Tally::default() };
        Traffic {
            inbound: kept(traffic.inbound, self.inbound),
            outbound: kept(traffic.outbound, self.outbound),
        }
    }
}

/// What a filter does to a question's sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Narrowed {
    /// Rows are chosen: what is in no flow matches nothing then.
    pub(super) rows: bool,
    pub(super) ways: Ways,
}

/// What is chosen; an empty list lets everything through.
pub(super) struct Chosen {
    pub(super) apps: Vec<AppIs>,
    pub(super) users: Vec<Option<u32>>,
    pub(super) sites: Vec<SiteIs>,
    pub(super) domains: Vec<String>,
    pub(super) protocols: Vec<Protocol>,
    pub(super) classes: Vec<String>,
    pub(super) countries: Vec<String>,
}

/// A filter, and what it said of the numbers that it met.
pub(super) struct Sieve {
    chosen: Chosen,
    ways: Ways,
    known_apps: AHashMap<AppId, bool>,
    known_sites: AHashMap<SiteId, bool>,
    known_classes: AHashMap<ClassesId, bool>,
}

impl Sieve {
    pub(super) fn new(chosen: Chosen, ways: Ways) -> Sieve {
        Sieve {
            chosen,
            ways,
            known_apps: AHashMap::new(),
            known_sites: AHashMap::new(),
            known_classes: AHashMap::new(),
        }
    }

    pub(super) fn narrowed(&self) -> Narrowed {
        let chosen = self.chooses_apps()
            || self.chooses_sites()
            || !self.chosen.protocols.is_empty()
            || !self.chosen.countries.is_empty()
            || !self.chosen.classes.is_empty();
        Narrowed {
            rows: chosen,
            ways: self.ways,
        }
    }

    pub(super) fn row(
        &mut self,
        row: &Row,
        words: &mut Words,
        countries: &mut Countries,
        snapshot: &Snapshot,
    ) -> Result<bool, Error> {
        let (label, of) = ((row.label.app, row.label.site), row.protocol);
        let labels = self.labels(of, label, row.classes, words, snapshot)?;
        if !labels || self.is_anywhere() {
            return Ok(labels);
        }
        Ok(self.country(countries.of(row.label.site, snapshot)?))
    }

    /// No country is asked for.
    pub(super) fn is_anywhere(&self) -> bool {
        self.chosen.countries.is_empty()
    }

    pub(super) fn country(&self, country: Option<Country>) -> bool {
        let code = country.as_ref().map_or(UNKNOWN, Country::code);
        self.is_anywhere() || self.chosen.countries.iter().any(|one| one == code)
    }

    /// Whether what is labelled like this matches, wherever it is.
    pub(super) fn labels(
        &mut self,
        protocol: Protocol,
        (app, site): (AppId, SiteId),
        classes: ClassesId,
        words: &mut Words,
        snapshot: &Snapshot,
    ) -> Result<bool, Error> {
        Ok(self.protocol(protocol)
            && self.app_id(app, words, snapshot)?
            && self.site_id(site, words, snapshot)?
            && self.classes_id(classes, words, snapshot)?)
    }

    pub(super) fn protocol(&self, protocol: Protocol) -> bool {
        self.chosen.protocols.is_empty() || self.chosen.protocols.contains(&protocol)
    }

    pub(super) fn app(&self, app: &App) -> bool {
        let is = |one: &AppIs| match one {
            AppIs::App(meant) => meant == app,
            AppIs::Called(text) => **text == *app.name || app.path.as_deref() == Some(text),
            AppIs::Nobody => false,
        };
        let meant = self.chosen.apps.is_empty() || self.chosen.apps.iter().any(is);
        meant && (self.chosen.users.is_empty() || self.chosen.users.contains(&app.user))
    }

    pub(super) fn site(&self, site: &Site) -> bool {
        if !self.chooses_sites() {
            return true;
        }
        let name = site.to_string();
        let is = |one: &SiteIs| match one {
            SiteIs::Site(meant) => meant == site,
            SiteIs::Called(meant) => *meant == name,
            SiteIs::Nowhere => false,
        };
        let meant = self.chosen.sites.is_empty() || self.chosen.sites.iter().any(is);
        let domain = || domain(&name).map(|domain| domain.name());
        let among = |domain: &str| self.chosen.domains.iter().any(|one| one == domain);
        meant && (self.chosen.domains.is_empty() || domain().is_some_and(among))
    }

    pub(super) fn classes(&self, set: &ClassSet) -> bool {
        self.chosen.classes.is_empty()
            || names_of(set)
                .iter()
                .any(|name| self.chosen.classes.contains(name))
    }

    /// Nothing but an app, or its user, decides whether a row matches.
    pub(super) fn asks_apps_alone(&self) -> bool {
        !self.chooses_sites()
            && self.chosen.protocols.is_empty()
            && self.chosen.countries.is_empty()
            && self.chosen.classes.is_empty()
    }

    fn chooses_apps(&self) -> bool {
        !self.chosen.apps.is_empty() || !self.chosen.users.is_empty()
    }

    fn chooses_sites(&self) -> bool {
        !self.chosen.sites.is_empty() || !self.chosen.domains.is_empty()
    }

    fn app_id(&mut self, id: AppId, words: &mut Words, at: &Snapshot) -> Result<bool, Error> {
        if !self.chooses_apps() {
            return Ok(true);
        }
        if let Some(known) = self.known_apps.get(&id) {
            return Ok(*known);
        }
        let found = self.app(&words.app(at, id)?);
        Ok(remember(&mut self.known_apps, id, found))
    }

    fn site_id(&mut self, id: SiteId, words: &mut Words, at: &Snapshot) -> Result<bool, Error> {
        if !self.chooses_sites() {
            return Ok(true);
        }
        if let Some(known) = self.known_sites.get(&id) {
            return Ok(*known);
        }
        let found = self.site(&words.site(at, id)?);
        Ok(remember(&mut self.known_sites, id, found))
    }

    fn classes_id(
        &mut self,
        id: ClassesId,
        words: &mut Words,
        at: &Snapshot,
    ) -> Result<bool, Error> {
        if self.chosen.classes.is_empty() {
            return Ok(true);
        }
        if let Some(known) = self.known_classes.get(&id) {
            return Ok(*known);
        }
        let found = self.classes(&words.class_set(at, id)?);
        Ok(remember(&mut self.known_classes, id, found))
    }
}

/// Remembers an answer; a full memory starts afresh.
fn remember<K: Eq + Hash>(memory: &mut AHashMap<K, bool>, key: K, found: bool) -> bool {
    if memory.len() >= REMEMBERED {
        memory.clear();
    }
    memory.insert(key, found);
    found
}
