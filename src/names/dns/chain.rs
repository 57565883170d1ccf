//! From the name that was asked for to the names that stand for it: aliases (CNAME, DNAME), and
//! the targets of service records. Records may come in any order and may go round: at most
//! [`MOST_ALIASES`] are kept and [`MOST_LINKS`] followed.

use super::labels::{Budget, end, expand, spelt_at};
use super::records::{CNAME, DNAME, HTTPS, Record, SRV, SVCB, Section};
use super::services::{SRV_TARGET, TARGET};
use super::text::Text;

const MOST_ALIASES: usize = 32;
const MOST_LINKS: usize = 16;
/// A name that is put together is spelt nowhere in the message.
const NOWHERE: usize = usize::MAX;

/// The names that an address of the asked name may belong to.
#[derive(Debug)]
pub(super) struct Chain<'m> {
    message: &'m [u8],
    asked: Link,
    further: Vec<Link>,
}

/// A name and how long it may be taken for the one that was asked for.
#[derive(Clone, Copy, Debug)]
struct Link {
    name: Text,
    /// Where the name is spelt: another that is spelt there need not be read.
    spelt_at: usize,
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

/// A record that says that one name stands for another: where both begin.
#[derive(Debug)]
struct Alias {
    owner: usize,
    target: usize,
    ttl: u32,
    /// It moves the names below its owner, not the owner.
    is_below: bool,
}

impl<'m> Chain<'m> {
    /// The chain from the name that is spelt at `asked_at` through these records.
    pub(super) fn of(
        message: &'m [u8],
        (asked, asked_at): (&Text, usize),
        records: impl Iterator<Item = Record<'m>>,
        budget: &mut Budget,
    ) -> Chain<'m> {
        let aliases: Vec<Alias> = records
            .filter(|record| record.section != Section::Authority && record.is_internet())
            .filter_map(|record| Alias::of(message, &record))
            .take(MOST_ALIASES)
            .collect();
        let asked = Link {
            name: *asked,
            spelt_at: asked_at,
            ttl: u32::MAX,
        };
        let mut chain = Chain {
            message,
            asked,
            further: Vec::new(),
        };
        if !aliases.is_empty() {
            chain.follow(&aliases, budget);
        }
        chain
    }

    /// Where the name at `at` is on the chain, if it is.
    pub(super) fn place(&self, at: usize, budget: &mut Budget) -> Option<Place> {
        let links = || std::iter::once(&self.asked).chain(&self.further).zip(0..);
        let spelt_at = spelt_at(self.message, at);
        let same_place = links().find(|(link, _)| link.spelt_at == spelt_at);
        let (link, number) = same_place.or_else(|| {
            let name = expand(self.message, at, budget)?;
            links().find(|(link, _)| link.name == name)
        })?;
        Some(Place {
            ttl: link.ttl,
            is_alias: number > 0,
        })
    }

    fn follow(&mut self, aliases: &[Alias], budget: &mut Budget) {
        let mut next = Some(self.asked);
        let mut done = 0;
        while let Some(link) = next {
            for alias in aliases {
                if let Some(link) = alias.follow(self.message, &link, budget) {
                    self.add(&link);
                }
            }
            next = self.further.get(done).copied();
            done += 1;
        }
    }

    fn add(&mut self, link: &Link) {
        let known = std::iter::once(&self.asked).chain(&self.further);
        let is_known = known.into_iter().any(|known| known.name == link.name);
        if !is_known && self.further.len() < MOST_LINKS {
            self.further.push(*link);
        }
    }
}

impl Alias {
    fn of(message: &[u8], record: &Record<'_>) -> Option<Alias> {
        let before = match record.kind {
            CNAME | DNAME => 0,
            SVCB | HTTPS => TARGET,
            SRV => SRV_TARGET,
            _ => return None,
        };
        let target = record.data_at.checked_add(before)?;
        let data_end = record.data_at.checked_add(record.data.len())?;
        end(message, target).filter(|end| *end <= data_end)?;
        let is_below = record.kind == DNAME;
        Some(Alias {
            owner: record.owner,
            target,
            ttl: record.ttl,
            is_below,
        })
    }

    /// What this alias makes of a name, if it is about it. The root is no name: a service there is
    /// at its owner (RFC 9460, 2.5), or is not (RFC 2782).
    fn follow(&self, message: &[u8], link: &Link, budget: &mut Budget) -> Option<Link> {
        let is_same_place = spelt_at(message, self.owner) == link.spelt_at;
        let ttl = link.ttl.min(self.ttl);
        if self.is_below {
            let owner = expand(message, self.owner, budget)?;
            let name = link
                .name
                .moved(&owner, &expand(message, self.target, budget)?)?;
            return Some(Link {
                name,
                spelt_at: NOWHERE,
                ttl,
            });
        }
        if !is_same_place && expand(message, self.owner, budget)? != link.name {
            return None;
        }
        let name = expand(message, self.target, budget).filter(|target| !target.is_root())?;
        Some(Link {
            name,
            spelt_at: spelt_at(message, self.target),
            ttl,
        })
    }
}
