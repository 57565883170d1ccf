//! The service's side: starts the helper, asks it about flows that begin, keeps what it answers until
//! its second is cut, and starts it again when it dies. Counting waits for none of this: a question
//! that finds no room is counted and forgotten. Knows no other process but the helper.

mod answers;
mod helper;
mod questions;
mod state;

pub use state::{Carriers, State};

use super::config::Config;
use super::owned::Owned;
use crate::clock::Clock;
use crate::flow::Newcomer;
use crate::units::Second;
use answers::Answers;
use crossbeam_channel::{Sender, TrySendError, bounded};
use state::Shared;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

/// Batches of questions that wait for the helper at most.
const WAITING: usize = 1_024;

/// What workers ask with.
#[derive(Clone)]
pub struct Asker {
    questions: Sender<Vec<Newcomer>>,
    shared: Arc<Shared>,
}

/// What the tick takes answers from, and the API the state.
#[derive(Clone)]
pub struct Owners(Arc<Shared>);

/// The threads that talk to the helper.
pub struct Client {
    asker: Asker,
    stop: Sender<()>,
    threads: Vec<JoinHandle<()>>,
}

impl Asker {
    /// Asks whose these flows are, without waiting.
    pub fn ask(&self, newcomers: Vec<Newcomer>) {
        let count = newcomers.len() as u64;
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) =
            self.questions.try_send(newcomers)
        {
            self.shared.unasked(count);
        }
    }
}

impl Owners {
    /// Owners of flows whose first second is cut by now, in the order of the flows.
    pub fn take(&self, cut: Second) -> Vec<Owned> {
        self.0.answers.lock().take(cut)
    }

    pub fn state(&self) -> State {
        self.0.state()
    }

    /// Which app carries which tunnel's interface.
    pub fn carriers(&self) -> Carriers {
        self.0.carriers.lock().clone()
    }
}

impl Client {
    /// Starts a helper, and the threads that talk to it. That it cannot be started is told by the
    /// state, and tried again.
    pub fn start(config: &Config, clock: Clock) -> std::io::Result<Client> {
        let (questions, waiting) = bounded(WAITING);
        let (stop, stopped) = bounded(1);
        let shared = Arc::new(Shared::new(clock));
        let asker = Asker {
            questions,
            shared: shared.clone(),
        };
        let (asking, config) = (shared.clone(), config.clone());
        let threads = vec![
            Builder::new()
                .name("owners".into())
                .spawn(move || helper::keep(&shared, &config, &stopped))?,
            Builder::new()
                .name("owners-ask".into())
                .spawn(move || questions::ask(&waiting, &asking))?,
        ];
        Ok(Client {
            asker,
            stop,
            threads,
        })
    }

    pub fn asker(&self) -> Asker {
        self.asker.clone()
    }

    pub fn owners(&self) -> Owners {
        Owners(self.asker.shared.clone())
    }

    /// Ends the helper. Answers that are still to come are not waited for.
    pub fn stop(self) {
        let shared = self.asker.shared.clone();
        drop(self.asker);
        drop(self.stop);
        shared.close();
        for thread in self.threads {
            // One that panicked has nothing left to say.
            let _ = thread.join();
        }
    }
}
