//! What the threads around the helper share: the stream to it, its answers, and how it is.

use super::Answers;
use crate::clock::Clock;
use crate::label::App;
use crate::owners::message::Status;
use crate::units::Nanos;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

/// The apps that carry tunnels, by the tunnel's interface.
pub type Carriers = Arc<BTreeMap<String, App>>;

/// How looking for owners goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The helper that runs.
    pub pid: Option<u32>,
    /// When it was started, wall time.
    pub started: Option<Nanos>,
    /// What it said of itself last.
    pub status: Option<Status>,
    /// Since when it is as it is, wall time.
    pub since: Nanos,
    /// How often one was started after the first.
    pub restarts: u64,
    /// Why there is none, or why the last one ended.
    pub trouble: Option<String>,
    /// Flows that nobody was asked about, and answers that found no room.
    pub unasked: u64,
    pub answered: u64,
}

pub(super) struct Shared {
    pub clock: Clock,
    pub answers: Mutex<Answers>,
    pub carriers: Mutex<Carriers>,
    line: Mutex<Line>,
    state: Mutex<State>,
}

/// The way to the helper.
#[derive(Default)]
struct Line {
    stream: Option<Arc<UnixStream>>,
    /// It has greeted, and may be asked.
    ready: bool,
    /// There shall be no other.
    closed: bool,
    /// Since when a question waits to be heard, by the steady clock.
    unheard: Option<Nanos>,
}

impl Shared {
    pub(super) fn new(clock: Clock) -> Shared {
        Shared {
            clock,
            answers: Mutex::default(),
            carriers: Mutex::default(),
            line: Mutex::default(),
            state: Mutex::default(),
        }
    }

    pub(super) fn unasked(&self, flows: u64) {
        self.state.lock().unasked += flows;
    }

    pub(super) fn state(&self) -> State {
        let mut state = self.state.lock().clone();
        state.unasked += self.answers.lock().lost();
        state
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock());
    }

    /// The same, of what the helper is able to: from now on it is as it is.
    pub(super) fn turn(&self, change: impl FnOnce(&mut State)) {
        let now = self.clock.now().wall;
        self.change(|state| {
            change(state);
            state.since = now;
        });
    }

    /// What the helper says of itself; it is told in the log when it can do more or less.
    pub(super) fn change_status(&self, status: Status) {
        let works = |status: &Status| (status.kernel.works, status.sockets.works);
        let before = self.state.lock().status.as_ref().map(works);
        if before == Some(works(&status)) {
            return self.change(|state| state.status = Some(status));
        }
        tracing::info!("owners: {}", status.told());
        self.turn(|state| state.status = Some(status));
    }

    /// The way to a helper that may be asked.
    pub(super) fn stream(&self) -> Option<Arc<UnixStream>> {
        let line = self.line.lock();
        line.stream.clone().filter(|_| line.ready)
    }

    /// From now on this is the way to the helper; it is shut at once where none is wanted any more.
    pub(super) fn connect(&self, stream: &Arc<UnixStream>) {
        let mut line = self.line.lock();
        if line.closed {
            shut(stream);
        } else {
            line.stream = Some(stream.clone());
            (line.ready, line.unheard) = (false, None);
        }
    }

    /// The helper has greeted.
    pub(super) fn greeted(&self) {
        self.line.lock().ready = true;
    }

    /// A question is about to be written to it.
    pub(super) fn said(&self, to: &Arc<UnixStream>) {
        let now = self.clock.steady();
        let mut line = self.line.lock();
        if line.stream.as_ref().is_some_and(|it| Arc::ptr_eq(it, to)) {
            line.unheard.get_or_insert(now);
        }
    }

    /// The helper has read what there was.
    pub(super) fn heard(&self) {
        self.line.lock().unheard = None;
    }

    /// Whether a helper has a question to hear.
    pub(super) fn waits(&self) -> bool {
        let line = self.line.lock();
        line.stream.is_some() && line.unheard.is_some()
    }

    /// Whether it has left one unheard for longer.
    pub(super) fn is_deaf(&self, longer: Nanos) -> bool {
        let now = self.clock.steady();
        let line = self.line.lock();
        let unheard = line.unheard.filter(|_| line.stream.is_some());
        unheard.is_some_and(|since| now.0 - since.0 > longer.0)
    }

    /// Ends the talk with the helper; it ends by itself then.
    pub(super) fn hang_up(&self) {
        if let Some(stream) = self.line.lock().stream.take() {
            shut(&stream);
        }
    }

    /// The same, if it is still this stream that leads to it.
    pub(super) fn give_up(&self, stream: &Arc<UnixStream>) {
        let mut line = self.line.lock();
        if line
            .stream
            .as_ref()
            .is_some_and(|it| Arc::ptr_eq(it, stream))
        {
            line.stream = None;
            shut(stream);
        }
    }

    /// Ends the talk as [`Shared::hang_up`] does, and with any that is still being started.
    pub(super) fn close(&self) {
        self.line.lock().closed = true;
        self.hang_up();
    }
}

/// A stream that is broken is as good as shut.
fn shut(stream: &UnixStream) {
    let _ = stream.shutdown(Shutdown::Both);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_helper_that_is_started_while_all_is_closed_is_hung_up_on() {
        let shared = Shared::new(Clock::system());
        shared.close();
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        shared.connect(&Arc::new(ours));
        assert!(shared.stream().is_none());
        assert_eq!(theirs.read(&mut [0]).unwrap(), 0);
    }
}
