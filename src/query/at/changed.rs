//! Who carried more or less than usual: the same time of some weeks side by side, by its median.

use crate::names::shown;
use crate::query::summary::Summary;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Items of a list.
const TOLD: usize = 20;

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

/// What is compared: a name, and where it lies.
pub(super) type Who = (String, Option<String>);

pub(super) fn applications(summary: &Summary) -> Vec<(Who, u64)> {
    let items = summary.applications.items.iter();
    let who = items.map(|item| ((item.name.clone(), item.path.clone()), item.counts.bytes()));
    who.collect()
}

pub(super) fn sites(summary: &Summary) -> Vec<(Who, u64)> {
    let items = summary.sites.items.iter();
    let who = items.map(|item| ((item.name.clone(), None), item.counts.bytes()));
    who.collect()
}

/// Whoever is in none of a week's rows carried nothing in it.
pub(super) fn changed(now: Vec<(Who, u64)>, weeks: Vec<Vec<(Who, u64)>>) -> Vec<ChangedItem> {
    let count = weeks.len();
    if count == 0 {
        return Vec::new();
    }
    let mut all: BTreeMap<Who, (u64, Vec<u64>)> = BTreeMap::new();
    for (who, bytes) in now {
        all.entry(who).or_default().0 += bytes;
    }
    for (week, items) in weeks.into_iter().enumerate() {
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
