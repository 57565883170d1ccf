//! Roll-up and retention at once, for whoever does not want to wait for their turn: done on the
//! writer's thread in the same small jobs, and told what they did.

use super::backlog::Backlog;
use super::error::Error;
use crate::units::Nanos;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Everything that is over is rolled up.
    Aggregate,
    /// Everything that is too old, or too much, is removed.
    Cleanup,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Did {
    /// Buckets that were made, or entries that were removed.
    pub entries: u64,
    /// Rows that were added up, or removed.
    pub rows: u64,
    /// By how many bytes the coarser tiers grew, or history shrank.
    pub bytes: u64,
    /// The jobs' own time.
    pub took: Nanos,
}

impl Did {
    pub(super) fn and(&mut self, more: Did) {
        self.entries += more.entries;
        self.rows += more.rows;
        self.bytes += more.bytes;
        self.took.0 = self.took.0.saturating_add(more.took.0);
    }
}

/// A way to have it done that can be cloned.
#[derive(Clone)]
pub struct Upkeep(pub(super) Arc<Backlog>);

impl Upkeep {
    /// Has it done and waits, but not for longer than this: then it goes on by itself.
    pub fn run(&self, what: What, patience: Duration) -> Result<Did, Error> {
        let (task, done) = Task::new(what);
        if !self.0.task(task) {
            return Err(Error::Closed);
        }
        done.recv_timeout(patience).map_err(|error| match error {
            RecvTimeoutError::Timeout => Error::StillWorking,
            RecvTimeoutError::Disconnected => Error::Closed,
        })
    }
}

/// A wish on its way through the writer's thread.
pub(super) struct Task {
    pub(super) what: What,
    pub(super) did: Did,
    tell: SyncSender<Did>,
}

impl Task {
    fn new(what: What) -> (Task, Receiver<Did>) {
        let (tell, done) = sync_channel(1);
        let did = Did::default();
        (Task { what, did, tell }, done)
    }

    /// Whoever asked may be gone.
    pub(super) fn done(self) {
        let _ = self.tell.try_send(self.did);
    }
}
