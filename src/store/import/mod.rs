//! Import: sums that another program counted, by interface and by the hour or the day, put into the
//! coarser tiers beside what was counted here - never where that is, and never twice. Small jobs on the
//! writer's thread. Knows no other program's format.

mod hours;
mod made;
mod marked;
mod put;

pub(super) use hours::Hours;
pub(super) use marked::parts_of;

use super::backlog::Backlog;
use super::error::Error;
use super::layout::Tier;
use super::writer::{Job, Step};
use crate::platform::Role;
use crate::units::Second;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

/// What one interface carried in an hour or a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// `Hour` or `Day`.
    pub tier: Tier,
    /// A second of it: its middle, for other zones' hours and days may begin elsewhere.
    pub at: Second,
    pub interface: Arc<str>,
    /// What it is for, where the history does not know it.
    pub role: Role,
    pub bytes_in: u64,
    pub bytes_out: u64,
}

/// What came of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub taken: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// Sums that were there already, from an earlier import.
    pub had: u64,
    /// Sums of hours and days in which something was counted here.
    pub covered: u64,
    /// Hours of days that are kept by the day alone, and days behind which finer history lies.
    pub unfit: u64,
}

impl Imported {
    pub fn and(&mut self, more: Imported) {
        self.taken += more.taken;
        self.bytes_in = self.bytes_in.saturating_add(more.bytes_in);
        self.bytes_out = self.bytes_out.saturating_add(more.bytes_out);
        self.had += more.had;
        self.covered += more.covered;
        self.unfit += more.unfit;
    }
}

/// A way to import that can be cloned.
#[derive(Clone)]
pub struct Importer(pub(super) Arc<Backlog>);

impl Importer {
    /// Puts sums into the history and waits, but not for longer than this: then it goes on by itself,
    /// and doing it again tells what is there.
    pub fn run(&self, sums: Vec<Sum>, patience: Duration) -> Result<Imported, Error> {
        let (tell, done) = sync_channel(1);
        let mut left = VecDeque::from(ordered(sums));
        let mut imported = Imported::default();
        let job: Job = Box::new(move |transaction| {
            imported.and(put::slice(transaction, &mut left)?);
            if !left.is_empty() {
                return Ok(Step::Again);
            }
            // Whoever asked may be gone.
            let _ = tell.try_send(imported);
            Ok(Step::Finished)
        });
        if !self.0.ask(job) {
            return Err(Error::Closed);
        }
        done.recv_timeout(patience).map_err(|error| match error {
            RecvTimeoutError::Timeout => Error::StillWorking,
            RecvTimeoutError::Disconnected => Error::NotDone,
        })
    }
}

/// Days before hours, for a day is taken only where nothing finer lies before its end; each in the
/// order of time.
fn ordered(mut sums: Vec<Sum>) -> Vec<Sum> {
    sums.sort_by_key(|sum| (std::cmp::Reverse(sum.tier), sum.at));
    sums
}
