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

/// Names of sites that one answer may look at, and after how many it is looked whether somebody still
/// waits for it.
const NAMES: usize = 1_000_000;
const AT_ONCE: usize = 1_024;

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

    pub(super) fn site_seen(&self, id: SiteId) -> Result<Option<store::Seen>, Error> {
        let found = self.snapshot().word::<crate::label::Site>(id)?;
        Ok(found.map(|(_, seen)| seen))
    }

    /// Of each of these domains that has sites in the dictionary: from when to when they were seen.
    /// `None` where the dictionary has more names than one answer may look at.
    pub(super) fn domains_seen<'a>(
        &self,
        domains: impl Iterator<Item = &'a str>,
    ) -> Result<Option<BTreeMap<&'a str, store::Seen>>, Error> {
        self.domains_seen_among(NAMES, domains)
    }

    fn domains_seen_among<'a>(
        &self,
        most: usize,
        domains: impl Iterator<Item = &'a str>,
    ) -> Result<Option<BTreeMap<&'a str, store::Seen>>, Error> {
        let mut sites: BTreeMap<&str, Vec<SiteId>> =
            domains.map(|name| (name, Vec::new())).collect();
        let (mut looked, mut here) = (0, Ok(()));
        self.snapshot().names(&mut |name, id| {
            if looked % AT_ONCE == 0 {
                here = self.asker_is_here();
            }
            if looked == most || here.is_err() {
                looked = usize::MAX;
                return ControlFlow::Break(());
            }
            looked += 1;
            let domain = domain(name).map(|domain| domain.name());
            if let Some(ids) = domain.and_then(|domain| sites.get_mut(domain)) {
                ids.push(id);
            }
            ControlFlow::Continue(())
        })?;
        here?;
        if looked == usize::MAX {
            return Ok(None);
        }
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
        Ok(Some(seen))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::Site;
    use crate::query::tests::{ask, query};
    use crate::store::sample::{START, at, delta, label, row, traffic};
    use std::sync::Arc;

    #[test]
    fn domains_among_too_many_names_are_not_known_in_part_and_nobody_looks_for_who_left() {
        let folder = tempfile::tempdir().unwrap();
        let second = |n: i64| {
            let site = Site::Name(format!("www{n}.example.org").into());
            let row = row(1, label("curl", site), 0, traffic(1, 100, 0, 0));
            Arc::new(delta(at(START + n, 0), vec![row]))
        };
        let query = query(&folder, &[0, 1, 2].map(second), &[]);
        let ask = ask(START, START + 10);
        let look = query.look(ask.long_range().unwrap(), &ask).unwrap();
        let domains = || ["example.org", "example.com"].into_iter();
        let seen = look.domains_seen_among(3, domains()).unwrap().unwrap();
        assert_eq!(seen.keys().copied().collect::<Vec<_>>(), ["example.org"]);
        assert_eq!(seen["example.org"].first, Second(START));
        assert_eq!(look.domains_seen_among(2, domains()).unwrap(), None);
        let site = look.site_seen(SiteId(1)).unwrap().unwrap();
        assert_eq!(site.first, Second(START));
        ask.asker.leave();
        assert!(matches!(look.domains_seen(domains()), Err(Error::Left)));
    }
}
