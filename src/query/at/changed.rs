//! Who carried more or less than usual: the same time of some weeks side by side, by its median.

use crate::query::error::Error;
use crate::query::listed::{Group, Listed, describe};
use crate::query::look::Look;
use crate::query::shape::Counts;
use crate::query::sheet::Sheet;
use ahash::AHashSet;
use serde::Serialize;
use std::cmp::Reverse;
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
    /// Who started an application.
    pub user: Option<u32>,
    pub bytes: u64,
    /// The median of the same hours.
    pub usual_bytes: u64,
    pub change_bytes: i64,
}

/// Bytes now, and as usual.
struct Change<'a> {
    group: &'a Group,
    bytes: u64,
    usual: u64,
}

/// Whoever is in none of a week's rows carried nothing in it.
pub(super) fn changed(
    look: &mut Look,
    now: &Sheet,
    weeks: &[Sheet],
) -> Result<Vec<ChangedItem>, Error> {
    if weeks.is_empty() {
        return Ok(Vec::new());
    }
    let sheets = weeks.iter().chain([now]);
    let groups: AHashSet<&Group> = sheets.flat_map(|sheet| sheet.groups.keys()).collect();
    let bytes = |sheet: &Sheet, group| sheet.counts(group).bytes();
    let changes = groups.into_iter().map(|group| Change {
        group,
        bytes: bytes(now, group),
        usual: median(weeks.iter().map(|week| bytes(week, group)).collect()),
    });
    let mut changes: Vec<_> = changes.filter(|one| one.bytes != one.usual).collect();
    changes.sort_unstable_by_key(|one| (Reverse(one.bytes.abs_diff(one.usual)), one.group));
    changes.truncate(TOLD);
    changes.iter().map(|one| item(look, one)).collect()
}

fn item(look: &mut Look, change: &Change) -> Result<ChangedItem, Error> {
    let Change {
        group,
        bytes,
        usual,
    } = change;
    let Listed {
        name,
        shown,
        path,
        user,
        ..
    } = describe(look, group, Counts::default())?;
    Ok(ChangedItem {
        name,
        shown,
        path,
        user,
        bytes: *bytes,
        usual_bytes: *usual,
        change_bytes: bytes.cast_signed() - usual.cast_signed(),
    })
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
