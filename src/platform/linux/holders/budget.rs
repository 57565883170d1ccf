//! How much looking into processes is allowed: so much of this thread's CPU time, so that whatever
//! happens on the machine, looking costs a small share of one core.

use crate::units::{NANOS, Nanos};
use nix::time::{ClockId, clock_gettime};

/// Of a thousand parts of one core's time.
const SHARE: i64 = 25;
/// What may be saved up while nothing is looked for, in nanoseconds.
const SAVED: i64 = 80_000_000;
/// Less than this is kept for what is likely to help.
const KEPT: i64 = SAVED / 4;

pub(super) struct Budget {
    left: i64,
    at: Nanos,
}

impl Budget {
    pub(super) fn new(now: Nanos) -> Budget {
        Budget {
            left: SAVED,
            at: now,
        }
    }

    /// Whether a look that is likely to help may be had. It may cost more than is left: that is a
    /// debt, and has to be made good first.
    pub(super) fn allows_a_look(&mut self, now: Nanos) -> bool {
        self.earn(now);
        self.left > 0
    }

    /// Whether everybody may be looked at.
    pub(super) fn allows_everybody(&mut self, now: Nanos) -> bool {
        self.earn(now);
        self.left > KEPT
    }

    pub(super) fn spend(&mut self, nanos: i64) {
        self.left = self.left.saturating_sub(nanos);
    }

    fn earn(&mut self, now: Nanos) {
        let passed = (now.0 - self.at.0).clamp(0, 60 * NANOS);
        self.left = self.left.saturating_add(passed * SHARE / 1000).min(SAVED);
        self.at = now;
    }
}

/// What this thread has used so far, in nanoseconds.
pub(super) fn used() -> i64 {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
    time.map_or(0, |time| time.tv_sec() * NANOS + time.tv_nsec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_debt_is_made_good_before_anything_is_begun() {
        let mut budget = Budget::new(Nanos(0));
        assert!(budget.allows_everybody(Nanos(0)));
        budget.spend(SAVED + 7 * 1_000_000 * SHARE);
        assert!(!budget.allows_a_look(Nanos(7 * NANOS)));
        let soon = Nanos(7 * NANOS + 1_000_000);
        assert!(budget.allows_a_look(soon) && !budget.allows_everybody(soon));
        assert!(budget.allows_everybody(Nanos(10 * NANOS)));
        assert!(budget.allows_everybody(Nanos(1000 * NANOS)));
        budget.spend(SAVED);
        assert!(
            !budget.allows_a_look(Nanos(1000 * NANOS)),
            "savings have an end"
        );
    }

    #[test]
    fn work_costs() {
        let before = used();
        let sum = (0..1_000_000u64).fold(0, |sum, it| std::hint::black_box(sum ^ it));
        assert!(used() > before, "{sum}");
    }
}
