//! How much looking into processes is allowed: so many looks a second, so that whatever happens on
//! the machine, looking costs a small share of one core. A look is one system call of about a
//! microsecond and a half: a name in a folder, a link read.

use crate::units::{NANOS, Nanos};

/// About four hundredths of a core.
const LOOKS_A_SECOND: i64 = 25_000;
/// What may be saved up while nothing is looked for.
const SAVED: i64 = 2 * LOOKS_A_SECOND;

pub(super) struct Budget {
    looks: i64,
    at: Nanos,
}

impl Budget {
    pub(super) fn new(now: Nanos) -> Budget {
        Budget {
            looks: SAVED,
            at: now,
        }
    }

    /// Whether something that is not sure to help may be begun. It may cost more than is left: that
    /// is a debt, and has to be made good first.
    pub(super) fn allows(&mut self, now: Nanos) -> bool {
        let passed = (now.0 - self.at.0).clamp(0, 60 * NANOS);
        let earned = passed.saturating_mul(LOOKS_A_SECOND) / NANOS;
        if earned > 0 {
            self.looks = self.looks.saturating_add(earned).min(SAVED);
            self.at = now;
        }
        self.looks > 0
    }

    pub(super) fn spend(&mut self, looks: usize) {
        self.looks = self
            .looks
            .saturating_sub(i64::try_from(looks).unwrap_or(i64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_debt_is_made_good_before_anything_is_begun() {
        let mut budget = Budget::new(Nanos(0));
        assert!(budget.allows(Nanos(0)));
        budget.spend(3 * SAVED as usize);
        assert!(!budget.allows(Nanos(NANOS)));
        assert!(!budget.allows(Nanos(4 * NANOS)));
        assert!(budget.allows(Nanos(4 * NANOS + NANOS / 1000)));
        assert!(budget.allows(Nanos(1000 * NANOS)));
        budget.spend(SAVED as usize);
        assert!(!budget.allows(Nanos(1000 * NANOS)), "savings have an end");
    }

    #[test]
    fn short_waits_add_up() {
        let mut budget = Budget::new(Nanos(0));
        budget.spend(SAVED as usize);
        let allowed = (1..=100).any(|step| budget.allows(Nanos(step * 1000)));
        assert!(allowed, "100 us earn two looks");
    }
}
