//! The thread named `store`: one durable transaction a second, and small jobs between them. On an
//! error of the disk it keeps what it was given, opens the file again and retries.

use super::Store;
use super::backlog::{Backlog, Pending, Work};
use super::commit::{self, RecentlyEnded};
use super::config::Config;
use super::dictionary::Lexicon;
use super::error::Error;
use super::file::{begin, guarded};
use super::gap::Gap;
use super::progress::Committed;
use super::retain::retain;
use super::seal::{Unsealed, drop_amendments, seal_block};
use super::slot::Slot;
use crate::clock::Clock;
use crate::tick::Delta;
use crate::units::{Moment, Nanos, Second};
use redb::WriteTransaction;
use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

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
    thread: JoinHandle<Result<(), Error>>,
}

impl Writer {
    pub fn start(store: Store, clock: Clock, hooks: Hooks) -> Result<Writer, Error> {
        let progress = Committed::new(store.through);
        let backlog = Arc::new(Backlog::new(progress.clone()));
        let unsealed = Unsealed::of(store.hot_moments()?.into_iter());
        let keeper = Keeper {
            lexicon: Lexicon::new(store.config.classes.clone()),
            config: store.config,
            slot: store.slot,
            clock,
            hooks,
            recent: RecentlyEnded::default(),
            unsealed,
            retained: None,
            jobs: VecDeque::new(),
            progress: progress.clone(),
            backlog: backlog.clone(),
        };
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || keeper.run())
            .map_err(Error::Thread)?;
        Ok(Writer {
            backlog,
            progress,
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

    /// Has something done between two commits.
    pub fn job(&self, job: Job) {
        self.backlog.job(job);
    }

    /// Commits everything and closes the file.
    pub fn stop(self) -> Result<(), Error> {
        self.backlog.stop();
        let panicked = |_| Error::Thread(std::io::Error::other("the store thread panicked"));
        self.thread.join().map_err(panicked)?
    }
}

/// The thread's own things.
struct Keeper {
    slot: Arc<Slot>,
    config: Config,
    clock: Clock,
    hooks: Hooks,
    lexicon: Lexicon,
    recent: RecentlyEnded,
    unsealed: Unsealed,
    /// The minute in which retention last had nothing to do.
    retained: Option<Second>,
    jobs: VecDeque<Job>,
    progress: Committed,
    backlog: Arc<Backlog>,
}

impl Keeper {
    fn run(mut self) -> Result<(), Error> {
        let mut more = true;
        loop {
            let work = self.backlog.take(more);
            let stopping = work.stopping;
            self.jobs.extend(work.jobs);
            self.write_all(work.batch, work.gaps)?;
            if stopping {
                break;
            }
            more = self.one_job();
        }
        self.slot.close();
        Ok(())
    }

    /// Writes a batch; while the disk refuses, waits and tries again with what has come meanwhile.
    fn write_all(&mut self, batch: Vec<Pending>, gaps: Vec<Gap>) -> Result<(), Error> {
        let mut next = Work {
            batch,
            gaps,
            ..Work::default()
        };
        let mut pause = Duration::from_secs(1);
        while let Err(error) = guarded(|| self.write(&next)) {
            self.fail(&error);
            self.backlog.put_back(next.batch, next.gaps);
            if self.backlog.is_stopping() {
                return self.last_try(&error);
            }
            self.backlog.sleep(pause);
            pause = (pause * 2).min(Duration::from_secs(30));
            self.reopen();
            next = self.backlog.take(true);
            self.jobs.extend(next.jobs.drain(..));
        }
        Ok(())
    }

    /// The end has come while the disk refuses: once more, then it is said what is lost.
    fn last_try(&mut self, error: &Error) -> Result<(), Error> {
        self.reopen();
        loop {
            let work = self.backlog.take(true);
            if let Err(error) = guarded(|| self.write(&work)) {
                self.backlog.put_back(work.batch, work.gaps);
                return Err(Error::Unwritten {
                    seconds: self.backlog.left(),
                    why: error.to_string(),
                });
            }
            if work.stopping {
                tracing::info!(%error, "the disk takes seconds again");
                return Ok(());
            }
        }
    }

    fn fail(&mut self, error: &Error) {
        tracing::error!(%error, "seconds could not be written; they are kept and tried again");
        self.progress.degrade(error.to_string());
        self.lexicon.forget();
    }

    fn reopen(&mut self) {
        if let Err(error) = self.slot.reopen() {
            tracing::warn!(%error, "the history could not be opened again yet");
        }
    }

    fn write(&mut self, work: &Work) -> Result<(), Error> {
        if work.batch.is_empty() && work.gaps.is_empty() {
            return Ok(());
        }
        let started = self.clock.steady();
        let database = self.slot.get()?;
        let transaction = begin(&database)?;
        let deltas = work.batch.iter().map(|pending| &*pending.delta);
        commit::write_gaps(&transaction, &work.gaps)?;
        commit::write(&transaction, &mut self.lexicon, &mut self.recent, deltas)?;
        transaction.commit()?;
        self.wrote(&work.batch, started);
        Ok(())
    }

    fn wrote(&mut self, batch: &[Pending], started: Nanos) {
        let now = self.clock.steady();
        (self.hooks.commit)(since(started, now));
        for pending in batch {
            self.unsealed.add(pending.delta.moment);
            (self.hooks.cut_to_commit)(since(pending.sent, now));
        }
        let last = batch.last().map(|pending| pending.delta.moment);
        self.progress.reached(last, self.backlog.left());
    }

    /// Does one small job, if there is any. `false` when there was none.
    fn one_job(&mut self) -> bool {
        let started = self.clock.steady();
        let did = guarded(|| self.try_one_job());
        let did = did.unwrap_or_else(|error| {
            tracing::error!(%error, "a job of the history failed");
            false
        });
        if did {
            (self.hooks.job)(since(started, self.clock.steady()));
        }
        did
    }

    fn try_one_job(&mut self) -> Result<bool, Error> {
        if let Some(minute) = self.unsealed.ripe() {
            return self.seal(minute).map(|()| true);
        }
        if let Some(job) = self.jobs.pop_front() {
            return self.slice(job).map(|()| true);
        }
        match self.retention_due() {
            Some(now) => self.retain(now).map(|()| true),
            None => Ok(false),
        }
    }

    fn seal(&mut self, minute: Moment) -> Result<(), Error> {
        let sealed = self.transact(|_, transaction| seal_block(transaction, minute));
        match sealed {
            Ok(false) => return Ok(()),
            Ok(true) => self.unsealed.done(minute),
            // What cannot be read now never will be: it must not keep later minutes from it.
            Err(error) if error.is_corruption() => {
                self.unsealed.done(minute);
                return Err(error);
            }
            Err(error) => return Err(error),
        }
        let first = self.unsealed.first();
        let through = self.progress.through().unwrap_or(minute);
        self.transact(|_, transaction| drop_amendments(transaction, first, through))
    }

    fn slice(&mut self, mut job: Job) -> Result<(), Error> {
        if self.transact(|_, transaction| job(transaction))? == Step::Again {
            self.jobs.push_front(job);
        }
        Ok(())
    }

    /// The time to measure age from, once a minute: what was written last, so that an old capture
    /// may have a history, but not past the wall clock, so that a wild timestamp cannot end ours.
    fn retention_due(&self) -> Option<Second> {
        let newest = self.progress.through()?.second;
        let now = newest.min(self.clock.now().wall.second());
        (self.retained != Some(now.minute())).then_some(now)
    }

    fn retain(&mut self, now: Second) -> Result<(), Error> {
        if self.transact(|config, transaction| retain(transaction, config, now))? {
            self.retained = Some(now.minute());
        }
        Ok(())
    }

    fn transact<T>(
        &self,
        work: impl FnOnce(&Config, &WriteTransaction) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let database = self.slot.get()?;
        let transaction = begin(&database)?;
        let done = work(&self.config, &transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}

/// How long it took.
fn since(from: Nanos, to: Nanos) -> Nanos {
    Nanos(to.0.saturating_sub(from.0).max(0))
}
