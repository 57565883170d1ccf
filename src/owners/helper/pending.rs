//! Questions that have no answer yet, and when each is asked again. Bounded. Knows no sockets.

use crate::owners::Owned;
use crate::owners::message::Question;
use crate::units::{NANOS, Nanos};
use std::collections::BTreeMap;

/// When a question is asked again, after it came: a socket may be made known, or its process, a
/// moment later; and an owner that comes late still moves a minute's bytes.
const AGAIN: [Nanos; 8] = [
    Nanos(0),
    Nanos(NANOS / 20),
    Nanos(NANOS / 2),
    Nanos(2 * NANOS),
    Nanos(5 * NANOS),
    Nanos(15 * NANOS),
    Nanos(30 * NANOS),
    Nanos(58 * NANOS),
];

/// Questions that wait at most.
pub(in crate::owners) const MOST: usize = 65_536;

/// Above so many, a question is asked again soon or not at all; far above, not again: whoever floods
/// a host with flows that nobody has must not keep the helper busy with them.
const MANY: usize = 1_024;
const FAR_TOO_MANY: usize = 8_192;
/// How often it is asked then.
const SOON: usize = 2;

/// A question, and how often it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Open {
    pub question: Question,
    /// When it came.
    pub came: Nanos,
    pub tries: usize,
    /// The sockets that could have had the flow when it was young, by their inodes.
    pub sockets: [u64; SOCKETS],
    /// What was found this time may be found better a moment later.
    pub is_unsure: bool,
    /// What was found so far, where it may be found better.
    pub fallback: Option<Owned>,
}

/// As many sockets are remembered of a question: of either end, on both sides of a translation.
const SOCKETS: usize = 4;
/// Up to this try a flow is young: 50 ms.
const YOUNG: usize = 1;

impl Open {
    pub(super) fn new(question: Question, came: Nanos) -> Open {
        Open {
            question,
            came,
            tries: 0,
            sockets: [0; SOCKETS],
            is_unsure: false,
            fallback: None,
        }
    }

    /// Whether a socket that is there now was there when the flow was young: else it may be another
    /// one that has got the port since.
    pub(super) fn was_there(&mut self, inode: u64) -> bool {
        if self.sockets.contains(&inode) {
            return true;
        }
        if self.tries > YOUNG {
            return false;
        }
        if let Some(free) = self.sockets.iter_mut().find(|it| **it == 0) {
            *free = inode;
        }
        true
    }
}

#[derive(Debug, Default)]
pub(super) struct Pending {
    due: BTreeMap<(Nanos, u64), Open>,
    count: u64,
    refused: u64,
}

impl Pending {
    /// Takes a question in, to be asked at once. Where there are too many, the one that would be
    /// asked last is given up.
    pub(super) fn ask(&mut self, question: Question, now: Nanos) {
        self.insert(now, Open::new(question, now));
    }

    /// The next that is due.
    pub(super) fn next(&mut self, now: Nanos) -> Option<Open> {
        let first = self.due.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    /// Asks once more, later; gives it back after the last time, or sooner where there are many.
    pub(super) fn again(&mut self, mut open: Open) -> Option<Open> {
        open.tries += 1;
        let times = match self.due.len() {
            ..MANY => AGAIN.len(),
            MANY..FAR_TOO_MANY => SOON,
            _ => 1,
        };
        let Some(after) = AGAIN[..times].get(open.tries) else {
            return Some(open);
        };
        self.insert(Nanos(open.came.0 + after.0), open);
        None
    }

    /// How long until the next is due.
    pub(super) fn wait(&self, now: Nanos) -> Option<Nanos> {
        let ((due, _), _) = self.due.first_key_value()?;
        Some(Nanos((due.0 - now.0).max(0)))
    }

    pub(super) fn len(&self) -> usize {
        self.due.len()
    }

    /// How many were given up because there were too many.
    pub(super) fn refused(&self) -> u64 {
        self.refused
    }

    fn insert(&mut self, due: Nanos, open: Open) {
        if self.due.len() >= MOST {
            self.due.pop_last();
            self.refused += 1;
        }
        self.count += 1;
        self.due.insert((due, self.count), open);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{Endpoint, Protocol};
    use crate::units::FrameNumber;

    fn question(flow: u64) -> Question {
        let end = Endpoint {
            address: "10.0.0.1".parse().unwrap(),
            port: None,
        };
        Question {
            flow: FrameNumber(flow),
            at: Nanos(0),
            sent: true,
            protocol: Protocol::ICMP,
            local: end,
            remote: end,
        }
    }

    #[test]
    fn a_question_is_asked_at_once_and_again_within_a_minute() {
        let mut pending = Pending::default();
        pending.ask(question(1), Nanos(7));
        let (mut now, mut asked) = (Nanos(7), Vec::new());
        loop {
            while let Some(open) = pending.next(now) {
                asked.push(now.0 - 7);
                pending.again(open);
            }
            let Some(wait) = pending.wait(now) else { break };
            now.0 += wait.0;
        }
        assert_eq!(asked, AGAIN.map(|after| after.0));
        assert_eq!(pending.len(), 0);
    }

    #[test]
    fn a_socket_that_comes_later_was_not_there() {
        let mut pending = Pending::default();
        pending.ask(question(1), Nanos(0));
        let mut open = pending.next(Nanos(0)).unwrap();
        assert!(open.was_there(7));
        open.tries = YOUNG + 1;
        assert_eq!((open.was_there(7), open.was_there(8)), (true, false));
    }

    #[test]
    fn what_is_not_due_waits_and_the_earliest_comes_first() {
        let mut pending = Pending::default();
        pending.ask(question(1), Nanos(5));
        pending.ask(question(2), Nanos(3));
        assert_eq!(pending.next(Nanos(2)), None);
        let flow = |open: Option<Open>| open.map(|open| open.question.flow.0);
        assert_eq!(flow(pending.next(Nanos(9))), Some(2));
        assert_eq!(flow(pending.next(Nanos(9))), Some(1));
    }

    #[test]
    fn of_many_each_is_asked_again_less_often() {
        for (others, times) in [(0, AGAIN.len()), (MANY, SOON), (FAR_TOO_MANY, 1)] {
            let mut pending = Pending::default();
            // Those are due last of all.
            (0..others as u64).for_each(|flow| pending.ask(question(flow), Nanos(i64::MAX)));
            pending.ask(question(u64::MAX), Nanos(0));
            let mut asked = 0;
            let mut given_up = Vec::new();
            while let Some(open) = pending.next(Nanos(i64::MAX - 1)) {
                asked += 1;
                given_up.extend(pending.again(open).map(|open| open.tries));
            }
            assert_eq!((asked, given_up), (times, vec![times]), "{others}");
        }
    }

    #[test]
    fn too_many_give_up_what_is_due_last() {
        let mut pending = Pending::default();
        (0..MOST as u64 + 3).for_each(|flow| pending.ask(question(flow), Nanos(0)));
        assert_eq!((pending.len(), pending.refused()), (MOST, 3));
        assert_eq!(
            pending.next(Nanos(0)).map(|open| open.question.flow.0),
            Some(0)
        );
    }
}
