//! What each interface carried since the start of this run, by name. Containers bring interfaces and
//! take them along when they go: beyond a bound, those that were not heard of for longest become
//! `other`, so that the sum stays.

use super::recent::loss;
use super::shape::Loss;
use crate::platform::Role;
use crate::tick::{Delta, InterfaceSecond};
use crate::units::Traffic;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Names that are kept, beside those that are heard of now.
const MOST: usize = 256;
const OTHER: &str = "other";

/// An interface's totals since the start of this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NicTotal {
    pub role: Role,
    pub traffic: Traffic,
    pub loss: Loss,
}

/// All interfaces' totals, and the number of the second in which each was last heard of.
#[derive(Default)]
pub(super) struct Totals(BTreeMap<Arc<str>, (NicTotal, u64)>);

impl Totals {
    /// Adds the `number`th second.
    pub(super) fn add(&mut self, delta: &Delta, number: u64) {
        for one in &delta.interfaces {
            self.add_to(&one.name, &NicTotal::of(one), number);
        }
        while self.0.len() > MOST && self.fold_oldest(number) {}
    }

    pub(super) fn told(&self) -> BTreeMap<Arc<str>, NicTotal> {
        let totals = self.0.iter();
        totals
            .map(|(name, (total, _))| (name.clone(), total.clone()))
            .collect()
    }

    fn add_to(&mut self, name: &Arc<str>, more: &NicTotal, number: u64) {
        let nothing = || (NicTotal::nothing(more.role), number);
        let (total, heard) = self.0.entry(name.clone()).or_insert_with(nothing);
        total.role = more.role;
        total.traffic += more.traffic;
        total.loss.then(more.loss);
        *heard = number;
    }

    /// Makes `other` of the name that was not heard of for longest; false if all were heard `now`.
    fn fold_oldest(&mut self, now: u64) -> bool {
        let gone = |(name, (_, heard)): &(&Arc<str>, &(_, u64))| &***name != OTHER && *heard < now;
        let named = self.0.iter().filter(gone);
        let oldest = named.min_by_key(|(_, (_, heard))| *heard);
        let oldest = oldest.map(|(name, _)| name.clone());
        let folded = oldest.and_then(|name| self.0.remove(&name));
        let Some((total, _)) = folded else {
            return false;
        };
        let role = Role::Virtual;
        self.add_to(&OTHER.into(), &NicTotal { role, ..total }, now);
        true
    }
}

impl NicTotal {
    fn of(one: &InterfaceSecond) -> NicTotal {
        NicTotal {
            role: one.role,
            traffic: one.counted(),
            loss: loss(one),
        }
    }

    fn nothing(role: Role) -> NicTotal {
        NicTotal {
            role,
            traffic: Traffic::default(),
            loss: Loss::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sample::{START, at, delta, interface};
    use crate::units::Tally;

    /// A second of the interfaces with these names, one packet of one byte each.
    fn second(names: impl Iterator<Item = String>) -> Delta {
        let mut one = delta(at(START, 0), Vec::new());
        let seconds = names.map(|name| {
            let mut second = interface(0, &name, Role::Virtual, &[]);
            second.flowed.inbound = Tally {
                packets: 1,
                bytes: 1,
            };
            second
        });
        one.interfaces = seconds.collect();
        one
    }

    fn eth0() -> impl Iterator<Item = String> {
        std::iter::once("eth0".to_owned())
    }

    #[test]
    fn names_that_come_and_go_are_bounded_and_none_of_their_bytes_is_lost() {
        let mut totals = Totals::default();
        for number in 0..2_000 {
            let passing = std::iter::once(format!("veth{number}"));
            totals.add(&second(eth0().chain(passing)), number);
        }
        let told = totals.told();
        assert_eq!(told.len(), MOST);
        let bytes = |name: &str| told[name].traffic.total().bytes;
        assert_eq!((bytes("eth0"), bytes("veth1999")), (2_000, 1));
        assert_eq!(bytes(OTHER), 2_000 - (MOST as u64 - 2));
    }

    #[test]
    fn an_interface_that_is_there_is_never_folded() {
        let mut totals = Totals::default();
        let all = || (0..MOST * 2).map(|number| format!("veth{number}"));
        (0..3).for_each(|number| totals.add(&second(all()), number));
        assert_eq!(totals.told().len(), MOST * 2);
        assert_eq!(totals.told()["veth7"].traffic.total().bytes, 3);
        totals.add(&second(eth0()), 3);
        assert_eq!(totals.told().len(), MOST);
    }
}
