//! Carriers and payloads. Of a tunnel whose carrier is known, the payload counts for the apps and
//! sites that it is of, in the place of as much of what the carrier sent and received; what is left
//! of the carrier is overhead. Every sum stays that of the interfaces that count.
//!
//! This is done over whole spans, not by the second: a packet and what carries it may lie on both
//! sides of a second's edge. Where a payload is larger than its carrier all the same (compression,
//! the edges of the span), each part of it shrinks alike, and what it shrank by is told.

use super::look::Picked;
use crate::decode::Reason;
use crate::store::{AppId, NicId, NicSecond};
use crate::units::{Tally, Traffic};
use ahash::AHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

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

/// Packets in, bytes in, packets out, bytes out.
type Figures = [u64; 4];
/// What a part is of, where it is of anything that is told apart; and the app, if it is a carrier.
type Of<K> = (Option<K>, Option<AppId>);

/// One kind of sums over a span, before payloads take their places.
#[derive(Debug)]
pub(super) struct Carried<K> {
    ground: Parts<K>,
    tunnels: BTreeMap<Tunnel, Parts<K>>,
}

#[derive(Debug)]
struct Parts<K>(AHashMap<Of<K>, Figures>);

/// Sums in which each payload has taken its place.
#[derive(Debug)]
pub(super) struct Settled<K> {
    pub(super) sums: AHashMap<K, Traffic>,
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
        let of = (Some(key), tunnels.carrier(app));
        self.parts(tunnels, nic).add(of, figures(traffic));
    }

    /// The same of an interface's frames that are in no flow; some sums have keys for reasons.
    pub(super) fn add_unflowed(
        &mut self,
        tunnels: &Tunnels,
        nic: &NicSecond,
        key: impl Fn(Reason) -> Option<K>,
    ) {
        let parts = self.parts(tunnels, nic.nic);
        for (reason, traffic) in &nic.unflowed {
            parts.add((key(*reason), None), figures(*traffic));
        }
    }

    /// The same of what has no key.
    pub(super) fn add_rest(&mut self, tunnels: &Tunnels, nic: NicId, traffic: Traffic) {
        self.parts(tunnels, nic).add((None, None), figures(traffic));
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
                payload: traffic(payload),
                uncarried: traffic(less(payload, moved)),
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

impl<K: Copy + Ord + Hash> Parts<K> {
    fn add(&mut self, (key, carrier): Of<K>, more: Figures) {
        let is_full = self.0.len() >= KEYS && !self.0.contains_key(&(key, carrier));
        let key = key.filter(|_| !is_full);
        let part = self.0.entry((key, carrier)).or_default();
        part.iter_mut()
            .zip(more)
            .for_each(|(sum, more)| *sum += more);
    }

    fn total(&self, is_meant: impl Fn(Option<AppId>) -> bool) -> Figures {
        let parts = self.0.iter().filter(|((_, carrier), _)| is_meant(*carrier));
        parts.fold(Figures::default(), |sum, (_, part)| {
            std::array::from_fn(|index| figure(&sum, index) + figure(part, index))
        })
    }

    fn carriers(&self) -> BTreeSet<AppId> {
        self.0.keys().filter_map(|(_, carrier)| *carrier).collect()
    }

    /// Takes up to `wanted` from what a carrier has, from its largest parts first: these are the
    /// tunnel, and what else it says is small. Gives what was taken.
    fn take(&mut self, carrier: AppId, wanted: Figures) -> Figures {
        let mut left = wanted;
        for (_, part) in self.largest_first(|of| of == Some(carrier)) {
            for (has, left) in part.iter_mut().zip(&mut left) {
                let taken = (*has).min(*left);
                *has -= taken;
                *left -= taken;
            }
        }
        less(wanted, left)
    }

    /// Makes each part smaller alike, so that their sum becomes `target` instead of `total`; what
    /// cannot be divided goes to the largest.
    fn shrink(&mut self, total: Figures, target: Figures) {
        for (index, (total, target)) in total.into_iter().zip(target).enumerate() {
            if target == total {
                continue;
            }
            let mut left = target;
            let mut parts = self.largest_first(|_| true);
            let mut figures: Vec<&mut u64> = parts
                .iter_mut()
                .filter_map(|(_, part)| part.get_mut(index))
                .filter(|figure| **figure > 0)
                .collect();
            // At least 1 becomes less than itself, and all of them lose less than 1 each.
            for figure in &mut figures {
                **figure = share(**figure, total, target);
                left -= **figure;
            }
            let one_more = figures.iter_mut().take(left as usize);
            one_more.for_each(|figure| **figure += 1);
        }
    }

    fn largest_first(
        &mut self,
        is_meant: impl Fn(Option<AppId>) -> bool,
    ) -> Vec<(Of<K>, &mut Figures)> {
        let parts = self.0.iter_mut();
        let mut parts: Vec<_> = parts
            .filter(|((_, carrier), _)| is_meant(*carrier))
            .map(|(of, part)| (*of, part))
            .collect();
        parts.sort_unstable_by(|(a, x), (b, y)| bytes(y).cmp(&bytes(x)).then_with(|| a.cmp(b)));
        parts
    }

    fn settled(self, tunnels: Vec<Moved>) -> Settled<K> {
        let (mut sums, mut overhead) = (AHashMap::new(), BTreeMap::new());
        for ((key, carrier), part) in self.0 {
            if let Some(key) = key.filter(|_| part != Figures::default()) {
                *sums.entry(key).or_default() += traffic(part);
            }
            if let Some(carrier) = carrier {
                *overhead.entry(carrier).or_default() += traffic(part);
            }
        }
        Settled {
            sums,
            overhead,
            tunnels,
        }
    }
}

fn figures(traffic: Traffic) -> Figures {
    let Traffic { inbound, outbound } = traffic;
    [
        inbound.packets,
        inbound.bytes,
        outbound.packets,
        outbound.bytes,
    ]
}

fn traffic([pi, bi, po, bo]: Figures) -> Traffic {
    let tally = |packets, bytes| Tally { packets, bytes };
    Traffic {
        inbound: tally(pi, bi),
        outbound: tally(po, bo),
    }
}

fn bytes([_, inbound, _, outbound]: &Figures) -> u64 {
    inbound + outbound
}

fn figure(figures: &Figures, index: usize) -> u64 {
    figures.get(index).copied().unwrap_or(0)
}

fn less(whole: Figures, part: Figures) -> Figures {
    std::array::from_fn(|index| figure(&whole, index).saturating_sub(figure(&part, index)))
}

/// `figure` times `target` by `total`, rounded down; none of them is 0 where this is called.
fn share(figure: u64, total: u64, target: u64) -> u64 {
    let exact = u128::from(figure) * u128::from(target) / u128::from(total.max(1));
    exact as u64
}

#[cfg(test)]
mod tests;
