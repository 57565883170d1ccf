//! Latency per stage: each thread records into a histogram of its own and publishes it once a
//! second; what was published is kept per minute for an hour, and in sum since the start. A stage
//! that was never used holds no histogram.

use super::histogram::{Latencies, add, empty, pack, unpack};
use crate::units::{NANOS, Nanos, Second};
use parking_lot::{Mutex, RwLock};
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Arc;
use utoipa::ToSchema;

/// How many closed minutes are kept.
const MINUTES: u64 = 60;
/// A recorder's histogram is published at most so often.
const REST: i64 = NANOS / 2;

/// All stages. Clones share them.
#[derive(Clone)]
pub struct Stages {
    table: Arc<RwLock<Table>>,
}

struct Table {
    /// The minute that is open now, and how many were closed before it.
    open: Second,
    closed: u64,
    stages: Vec<Arc<Stage>>,
}

pub(super) struct Stage {
    pub(super) name: &'static str,
    about: &'static str,
    history: Mutex<History>,
}

#[derive(Default)]
struct History {
    /// Closed minutes that hold anything, oldest first.
    minutes: VecDeque<Minute>,
    /// The sum of all minutes that were closed.
    before: Option<Latencies>,
    /// The minute that is open.
    open: Option<Latencies>,
}

/// One closed minute of one stage.
#[derive(Clone)]
pub(super) struct Minute {
    number: u64,
    pub(super) began: Second,
    pub(super) packed: Vec<u8>,
}

/// A thread's own histogram of one stage: recording is one increment, without lock or atomic.
pub struct Recorder {
    stage: Arc<Stage>,
    local: Latencies,
    published: Nanos,
}

/// For what many threads record now and then: takes the stage's lock each time.
#[derive(Clone)]
pub struct Shared {
    stage: Arc<Stage>,
}

/// What a stage looked like over three spans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StageSnapshot {
    pub name: &'static str,
    pub about: &'static str,
    /// The last whole minute; before the first is over, what there is of it.
    pub minute: Quantiles,
    /// The last sixty minutes and the open one.
    pub hour: Quantiles,
    /// Since the start.
    pub start: Quantiles,
}

/// Quantiles in nanoseconds, two significant digits. All zero when nothing was recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Quantiles {
    pub count: u64,
    pub p50_ns: u64,
    pub p90_ns: u64,
    pub p99_ns: u64,
    pub p999_ns: u64,
    pub max_ns: u64,
}

impl Stages {
    pub fn new(now: Nanos) -> Stages {
        Stages {
            table: Arc::new(RwLock::new(Table {
                open: now.second().minute(),
                closed: 0,
                stages: Vec::new(),
            })),
        }
    }

    /// A recorder for one thread. Several threads may record the same stage.
    pub fn stage(&self, name: &'static str, about: &'static str) -> Recorder {
        Recorder {
            stage: self.named(name, about),
            local: empty(),
            published: Nanos(i64::MIN),
        }
    }

    /// A recorder that threads can share, for what happens some times a second at most.
    pub fn shared(&self, name: &'static str, about: &'static str) -> Shared {
        Shared {
            stage: self.named(name, about),
        }
    }

    /// Closes the open minute when `now` lies in another one. Called once a second.
    pub fn rotate(&self, now: Nanos) {
        let minute = now.second().minute();
        let mut table = self.table.write();
        if minute == table.open {
            return;
        }
        for stage in &table.stages {
            stage.history.lock().close(table.closed, table.open);
        }
        table.closed += 1;
        table.open = minute;
    }

    pub fn snapshot(&self) -> Vec<StageSnapshot> {
        let table = self.table.read();
        let stages = table.stages.iter();
        stages.map(|stage| stage.snapshot(table.closed)).collect()
    }

    /// Every minute of the last hour of every stage, oldest first; the open one last.
    pub(super) fn minutes(&self) -> Vec<(Arc<Stage>, Minute)> {
        let table = self.table.read();
        let mut all: Vec<_> = table
            .stages
            .iter()
            .flat_map(|stage| {
                let minutes = stage.history.lock().all(table.closed, table.open);
                minutes.into_iter().map(|minute| (stage.clone(), minute))
            })
            .collect();
        all.sort_by_key(|(_, minute)| minute.number);
        all
    }

    fn named(&self, name: &'static str, about: &'static str) -> Arc<Stage> {
        let mut table = self.table.write();
        if let Some(known) = table.stages.iter().find(|stage| stage.name == name) {
            return known.clone();
        }
        let stage = Arc::new(Stage {
            name,
            about,
            history: Mutex::default(),
        });
        table.stages.push(stage.clone());
        stage
    }
}

impl Recorder {
    /// Counts one pass of the stage. Negative durations count as the shortest.
    pub fn record(&mut self, took: Nanos) {
        self.local.saturating_record(took.0.max(0) as u64);
    }

    /// Hands what was recorded to the readers at the steady time `now`, unless it did so just
    /// before: the seconds of a file come by the thousand. Called by the thread that records, at
    /// each cut.
    pub fn publish(&mut self, now: Nanos) {
        if now.0.saturating_sub(self.published.0) >= REST {
            self.published = now;
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        if !self.local.is_empty() {
            self.stage.history.lock().add(&self.local);
            self.local.reset();
        }
    }
}

impl Drop for Recorder {
    /// What a thread recorded in its last second is not lost.
    fn drop(&mut self) {
        self.hand_over();
    }
}

impl Shared {
    pub fn record(&self, took: Nanos) {
        let mut history = self.stage.history.lock();
        let open = history.open.get_or_insert_with(empty);
        open.saturating_record(took.0.max(0) as u64);
    }
}

impl Stage {
    fn snapshot(&self, closed: u64) -> StageSnapshot {
        let history = self.history.lock();
        StageSnapshot {
            name: self.name,
            about: self.about,
            minute: Quantiles::of(history.last_minute(closed).as_ref()),
            hour: Quantiles::of(history.hour().as_ref()),
            start: Quantiles::of(join(history.before.clone(), history.open.as_ref()).as_ref()),
        }
    }
}

impl History {
    fn add(&mut self, more: &Latencies) {
        add(self.open.get_or_insert_with(empty), more);
    }

    fn close(&mut self, number: u64, began: Second) {
        self.minutes
            .retain(|minute| minute.number + MINUTES > number);
        let Some(open) = &mut self.open else { return };
        if open.is_empty() {
            return;
        }
        self.minutes.push_back(Minute {
            number,
            began,
            packed: pack(open),
        });
        add(self.before.get_or_insert_with(empty), open);
        open.reset();
    }

    fn last_minute(&self, closed: u64) -> Option<Latencies> {
        if closed == 0 {
            return self.open.clone();
        }
        let last = self.minutes.back()?;
        (last.number + 1 == closed).then(|| unpack(&last.packed))?
    }

    fn hour(&self) -> Option<Latencies> {
        self.minutes
            .iter()
            .filter_map(|minute| unpack(&minute.packed))
            .fold(self.open.clone(), |sum, minute| join(sum, Some(&minute)))
    }

    fn all(&self, number: u64, began: Second) -> Vec<Minute> {
        let open = self.open.as_ref().filter(|open| !open.is_empty());
        let open = open.map(|open| Minute {
            number,
            began,
            packed: pack(open),
        });
        self.minutes.iter().cloned().chain(open).collect()
    }
}

/// The sum of two histograms, either of which may be missing.
fn join(sum: Option<Latencies>, more: Option<&Latencies>) -> Option<Latencies> {
    match (sum, more) {
        (Some(mut sum), Some(more)) => {
            add(&mut sum, more);
            Some(sum)
        }
        (sum, more) => sum.or_else(|| more.cloned()),
    }
}

impl Quantiles {
    fn of(histogram: Option<&Latencies>) -> Quantiles {
        let Some(histogram) = histogram.filter(|histogram| !histogram.is_empty()) else {
            return Quantiles::default();
        };
        let at = |quantile| histogram.value_at_quantile(quantile);
        Quantiles {
            count: histogram.len(),
            p50_ns: at(0.5),
            p90_ns: at(0.9),
            p99_ns: at(0.99),
            p999_ns: at(0.999),
            max_ns: histogram.max(),
        }
    }
}

#[cfg(test)]
mod tests;
