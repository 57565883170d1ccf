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
use crate::key::Protocol;
use crate::store::{AppId, ClassesId, LabelId, NicId};
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

/// What a part is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Of<K> {
    grain: Grain,
    /// What it is of that is told apart, if anything.
    key: Option<K>,
    /// The app, if it is a carrier.
    carrier: Option<AppId>,
    /// Whether it matches the question's filter: else it only takes part in who takes whose place.
    matches: bool,
}

/// How finely parts are kept that may become smaller: always alike, whatever is told apart, so that
/// every answer is made of the same parts, and answers about some of them add up to those about all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Grain {
    Coarse,
    Unflowed(NicId, Reason),
    Row(NicId, LabelId, Protocol, ClassesId),
}

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
        self.parts(tunnels, nic).add(of, figures(traffic));
    }

    /// The same of a row.
    pub(super) fn add_row(&mut self, tunnels: &Tunnels, shown: &Shown, key: K) {
        let Shown { row, matches } = *shown;
        let carrier = tunnels.carrier(row.label.app);
        let is_whole = carrier.is_none() && !tunnels.has(row.nic);
        if is_whole && !matches {
            return;
        }
        let grain = match is_whole {
            true => Grain::Coarse,
            false => Grain::Row(row.nic, row.label, row.protocol, row.classes),
        };
        let of = Of {
            grain,
            key: Some(key),
            carrier,
            matches,
        };
        self.parts(tunnels, row.nic).add(of, figures(row.traffic));
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
                parts.add(of, figures(*traffic));
            }
        }
    }

    /// The same of what has no key.
    pub(super) fn add_rest(&mut self, tunnels: &Tunnels, nic: NicId, traffic: Traffic) {
        self.parts(tunnels, nic)
            .add(Of::coarse(None, None), figures(traffic));
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
    fn add(&mut self, mut of: Of<K>, more: Figures) {
        if self.0.len() >= KEYS && !self.0.contains_key(&of) {
            (of.grain, of.key) = (Grain::Coarse, None);
        }
        let part = self.0.entry(of).or_default();
        part.iter_mut()
            .zip(more)
            .for_each(|(sum, more)| *sum += more);
    }

    fn total(&self, is_meant: impl Fn(Option<AppId>) -> bool) -> Figures {
        let parts = self.0.iter().filter(|(of, _)| is_meant(of.carrier));
        parts.fold(Figures::default(), |sum, (_, part)| {
            std::array::from_fn(|index| figure(&sum, index) + figure(part, index))
        })
    }

    fn carriers(&self) -> BTreeSet<AppId> {
        self.0.keys().filter_map(|of| of.carrier).collect()
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
            .filter(|(of, _)| is_meant(of.carrier))
            .map(|(of, part)| (*of, part))
            .collect();
        parts.sort_unstable_by(|(a, x), (b, y)| bytes(y).cmp(&bytes(x)).then_with(|| a.cmp(b)));
        parts
    }

    fn settled(self, tunnels: Vec<Moved>) -> Settled<K> {
        let mut settled = Settled {
            sums: AHashMap::new(),
            total: Traffic::default(),
            overhead: BTreeMap::new(),
            tunnels,
        };
        for (of, part) in self.0.into_iter().filter(|(of, _)| of.matches) {
            settled.total += traffic(part);
            if let Some(key) = of.key.filter(|_| part != Figures::default()) {
                *settled.sums.entry(key).or_default() += traffic(part);
            }
            if let Some(carrier) = of.carrier {
                *settled.overhead.entry(carrier).or_default() += traffic(part);
            }
        }
        settled
    }
}

impl<K> Of<K> {
    fn coarse(key: Option<K>, carrier: Option<AppId>) -> Of<K> {
        Of {
            grain: Grain::Coarse,
            key,
            carrier,
            matches: true,
        }
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
