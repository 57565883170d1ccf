//! `/api/at`: what happened at a second. What was carried in it and in its minute; who carried more or
//! less in its hour than in the same hour of the weeks before; who and what appeared for the first time.

use super::Query;
use super::ask::Ask;
use super::error::Error;
use super::look::Fit;
use super::series::Point;
use super::shape::{Counts, Span, time};
use super::summary::{Summary, Top};
use super::talks::TalkItem;
use crate::label::{App, Site};
use crate::names::shown;
use crate::store::{AppId, Calendar, Cycle, Seen, SiteId, Tier};
use crate::units::Second;
use ahash::AHashSet;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;
use utoipa::ToSchema;

/// Weeks before that an hour is compared with.
const WEEKS: i64 = 4;
/// Applications and sites that are compared, the largest of each hour.
const COMPARED: usize = 1_000;
/// Items of a list.
const TOLD: usize = 20;
/// Applications and sites of an hour that are looked up.
const LOOKED_UP: usize = 16_384;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct At {
    pub at: String,
    /// The time zone whose hours are compared.
    pub zone: String,
    pub second: Around,
    pub minute: Around,
    pub hour: SameHour,
    /// First seen in that hour, as far as what was seen in it is known.
    pub new_applications: Vec<AppearedItem>,
    pub new_sites: Vec<AppearedItem>,
}

/// A short span, and who carried what in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Around {
    pub from: String,
    pub to: String,
    /// `null` where nothing was watched, or nothing so fine is left.
    pub counts: Option<Counts>,
    pub lost_packets: u64,
    pub gap_ms: u64,
    /// What only sums over longer spans are left of: it is in no figure.
    pub missing: Vec<Span>,
    pub talks: Top<TalkItem>,
}

/// The hour of the zone's clocks, as far as it has come, beside those of the four weeks before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SameHour {
    pub from: String,
    pub to: String,
    pub counts: Option<Counts>,
    pub gap_ms: u64,
    /// The same hours that were watched: the others are left out.
    pub weeks: Vec<Span>,
    /// Who changed most, most first; empty where there is nothing to compare with.
    pub applications: Vec<ChangedItem>,
    pub sites: Vec<ChangedItem>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangedItem {
    pub name: String,
    /// The name as a person may read it.
    pub shown: String,
    /// Where an application lies.
    pub path: Option<String>,
    pub bytes: u64,
    /// The median of the same hours.
    pub usual_bytes: u64,
    pub change_bytes: i64,
}

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

/// What is compared: a name, and where it lies.
type Who = (String, Option<String>);

impl Query {
    pub fn at(&self, ask: &Ask, at: Second) -> Result<At, Error> {
        let second = at..Second(at.0.saturating_add(1));
        of(ask, &second).long_range()?;
        let calendar = self.calendar()?;
        let minute = at.minute();
        let hour = calendar.hour(at);
        let (new_applications, new_sites) = self.appeared(ask, &hour, &calendar)?;
        Ok(At {
            at: time(at),
            zone: calendar.zone(at).to_owned(),
            second: self.around(ask, second)?,
            minute: self.around(ask, minute..Second(minute.0 + 60))?,
            hour: self.same_hour(ask, &hour, &calendar)?,
            new_applications,
            new_sites,
        })
    }

    fn around(&self, ask: &Ask, range: Range<Second>) -> Result<Around, Error> {
        let (point, missing) = self.point(ask, &range)?;
        let asked = Ask {
            limit: Some(ask.limit_or(TOLD)?),
            ..of(ask, &range)
        };
        Ok(Around {
            from: time(range.start),
            to: time(range.end),
            counts: point.counts(),
            lost_packets: point.lost,
            gap_ms: point.gap_ms,
            missing,
            talks: self.talks(&asked)?.talks,
        })
    }

    fn same_hour(
        &self,
        ask: &Ask,
        hour: &Range<Second>,
        calendar: &Calendar,
    ) -> Result<SameHour, Error> {
        // Whole minutes are kept for longer than the weeks that are compared.
        let passed = (ask.now.0 - hour.start.0).clamp(60, 3_600) / 60 * 60;
        let hour = hour.start..Second(hour.start.0 + passed);
        let (point, _) = self.point(ask, &hour)?;
        let now = self.summary(&compared(ask, &hour))?;
        let (mut weeks, mut summaries) = (Vec::new(), Vec::new());
        for back in 1..=WEEKS {
            let Some(start) = calendar.weeks_before(hour.start, back) else {
                continue;
            };
            let then = start..Second(start.0 + passed);
            // Half an hour is no hour to compare with.
            if self.point(ask, &then)?.0.watched_s * 10 >= passed as u64 * 9 {
                summaries.push(self.summary(&compared(ask, &then))?);
                weeks.push(then);
            }
        }
        let changed = |list: fn(&Summary) -> Vec<(Who, u64)>| match point.watched {
            true => changed(list(&now), summaries.iter().map(list)),
            false => Vec::new(),
        };
        Ok(SameHour {
            from: time(hour.start),
            to: time(hour.end),
            counts: point.counts(),
            gap_ms: point.gap_ms,
            applications: changed(applications),
            sites: changed(sites),
            weeks: Span::of(&weeks),
        })
    }

    /// One span's sums, and what is missing of it.
    fn point(&self, ask: &Ask, range: &Range<Second>) -> Result<(Point, Vec<Span>), Error> {
        let series = self.series(ask, vec![range.start, range.end], Fit::Days)?;
        let point = series.points.first().copied().unwrap_or_default();
        Ok((point, Span::of(&series.lacks)))
    }

    /// Whoever appeared in an hour carried something in it.
    fn appeared(
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

/// The same question of another range.
fn of(ask: &Ask, range: &Range<Second>) -> Ask {
    Ask {
        from: Some(range.start),
        to: Some(range.end),
        ..ask.clone()
    }
}

fn compared(ask: &Ask, range: &Range<Second>) -> Ask {
    Ask {
        limit: Some(COMPARED),
        ..of(ask, range)
    }
}

fn applications(summary: &Summary) -> Vec<(Who, u64)> {
    let items = summary.applications.items.iter();
    let who = items.map(|item| ((item.name.clone(), item.path.clone()), item.counts.bytes()));
    who.collect()
}

fn sites(summary: &Summary) -> Vec<(Who, u64)> {
    let items = summary.sites.items.iter();
    let who = items.map(|item| ((item.name.clone(), None), item.counts.bytes()));
    who.collect()
}

/// Whoever is in none of a week's rows carried nothing in it.
fn changed(
    now: Vec<(Who, u64)>,
    weeks: impl ExactSizeIterator<Item = Vec<(Who, u64)>>,
) -> Vec<ChangedItem> {
    let count = weeks.len();
    if count == 0 {
        return Vec::new();
    }
    let mut all: BTreeMap<Who, (u64, Vec<u64>)> = BTreeMap::new();
    for (who, bytes) in now {
        all.entry(who).or_default().0 += bytes;
    }
    for (week, items) in weeks.enumerate() {
        for (who, bytes) in items {
            let before = &mut all.entry(who).or_default().1;
            before.resize(week + 1, 0);
            before.iter_mut().skip(week).for_each(|sum| *sum += bytes);
        }
    }
    let items = all.into_iter().map(|((name, path), (bytes, mut before))| {
        before.resize(count, 0);
        let usual = median(before);
        ChangedItem {
            shown: shown(&name).into_owned(),
            name,
            path,
            bytes,
            usual_bytes: usual,
            change_bytes: bytes as i64 - usual as i64,
        }
    });
    let mut items: Vec<_> = items.filter(|item| item.change_bytes != 0).collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.change_bytes.unsigned_abs()));
    items.truncate(TOLD);
    items
}

/// Of an even number, what lies between the two in the middle.
fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    let half = values.len() / 2;
    let value = |place: usize| values.get(place).copied().unwrap_or_default();
    match values.len() % 2 {
        0 => value(half.saturating_sub(1)).midpoint(value(half)),
        _ => value(half),
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
