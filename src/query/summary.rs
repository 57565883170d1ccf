//! `/api/stats/summary`: who and what carried most, and exactly how much the rest was.

use super::Query;
use super::ask::Ask;
use super::carried::{Carried, KEYS, Moved, Settled, Tunnels};
use super::error::Error;
use super::look::{Look, Picked, Shown};
use super::shape::{Counts, Span, time};
use super::words::public;
use crate::decode::Reason;
use crate::key::Protocol;
use crate::label::{Site, SiteSource};
use crate::names::shown;
use crate::store::{AppId, SiteId, Tier};
use crate::units::Traffic;
use ahash::AHashMap;
use serde::Serialize;
use utoipa::ToSchema;

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
    /// Tunnels whose payload is told in the place of what carried it.
    pub tunnels: Vec<TunnelItem>,
    /// The coarsest tier that was read.
    pub tier: &'static str,
    /// What only sums over longer spans are left of: it is in no figure.
    pub missing: Vec<Span>,
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
    /// Of one that carries a tunnel: how much of its counts is left of the carrier when the payload
    /// is told by whose it is; `null` where it carried none.
    pub overhead: Option<Counts>,
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

/// Whose traffic went through a tunnel, and on whose connections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TunnelItem {
    pub interface: String,
    /// The application that carries it.
    pub carrier: String,
    /// What went through it.
    pub payload: Counts,
    /// What its carrier was not seen to carry, because it was compressed or lies at the edges of
    /// the range: it is in no other figure.
    pub uncarried: Counts,
}

/// What frames are of: a protocol, or the reason why they are in no flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Flowed(Protocol),
    Unflowed(Reason),
}

impl Kind {
    pub(super) fn name(self) -> String {
        match self {
            Kind::Flowed(protocol) => protocol.name(),
            Kind::Unflowed(reason) => reason.word().to_owned(),
        }
    }
}

#[derive(Default)]
struct Sums {
    apps: Carried<AppId>,
    sites: Carried<SiteId>,
    protocols: Carried<Kind>,
    /// How each site was known at best.
    best: AHashMap<SiteId, SiteSource>,
}

impl Query {
    pub fn summary(&self, ask: &Ask) -> Result<Summary, Error> {
        let (range, limit) = (ask.long_range()?, ask.limit_or(TOP)?);
        let mut look = self.look(range.clone(), ask)?.in_tiers(Tier::Day)?;
        let (asked, mut sums) = (look.narrowed(), Sums::default());
        look.seconds_and_tunnels(|picked, rows| {
            let tunnels = Tunnels::of(picked);
            sums.add(picked, &tunnels, !asked.rows);
            rows.for_each(|shown| sums.add_row(&tunnels, &shown));
        })?;
        let apps = sums.apps.settled().only(asked.ways);
        let sites_told = sums.sites.settled().only(asked.ways);
        let protocols_told = sums.protocols.settled().only(asked.ways);
        Ok(Summary {
            from: time(range.start),
            to: time(range.end),
            total: apps.total.into(),
            applications: applications(&mut look, &apps, limit)?,
            sites: sites(&mut look, sites_told, &sums.best, limit)?,
            protocols: protocols(protocols_told, limit),
            tunnels: tunnels(&mut look, &apps.tunnels)?,
            tier: look.plan().tier().word(),
            missing: Span::missing(look.plan()),
        })
    }
}

impl Sums {
    fn add(&mut self, picked: &Picked, tunnels: &Tunnels, matches: bool) {
        self.apps
            .add_unflowed(tunnels, picked, matches, |_, _| None);
        self.sites
            .add_unflowed(tunnels, picked, matches, |_, _| None);
        let kind = |_, reason| Some(Kind::Unflowed(reason));
        self.protocols.add_unflowed(tunnels, picked, matches, kind);
    }

    fn add_row(&mut self, tunnels: &Tunnels, shown: &Shown) {
        let row = &shown.row;
        let (site, source) = (row.label.site, row.label.site_source);
        self.apps.add_row(tunnels, shown, row.label.app);
        self.sites.add_row(tunnels, shown, site);
        let kind = Kind::Flowed(row.protocol);
        self.protocols.add_row(tunnels, shown, kind);
        if shown.matches && (self.best.len() < KEYS || self.best.contains_key(&site)) {
            let best = self.best.entry(site).or_insert(source);
            *best = source.min(*best);
        }
    }
}

fn applications(
    look: &mut Look,
    apps: &Settled<AppId>,
    limit: usize,
) -> Result<Top<ApplicationItem>, Error> {
    let most = most(apps.sums.iter().map(|(id, traffic)| (*id, *traffic)), limit);
    let items = most.into_iter().map(|(id, counts)| {
        let app = look.app(id)?;
        let overhead = apps.overhead.get(&id);
        Ok(ApplicationItem {
            id: public(id.0),
            name: app.name.to_string(),
            path: app.path.map(|path| path.to_string()),
            overhead: overhead.map(|overhead| (*overhead).into()),
            counts,
        })
    });
    let items = items.collect::<Result<Vec<_>, Error>>()?;
    Ok(top(items, |item| item.counts, apps.total))
}

/// The site `other` is no site: it stays in what the list leaves out.
fn sites(
    look: &mut Look,
    sites: Settled<SiteId>,
    best: &AHashMap<SiteId, SiteSource>,
    limit: usize,
) -> Result<Top<SiteItem>, Error> {
    let mut items = Vec::new();
    for (id, counts) in most(sites.sums.into_iter(), limit + 1) {
        let site = look.site(id)?;
        if site != Site::Other && items.len() < limit {
            let name = site.to_string();
            items.push(SiteItem {
                id: public(id.0),
                shown: shown(&name).into_owned(),
                name,
                source: best.get(&id).unwrap_or(&SiteSource::Address).word(),
                counts,
            });
        }
    }
    Ok(top(items, |item| item.counts, sites.total))
}

fn protocols(protocols: Settled<Kind>, limit: usize) -> Top<ProtocolItem> {
    let total = protocols.total;
    let named = protocols.sums.into_iter();
    let named = named.map(|(kind, traffic)| (kind.name(), traffic));
    let items = most(named, limit).into_iter();
    let items = items.map(|(name, counts)| ProtocolItem { name, counts });
    top(items.collect(), |item| item.counts, total)
}

fn tunnels(look: &mut Look, moved: &[Moved]) -> Result<Vec<TunnelItem>, Error> {
    let item = |one: &Moved| {
        Ok(TunnelItem {
            interface: look.nic(one.tunnel.nic)?.name.to_string(),
            carrier: look.app(one.tunnel.carrier)?.name.to_string(),
            payload: one.payload.into(),
            uncarried: one.uncarried.into(),
        })
    };
    moved.iter().map(item).collect()
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
