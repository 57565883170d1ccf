//! Sums of a range by one kind of thing or several: what the lists of the most of something are made
//! of. Whatever is not listed is exactly what is left of the total.

use super::by::By;
use super::carried::{Carried, Settled, Tunnels};
use super::error::Error;
use super::filter::UNKNOWN;
use super::listed::{Group, Listed, describe};
use super::live::names_of;
use super::look::{Look, Picked, Shown};
use super::shape::Counts;
use super::summary::{Kind, most};
use crate::label::Site;
use crate::names::domain;
use crate::names::places::Country;
use crate::store::{AppId, ClassesId, NicId, SiteId};
use crate::units::Traffic;
use ahash::AHashMap;

/// What rows are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    App(AppId),
    Site(SiteId),
    Nic(NicId),
    Kind(Kind),
    Classes(ClassesId),
    Talk(AppId, SiteId),
    All,
}

/// All sums of one kind.
pub(super) struct Sheet {
    pub(super) groups: AHashMap<Group, Traffic>,
    pub(super) total: Traffic,
    /// Of classes, which overlap: the sets that they come in.
    sets: Vec<(Vec<String>, Traffic)>,
}

/// Reads the range once, for sums of each of these kinds.
pub(super) fn sheets<const N: usize>(look: &mut Look, kinds: [By; N]) -> Result<[Sheet; N], Error> {
    let asked = look.narrowed();
    if kinds
        .iter()
        .all(|by| matches!(by, By::Application | By::User))
    {
        look.by_app();
    }
    let mut sums = kinds.map(|by| (by, Carried::<Key>::default()));
    look.seconds_and_tunnels(|picked, rows| {
        let tunnels = Tunnels::of(picked);
        for (by, sums) in &mut sums {
            add_unflowed(*by, sums, &tunnels, picked, !asked.rows);
        }
        for shown in rows {
            for (by, sums) in &mut sums {
                sums.add_row(&tunnels, &shown, key(*by, &shown));
            }
        }
    })?;
    let mut failed = None;
    let sheets = sums.map(|(by, sums)| {
        let settled = sums.settled().only(asked.ways);
        Sheet::of(by, settled, look).unwrap_or_else(|error| {
            failed = Some(error);
            Sheet::default()
        })
    });
    failed.map_or(Ok(sheets), Err)
}

fn add_unflowed(
    by: By,
    sums: &mut Carried<Key>,
    tunnels: &Tunnels,
    picked: &Picked,
    matches: bool,
) {
    match by {
        By::Protocol => sums.add_unflowed(tunnels, picked, matches, |_, reason| {
            Some(Key::Kind(Kind::Unflowed(reason)))
        }),
        By::Interface => {
            sums.add_unflowed(tunnels, picked, matches, |nic, _| Some(Key::Nic(nic)));
        }
        By::Direction => sums.add_unflowed(tunnels, picked, matches, |_, _| Some(Key::All)),
        _ => sums.add_unflowed(tunnels, picked, matches, |_, _| None),
    }
}

fn key(by: By, shown: &Shown) -> Key {
    let (row, label) = (&shown.row, shown.row.label);
    match by {
        By::Application | By::User => Key::App(label.app),
        By::Site | By::Domain | By::Country => Key::Site(label.site),
        By::Interface => Key::Nic(row.nic),
        By::Protocol => Key::Kind(Kind::Flowed(row.protocol)),
        By::Class => Key::Classes(row.classes),
        By::Talk => Key::Talk(label.app, label.site),
        By::Direction => Key::All,
    }
}

impl Default for Sheet {
    fn default() -> Sheet {
        Sheet {
            groups: AHashMap::new(),
            total: Traffic::default(),
            sets: Vec::new(),
        }
    }
}

impl Sheet {
    fn of(by: By, settled: Settled<Key>, look: &mut Look) -> Result<Sheet, Error> {
        let mut sheet = Sheet {
            total: settled.total,
            ..Sheet::default()
        };
        for (key, traffic) in settled.sums {
            if let Key::Classes(id) = key {
                sheet.add_set(names_of(&look.class_set(id)?), traffic);
            } else if by == By::Direction {
                sheet.add_ways(traffic);
            } else if let Some(group) = group(by, key, look)? {
                *sheet.groups.entry(group).or_default() += traffic;
            }
        }
        Ok(sheet)
    }

    fn add_set(&mut self, names: Vec<String>, traffic: Traffic) {
        for name in &names {
            let group = Group::Word(name.as_str().into());
            *self.groups.entry(group).or_default() += traffic;
        }
        self.sets.push((names, traffic));
    }

    fn add_ways(&mut self, traffic: Traffic) {
        let (mut inbound, mut outbound) = (traffic, traffic);
        (inbound.outbound, outbound.inbound) = Default::default();
        for (word, traffic) in [("in", inbound), ("out", outbound)] {
            if traffic != Traffic::default() {
                *self.groups.entry(Group::Word(word.into())).or_default() += traffic;
            }
        }
    }

    /// Those with the most bytes.
    pub(super) fn most(&self, limit: usize) -> Vec<(Group, Counts)> {
        let groups = self.groups.iter();
        most(groups.map(|(group, sum)| (group.clone(), *sum)), limit)
    }

    pub(super) fn counts(&self, group: &Group) -> Counts {
        self.groups.get(group).copied().unwrap_or_default().into()
    }

    /// Exactly what these are not: of classes, what is in none of them.
    pub(super) fn rest(&self, listed: &[&Group]) -> Counts {
        let mut told = Counts::default();
        if self.sets.is_empty() {
            for group in listed {
                told += self.counts(group);
            }
        }
        for (names, traffic) in &self.sets {
            let has = |word: &str| names.iter().any(|name| name == word);
            let is = |group: &&Group| matches!(group, Group::Word(word) if has(word));
            if listed.iter().any(is) {
                told += (*traffic).into();
            }
        }
        Counts::from(self.total).less(told)
    }

    /// The most of it, described, and the rest.
    pub(super) fn top(&self, look: &mut Look, limit: usize) -> Result<super::Top<Listed>, Error> {
        let listed = self.most(limit);
        let groups: Vec<&Group> = listed.iter().map(|(group, _)| group).collect();
        let other = self.rest(&groups);
        let items = listed.iter();
        let items = items.map(|(group, counts)| describe(look, group, *counts));
        Ok(super::Top {
            items: items.collect::<Result<_, _>>()?,
            other,
        })
    }
}

/// What is listed of what was told apart; the site `other` is no site, and an address has no domain.
fn group(by: By, key: Key, look: &mut Look) -> Result<Option<Group>, Error> {
    Ok(match key {
        Key::App(id) if by == By::User => Some(Group::User(look.app(id)?.user)),
        Key::App(id) => Some(Group::App(id)),
        Key::Site(id) if by == By::Country => {
            let country = look.country(id)?;
            let code = country.as_ref().map_or(UNKNOWN, Country::code);
            Some(Group::Word(code.into()))
        }
        Key::Site(id) => site_group(by, id, &look.site(id)?),
        Key::Nic(id) => Some(Group::Word(look.nic(id)?.name)),
        Key::Kind(kind) => Some(Group::Kind(kind)),
        Key::Talk(app, site) => Some(Group::Talk(app, site)),
        Key::Classes(_) | Key::All => None,
    })
}

fn site_group(by: By, id: SiteId, site: &Site) -> Option<Group> {
    match (by, site) {
        (By::Domain, Site::Name(name)) => Some(Group::Word(domain(name)?.name().into())),
        (By::Domain, _) | (_, Site::Other) => None,
        _ => Some(Group::Site(id)),
    }
}
