//! When something was first and last seen, as the dictionaries have it; and pages of long lists.

use super::ask::Ask;
use super::error::Error;
use super::look::Look;
use super::shape::time;
use crate::names::domain;
use crate::store::{self, AppId, SiteId};
use crate::units::Second;
use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};

/// Names of sites that one answer may look at.
const NAMES: usize = 1_000_000;

/// Both ends, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
}

impl From<store::Seen> for Seen {
    fn from(seen: store::Seen) -> Seen {
        Seen {
            first: Some(time(seen.first)),
            last: Some(time(seen.last)),
        }
    }
}

impl Look {
    pub(super) fn app_seen(&self, id: AppId) -> Result<Option<store::Seen>, Error> {
        let found = self.snapshot().word::<crate::label::App>(id)?;
        Ok(found.map(|(_, seen)| seen))
    }

    /// Of each of these domains that has sites in the dictionary: from when to when they were seen.
    pub(super) fn domains_seen<'a>(
        &self,
        domains: impl Iterator<Item = &'a str>,
    ) -> Result<BTreeMap<&'a str, store::Seen>, Error> {
        let mut sites: BTreeMap<&str, Vec<SiteId>> =
            domains.map(|name| (name, Vec::new())).collect();
        let mut left = NAMES;
        self.snapshot().names(&mut |name, id| {
            let domain = domain(name).map(|domain| domain.name());
            if let Some(ids) = domain.and_then(|domain| sites.get_mut(domain)) {
                ids.push(id);
            }
            left -= 1;
            if left == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        let mut seen = BTreeMap::new();
        for (domain, id) in sites
            .iter()
            .flat_map(|(name, ids)| ids.iter().map(|id| (*name, *id)))
        {
            let Some((_, one)) = self.snapshot().word::<crate::label::Site>(id)? else {
                continue;
            };
            let all: &mut store::Seen = seen.entry(domain).or_insert(one);
            all.first = all.first.min(one.first);
            all.last = all.last.max(one.last);
        }
        Ok(seen)
    }
}

/// A page of a list that is ordered by bytes: of which range the list is, so that it stays the same
/// while time goes on, and how much of it was told.
pub(super) struct Paged {
    pub(super) range: Range<Second>,
    pub(super) told: usize,
    limit: usize,
}

impl Paged {
    pub(super) fn of(ask: &Ask) -> Result<Paged, Error> {
        let limit = ask.limit()?;
        let Some(cursor) = &ask.cursor else {
            let range = ask.long_range()?;
            return Ok(Paged {
                range,
                told: 0,
                limit,
            });
        };
        let wrong = || Error::Asked {
            what: "cursor",
            why: "it is not one that this list gave",
        };
        let mut numbers = cursor.split('_').map(str::parse::<i64>);
        let mut number = || numbers.next().and_then(Result::ok).ok_or_else(wrong);
        let pinned = Ask {
            from: Some(Second(number()?)),
            to: Some(Second(number()?)),
            ..ask.clone()
        };
        let told = usize::try_from(number()?).map_err(|_| wrong())?;
        let range = pinned.long_range().map_err(|_| wrong())?;
        Ok(Paged { range, told, limit })
    }

    /// The items of this page, and what leads to the next.
    pub(super) fn take<T>(&self, all: Vec<T>) -> (Vec<T>, Option<String>) {
        let end = self.told.saturating_add(self.limit);
        let more = all.len() > end;
        let items = all.into_iter().skip(self.told).take(self.limit).collect();
        let (from, to) = (self.range.start.0, self.range.end.0);
        (items, more.then(|| format!("{from}_{to}_{end}")))
    }
}
