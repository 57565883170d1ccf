//! Answers that wait for their flow's first second to be cut: before that no row bears its label, and
//! none has to be moved. Bounded.

use crate::owners::Owned;
use crate::units::Second;

/// Answers that wait at most: those beyond are given up and counted.
const MOST: usize = 262_144;
/// After so many cuts an answer is handed out whatever its time is: a clock may have jumped back.
const PATIENCE: u8 = 8;

#[derive(Debug, Default)]
pub(super) struct Answers {
    waiting: Vec<(Owned, u8)>,
    lost: u64,
}

impl Answers {
    pub(super) fn add(&mut self, owned: Owned) {
        if self.waiting.len() >= MOST {
            self.lost += 1;
            return;
        }
        self.waiting.push((owned, 0));
    }

    pub(super) fn take(&mut self, cut: Second) -> Vec<Owned> {
        let mut ripe = Vec::new();
        let waiting = std::mem::take(&mut self.waiting);
        for (owned, cuts) in waiting {
            if owned.at.second() <= cut || cuts >= PATIENCE {
                ripe.push(owned);
            } else {
                self.waiting.push((owned, cuts + 1));
            }
        }
        ripe.sort_by_key(|owned| owned.flow);
        ripe
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::OwnerSource;
    use crate::units::{FrameNumber, NANOS, Nanos};

    fn owned(flow: u64, second: i64) -> Owned {
        Owned {
            flow: FrameNumber(flow),
            at: Nanos(second * NANOS + 5),
            remote: "10.0.0.1".parse().unwrap(),
            source: OwnerSource::Exact,
            process: None,
            peer: None,
        }
    }

    fn flows(taken: &[Owned]) -> Vec<u64> {
        taken.iter().map(|owned| owned.flow.0).collect()
    }

    #[test]
    fn an_answer_is_handed_out_when_its_flows_first_second_is_cut() {
        let mut answers = Answers::default();
        for one in [owned(3, 101), owned(2, 100), owned(1, 99)] {
            answers.add(one);
        }
        assert_eq!(flows(&answers.take(Second(100))), [1, 2]);
        assert!(answers.take(Second(100)).is_empty());
        assert_eq!(flows(&answers.take(Second(101))), [3]);
    }

    #[test]
    fn a_clock_that_jumped_back_keeps_no_answer_for_ever() {
        let mut answers = Answers::default();
        answers.add(owned(1, 5_000));
        let taken: Vec<usize> = (0..10).map(|cut| answers.take(Second(cut)).len()).collect();
        assert_eq!(taken, [0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    }

    #[test]
    fn answers_are_bounded() {
        let mut answers = Answers::default();
        (0..MOST as u64 + 2).for_each(|flow| answers.add(owned(flow, 1)));
        assert_eq!((answers.take(Second(1)).len(), answers.lost()), (MOST, 2));
    }
}
