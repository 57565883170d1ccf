//! Which minutes are still to be sealed, and when: in the order they were lived through, once the
//! labels of a minute are settled.

use super::layout::order;
use crate::units::{Epoch, Moment, Second};
use std::collections::BTreeSet;

/// How long after its last second a minute may still get labels: they come up to 60 s late, from
/// seconds that stay open for 2.
const SETTLED: i64 = 90;

/// How long after a second its minute is sealed at the latest.
pub(super) const SEALED_AFTER: i64 = 60 + SETTLED;

/// The minutes that still have hot seconds, in the order they were lived through.
#[derive(Debug, Default)]
pub(super) struct Unsealed {
    minutes: BTreeSet<(Epoch, Second)>,
    /// Where the newest epoch began: what is older settles 90 s after.
    began: Option<Moment>,
    newest: Option<Moment>,
}

impl Unsealed {
    /// What a file still holds in hot seconds, from earlier runs: settled, nobody will label it.
    pub(super) fn of(keys: impl Iterator<Item = Moment>) -> Unsealed {
        let minutes = keys.map(|moment| (moment.epoch, moment.second.minute()));
        Unsealed {
            minutes: minutes.collect(),
            ..Unsealed::default()
        }
    }

    pub(super) fn add(&mut self, moment: Moment) {
        self.minutes.insert((moment.epoch, moment.second.minute()));
        if self
            .newest
            .is_none_or(|newest| newest.epoch != moment.epoch)
        {
            self.began = self.newest.map(|_| moment);
        }
        self.newest = Some(moment);
    }

    /// The first minute whose labels are settled.
    pub(super) fn ripe(&self) -> Option<Moment> {
        let (epoch, second) = *self.minutes.first()?;
        let minute = Moment { second, epoch };
        self.is_settled(minute).then_some(minute)
    }

    pub(super) fn done(&mut self, minute: Moment) {
        self.minutes.remove(&(minute.epoch, minute.second));
    }

    /// The first moment that may still need an amendment once this minute is sealed.
    pub(super) fn first_but(&self, minute: Moment) -> Option<(Epoch, Second)> {
        let mut others = self.minutes.iter().filter(|one| **one != order(minute));
        others.next().copied()
    }

    fn is_settled(&self, minute: Moment) -> bool {
        let Some(newest) = self.newest else {
            return true;
        };
        let since = if minute.epoch == newest.epoch {
            minute.second.0.saturating_add(60)
        } else {
            self.began.map_or(i64::MIN, |began| began.second.0)
        };
        newest.second.0 >= since.saturating_add(SETTLED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sample::at;

    fn ripe(unsealed: &mut Unsealed) -> Vec<Moment> {
        let minutes = std::iter::from_fn(|| {
            let minute = unsealed.ripe()?;
            unsealed.done(minute);
            Some(minute)
        });
        minutes.collect()
    }

    #[test]
    fn a_minute_is_ripe_90_seconds_after_its_end() {
        let mut unsealed = Unsealed::default();
        (0..=149).for_each(|second| unsealed.add(at(second, 0)));
        assert_eq!(ripe(&mut unsealed), []);
        unsealed.add(at(150, 0));
        assert_eq!(ripe(&mut unsealed), [at(0, 0)]);
    }

    #[test]
    fn a_clock_that_jumps_neither_hurries_nor_stops_sealing() {
        let mut unsealed = Unsealed::default();
        unsealed.add(at(1_000, 0));
        // Back by 900 s: the minutes of the epoch before are ripe once 90 s of this one passed.
        (100..=189).for_each(|second| unsealed.add(at(second, 1)));
        assert_eq!(ripe(&mut unsealed), []);
        unsealed.add(at(190, 1));
        assert_eq!(ripe(&mut unsealed), [at(960, 0)]);
    }

    #[test]
    fn what_an_earlier_run_left_is_ripe_at_once() {
        let mut unsealed = Unsealed::of([at(5, 0), at(61, 0)].into_iter());
        assert_eq!(ripe(&mut unsealed), [at(0, 0), at(60, 0)]);
    }
}
