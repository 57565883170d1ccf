//! `/api/domains`: the registrable domains of the sites of a range, and one of them. A domain's id is
//! its name: it is nothing that the file numbers, and stays what it is whatever is forgotten.

use super::ask::Ask;
use super::browsers::browser;
use super::by::By;
use super::error::Error;
use super::listed::{Group, Listed, describe};
use super::seen::{Paged, Seen};
use super::shape::{Counts, Span, time};
use super::sheet::{Sheet, sheets};
use super::timeline::Timeline;
use super::{Query, Top};
use crate::names::{domain, shown};
use crate::store::Tier;
use serde::Serialize;
use utoipa::ToSchema;

/// Of each kind, for one domain.
const TOP: usize = 20;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DomainList {
    pub from: String,
    pub to: String,
    /// What has no domain included.
    pub total: Counts,
    /// How many there are on all pages.
    pub count: u64,
    /// Most bytes first.
    pub items: Vec<DomainRow>,
    pub next: Option<String>,
    /// The coarsest tier that was read.
    pub tier: &'static str,
    /// What only sums over longer spans are left of: it is in no figure.
    pub missing: Vec<Span>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DomainRow {
    /// Its name.
    pub id: String,
    /// The same, where every list has it.
    pub name: String,
    /// As a person may read it.
    pub shown: String,
    pub first_seen: Option<String>,
    pub last_seen: Option<String>,
    #[serde(flatten)]
    pub counts: Counts,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DomainPage {
    /// Its name.
    pub id: String,
    /// The same, where every list has it.
    pub name: String,
    /// As a person may read it.
    pub shown: String,
    pub first_seen: Option<String>,
    pub last_seen: Option<String>,
    pub from: String,
    pub to: String,
    pub total: Counts,
    pub sites: Top<Listed>,
    /// The applications that talked to them.
    pub applications: Top<Listed>,
    /// The coarsest tier that was read.
    pub tier: &'static str,
    /// What only sums over longer spans are left of: it is in no figure.
    pub missing: Vec<Span>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DomainBrowsers {
    pub from: String,
    pub to: String,
    /// By all applications.
    pub total: Counts,
    /// Most bytes first.
    pub items: Vec<BrowserItem>,
    /// By what is no browser, and by browsers that the list leaves out.
    pub other: Counts,
    /// The coarsest tier that was read.
    pub tier: &'static str,
    /// What only sums over longer spans are left of: it is in no figure.
    pub missing: Vec<Span>,
}

/// An application that is a browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BrowserItem {
    /// Which browser it is.
    pub browser: &'static str,
    #[serde(flatten)]
    pub listed: Listed,
}

impl Query {
    pub fn domains(&self, ask: &Ask) -> Result<DomainList, Error> {
        let paged = Paged::of(ask)?;
        let range = paged.range.clone();
        let mut look = self.look(range.clone(), ask)?.in_tiers(Tier::Day)?;
        let [sheet] = sheets(&mut look, [By::Domain])?;
        let (listed, next) = paged.take(sheet.most(usize::MAX));
        let names = listed.iter().filter_map(|(group, counts)| match group {
            Group::Word(name) => Some((name.clone(), *counts)),
            _ => None,
        });
        let names: Vec<_> = names.collect();
        let seen = look.domains_seen(names.iter().map(|(name, _)| &**name))?;
        let seen = seen.unwrap_or_default();
        let items = names.iter().map(|(name, counts)| {
            let seen = seen.get(&**name).copied();
            let seen = seen.map(Seen::from).unwrap_or_default();
            DomainRow {
                id: name.to_string(),
                name: name.to_string(),
                shown: shown(name).into_owned(),
                first_seen: seen.first,
                last_seen: seen.last,
                counts: *counts,
            }
        });
        Ok(DomainList {
            from: time(range.start),
            to: time(range.end),
            total: sheet.total.into(),
            count: sheet.groups.len() as u64,
            items: items.collect(),
            next,
            tier: look.plan().tier().word(),
            missing: Span::missing(look.plan()),
        })
    }

    /// One domain by its name.
    pub fn domain(&self, ask: &Ask, id: &str) -> Result<DomainPage, Error> {
        let (range, limit) = (ask.long_range()?, ask.limit_or(TOP)?);
        let id = canonical(id)?;
        let mut look = self
            .look(range.clone(), &of(ask, &id))?
            .in_tiers(Tier::Day)?;
        let seen = look.domains_seen(std::iter::once(id.as_str()))?;
        let all_names = seen.is_some();
        let seen = seen.unwrap_or_default().into_values().next();
        let seen = seen.map(Seen::from);
        let [sites, apps] = sheets(&mut look, [By::Site, By::Application])?;
        if all_names && seen.is_none() && sites.groups.is_empty() {
            return Err(NOWHERE);
        }
        let seen = seen.unwrap_or_default();
        Ok(DomainPage {
            name: id.clone(),
            shown: shown(&id).into_owned(),
            first_seen: seen.first,
            last_seen: seen.last,
            from: time(range.start),
            to: time(range.end),
            total: sites.total.into(),
            sites: sites.top(&mut look, limit)?,
            applications: apps.top(&mut look, limit)?,
            tier: look.plan().tier().word(),
            missing: Span::missing(look.plan()),
            id,
        })
    }

    pub fn domain_timeline(&self, ask: &Ask, id: &str) -> Result<Timeline, Error> {
        self.timeline(&of(ask, &canonical(id)?))
    }

    /// With which browsers a domain was visited.
    pub fn domain_browsers(&self, ask: &Ask, id: &str) -> Result<DomainBrowsers, Error> {
        let (range, limit) = (ask.long_range()?, ask.limit_or(TOP)?);
        let ask = of(ask, &canonical(id)?);
        let mut look = self.look(range.clone(), &ask)?.in_tiers(Tier::Day)?;
        let [apps] = sheets(&mut look, [By::Application])?;
        let (items, groups) = browsers(&mut look, &apps, limit)?;
        Ok(DomainBrowsers {
            from: time(range.start),
            to: time(range.end),
            total: apps.total.into(),
            items,
            other: apps.rest(&groups.iter().collect::<Vec<_>>()),
            tier: look.plan().tier().word(),
            missing: Span::missing(look.plan()),
        })
    }
}

fn browsers(
    look: &mut super::look::Look,
    apps: &Sheet,
    limit: usize,
) -> Result<(Vec<BrowserItem>, Vec<Group>), Error> {
    let (mut items, mut groups) = (Vec::new(), Vec::new());
    for (group, counts) in apps.most(usize::MAX) {
        let Group::App(app) = group else { continue };
        let Some(browser) = browser(&look.app(app)?) else {
            continue;
        };
        if items.len() < limit {
            let listed = describe(look, &group, counts)?;
            items.push(BrowserItem { browser, listed });
            groups.push(group);
        }
    }
    Ok((items, groups))
}

const NOWHERE: Error = Error::Nothing("no site of this domain was seen");

/// A name that is its own registrable domain, in lower case.
fn canonical(id: &str) -> Result<String, Error> {
    let id = id.to_lowercase();
    match domain(&id) {
        Some(domain) if domain.name() == id => Ok(id),
        _ => Err(NOWHERE),
    }
}

fn of(ask: &Ask, id: &str) -> Ask {
    let mut ask = ask.clone();
    ask.filter.domains = vec![id.to_owned()];
    ask
}
