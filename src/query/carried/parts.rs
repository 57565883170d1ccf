//! The parts that sums are made of until payloads have taken their places, and how they give way.

use super::figures::{Figures, bytes, figure, less, share};
use super::{KEYS, Moved, Settled};
use crate::decode::Reason;
use crate::key::Protocol;
use crate::store::{AppId, ClassesId, LabelId, NicId};
use crate::units::Traffic;
use ahash::AHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

/// What a part is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Of<K> {
    pub(super) grain: Grain,
    /// What it is of that is told apart, if anything.
    pub(super) key: Option<K>,
    /// The app, if it is a carrier.
    pub(super) carrier: Option<AppId>,
    /// Whether it matches the question's filter: else it only takes part in who takes whose place.
    pub(super) matches: bool,
}

/// How finely parts are kept that may become smaller: always alike, whatever is told apart, so that
/// every answer is made of the same parts, and answers about some of them add up to those about all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Grain {
    Coarse,
    Unflowed(NicId, Reason),
    Row(NicId, LabelId, Protocol, ClassesId),
}

#[derive(Debug)]
pub(super) struct Parts<K>(pub(super) AHashMap<Of<K>, Figures>);

impl<K: Copy + Ord + Hash> Parts<K> {
    pub(super) fn add(&mut self, mut of: Of<K>, more: Figures) {
        if self.0.len() >= KEYS && !self.0.contains_key(&of) {
            (of.grain, of.key) = (Grain::Coarse, None);
        }
        let part = self.0.entry(of).or_default();
        part.iter_mut()
            .zip(more)
            .for_each(|(sum, more)| *sum += more);
    }

    pub(super) fn total(&self, is_meant: impl Fn(Option<AppId>) -> bool) -> Figures {
        let parts = self.0.iter().filter(|(of, _)| is_meant(of.carrier));
        parts.fold(Figures::default(), |sum, (_, part)| {
            std::array::from_fn(|index| figure(&sum, index) + figure(part, index))
        })
    }

    pub(super) fn carriers(&self) -> BTreeSet<AppId> {
        self.0.keys().filter_map(|of| of.carrier).collect()
    }

    /// Takes up to `wanted` from what a carrier has, from its largest parts first: these are the
    /// tunnel, and what else it says is small. Gives what was taken.
    pub(super) fn take(&mut self, carrier: AppId, wanted: Figures) -> Figures {
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
    pub(super) fn shrink(&mut self, total: Figures, target: Figures) {
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

    pub(super) fn largest_first(
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

    pub(super) fn settled(self, tunnels: Vec<Moved>) -> Settled<K> {
        let mut settled = Settled {
            sums: AHashMap::new(),
            total: Traffic::default(),
            overhead: BTreeMap::new(),
            tunnels,
        };
        for (of, part) in self.0.into_iter().filter(|(of, _)| of.matches) {
            settled.total += Traffic::of_figures(part);
            if let Some(key) = of.key.filter(|_| part != Figures::default()) {
                *settled.sums.entry(key).or_default() += Traffic::of_figures(part);
            }
            if let Some(carrier) = of.carrier {
                *settled.overhead.entry(carrier).or_default() += Traffic::of_figures(part);
            }
        }
        settled
    }
}

impl<K> Of<K> {
    pub(super) fn coarse(key: Option<K>, carrier: Option<AppId>) -> Of<K> {
        Of {
            grain: Grain::Coarse,
            key,
            carrier,
            matches: true,
        }
    }
}
