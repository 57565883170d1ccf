//! `/api/stats/talks`: which application talked to which site, most bytes first.

use super::Query;
use super::ask::Ask;
use super::carried::{Carried, KEYS, Tunnels};
use super::error::Error;
use super::shape::{Counts, Span, time};
use super::summary::{Top, most, top};
use crate::label::{App, OwnerSource, Site, SiteSource};
use crate::names::shown;
use crate::store::{AppId, Row, SiteId, Tier};
use ahash::AHashMap;
use serde::Serialize;
use utoipa::ToSchema;

/// Items when no number is asked for.
const MOST: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Talks {
    pub from: String,
    pub to: String,
    /// Frames that are in no flow included.
    pub total: Counts,
    /// Pairs that were told apart, at most 131,072: so many lines the whole list would have.
    pub pairs: u64,
    pub talks: Top<TalkItem>,
    /// The coarsest tier that was read.
    pub tier: &'static str,
    /// What only sums over longer spans are left of: it is in no figure.
    pub missing: Vec<Span>,
}

/// An application and a site that it talked to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TalkItem {
    pub application: String,
    pub path: Option<String>,
    pub site: String,
    /// The site as a person may read it.
    pub site_shown: String,
    /// How the owner is known, at best.
    #[schema(value_type = String)]
    pub owner_source: OwnerSource,
    /// How the site is known, at best.
    #[schema(value_type = String)]
    pub site_source: SiteSource,
    #[serde(flatten)]
    pub counts: Counts,
}

type Pair = (AppId, SiteId);

/// How both are known, at best.
type Known = (OwnerSource, SiteSource);

impl Query {
    pub fn talks(&self, ask: &Ask) -> Result<Talks, Error> {
        let (range, limit) = (ask.long_range()?, ask.limit_or(MOST)?);
        let mut look = self.look(range.clone(), ask)?.in_tiers(Tier::Day)?;
        let (asked, mut best) = (look.narrowed(), AHashMap::<Pair, Known>::new());
        let mut sums = Carried::<Pair>::default();
        look.seconds_and_tunnels(|picked, rows| {
            let tunnels = Tunnels::of(picked);
            sums.add_unflowed(&tunnels, picked, !asked.rows, |_, _| None);
            for shown in rows {
                let pair = (shown.row.label.app, shown.row.label.site);
                sums.add_row(&tunnels, &shown, pair);
                if shown.matches {
                    note(&mut best, pair, &shown.row);
                }
            }
        })?;
        let settled = sums.settled().only(asked.ways);
        let (sums, total) = (settled.sums, settled.total);
        let largest = most(sums.iter().map(|(pair, sum)| (*pair, *sum)), limit);
        let items = largest.into_iter().map(|((app, site), counts)| {
            let known = best.get(&(app, site)).copied();
            Ok(item(&look.app(app)?, &look.site(site)?, known, counts))
        });
        let items = items.collect::<Result<Vec<_>, Error>>()?;
        Ok(Talks {
            from: time(range.start),
            to: time(range.end),
            total: total.into(),
            pairs: sums.len() as u64,
            talks: top(items, |item| item.counts, total),
            tier: look.plan().tier().word(),
            missing: Span::missing(look.plan()),
        })
    }
}

fn note(best: &mut AHashMap<Pair, Known>, pair: Pair, row: &Row) {
    let (owner, site) = (row.label.owner_source, row.label.site_source);
    if best.len() < KEYS || best.contains_key(&pair) {
        let known = best.entry(pair).or_insert((owner, site));
        *known = (known.0.min(owner), known.1.min(site));
    }
}

fn item(app: &App, site: &Site, known: Option<Known>, counts: Counts) -> TalkItem {
    let (owner_source, site_source) = known.unwrap_or((OwnerSource::Unknown, SiteSource::Address));
    let site = site.to_string();
    TalkItem {
        application: app.name.to_string(),
        path: app.path.as_ref().map(ToString::to_string),
        site_shown: shown(&site).into_owned(),
        site,
        owner_source,
        site_source,
        counts,
    }
}
