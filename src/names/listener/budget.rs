//! How much costly work one second of traffic may ask for. Time is that of the frames, so that a
//! replay does what the live run did.

use crate::units::{Nanos, Second};

/// The clock was set back, when frames are so much older than the newest.
const LONG_AGO: i64 = 10;

#[derive(Debug)]
pub(super) struct Budget {
    most: u32,
    left: u32,
    second: Second,
}

impl Budget {
    pub(super) fn new(most: u32) -> Budget {
        Budget {
            most,
            left: most,
            second: Second(i64::MIN),
        }
    }

    /// Takes one piece of work, if there is any left in this second.
    pub(super) fn spend(&mut self, at: Nanos) -> bool {
        // An older second has none of its own: or frames of two in turn would have no bound.
        if at.second() > self.second || self.second.0.saturating_sub(at.second().0) > LONG_AGO {
            (self.second, self.left) = (at.second(), self.most);
        }
        let left = self.left.checked_sub(1);
        self.left = left.unwrap_or(0);
        left.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::NANOS;

    #[test]
    fn each_second_has_its_own() {
        let mut budget = Budget::new(2);
        let mut spend = |at| budget.spend(Nanos(at));
        assert_eq!([spend(0), spend(1), spend(2)], [true, true, false]);
        assert_eq!(
            [spend(NANOS), spend(NANOS), spend(NANOS)],
            [true, true, false]
        );
    }
}
