//! `/api/applications`: every application of a range, and one of them.

use super::ask::Ask;
use super::by::By;
use super::error::Error;
use super::listed::{Group, Listed};
use super::seen::{Paged, Seen};
use super::shape::{Counts, Span, time};
use super::sheet::sheets;
use super::timeline::Timeline;
use super::words::public;
use super::{Query, Top};
use crate::store::{AppId, Tier};
use serde::Serialize;
use utoipa::ToSchema;

/// Of each kind, for one application.
const TOP: usize = 20;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApplicationList {
    pub from: String,
    pub to: String,
    /// Frames that are in no flow included, where no filter is on.
    pub total: Counts,
    /// How many there are on all pages.
    pub count: u64,
    /// Most bytes first.
    pub items: Vec<ApplicationRow>,
    pub next: Option<String>,
    /// The coarsest tier that was read.
    pub tier: &'static str,
    /// What only sums over longer spans are left of: it is in no figure.
    pub missing: Vec<Span>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApplicationRow {
    /// `null` until the file has it.
    pub id: Option<u32>,
    pub name: String,
    pub path: Option<String>,
    /// The number of the user who started it.
    pub user: Option<u32>,
    pub first_seen: Option<String>,
    pub last_seen: Option<String>,
    #[serde(flatten)]
    pub counts: Counts,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApplicationPage {
    pub id: u32,
    pub name: String,
    pub path: Option<String>,
    /// The number of the user who started it.
    pub user: Option<u32>,
    pub first_seen: String,
    pub last_seen: String,
    pub from: String,
    pub to: String,
    pub total: Counts,
    /// The sites that it talked to.
    pub sites: Top<Listed>,
    pub protocols: Top<Listed>,
    /// Classes overlap: `other` is what is in none that is listed.
    pub classes: Top<Listed>,
    /// The coarsest tier that was read.
    pub tier: &'static str,
    /// What only sums over longer spans are left of: it is in no figure.
    pub missing: Vec<Span>,
}

impl Query {
    pub fn applications(&self, ask: &Ask) -> Result<ApplicationList, Error> {
        let paged = Paged::of(ask)?;
        let range = paged.range.clone();
        let mut look = self.look(range.clone(), ask)?.in_tiers(Tier::Day)?;
        let [sheet] = sheets(&mut look, [By::Application])?;
        let (listed, next) = paged.take(sheet.most(usize::MAX));
        let mut items = Vec::with_capacity(listed.len());
        for (group, counts) in listed {
            let Group::App(id) = group else { continue };
            let app = look.app(id)?;
            let seen = look.app_seen(id)?.map(Seen::from).unwrap_or_default();
            items.push(ApplicationRow {
                id: public(id.0),
                name: app.name.to_string(),
                path: app.path.map(|path| path.to_string()),
                user: app.user,
                first_seen: seen.first,
                last_seen: seen.last,
                counts,
            });
        }
        Ok(ApplicationList {
            from: time(range.start),
            to: time(range.end),
            total: sheet.total.into(),
            count: sheet.groups.len() as u64,
            items,
            next,
            tier: look.plan().tier().word(),
            missing: Span::missing(look.plan()),
        })
    }

    /// One application by its number.
    pub fn application(&self, ask: &Ask, id: u32) -> Result<ApplicationPage, Error> {
        let (range, limit) = (ask.long_range()?, ask.limit_or(TOP)?);
        let mut look = self
            .look(range.clone(), &of(ask, id))?
            .in_tiers(Tier::Day)?;
        let seen = look.app_seen(AppId(id))?.ok_or(NOBODY)?;
        let app = look.app(AppId(id))?;
        let kinds = [By::Site, By::Protocol, By::Class];
        let [sites, protocols, classes] = sheets(&mut look, kinds)?;
        Ok(ApplicationPage {
            id,
            name: app.name.to_string(),
            path: app.path.map(|path| path.to_string()),
            user: app.user,
            first_seen: time(seen.first),
            last_seen: time(seen.last),
            from: time(range.start),
            to: time(range.end),
            total: sites.total.into(),
            sites: sites.top(&mut look, limit)?,
            protocols: protocols.top(&mut look, limit)?,
            classes: classes.top(&mut look, limit)?,
            tier: look.plan().tier().word(),
            missing: Span::missing(look.plan()),
        })
    }

    pub fn application_timeline(&self, ask: &Ask, id: u32) -> Result<Timeline, Error> {
        let found = self
            .reader
            .snapshot()?
            .word::<crate::label::App>(AppId(id))?;
        found.ok_or(NOBODY)?;
        self.timeline(&of(ask, id))
    }
}

const NOBODY: Error = Error::Nothing("no application has this number");

fn of(ask: &Ask, id: u32) -> Ask {
    let mut ask = ask.clone();
    ask.filter.applications = vec![id.to_string()];
    ask
}
