//! Asks: writes questions to whatever helper there is, keeps those of the last minute while there is
//! none, and hangs up on one that hears nothing. Knows no answers.

use super::state::Shared;
use crate::flow::Newcomer;
use crate::owners::message::Question;
use crate::units::{NANOS, Nanos};
use crossbeam_channel::{Receiver, RecvError, RecvTimeoutError};
use std::collections::VecDeque;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
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

/// Looks in a row at which it has to be deaf: after a pause of the whole machine what it has said is
/// still to be read.
const LOOKS: u32 = 2;

/// Until nobody asks any more.
pub(super) fn ask(asked: &Receiver<Vec<Newcomer>>, shared: &Shared) {
    let mut questions = Questions::new(shared);
    while let Ok(newcomers) = questions.next(asked) {
        let is_look = newcomers.is_empty();
        questions.hold(newcomers);
        questions.write();
        if is_look {
            questions.hang_up_on_the_deaf();
        }
    }
}

struct Questions<'a> {
    shared: &'a Shared,
    /// Not yet asked, the oldest first.
    held: VecDeque<Newcomer>,
    /// Asked, and perhaps not heard.
    unheard: VecDeque<Newcomer>,
    /// Who was asked last.
    stream: Option<Arc<UnixStream>>,
    deaf: u32,
    bytes: Vec<u8>,
}

impl Questions<'_> {
    fn new(shared: &Shared) -> Questions<'_> {
        Questions {
            shared,
            held: VecDeque::new(),
            unheard: VecDeque::new(),
            stream: None,
            deaf: 0,
            bytes: Vec::new(),
        }
    }

    /// What is asked next; nothing after a while, where there is something to look after.
    fn next(&self, asked: &Receiver<Vec<Newcomer>>) -> Result<Vec<Newcomer>, RecvError> {
        if self.held.is_empty() && self.unheard.is_empty() {
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
        let Some(stream) = self.shared.stream() else {
            return;
        };
        self.meet(&stream);
        if self.held.is_empty() {
            return;
        }
        self.bytes.clear();
        for newcomer in &self.held {
            question(newcomer).write(&mut self.bytes);
        }
        self.shared.said(&stream);
        match (&*stream).write_all(&self.bytes) {
            Ok(()) => self.wait(),
            // A part of a question may have been written: nothing can follow it.
            Err(_) => self.shared.give_up(&stream),
        }
    }

    /// What another helper was asked and has not heard, this one is asked again.
    fn meet(&mut self, stream: &Arc<UnixStream>) {
        let is_same = self
            .stream
            .as_ref()
            .is_some_and(|it| Arc::ptr_eq(it, stream));
        if !is_same {
            self.unheard.append(&mut self.held);
            std::mem::swap(&mut self.unheard, &mut self.held);
            self.stream = Some(stream.clone());
        } else if !self.shared.waits() {
            self.unheard.clear();
        }
    }

    fn wait(&mut self) {
        self.unheard.append(&mut self.held);
        let too_many = self.unheard.len().saturating_sub(MOST);
        self.unheard.drain(..too_many);
    }

    fn hang_up_on_the_deaf(&mut self) {
        if !self.shared.is_deaf(DEAF) {
            self.deaf = 0;
            return;
        }
        self.deaf += 1;
        if self.deaf >= LOOKS
            && let Some(stream) = self.shared.stream()
        {
            tracing::warn!("the owners' helper hears no questions: it hangs");
            self.shared.give_up(&stream);
            self.deaf = 0;
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

    fn flows(heard: &[u8]) -> Vec<u64> {
        let questions = heard.chunks(QUESTION).map(|it| Question::read(it).unwrap());
        questions.map(|question| question.flow.0).collect()
    }

    /// A helper that has greeted; its end.
    fn helper(shared: &Shared) -> UnixStream {
        let (ours, theirs) = UnixStream::pair().unwrap();
        shared.connect(&Arc::new(ours));
        shared.greeted();
        theirs
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
        let mut heard = [0; 2 * QUESTION];
        std::thread::scope(|scope| {
            scope.spawn(|| ask(&waiting, &shared));
            // Once both are taken in, nobody could be asked.
            while !asker.is_empty() {
                std::thread::yield_now();
            }
            helper(&shared).read_exact(&mut heard).unwrap();
            drop(asker);
        });
        assert_eq!(flows(&heard), [2, 3]);
        assert_eq!(shared.state().unasked, 1);
    }

    #[test]
    fn what_one_helper_has_not_heard_the_next_is_asked_and_what_it_has_is_not() {
        let shared = Shared::new(Clock::system());
        let now = shared.clock.now().wall;
        let mut questions = Questions::new(&shared);
        let mut ask = |flow: u64| {
            questions.hold(vec![newcomer(flow, now)]);
            questions.write();
        };
        let first = helper(&shared);
        ask(1);
        shared.heard();
        ask(2);
        drop(first);
        let mut second = helper(&shared);
        ask(3);
        let mut heard = [0; 2 * QUESTION];
        second.read_exact(&mut heard).unwrap();
        assert_eq!(flows(&heard), [2, 3]);
    }

    #[test]
    fn who_hears_nothing_is_hung_up_on_and_who_hears_or_only_starts_is_not() {
        let (clock, hands) = Clock::manual(Nanos(0));
        let shared = Shared::new(clock);
        let (ours, _theirs) = UnixStream::pair().unwrap();
        shared.connect(&Arc::new(ours));
        let mut questions = Questions::new(&shared);
        questions.hold(vec![newcomer(1, Nanos(0))]);
        questions.write();
        assert!(!shared.waits(), "it has not greeted");
        shared.greeted();
        questions.write();
        hands.advance(DEAF.0 + 1);
        questions.hang_up_on_the_deaf();
        assert!(shared.stream().is_some(), "it may have been a pause of all");
        questions.hang_up_on_the_deaf();
        assert!(shared.stream().is_none());
        let _second = helper(&shared);
        questions.write();
        shared.heard();
        hands.advance(DEAF.0 + 1);
        questions.hang_up_on_the_deaf();
        questions.hang_up_on_the_deaf();
        assert!(shared.stream().is_some());
    }
}
