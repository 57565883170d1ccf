//! The way into the history: a thread named `store`, given seconds without ever blocking, told to
//! stop, asked how far it is.

use super::Store;
use super::backlog::{Backlog, Pending};
use super::config::Kept;
use super::error::Error;
use super::import::Importer;
use super::keeper::Keeper;
use super::order::Orders;
use super::progress::Committed;
use super::upkeep::Upkeep;
use crate::clock::Clock;
use crate::tick::Delta;
use crate::units::Nanos;
use redb::WriteTransaction;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Something to do in transactions of its own, a slice (of at most 50 ms) a call, until it says
/// that it is finished.
pub type Job = Box<dyn FnMut(&WriteTransaction) -> Result<Step, Error> + Send>;

/// Whether a job wants to be called again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Again,
    Finished,
}

/// Told how long something took.
pub type Recorder = Box<dyn FnMut(Nanos) + Send>;

/// Who is told how long things take.
pub struct Hooks {
    /// One transaction of seconds, durable.
    pub commit: Recorder,
    /// From the cut of a second until it is durable.
    pub cut_to_commit: Recorder,
    /// One slice of a job: sealing, retention, others.
    pub job: Recorder,
}

impl Default for Hooks {
    fn default() -> Hooks {
        Hooks {
            commit: Box::new(|_| {}),
            cut_to_commit: Box::new(|_| {}),
            job: Box::new(|_| {}),
        }
    }
}

/// The way into the history.
pub struct Writer {
    backlog: Arc<Backlog>,
    progress: Committed,
    kept: Kept,
    thread: JoinHandle<Result<(), Error>>,
}

impl Writer {
    pub fn start(store: Store, clock: Clock, hooks: Hooks) -> Result<Writer, Error> {
        let progress = Committed::new(store.through);
        store
            .checked()?
            .into_iter()
            .for_each(|checked| progress.checked(checked));
        let backlog = Arc::new(Backlog::new(progress.clone(), store.config.sync_s));
        let kept = Kept::new(store.config.clone());
        let (waiting, reached) = (backlog.clone(), progress.clone());
        let keeper = Keeper::new(store, clock, hooks, waiting, reached, kept.clone())?;
        let alive = Alive {
            backlog: backlog.clone(),
            progress: progress.clone(),
        };
        let work = move || {
            let _alive = alive;
            keeper.run()
        };
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(work)
            .map_err(Error::Thread)?;
        Ok(Writer {
            backlog,
            progress,
            kept,
            thread,
        })
    }

    /// Takes a second that was cut at this steady time. Never blocks.
    pub fn commit(&self, delta: Arc<Delta>, sent: Nanos) {
        self.backlog.give(Pending { delta, sent });
    }

    /// The same for a source that can wait: blocks while the backlog is full.
    pub fn commit_when_room(&self, delta: Arc<Delta>, sent: Nanos) {
        self.backlog.give_when_room(Pending { delta, sent });
    }

    /// How far the history reaches.
    pub fn committed(&self) -> Committed {
        self.progress.clone()
    }

    /// How long history is kept, to be changed.
    pub fn kept(&self) -> Kept {
        self.kept.clone()
    }

    /// Roll-up and retention, at once.
    pub fn upkeep(&self) -> Upkeep {
        Upkeep(self.backlog.clone())
    }

    /// Forgetting, and writing the file anew.
    pub fn orders(&self) -> Orders {
        Orders(self.backlog.clone())
    }

    /// A way to put in what others counted.
    pub fn importer(&self) -> Importer {
        Importer(self.backlog.clone())
    }

    /// Has something done between two commits.
    pub fn job(&self, job: Job) {
        self.backlog.job(job);
    }

    /// Commits everything and closes the file.
    pub fn stop(self) -> Result<(), Error> {
        self.backlog.stop();
        self.thread.join().map_err(|_| Error::Died)?
    }
}

/// Lives on the thread. A panic there ends both: then nobody may wait for the thread or take it for
/// well.
struct Alive {
    backlog: Arc<Backlog>,
    progress: Committed,
}

impl Drop for Alive {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.progress.die();
            self.backlog.desert();
        }
    }
}
