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
    stream: Mutex<Option<Arc<UnixStream>>>,
    state: Mutex<State>,
}

impl Shared {
    pub(super) fn new(clock: Clock) -> Shared {
        Shared {
            clock,
            answers: Mutex::default(),
            carriers: Mutex::default(),
            stream: Mutex::default(),
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

    pub(super) fn stream(&self) -> Option<Arc<UnixStream>> {
        self.stream.lock().clone()
    }

    pub(super) fn connect(&self, stream: Option<Arc<UnixStream>>) {
        *self.stream.lock() = stream;
    }

    /// Ends the talk with the helper; it ends by itself then.
    pub(super) fn hang_up(&self) {
        if let Some(stream) = self.stream.lock().take() {
            // One that is broken is as good as shut.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}
