//! From the name that was asked for to the names that stand for it: aliases (CNAME, DNAME), and
//! the targets of service records. Records may come in any order and may go round: at most
//! [`MOST_ALIASES`] are kept and [`MOST_LINKS`] followed.

use super::labels::{Budget, end, expand, spelt_at};
use super::records::{CNAME, DNAME, HTTPS, Record, SRV, SVCB, Section};
use super::services::{SRV_TARGET, TARGET};
use super::text::Text;

const MOST_ALIASES: usize = 32;
const MOST_LINKS: usize = 16;

/// The names that an address of the asked name may belong to.
#[derive(Debug)]
pub(super) struct Chain {
    asked: Text,
    asked_at: usize,
    further: Vec<Link>,
}

/// A name and how long it may be taken for the one that was asked for.
#[derive(Clone, Copy, Debug)]
struct Link {
    name: Text,
    ttl: u32,
}

/// How a name belongs to the chain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Not longer than any link on the way.
    pub ttl: u32,
    /// It is not the asked name itself.
    pub is_alias: bool,
}

#[derive(Debug)]
struct Alias {
    owner: Text,
    target: Text,
    ttl: u32,
    /// It moves the names below its owner, not the owner.
    is_below: bool,
}

impl Chain {
    /// The chain from the name at `asked_at` through these records.
    pub(super) fn of<'m>(
        message: &[u8],
        asked: Text,
        asked_at: usize,
        records: impl Iterator<Item = Record<'m>>,
        budget: &mut Budget,
    ) -> Chain {
        let aliases: Vec<Alias> = records
            .filter(|record| record.section != Section::Authority && record.is_internet())
            .filter_map(|record| Alias::of(message, &record, budget))
            .take(MOST_ALIASES)
            .collect();
        let mut chain = Chain {
            asked,
            asked_at,
            further: Vec::new(),
        };
        if !aliases.is_empty() {
            chain.follow(&aliases);
        }
        chain
    }

    /// Where the name at `at` is on the chain, if it is.
    pub(super) fn place(&self, message: &[u8], at: usize, budget: &mut Budget) -> Option<Place> {
        let asked = Place {
            ttl: u32::MAX,
            is_alias: false,
        };
        if spelt_at(message, at) == self.asked_at {
            return Some(asked);
        }
        let name = expand(message, at, budget)?;
        if name == self.asked {
            return Some(asked);
        }
        let link = self.further.iter().find(|link| link.name == name)?;
        Some(Place {
            ttl: link.ttl,
            is_alias: true,
        })
    }

    fn follow(&mut self, aliases: &[Alias]) {
        let mut next = Some(Link {
            name: self.asked,
            ttl: u32::MAX,
        });
        let mut done = 0;
        while let Some(link) = next {
            for alias in aliases {
                if let Some(link) = alias.target_of(&link) {
                    self.add(&link);
                }
            }
            next = self.further.get(done).copied();
            done += 1;
        }
    }

    fn add(&mut self, link: &Link) {
        let is_known =
            self.asked == link.name || self.further.iter().any(|known| known.name == link.name);
        if !is_known && self.further.len() < MOST_LINKS {
            self.further.push(*link);
        }
    }
}

impl Alias {
    fn of(message: &[u8], record: &Record<'_>, budget: &mut Budget) -> Option<Alias> {
        let before = match record.kind {
            CNAME | DNAME => 0,
            SVCB | HTTPS => TARGET,
            SRV => SRV_TARGET,
            _ => return None,
        };
        let target_at = record.data_at.checked_add(before)?;
        let data_end = record.data_at.checked_add(record.data.len())?;
        end(message, target_at).filter(|end| *end <= data_end)?;
        let target = expand(message, target_at, budget).filter(|target| !target.is_root())?;
        Some(Alias {
            owner: expand(message, record.owner, budget)?,
            target,
            ttl: record.ttl,
            is_below: record.kind == DNAME,
        })
    }

    /// What this alias makes of a name, if it is about it.
    fn target_of(&self, link: &Link) -> Option<Link> {
        let name = if self.is_below {
            link.name.moved(&self.owner, &self.target)?
        } else {
            (self.owner == link.name).then_some(self.target)?
        };
        Some(Link {
            name,
            ttl: link.ttl.min(self.ttl),
        })
    }
}
