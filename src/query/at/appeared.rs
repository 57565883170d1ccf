//! Who and what was seen for the first time in an hour: by the dictionaries, which know when each word
//! came.

use crate::label::{App, Site};
use crate::names::shown;
use crate::query::Query;
use crate::query::ask::Ask;
use crate::query::error::Error;
use crate::query::shape::time;
use crate::store::{AppId, Calendar, Cycle, Seen, SiteId, Tier};
use crate::units::Second;
use ahash::AHashSet;
use serde::Serialize;
use std::ops::Range;
use utoipa::ToSchema;

/// Items of a list where no number is told.
const TOLD: usize = 20;
/// Applications and sites of an hour that are looked up.
const LOOKED_UP: usize = 16_384;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct AppearedItem {
    pub first_seen: String,
    pub id: u32,
    pub name: String,
    /// The name as a person may read it.
    pub shown: String,
    /// Where an application lies.
    pub path: Option<String>,
}

impl Query {
    /// Whoever appeared in an hour carried something in it.
    pub(super) fn appeared(
        &self,
        ask: &Ask,
        hour: &Range<Second>,
        calendar: &Calendar,
    ) -> Result<(Vec<AppearedItem>, Vec<AppearedItem>), Error> {
        let mut look = self.look(hour.clone(), ask)?.in_tiers(Tier::Hour)?;
        if !look.plan().missing.is_empty() {
            let day = calendar.period(Cycle::Day, hour.start);
            look = self.look(day, ask)?.in_tiers(Tier::Day)?;
        }
        let (mut apps, mut sites) = (AHashSet::new(), AHashSet::new());
        look.seconds_and_tunnels(|_, rows| {
            for shown in rows.filter(|shown| shown.matches) {
                note(&mut apps, shown.row.label.app);
                note(&mut sites, shown.row.label.site);
            }
        })?;
        let (mut new_apps, mut new_sites) = (Vec::new(), Vec::new());
        for id in apps {
            let AppId(number) = id;
            let found = look.snapshot().word::<App>(id)?;
            let path = |app: &App| app.path.as_ref().map(ToString::to_string);
            let told = |(app, seen): (App, Seen)| (app.name.to_string(), path(&app), seen);
            new_apps.extend(
                found
                    .map(told)
                    .and_then(|told| appeared(number, told, hour)),
            );
        }
        for id in sites {
            let SiteId(number) = id;
            let found = look.snapshot().word::<Site>(id)?;
            let named = found.filter(|(site, _)| *site != Site::Other);
            let told = named.map(|(site, seen)| (site.to_string(), None, seen));
            new_sites.extend(told.and_then(|told| appeared(number, told, hour)));
        }
        let limit = ask.limit_or(TOLD)?;
        Ok((earliest(new_apps, limit), earliest(new_sites, limit)))
    }
}

fn note<K: Eq + std::hash::Hash>(known: &mut AHashSet<K>, one: K) {
    if known.len() < LOOKED_UP {
        known.insert(one);
    }
}

fn appeared(
    id: u32,
    (name, path, seen): (String, Option<String>, Seen),
    hour: &Range<Second>,
) -> Option<AppearedItem> {
    hour.contains(&seen.first).then(|| AppearedItem {
        first_seen: time(seen.first),
        id,
        shown: shown(&name).into_owned(),
        name,
        path,
    })
}

fn earliest(mut items: Vec<AppearedItem>, limit: usize) -> Vec<AppearedItem> {
    items.sort();
    items.truncate(limit);
    items
}
