//! What the writer's thread does: commits first, then small jobs - sealing, roll-up, jobs that were
//! asked for, retention - one a round, so that a second never waits for more than one of them. While the
//! disk refuses, it keeps what it was given, opens the file again and retries.

mod again;
mod jobs;
mod orders;

use super::Store;
use super::age::Age;
use super::backlog::{Backlog, Pending, Work};
use super::calendar::Calendar;
use super::commit::{self, RecentlyEnded};
use super::config::Kept;
use super::dictionary::Lexicon;
use super::error::Error;
use super::file::{begin, guarded};
use super::forget::Forgetting;
use super::gap::Gap;
use super::order::Given;
use super::progress::Committed;
use super::roll::Roller;
use super::slot::Slot;
use super::unsealed::Unsealed;
use super::upkeep::Task;
use super::writer::{Hooks, Job};
use crate::clock::Clock;
use crate::units::{Moment, Nanos, Second};
use orders::Active;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The thread's own things.
pub(super) struct Keeper {
    slot: Arc<Slot>,
    /// Where the file is, if it is one.
    path: Option<PathBuf>,
    kept: Kept,
    clock: Clock,
    hooks: Hooks,
    lexicon: Lexicon,
    recent: RecentlyEnded,
    unsealed: Unsealed,
    calendar: Calendar,
    roller: Roller,
    roll_up: Due,
    /// The minute in which retention last had nothing to do.
    retained: Option<Second>,
    /// When a job last brought something in, on the steady clock.
    brought: Option<Nanos>,
    age: Age,
    importing: bool,
    jobs: VecDeque<Job>,
    tasks: VecDeque<Task>,
    orders: VecDeque<Given>,
    forgetting: Option<Active>,
    progress: Committed,
    backlog: Arc<Backlog>,
    /// How often in a row the file made no sense.
    doubts: u8,
    /// When a reader last had it verified, by the steady clock.
    verified: Option<Nanos>,
    /// The file was written anew, and its name may not be on the disk.
    unnamed: bool,
}

/// When there may be something to roll up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Now,
    /// Once this second is over.
    After(Second),
    /// Once something is sealed.
    Not,
}

impl Keeper {
    pub(super) fn new(
        store: Store,
        clock: Clock,
        hooks: Hooks,
        backlog: Arc<Backlog>,
        progress: Committed,
        kept: Kept,
    ) -> Result<Keeper, Error> {
        let forgetting = Forgetting::resume(&*store.slot.get()?)?;
        let forgetting = forgetting.map(|state| Active { state, given: None });
        Ok(Keeper {
            unsealed: Unsealed::of(store.hot_moments()?.into_iter()),
            lexicon: Lexicon::new(store.config.classes.clone()),
            kept,
            path: store.path,
            slot: store.slot,
            clock,
            hooks,
            recent: RecentlyEnded::default(),
            calendar: store.calendar,
            roller: Roller::default(),
            roll_up: Due::Now,
            retained: None,
            brought: None,
            age: store.age,
            importing: store.importing,
            jobs: VecDeque::new(),
            tasks: VecDeque::new(),
            orders: VecDeque::new(),
            forgetting,
            progress,
            backlog,
            doubts: 0,
            verified: None,
            unnamed: false,
        })
    }

    /// Works until it is told to stop and all is written, then lets go of the file.
    pub(super) fn run(mut self) -> Result<(), Error> {
        let done = self.work();
        self.slot.close();
        done
    }

    fn work(&mut self) -> Result<(), Error> {
        let mut more = true;
        loop {
            let work = self.backlog.take(more);
            let stopping = work.stopping;
            self.jobs.extend(work.jobs);
            self.orders.extend(work.orders);
            work.tasks.into_iter().for_each(|task| self.begin(task));
            self.hear_readers();
            self.write_all(work.batch, work.gaps)?;
            if stopping {
                return Ok(());
            }
            more = self.one_job();
        }
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
            self.orders.extend(next.orders.drain(..));
            next.tasks.drain(..).for_each(|task| self.begin(task));
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
        self.progress.degrade(error);
        self.lexicon.forget();
        self.doubts = self.doubts.saturating_add(error.is_corruption().into());
    }

    fn write(&mut self, work: &Work) -> Result<(), Error> {
        if work.batch.is_empty() && work.gaps.is_empty() {
            return Ok(());
        }
        let started = self.clock.steady();
        let database = self.slot.get()?;
        let transaction = begin(&database)?;
        let deltas = work.batch.iter().map(|pending| &*pending.delta);
        let last = work.batch.last().map(|pending| pending.delta.moment);
        let through = last.map(|moment| self.reach(moment));
        commit::write_gaps(&transaction, &work.gaps)?;
        let (lexicon, recent) = (&mut self.lexicon, &mut self.recent);
        commit::write(&transaction, lexicon, recent, deltas, through)?;
        let mut age = self.age;
        for pending in &work.batch {
            age.note(pending.delta.moment.second);
        }
        age.save(&transaction)?;
        transaction.commit()?;
        self.age = age;
        self.wrote(&work.batch, through, started);
        Ok(())
    }

    /// How far the history reaches with this moment in it. An import's older seconds take nothing
    /// back: of their moments only the epoch counts, which the next run must go on from.
    fn reach(&self, moment: Moment) -> Moment {
        let before = self.progress.through().filter(|_| self.importing);
        let second = before.map_or(moment.second, |before| before.second.max(moment.second));
        Moment { second, ..moment }
    }

    fn wrote(&mut self, batch: &[Pending], through: Option<Moment>, started: Nanos) {
        let now = self.clock.steady();
        (self.hooks.commit)(since(started, now));
        for pending in batch {
            self.unsealed.add(pending.delta.moment);
            (self.hooks.cut_to_commit)(since(pending.sent, now));
        }
        self.doubts = 0;
        self.progress.reached(through, self.backlog.left());
        self.name();
    }
}

/// How long it took.
fn since(from: Nanos, to: Nanos) -> Nanos {
    Nanos(to.0.saturating_sub(from.0).max(0))
}
