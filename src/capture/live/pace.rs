//! The wall clock against the steady one: whether it jumped, and how long each of its seconds really
//! lasted - a clock that is slewed or set by less than a jump makes them shorter and longer, and rates
//! are by the time that passed. Pure logic: time is an argument.

use crate::clock::Now;
use crate::units::{NANOS, Nanos, Second};
use std::collections::BTreeMap;

/// The wall clock jumped if it moved by more than this against the steady one.
const JUMP: i64 = NANOS / 2;
/// Seconds of which it is known how long they lasted: no more are open, or about to be.
const KNOWN: i64 = 8;

#[derive(Debug)]
pub(super) struct Pace {
    /// When the clocks were looked at last.
    last: Now,
    /// How much of the steady time was in each second.
    lasted: BTreeMap<Second, i64>,
}

impl Pace {
    pub(super) fn new(now: Now) -> Pace {
        Pace {
            last: now,
            lasted: BTreeMap::new(),
        }
    }

    /// Looks at the clocks. If the wall clock jumped: when it last was what it would be now, and what it
    /// would be.
    pub(super) fn follow(&mut self, now: Now) -> Option<(Nanos, Nanos)> {
        let passed = now.steady.0 - self.last.steady.0;
        let since = self.last.wall;
        let until = Nanos(since.0.saturating_add(passed));
        let jumped = (now.wall.0.saturating_sub(until.0)).saturating_abs() > JUMP;
        self.spread(since, if jumped { until } else { now.wall }, passed);
        self.last = now;
        jumped.then_some((since, until))
    }

    /// How long a second lasted that is over, as far as that is known. It and those before it are
    /// forgotten.
    pub(super) fn take(&mut self, second: Second) -> Option<Nanos> {
        let lasted = self.lasted.remove(&second);
        self.lasted.retain(|other, _| *other > second);
        lasted.filter(|lasted| *lasted > 0).map(Nanos)
    }

    /// What was before the jump is over.
    pub(super) fn step(&mut self) {
        self.lasted.clear();
    }

    /// Steady time over the seconds that the wall clock went through meanwhile, evenly.
    fn spread(&mut self, from: Nanos, to: Nanos, passed: i64) {
        let (first, last) = (from.second().0, to.second().0);
        if last <= first {
            *self.lasted.entry(to.second()).or_default() += passed;
            return;
        }
        let span = i128::from(to.0 - from.0);
        let mut left = passed;
        // Of a thread that stood still for long, the last ones are enough.
        for second in first.max(last - KNOWN)..last {
            let start = Second(second).start().max(from);
            let part = i128::from(Second(second + 1).start().0 - start.0);
            let share = (part * i128::from(passed) / span) as i64;
            *self.lasted.entry(Second(second)).or_default() += share;
            left -= share;
        }
        let rest = if last - first > KNOWN {
            let part = i128::from(to.0 - Second(last).start().0);
            (part * i128::from(passed) / span) as i64
        } else {
            left
        };
        *self.lasted.entry(Second(last)).or_default() += rest;
        let oldest = Second(last - 2 * KNOWN);
        self.lasted.retain(|second, _| *second >= oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(wall: i64, steady: i64) -> Now {
        let millis = |millis| Nanos(millis * 1_000_000);
        Now {
            wall: millis(wall),
            steady: millis(steady),
        }
    }

    fn taken(pace: &mut Pace, second: i64) -> Option<i64> {
        let lasted = pace.take(Second(second));
        lasted.map(|lasted| lasted.0 / 1_000_000)
    }

    #[test]
    fn seconds_of_a_slewed_clock_are_as_long_as_they_were() {
        let mut pace = Pace::new(now(10_500, 0));
        // Wall time goes by half as fast again, then at its own speed.
        assert_eq!(pace.follow(now(12_000, 1_000)), None);
        assert_eq!(pace.follow(now(13_000, 2_000)), None);
        assert_eq!(taken(&mut pace, 10), Some(333));
        assert_eq!(taken(&mut pace, 11), Some(666));
        assert_eq!(taken(&mut pace, 12), Some(1_000));
        assert_eq!(taken(&mut pace, 9), None);
    }

    #[test]
    fn a_small_step_back_makes_a_second_longer() {
        let mut pace = Pace::new(now(10_000, 0));
        assert_eq!(pace.follow(now(10_900, 900)), None);
        assert_eq!(pace.follow(now(10_600, 1_000)), None);
        assert_eq!(pace.follow(now(11_000, 1_400)), None);
        assert_eq!(taken(&mut pace, 10), Some(1_400));
    }

    #[test]
    fn a_jump_ends_a_second_where_it_was() {
        let mut pace = Pace::new(now(10_000, 0));
        let jumped = pace.follow(now(99_000, 700));
        let millis = |(since, until): (Nanos, Nanos)| (since.0 / 1_000_000, until.0 / 1_000_000);
        assert_eq!(jumped.map(millis), Some((10_000, 10_700)));
        assert_eq!(taken(&mut pace, 10), Some(700));
        pace.step();
        assert_eq!(pace.follow(now(99_500, 1_200)), None);
        assert_eq!(taken(&mut pace, 99), Some(500));
    }

    #[test]
    fn a_thread_that_stood_still_walks_over_no_year() {
        let mut pace = Pace::new(now(0, 0));
        let year = 365 * 86_400 * 1_000;
        assert_eq!(pace.follow(now(year, year)), None);
        assert!(pace.lasted.len() <= 1 + KNOWN as usize);
        assert_eq!(taken(&mut pace, year / 1_000 - 1), Some(1_000));
    }
}
