//! What a question is narrowed to: every kind that is told must match, and of several values of one
//! kind any. Reads the values; what rows match them is `sieve.rs`'s.

use super::ask::wrong;
use super::error::Error;
use super::sieve::{AppIs, Chosen, Sieve, SiteIs, Ways};
use crate::key::Protocol;
use crate::store::{AppId, SiteId, Snapshot};

/// Values that one kind may have.
const MOST: usize = 64;
/// What stands for a user or a country that is not known.
pub(super) const UNKNOWN: &str = "unknown";

/// What a question may be narrowed to, as it is written; `Default` narrows nothing. Interfaces are
/// no part of it: they say what counts at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Numbers, names or paths.
    pub applications: Vec<String>,
    /// Numbers, names or addresses.
    pub sites: Vec<String>,
    /// Registrable domains.
    pub domains: Vec<String>,
    pub protocols: Vec<String>,
    /// `in` or `out`.
    pub directions: Vec<String>,
    /// Numbers, or `unknown`.
    pub users: Vec<String>,
    pub classes: Vec<String>,
    /// Two letters, or `unknown`.
    pub countries: Vec<String>,
}

impl Filter {
    /// Each kind's values, by the name of its parameter.
    pub fn read(values: impl Fn(&str) -> Vec<String>) -> Filter {
        Filter {
            applications: values("application"),
            sites: values("site"),
            domains: values("domain"),
            protocols: values("protocol"),
            directions: values("direction"),
            users: values("user"),
            classes: values("class"),
            countries: values("country"),
        }
    }

    /// The kinds that are told: the names of their parameters.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> + '_ {
        let told = self.all().into_iter();
        told.filter(|(_, values)| !values.is_empty())
            .map(|(name, _)| name)
    }

    /// Every value with the name of its parameter: what [`Filter::read`] reads.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let kinds = self.all().into_iter();
        kinds.flat_map(|(name, values)| values.iter().map(move |value| (name, value.as_str())))
    }

    /// The filter as rows are held against it; numbers mean what the file says they do.
    pub(super) fn sieve(&self, snapshot: &Snapshot) -> Result<Sieve, Error> {
        self.check()?;
        let chosen = Chosen {
            apps: each(&self.applications, |text| app(text, snapshot))?,
            users: each(&self.users, user)?,
            sites: each(&self.sites, |text| site(text, snapshot))?,
            domains: self.domains.iter().map(|text| lower(text)).collect(),
            protocols: each(&self.protocols, protocol)?,
            classes: self.classes.clone(),
            countries: each(&self.countries, country)?,
        };
        Ok(Sieve::new(chosen, self.ways()?))
    }

    fn all(&self) -> [(&'static str, &Vec<String>); 8] {
        [
            ("application", &self.applications),
            ("site", &self.sites),
            ("domain", &self.domains),
            ("protocol", &self.protocols),
            ("direction", &self.directions),
            ("user", &self.users),
            ("class", &self.classes),
            ("country", &self.countries),
        ]
    }

    fn check(&self) -> Result<(), Error> {
        match self
            .all()
            .into_iter()
            .find(|(_, values)| values.len() > MOST)
        {
            Some((what, _)) => wrong(what, "it may be given 64 times at most"),
            None => Ok(()),
        }
    }

    fn ways(&self) -> Result<Ways, Error> {
        let mut ways = Ways::default();
        for text in &self.directions {
            match text.as_str() {
                "in" => ways.inbound = true,
                "out" => ways.outbound = true,
                _ => return wrong("direction", "it must be in or out"),
            }
        }
        Ok(if self.directions.is_empty() {
            Ways::BOTH
        } else {
            ways
        })
    }
}

fn each<T>(texts: &[String], read: impl Fn(&str) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    texts.iter().map(|text| read(text)).collect()
}

fn app(text: &str, snapshot: &Snapshot) -> Result<AppIs, Error> {
    if let Some(number) = number(text) {
        let found = snapshot.word::<crate::label::App>(AppId(number))?;
        return Ok(found.map_or(AppIs::Nobody, |(app, _)| AppIs::App(app)));
    }
    Ok(AppIs::Called(text.to_owned()))
}

/// No host name is a number: a number is the site's.
fn site(text: &str, snapshot: &Snapshot) -> Result<SiteIs, Error> {
    let Some(number) = number(text) else {
        return Ok(SiteIs::Called(lower(text)));
    };
    let found = snapshot.word::<crate::label::Site>(SiteId(number))?;
    Ok(found.map_or(SiteIs::Nowhere, |(site, _)| SiteIs::Site(site)))
}

fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

fn user(text: &str) -> Result<Option<u32>, Error> {
    match (text, number(text)) {
        (UNKNOWN, _) => Ok(None),
        (_, Some(user)) => Ok(Some(user)),
        _ => wrong("user", "it must be a number or `unknown`"),
    }
}

fn country(text: &str) -> Result<String, Error> {
    let letters = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    match text {
        UNKNOWN => Ok(text.to_owned()),
        _ if letters => Ok(text.to_uppercase()),
        _ => wrong("country", "it must be two letters or `unknown`"),
    }
}

fn protocol(text: &str) -> Result<Protocol, Error> {
    let mut all = (0..=u8::MAX).map(Protocol);
    match all.find(|protocol| protocol.name() == text) {
        Some(protocol) => Ok(protocol),
        None => wrong("protocol", "it must be tcp, udp and so on, or ip-N"),
    }
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}
