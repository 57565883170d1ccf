//! The helper process: it looks into other processes, so that who reads frames need not. It is asked
//! about flows over a socket and answers there; what it cannot tell at once it tries again for a
//! minute. Ends with its service. Reads no byte that came from a network.

pub(super) mod finder;
mod flows;
mod numbers;
mod own;
pub(super) mod pending;
mod recent;
mod system;
mod talk;
mod trust;
mod tunnels;

use super::config::Kernel;
use super::message::{Answer, Told, VERSION};
use super::owned::Owned;
use crate::clock::Clock;
use crate::units::{NANOS, Nanos, Second};
use finder::Finder;
use mio::net::UnixStream;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use numbers::Numbers;
use pending::{Open, Pending};
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;
use talk::{Over, Talk};

const SERVICE: Token = Token(0);
const SYSTEM: Token = Token(1);

/// Questions that are looked into in one go, before the kernel is heard again; and in a second.
const IN_ONE_GO: u32 = 256;
const IN_A_SECOND: u32 = 20_000;

/// How often the helper looks after itself: what works, who carries tunnels.
const ROUND: Nanos = Nanos(5 * NANOS);

/// Why a helper cannot do its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the owners' helper is started by `netmonitor run` and talks to it alone: {0}")]
    NotAsked(std::io::Error),
    #[error("the owners' helper cannot wait for what happens: {0}")]
    Poll(std::io::Error),
    #[error("the owners' helper stops: {0}")]
    Talk(String),
}

/// Answers whoever is at the other end of standard input, until that is gone.
pub fn run(kernel: Kernel, clock: Clock) -> Result<(), Error> {
    let stream = stream().map_err(Error::NotAsked)?;
    let mut helper = Helper {
        talk: Talk::new(stream),
        finder: Finder::new(kernel, clock.clone()),
        pending: Pending::default(),
        numbers: Numbers::default(),
        told: None,
        clock,
        round: Nanos(0),
        second: Second(-1),
        left: 0,
    };
    match helper.work() {
        Err(Over::Gone) | Ok(()) => Ok(()),
        Err(Over::Broken(error)) => Err(Error::Poll(error)),
        Err(other) => Err(Error::Talk(other.to_string())),
    }
}

/// The socket that the service has put in the place of standard input.
fn stream() -> std::io::Result<UnixStream> {
    let input = std::io::stdin().as_fd().try_clone_to_owned()?;
    let stream = std::os::unix::net::UnixStream::from(input);
    stream.peer_addr()?;
    stream.set_nonblocking(true)?;
    Ok(UnixStream::from_std(stream))
}

struct Helper {
    talk: Talk,
    finder: Finder,
    pending: Pending,
    numbers: Numbers,
    /// What was last said of itself.
    told: Option<super::Status>,
    clock: Clock,
    /// When it looks after itself next.
    round: Nanos,
    /// The second at hand, and how many questions are left for it.
    second: Second,
    left: u32,
}

impl Helper {
    fn work(&mut self) -> Result<(), Over> {
        let mut poll = Poll::new()?;
        let both = Interest::READABLE | Interest::WRITABLE;
        poll.registry()
            .register(self.talk.stream(), SERVICE, both)?;
        self.talk.say(&Told::Hello(VERSION));
        self.watch(&poll)?;
        let mut events = Events::with_capacity(16);
        loop {
            self.step(&poll)?;
            let wait = self.wait();
            match poll.poll(&mut events, Some(wait)) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                other => other?,
            }
        }
    }

    fn watch(&self, poll: &Poll) -> Result<(), Over> {
        for source in self.finder.sources() {
            let fd = source.as_raw_fd();
            let readable = Interest::READABLE;
            poll.registry()
                .register(&mut SourceFd(&fd), SYSTEM, readable)?;
        }
        Ok(())
    }

    /// Everything that can be done now. What the kernel told is heard before what is asked: it told
    /// of a flow before its frame was captured.
    fn step(&mut self, poll: &Poll) -> Result<(), Over> {
        self.finder.hear();
        let now = self.clock.steady();
        let pending = &mut self.pending;
        let (mut heard, mut given_up) = (false, Vec::new());
        self.talk.questions(|question| {
            given_up.extend(pending.ask(question, now));
            heard = true;
        })?;
        if heard {
            self.talk.say(&Told::Heard);
        }
        for open in given_up {
            self.settle(open);
        }
        for _ in 0..self.allowance(now) {
            let Some(mut open) = self.pending.next(now) else {
                break;
            };
            self.left = self.left.saturating_sub(1);
            if let Some(owned) = self.finder.find(&mut open) {
                self.answer(&owned);
            } else if let Some(given_up) = self.pending.again(open) {
                self.settle(given_up);
            }
        }
        if now >= self.round {
            self.round = Nanos(now.0 + ROUND.0);
            if self.finder.step_down() {
                self.watch(poll)?;
            }
            self.look_after();
        }
        self.talk.flush()
    }

    /// Answers what is known to a question that is not asked any more.
    fn settle(&mut self, open: Open) {
        if let Some(owned) = open.fallback {
            self.answer(&owned);
        }
    }

    /// How many questions may be looked into now.
    fn allowance(&mut self, now: Nanos) -> u32 {
        if now.second() != self.second {
            (self.second, self.left) = (now.second(), IN_A_SECOND);
        }
        self.left.min(IN_ONE_GO)
    }

    fn wait(&self) -> Duration {
        let now = self.clock.steady();
        let round = Nanos((self.round.0 - now.0).max(0));
        let due = self.pending.wait(now).unwrap_or(round);
        // Rounded up: a poll that returns too early finds nothing to do.
        Duration::from_nanos(due.min(round).0.cast_unsigned()) + Duration::from_millis(1)
    }

    fn look_after(&mut self) {
        for (interface, process) in self.finder.carriers() {
            let number = process.map(|process| self.number(&process));
            self.talk.say(&Told::Carrier(interface, number));
        }
        let mut status = self.finder.status();
        status.pending = self.pending.len() as u32;
        status.refused = self.pending.refused();
        if self.told.as_ref() != Some(&status) {
            self.talk.say(&Told::Status(status.clone()));
            self.told = Some(status);
        }
    }

    fn answer(&mut self, owned: &Owned) {
        let number = |process: &_, helper: &mut Helper| helper.number(process);
        let process = owned.process.as_ref().map(|process| number(process, self));
        let peer = owned.peer.as_ref().map(|process| number(process, self));
        self.talk.say(&Told::Answer(Answer {
            flow: owned.flow,
            at: owned.at,
            remote: owned.remote,
            source: owned.source,
            process,
            peer,
        }));
    }

    /// A process's number; it is told before the number is used.
    fn number(&mut self, process: &std::sync::Arc<super::Process>) -> super::message::Number {
        let (number, is_new) = self.numbers.of(process);
        if is_new {
            self.talk.say(&Told::Process(number, (**process).clone()));
        }
        number
    }
}

impl Open {
    /// An answer to it.
    fn owned(&self, source: crate::label::OwnerSource) -> Owned {
        Owned {
            flow: self.question.flow,
            at: self.question.at,
            remote: self.question.remote.address,
            source,
            process: None,
            peer: None,
        }
    }
}
