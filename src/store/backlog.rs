//! What waits to be written. Bounded: beyond 600 seconds the oldest is given up and becomes a
//! named gap. Giving never blocks; seconds in which nothing happened wait for company, so that an
//! idle machine neither wakes up nor syncs its disk each second.

use super::gap::Gap;
use super::order::Given;
use super::progress::Committed;
use super::upkeep::Task;
use super::writer::Job;
use crate::tick::Delta;
use crate::units::Nanos;
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Seconds that are kept while the disk does not take them.
pub const MOST: usize = 600;
/// Quiet seconds that are held back for company.
const QUIET: usize = 10;
/// Seconds that a commit may be put off at most.
pub const LONGEST_SYNC: usize = QUIET;
/// Seconds that one transaction takes.
const BATCH: usize = 60;

/// A second on its way, and when it was cut on the steady clock.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) delta: Arc<Delta>,
    pub(super) sent: Nanos,
}

#[derive(Default)]
struct State {
    pending: VecDeque<Pending>,
    gaps: Vec<Gap>,
    jobs: Vec<Job>,
    tasks: Vec<Task>,
    orders: Vec<Given>,
    /// The run's first second was taken: it is not held back, so that a start is soon on record.
    begun: bool,
    stopping: bool,
    /// Nobody takes anything any more.
    deserted: bool,
}

/// What the writer's thread finds to do.
#[derive(Default)]
pub(super) struct Work {
    pub(super) batch: Vec<Pending>,
    pub(super) gaps: Vec<Gap>,
    pub(super) jobs: Vec<Job>,
    pub(super) tasks: Vec<Task>,
    pub(super) orders: Vec<Given>,
    pub(super) stopping: bool,
}

pub(super) struct Backlog {
    /// Seconds that a commit is put off for: fewer syncs of the disk, and more at stake.
    sync: usize,
    state: Mutex<State>,
    given: Condvar,
    taken: Condvar,
    /// Of its own: a pause between two tries is not over because another second came.
    stopped: Condvar,
    progress: Committed,
}

impl Backlog {
    pub(super) fn new(progress: Committed, sync: usize) -> Backlog {
        Backlog {
            sync: sync.clamp(1, LONGEST_SYNC),
            state: Mutex::default(),
            given: Condvar::new(),
            taken: Condvar::new(),
            stopped: Condvar::new(),
            progress,
        }
    }

    /// Takes a second in, at once; the oldest gives way when there are too many.
    pub(super) fn give(&self, pending: Pending) {
        let mut state = self.state.lock();
        state.pending.push_back(pending);
        state.drop_oldest();
        self.announce(&state);
    }

    /// Takes a second in, when there is room: for a source that can wait. Where nobody makes room
    /// any more, the oldest gives way.
    pub(super) fn give_when_room(&self, pending: Pending) {
        let mut state = self.state.lock();
        while state.pending.len() >= MOST && !state.stopping && !state.deserted {
            self.taken.wait(&mut state);
        }
        state.pending.push_back(pending);
        state.drop_oldest();
        self.announce(&state);
    }

    pub(super) fn job(&self, job: Job) {
        self.state.lock().jobs.push(job);
        self.given.notify_one();
    }

    /// Takes a job that somebody waits for; `false` if nobody will do it any more.
    pub(super) fn ask(&self, job: Job) -> bool {
        let mut state = self.state.lock();
        if state.stopping || state.deserted {
            return false;
        }
        state.jobs.push(job);
        self.given.notify_one();
        true
    }

    /// Takes a task; `false` if nobody will do it any more.
    pub(super) fn task(&self, task: Task) -> bool {
        let mut state = self.state.lock();
        if state.stopping || state.deserted {
            return false;
        }
        state.tasks.push(task);
        self.given.notify_one();
        true
    }

    /// Takes an order; `false` if nobody will do it any more.
    pub(super) fn order(&self, order: Given) -> bool {
        let mut state = self.state.lock();
        if state.stopping || state.deserted {
            return false;
        }
        state.orders.push(order);
        self.given.notify_one();
        true
    }

    pub(super) fn stop(&self) {
        self.state.lock().stopping = true;
        self.given.notify_one();
        self.taken.notify_all();
        self.stopped.notify_one();
    }

    /// Nobody will take anything any more: whoever waits for room need not.
    pub(super) fn desert(&self) {
        let mut state = self.state.lock();
        state.deserted = true;
        state.tasks.clear();
        state.orders.clear();
        state.jobs.clear();
        self.taken.notify_all();
    }

    /// Waits for something to do. With `more`, there is other work: only looks.
    pub(super) fn take(&self, more: bool) -> Work {
        let mut state = self.state.lock();
        while !more && !state.is_due(self.sync) {
            self.given.wait(&mut state);
        }
        if !state.is_due(self.sync) {
            return Work::default();
        }
        let count = state.pending.len().min(BATCH);
        state.begun |= count > 0;
        let work = Work {
            batch: state.pending.drain(..count).collect(),
            gaps: std::mem::take(&mut state.gaps),
            jobs: std::mem::take(&mut state.jobs),
            tasks: std::mem::take(&mut state.tasks),
            orders: std::mem::take(&mut state.orders),
            stopping: state.stopping && state.pending.is_empty(),
        };
        self.taken.notify_all();
        work
    }

    /// Puts back what could not be written.
    pub(super) fn put_back(&self, batch: Vec<Pending>, gaps: Vec<Gap>) {
        let mut state = self.state.lock();
        for pending in batch.into_iter().rev() {
            state.pending.push_front(pending);
        }
        state.gaps.splice(..0, gaps);
        state.drop_oldest();
        self.progress.set_pending(state.pending.len());
    }

    /// Sleeps before the next try; the end wakes it.
    pub(super) fn sleep(&self, time: Duration) {
        let mut state = self.state.lock();
        if !state.stopping {
            self.stopped.wait_for(&mut state, time);
        }
    }

    /// What is left when the writer gives up.
    pub(super) fn left(&self) -> usize {
        self.state.lock().pending.len()
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.state.lock().stopping
    }

    fn announce(&self, state: &State) {
        self.progress.set_pending(state.pending.len());
        if state.is_due(self.sync) {
            self.given.notify_one();
        }
    }
}

impl State {
    fn drop_oldest(&mut self) {
        while self.pending.len() > MOST {
            let Some(oldest) = self.pending.pop_front() else {
                return;
            };
            let gap = Gap::of(&oldest.delta);
            let extended = self.gaps.last_mut().is_some_and(|last| last.extend(&gap));
            if !extended {
                self.gaps.push(gap);
            }
        }
    }

    fn is_due(&self, sync: usize) -> bool {
        self.stopping
            || !self.jobs.is_empty()
            || !self.tasks.is_empty()
            || !self.orders.is_empty()
            || !self.begun && !self.pending.is_empty()
            || self.pending.len() >= QUIET
            || self.pending.len() >= sync
                && self.pending.iter().any(|pending| !is_quiet(&pending.delta))
    }
}

/// Nothing was counted, lost, ended or named in this second.
fn is_quiet(delta: &Delta) -> bool {
    let interfaces = delta.interfaces.iter();
    delta.rows.is_empty()
        && delta.ended.is_empty()
        && delta.amendments.is_empty()
        && interfaces.clone().all(|one| {
            let facts = &one.facts;
            one.counted().total().is_zero()
                && facts.ring_dropped.is_zero()
                && facts.kernel_dropped == 0
                && facts.interface_dropped == 0
                && facts.gap_ms == 0
        })
}
