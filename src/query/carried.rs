//! Carriers and payloads. Of a tunnel whose carrier is known, the payload counts for the apps and
//! sites that it is of, in the place of as much of what the carrier sent and received; what is left
//! of the carrier is overhead. Every sum stays that of the interfaces that count.
//!
//! This is done over whole spans, not by the second: a packet and what carries it may lie on both
//! sides of a second's edge. Where a payload is larger than its carrier all the same (compression,
//! the edges of the span), each part of it shrinks alike, and what it shrank by is told.

use super::look::{Picked, Shown};
use super::sieve::Ways;
use crate::decode::Reason;
use crate::store::{AppId, NicId};
use crate::units::Traffic;
use ahash::AHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

mod figures;
mod parts;

use figures::{bytes, less};
use parts::{Grain, Of, Parts};

/// Different keys that are told apart; what comes after them has none.
pub(super) const KEYS: usize = 131_072;

/// A tunnel, and the app that carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tunnel {
    pub(super) nic: NicId,
    pub(super) carrier: AppId,
}

/// The tunnels of one second whose payload takes its carrier's place.
#[derive(Debug, Default)]
pub(super) struct Tunnels(Vec<Tunnel>);

impl Tunnels {
    pub(super) fn of(picked: &Picked) -> Tunnels {
        let tunnels = picked.tunnels.iter().filter_map(|one| {
            let (nic, carrier) = (one.nic, one.carrier?);
            Some(Tunnel { nic, carrier })
        });
        Tunnels(tunnels.collect())
    }

    pub(super) fn new(tunnels: Vec<Tunnel>) -> Tunnels {
        Tunnels(tunnels)
    }

    pub(super) fn has(&self, nic: NicId) -> bool {
        self.on(nic).is_some()
    }

    fn on(&self, nic: NicId) -> Option<Tunnel> {
        self.0.iter().find(|tunnel| tunnel.nic == nic).copied()
    }

    fn carrier(&self, app: AppId) -> Option<AppId> {
        let carries = |tunnel: &Tunnel| tunnel.carrier == app;
        self.0.iter().any(carries).then_some(app)
    }
}

/// One kind of sums over a span, before payloads take their places.
#[derive(Debug)]
pub(super) struct Carried<K> {
    ground: Parts<K>,
    tunnels: BTreeMap<Tunnel, Parts<K>>,
}

/// Sums in which each payload has taken its place.
#[derive(Debug)]
pub(super) struct Settled<K> {
    pub(super) sums: AHashMap<K, Traffic>,
    /// Of everything that matches, whether it has a key or not.
    pub(super) total: Traffic,
    /// What is left of each carrier.
    pub(super) overhead: BTreeMap<AppId, Traffic>,
    pub(super) tunnels: Vec<Moved>,
}

/// What became of one tunnel's payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moved {
    pub(super) tunnel: Tunnel,
    pub(super) payload: Traffic,
    /// What its carrier was not seen to carry: it is in no sum.
    pub(super) uncarried: Traffic,
}

impl<K> Default for Carried<K> {
    fn default() -> Carried<K> {
        Carried {
            ground: Parts(AHashMap::new()),
            tunnels: BTreeMap::new(),
        }
    }
}

impl<K: Copy + Ord + Hash> Carried<K> {
    /// Adds what an app did on an interface that counts, or on one of the `tunnels`.
    pub(super) fn add(
        &mut self,
        tunnels: &Tunnels,
        (nic, app): (NicId, AppId),
        key: K,
        traffic: Traffic,
    ) {
        let of = Of::coarse(Some(key), tunnels.carrier(app));
        self.parts(tunnels, nic).add(of, traffic.figures());
    }

    /// The same of a row.
    pub(super) fn add_row(&mut self, tunnels: &Tunnels, shown: &Shown, key: K) {
        let Shown { row, matches } = *shown;
        let carrier = tunnels.carrier(row.label.app);
        let is_whole = carrier.is_none() && !tunnels.has(row.nic);
        if is_whole && !matches {
            return;
        }
        let grain = if is_whole {
            Grain::Coarse
        } else {
            Grain::Row(row.nic, row.label, row.protocol, row.classes)
        };
        let of = Of {
            grain,
            key: Some(key),
            carrier,
            matches,
        };
        self.parts(tunnels, row.nic).add(of, row.traffic.figures());
    }

    /// The same of all frames of a second that are in no flow; some sums have keys for reasons.
    pub(super) fn add_unflowed(
        &mut self,
        tunnels: &Tunnels,
        picked: &Picked,
        matches: bool,
        key: impl Fn(NicId, Reason) -> Option<K>,
    ) {
        let counted = picked.nics.iter().filter(|_| matches);
        for nic in counted.chain(&picked.tunnels) {
            let parts = self.parts(tunnels, nic.nic);
            for (reason, traffic) in &nic.unflowed {
                let of = Of {
                    grain: Grain::Unflowed(nic.nic, *reason),
                    key: key(nic.nic, *reason),
                    carrier: None,
                    matches,
                };
                parts.add(of, traffic.figures());
            }
        }
    }

    /// The same of what has no key.
    pub(super) fn add_rest(&mut self, tunnels: &Tunnels, nic: NicId, traffic: Traffic) {
        self.parts(tunnels, nic)
            .add(Of::coarse(None, None), traffic.figures());
    }

    /// Every payload in its place: the outer tunnels' first, so that what runs in them is there
    /// when the inner ones' turn comes.
    pub(super) fn settled(mut self) -> Settled<K> {
        let mut tunnels = Vec::new();
        while let Some((tunnel, mut layer)) = self.take_outermost() {
            let payload = layer.total(|_| true);
            let moved = self.ground.take(tunnel.carrier, payload);
            layer.shrink(payload, moved);
            layer
                .0
                .into_iter()
                .for_each(|(of, part)| self.ground.add(of, part));
            tunnels.push(Moved {
                tunnel,
                payload: Traffic::of_figures(payload),
                uncarried: Traffic::of_figures(less(payload, moved)),
            });
        }
        self.ground.settled(tunnels)
    }

    fn parts(&mut self, tunnels: &Tunnels, nic: NicId) -> &mut Parts<K> {
        match tunnels.on(nic) {
            None => &mut self.ground,
            Some(tunnel) => {
                let none = || Parts(AHashMap::new());
                self.tunnels.entry(tunnel).or_insert_with(none)
            }
        }
    }

    /// A tunnel that runs in none of the others; where they run in circles, the largest.
    fn take_outermost(&mut self) -> Option<(Tunnel, Parts<K>)> {
        let carriers = self.tunnels.iter();
        let carriers: Vec<(Tunnel, BTreeSet<AppId>)> = carriers
            .map(|(tunnel, layer)| (*tunnel, layer.carriers()))
            .collect();
        let runs_in = |tunnel: &Tunnel, (other, carriers): &(Tunnel, BTreeSet<AppId>)| {
            other != tunnel && carriers.contains(&tunnel.carrier)
        };
        let is_outermost = |tunnel: &&Tunnel| !carriers.iter().any(|other| runs_in(tunnel, other));
        let largest = || {
            let sizes = self.tunnels.iter();
            let sizes = sizes.max_by_key(|(_, layer)| bytes(&layer.total(|_| true)));
            sizes.map(|(tunnel, _)| *tunnel)
        };
        let outermost = self.tunnels.keys().find(is_outermost).copied();
        self.tunnels.remove_entry(&outermost.or_else(largest)?)
    }
}

impl<K> Settled<K> {
    /// What of it went these ways. Places are taken by both ways together.
    pub(super) fn only(mut self, ways: Ways) -> Settled<K> {
        let sums = self.sums.values_mut().chain(self.overhead.values_mut());
        sums.for_each(|sum| *sum = ways.of(*sum));
        self.total = ways.of(self.total);
        self
    }
}

#[cfg(test)]
mod tests;
