//! Asks: writes questions to whatever helper there is, keeps those of the last minute while there is
//! none, and hangs up on one that hears nothing. Knows no answers.

use super::state::Shared;
use crate::flow::Newcomer;
use crate::owners::message::Question;
use crate::units::{NANOS, Nanos};
use crossbeam_channel::{Receiver, RecvError, RecvTimeoutError};
use std::collections::VecDeque;
use std::io::Write;
use std::time::Duration;

/// Questions that are kept at most.
const MOST: usize = 16_384;
/// How long after a flow began an owner still gets its bytes.
const OLD: Nanos = Nanos(60 * NANOS);
/// How long a helper may leave a question unheard: what it looks at can hang, as a file system of a
/// program's own making.
const DEAF: Nanos = Nanos(20 * NANOS);
/// How often it is seen whether there is a helper, or one that hears.
const LOOK: Duration = Duration::from_millis(500);

/// Until nobody asks any more.
pub(super) fn ask(asked: &Receiver<Vec<Newcomer>>, shared: &Shared) {
    let mut questions = Questions {
        shared,
        held: VecDeque::new(),
        bytes: Vec::new(),
    };
    while let Ok(newcomers) = questions.next(asked) {
        questions.hold(newcomers);
        questions.write();
        questions.hang_up_on_the_deaf();
    }
}

struct Questions<'a> {
    shared: &'a Shared,
    /// Not yet asked, the oldest first.
    held: VecDeque<Newcomer>,
    bytes: Vec<u8>,
}

impl Questions<'_> {
    /// What is asked next; nothing after a while, where there is something to look after.
    fn next(&self, asked: &Receiver<Vec<Newcomer>>) -> Result<Vec<Newcomer>, RecvError> {
        if self.held.is_empty() && !self.shared.waits() {
            return asked.recv();
        }
        match asked.recv_timeout(LOOK) {
            Ok(newcomers) => Ok(newcomers),
            Err(RecvTimeoutError::Timeout) => Ok(Vec::new()),
            Err(RecvTimeoutError::Disconnected) => Err(RecvError),
        }
    }

    /// Forgets, and counts, what is too old or too much.
    fn hold(&mut self, newcomers: Vec<Newcomer>) {
        self.held.extend(newcomers);
        let before = self.held.len();
        let now = self.shared.clock.now().wall;
        let is_young = |newcomer: &Newcomer| now.0 - newcomer.at.0 < OLD.0;
        while self.held.len() > MOST || self.held.front().is_some_and(|it| !is_young(it)) {
            self.held.pop_front();
        }
        self.shared.unasked((before - self.held.len()) as u64);
    }

    fn write(&mut self) {
        let Some(stream) = self.shared.stream().filter(|_| !self.held.is_empty()) else {
            return;
        };
        self.bytes.clear();
        for newcomer in &self.held {
            question(newcomer).write(&mut self.bytes);
        }
        self.shared.said();
        match (&*stream).write_all(&self.bytes) {
            Ok(()) => self.held.clear(),
            // A part of a question may have been written: nothing can follow it.
            Err(_) => self.shared.give_up(&stream),
        }
    }

    fn hang_up_on_the_deaf(&self) {
        if self.shared.is_deaf(DEAF)
            && let Some(stream) = self.shared.stream()
        {
            tracing::warn!("the owners' helper hears no questions: it hangs");
            self.shared.give_up(&stream);
        }
    }
}

fn question(newcomer: &Newcomer) -> Question {
    let Newcomer {
        key,
        flow,
        local,
        sent,
        at,
    } = *newcomer;
    Question {
        flow,
        at,
        sent,
        protocol: key.protocol(),
        local: key.end(local),
        remote: key.end(local.other()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::key::{End, FlowKey, InterfaceId, Protocol, RawAddress, Tuple};
    use crate::owners::message::QUESTION;
    use crate::units::FrameNumber;
    use crossbeam_channel::bounded;
    use std::io::Read;
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;

    fn newcomer(flow: u64, at: Nanos) -> Newcomer {
        let tuple = Tuple {
            source: RawAddress::v4([192, 0, 2, 1]),
            destination: RawAddress::v4([192, 0, 2, 2]),
            ports: Some((9, 10)),
            protocol: Protocol::UDP,
            six: false,
        };
        let (key, _) = FlowKey::of(&tuple, InterfaceId(0));
        Newcomer {
            key,
            flow: FrameNumber(flow),
            local: End::Low,
            sent: true,
            at,
        }
    }

    #[test]
    fn what_is_asked_while_there_is_no_helper_is_asked_when_there_is_one() {
        let shared = Shared::new(Clock::system());
        let now = shared.clock.now().wall;
        let long_ago = Nanos(now.0 - 2 * OLD.0);
        let (asker, waiting) = bounded(4);
        asker
            .send(vec![newcomer(1, long_ago), newcomer(2, now)])
            .unwrap();
        asker.send(vec![newcomer(3, now)]).unwrap();
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let mut heard = [0; 2 * QUESTION];
        std::thread::scope(|scope| {
            scope.spawn(|| ask(&waiting, &shared));
            // Once both are taken in, nobody could be asked.
            while !asker.is_empty() {
                std::thread::yield_now();
            }
            shared.connect(&Arc::new(ours));
            theirs.read_exact(&mut heard).unwrap();
            drop(asker);
        });
        let flows = heard
            .chunks(QUESTION)
            .map(|record| Question::read(record).unwrap().flow.0);
        assert_eq!(flows.collect::<Vec<_>>(), [2, 3]);
        assert_eq!(shared.state().unasked, 1);
    }

    #[test]
    fn who_hears_nothing_is_hung_up_on_and_who_hears_is_not() {
        let (clock, _hands) = Clock::manual(Nanos(0));
        let shared = Shared::new(clock);
        let (ours, _theirs) = UnixStream::pair().unwrap();
        shared.connect(&Arc::new(ours));
        shared.said();
        assert!(shared.waits() && !shared.is_deaf(Nanos(NANOS)));
        assert!(shared.is_deaf(Nanos(-1)));
        shared.heard();
        assert!(!shared.waits() && !shared.is_deaf(Nanos(-1)));
    }
}
