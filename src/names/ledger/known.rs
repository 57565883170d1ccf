//! The names of one address for one client, and for how long each is true.

use super::{Answer, NANOS, Name, Nanos, Told};

/// Names that are kept: the latest.
pub(super) const MOST: usize = 8;
/// How long an answer holds at least and at most, in seconds, whatever it says itself.
const LIFE: std::ops::RangeInclusive<i64> = 10..=24 * 60 * 60;
/// Programs use an answer a little longer than it lives, in seconds.
const GRACE: i64 = 10;
/// How long after a flow's first packet the answer may come that names it, in seconds: captures
/// of several queues or interfaces are not in order. No answer names a flow from further back.
pub(super) const EARLY: i64 = 2;

/// A name and the time for which it was the address's.
#[derive(Clone, Debug)]
struct Known {
    name: Name,
    /// The first answer, and the latest of those that followed without a gap.
    first: Nanos,
    last: Nanos,
    until: Nanos,
    /// No address record said it.
    hint: bool,
}

/// At most [`MOST`], the one that was told last at the end.
#[derive(Debug, Default)]
pub(super) struct Names(Vec<Known>);

impl Names {
    pub(super) fn note(&mut self, answer: &Answer, at: Nanos) {
        let until = after(
            at,
            i64::from(answer.ttl).clamp(*LIFE.start(), *LIFE.end()) + GRACE,
        );
        let fresh = Known {
            name: answer.name.clone(),
            first: at,
            last: at,
            until,
            hint: answer.hint,
        };
        let before = self.0.iter().position(|known| known.name == answer.name);
        let known = match before.map(|place| self.0.remove(place)) {
            Some(known) => known.and(fresh),
            None => fresh,
        };
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.reserve_exact(1);
        self.0.push(known);
    }

    /// What the address was called at `at`.
    pub(super) fn at(&self, at: Nanos) -> Option<Told> {
        let latest = self.latest(|known| known.held(at), |known| known.told_before(at).0);
        let said_after = |known: &Known| known.first > at && known.first <= after(at, EARLY);
        if let Some(known) = latest {
            return Some(self.told(known, at, |other| other.held(at)));
        }
        let known = self.latest(said_after, |known| known.first.0.saturating_neg())?;
        Some(self.told(known, at, said_after))
    }

    /// Drops names that were over at `over` or cannot be of this time; whether any are left.
    pub(super) fn forget(&mut self, over: Nanos, now: Nanos) -> bool {
        let latest = after(now, *LIFE.end());
        self.0
            .retain(|known| known.until >= over && known.first <= latest);
        !self.0.is_empty()
    }

    fn latest(
        &self,
        is_meant: impl Fn(&Known) -> bool,
        rank: impl Fn(&Known) -> i64,
    ) -> Option<&Known> {
        self.0
            .iter()
            .filter(|known| is_meant(known))
            .max_by_key(|known| rank(known))
    }

    fn told(&self, known: &Known, at: Nanos, is_meant: impl Fn(&Known) -> bool) -> Told {
        let age = at.0.saturating_sub(known.told_before(at).0).max(0);
        Told {
            name: known.name.clone(),
            age: Nanos(age),
            ambiguous: self
                .0
                .iter()
                .any(|other| is_meant(other) && other.name != known.name),
            hint: known.hint,
            other_client: false,
            nat64: None,
        }
    }
}

impl Known {
    /// The same name said again: one stretch of time if it held in between, else a new one.
    fn and(self, fresh: Known) -> Known {
        if fresh.first > self.until || fresh.until < self.first {
            return fresh;
        }
        Known {
            first: self.first.min(fresh.first),
            last: self.last.max(fresh.last),
            until: self.until.max(fresh.until),
            hint: self.hint && fresh.hint,
            name: fresh.name,
        }
    }

    fn held(&self, at: Nanos) -> bool {
        (self.first..=self.until).contains(&at)
    }

    /// The latest answer that is known to have come by `at`.
    fn told_before(&self, at: Nanos) -> Nanos {
        if self.last <= at {
            self.last
        } else {
            self.first
        }
    }
}

fn after(at: Nanos, seconds: i64) -> Nanos {
    Nanos(at.0.saturating_add(seconds.saturating_mul(NANOS)))
}
