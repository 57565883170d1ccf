//! `/api/stats/summary`: who and what carried most, and exactly how much the rest was.

use super::Query;
use super::ask::Ask;
use super::error::Error;
use super::look::Look;
use super::shape::{Counts, time};
use super::words::public;
use crate::key::Protocol;
use crate::label::{Site, SiteSource};
use crate::names::shown;
use crate::store::{AppId, Row, SiteId};
use crate::units::Traffic;
use ahash::AHashMap;
use serde::Serialize;
use std::collections::BTreeMap;
use std::hash::Hash;
use utoipa::ToSchema;

/// Different keys that are told apart; what comes after them is in `other`.
const KEYS: usize = 131_072;
/// Items when no number is asked for.
const TOP: usize = 10;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Summary {
    pub from: String,
    pub to: String,
    /// Frames that are in no flow included.
    pub total: Counts,
    pub applications: Top<ApplicationItem>,
    pub sites: Top<SiteItem>,
    pub protocols: Top<ProtocolItem>,
}

/// The most of something, and what the list leaves out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Top<T> {
    pub items: Vec<T>,
    pub other: Counts,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApplicationItem {
    /// `null` until the file has it.
    pub id: Option<u32>,
    pub name: String,
    pub path: Option<String>,
    #[serde(flatten)]
    pub counts: Counts,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SiteItem {
    /// `null` until the file has it.
    pub id: Option<u32>,
    pub name: String,
    /// The name as a person may read it: internationalised letters, unless they could mislead.
    pub shown: String,
    /// How the name is known, at best.
    pub source: &'static str,
    #[serde(flatten)]
    pub counts: Counts,
}

/// An IP protocol, or the reason why frames are in no flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProtocolItem {
    pub name: String,
    #[serde(flatten)]
    pub counts: Counts,
}

#[derive(Default)]
struct Sums {
    total: Traffic,
    apps: AHashMap<AppId, Traffic>,
    sites: AHashMap<SiteId, (Traffic, Option<SiteSource>)>,
    protocols: BTreeMap<Protocol, Traffic>,
    unflowed: BTreeMap<&'static str, Traffic>,
}

impl Query {
    pub fn summary(&self, ask: &Ask) -> Result<Summary, Error> {
        let (range, limit) = (ask.range()?, ask.limit_or(TOP)?);
        let mut look = self.look(range.clone(), ask)?;
        let mut sums = Sums::default();
        look.seconds(|picked, rows| {
            for nic in &picked.nics {
                sums.total += nic.counted();
                nic.unflowed.iter().for_each(|(reason, traffic)| {
                    *sums.unflowed.entry(reason.word()).or_default() += *traffic;
                });
            }
            rows.for_each(|row| sums.add(&row));
        })?;
        let total = Counts::from(sums.total);
        Ok(Summary {
            from: time(range.start),
            to: time(range.end),
            total,
            applications: applications(&mut look, &sums, limit)?,
            sites: sites(&mut look, &sums, limit)?,
            protocols: protocols(&sums, limit),
        })
    }
}

impl Sums {
    fn add(&mut self, row: &Row) {
        if let Some(app) = bounded(&mut self.apps, row.label.app) {
            *app += row.traffic;
        }
        if let Some((traffic, best)) = bounded(&mut self.sites, row.label.site) {
            *traffic += row.traffic;
            let source = row.label.site_source;
            *best = Some(best.map_or(source, |best| best.min(source)));
        }
        *self.protocols.entry(row.protocol).or_default() += row.traffic;
    }
}

/// The entry of a key, unless there are too many already.
pub(super) fn bounded<K: Eq + Hash + Copy, V: Default>(
    map: &mut AHashMap<K, V>,
    key: K,
) -> Option<&mut V> {
    if map.len() >= KEYS && !map.contains_key(&key) {
        return None;
    }
    Some(map.entry(key).or_default())
}

fn applications(look: &mut Look, sums: &Sums, limit: usize) -> Result<Top<ApplicationItem>, Error> {
    let most = most(sums.apps.iter().map(|(id, traffic)| (*id, *traffic)), limit);
    let items = most.into_iter().map(|(id, counts)| {
        let app = look.app(id)?;
        Ok(ApplicationItem {
            id: public(id.0),
            name: app.name.to_string(),
            path: app.path.map(|path| path.to_string()),
            counts,
        })
    });
    let items = items.collect::<Result<Vec<_>, Error>>()?;
    Ok(top(items, |item| item.counts, sums.total))
}

/// The site `other` is no site: it stays in what the list leaves out.
fn sites(look: &mut Look, sums: &Sums, limit: usize) -> Result<Top<SiteItem>, Error> {
    let all = sums.sites.iter().map(|(id, (traffic, _))| (*id, *traffic));
    let mut items = Vec::new();
    for (id, counts) in most(all, limit + 1) {
        let site = look.site(id)?;
        let source = sums.sites.get(&id).and_then(|(_, source)| *source);
        if site != Site::Other && items.len() < limit {
            let name = site.to_string();
            items.push(SiteItem {
                id: public(id.0),
                shown: shown(&name).into_owned(),
                name,
                source: source.unwrap_or(SiteSource::Address).word(),
                counts,
            });
        }
    }
    Ok(top(items, |item| item.counts, sums.total))
}

fn protocols(sums: &Sums, limit: usize) -> Top<ProtocolItem> {
    let flowed = sums
        .protocols
        .iter()
        .map(|(protocol, traffic)| (protocol.name(), *traffic));
    let unflowed = sums
        .unflowed
        .iter()
        .map(|(word, traffic)| ((*word).to_owned(), *traffic));
    let items = most(flowed.chain(unflowed), limit).into_iter();
    let items = items.map(|(name, counts)| ProtocolItem { name, counts });
    top(items.collect(), |item| item.counts, sums.total)
}

/// The entries with the most bytes, most first; equal ones in the order of their keys.
pub(super) fn most<K: Ord>(
    all: impl Iterator<Item = (K, Traffic)>,
    limit: usize,
) -> Vec<(K, Counts)> {
    let mut all: Vec<_> = all
        .map(|(key, traffic)| (key, Counts::from(traffic)))
        .collect();
    all.sort_unstable_by(|(a, x), (b, y)| y.bytes().cmp(&x.bytes()).then_with(|| a.cmp(b)));
    all.truncate(limit);
    all
}

pub(super) fn top<T>(items: Vec<T>, counts: impl Fn(&T) -> Counts, total: Traffic) -> Top<T> {
    let listed = items.iter().fold(Counts::default(), |mut sum, item| {
        sum += counts(item);
        sum
    });
    Top {
        other: Counts::from(total).less(listed),
        items,
    }
}
