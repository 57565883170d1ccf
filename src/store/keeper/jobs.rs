//! The small jobs between commits: sealing, forgetting, roll-up, jobs that were asked for, retention. One
//! a round, each in a transaction of its own. While something is being forgotten nothing is rolled up.

use super::{Due, Keeper, since};
use crate::store::config::Config;
use crate::store::error::Error;
use crate::store::file::{begin, guarded};
use crate::store::retain::retain;
use crate::store::roll::Rolled;
use crate::store::seal::{drop_amendments, seal_block};
use crate::store::unsealed::SEALED_AFTER;
use crate::store::upkeep::{Did, Task, What};
use crate::store::writer::{Job, Step};
use crate::units::{Moment, NANOS, Nanos, Second};
use redb::WriteTransaction;

/// How long after a job's last slice more of the same may come. What an import brings may be too old
/// already: of a day, some would go before the rest has come, which would find the day closed.
const BETWEEN_PARTS: Nanos = Nanos(60 * NANOS);

impl Keeper {
    /// Does one small job, if there is any. `false` when there was none.
    pub(super) fn one_job(&mut self) -> bool {
        let started = self.clock.steady();
        let did = guarded(|| self.try_one_job());
        let did = did.unwrap_or_else(|error| {
            tracing::error!(%error, "a job of the history failed");
            self.progress.degrade(&error);
            self.doubt_after_job(&error);
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
        if self.ordered()? {
            return Ok(true);
        }
        if self.roll_up_due() && self.roll_up()? {
            return Ok(true);
        }
        if let Some(job) = self.jobs.pop_front() {
            return self.slice(job).map(|()| true);
        }
        if let Some(now) = self.retention_due() {
            return self.retain(now).map(|()| true);
        }
        // All that was to be done before is done.
        self.tasks.drain(..).for_each(Task::done);
        Ok(false)
    }

    /// What is asked for is done next, whether it was due or not.
    pub(super) fn begin(&mut self, task: Task) {
        match task.what {
            What::Aggregate => self.roll_up = Due::Now,
            What::Cleanup => self.retained = None,
        }
        self.tasks.push_back(task);
    }

    fn tell(&mut self, what: What, did: Did) {
        let tasks = self.tasks.iter_mut().filter(|task| task.what == what);
        tasks.for_each(|task| task.did.and(did));
    }

    fn roll_up_due(&self) -> bool {
        match self.roll_up {
            Due::Now => true,
            Due::Not => false,
            Due::After(end) => self.settled().is_some_and(|settled| settled >= end),
        }
    }

    /// Everything before this is sealed, if the clock did not jump.
    fn settled(&self) -> Option<Second> {
        let through = self.progress.through()?;
        Some(Second(through.second.0.saturating_sub(SEALED_AFTER)))
    }

    /// Rolls a slice up. `false` if there was nothing to.
    fn roll_up(&mut self) -> Result<bool, Error> {
        let started = self.clock.steady();
        let settled = self.settled().unwrap_or(Second(i64::MIN));
        let rolled = guarded(|| self.roll_slice(settled)).inspect_err(|_| {
            // It is tried again when something is sealed: not at once, and for ever.
            self.roller.start_again();
            self.roll_up = Due::Not;
        })?;
        if rolled.finished {
            self.roll_up = rolled.waits_for.map_or(Due::Not, Due::After);
        }
        let did = Did {
            entries: rolled.buckets,
            rows: rolled.rows,
            bytes: rolled.grown.max(0) as u64,
            took: since(started, self.clock.steady()),
        };
        self.tell(What::Aggregate, did);
        Ok(rolled.buckets > 0 || !rolled.finished)
    }

    fn roll_slice(&mut self, settled: Second) -> Result<Rolled, Error> {
        let database = self.slot.get()?;
        let transaction = begin(&database)?;
        let rolled = self.roller.slice(&transaction, &self.calendar, settled)?;
        if rolled.buckets > 0 {
            transaction.commit()?;
        } else {
            transaction.abort()?;
        }
        Ok(rolled)
    }

    fn seal(&mut self, minute: Moment) -> Result<(), Error> {
        let first = self.unsealed.first_but(minute);
        let through = self.progress.through().unwrap_or(minute);
        let sealed = guarded(|| {
            self.transact(|_, transaction| {
                let sealed = seal_block(transaction, minute)?;
                if sealed.finished {
                    drop_amendments(transaction, first, through)?;
                }
                Ok(sealed)
            })
        });
        // What cannot be read now never will be: it must not keep later minutes from it.
        let is_lost = sealed.as_ref().is_err_and(Error::is_corruption);
        if is_lost || sealed.as_ref().is_ok_and(|sealed| sealed.finished) {
            self.unsealed.done(minute);
        }
        self.roller.start_again();
        self.roll_up = Due::Now;
        self.progress.damaged(sealed?.damaged);
        Ok(())
    }

    fn slice(&mut self, mut job: Job) -> Result<(), Error> {
        let step = self.transact(|_, transaction| job(transaction))?;
        if step == Step::Again {
            self.jobs.push_front(job);
        }
        self.brought = Some(self.clock.steady());
        // It may have changed what buckets are made of.
        self.roller.start_again();
        self.roll_up = Due::Now;
        Ok(())
    }

    /// The time to measure age from, once a minute: what was written last, so that an old capture
    /// may have a history, but not past the wall clock, so that a wild timestamp cannot end ours; nor
    /// far ahead of what was lived through, unless somebody asks, so that a wild clock cannot.
    fn retention_due(&self) -> Option<Second> {
        let newest = self.progress.through()?.second;
        let asked = self.tasks.iter().any(|task| task.what == What::Cleanup);
        let is_brought = |at: Nanos| self.clock.steady().0 - at.0 < BETWEEN_PARTS.0;
        if !asked && self.brought.is_some_and(is_brought) {
            return None;
        }
        let believed = self.importing || asked;
        let lived = self.age.now().filter(|_| !believed).unwrap_or(newest);
        let now = newest.min(lived).min(self.clock.now().wall.second());
        (self.retained != Some(now.minute())).then_some(now)
    }

    /// A transaction that removed nothing is not worth a sync of the disk.
    fn retain(&mut self, now: Second) -> Result<(), Error> {
        let started = self.clock.steady();
        let database = self.slot.get()?;
        let transaction = begin(&database)?;
        let retained = retain(&transaction, &self.calendar, &self.kept.now(), now)?;
        if retained.removed > 0 {
            transaction.commit()?;
        } else {
            transaction.abort()?;
        }
        if retained.finished {
            self.retained = Some(now.minute());
        }
        let did = Did {
            entries: retained.removed as u64,
            rows: retained.rows,
            bytes: retained.bytes,
            took: since(started, self.clock.steady()),
        };
        self.tell(What::Cleanup, did);
        Ok(())
    }

    fn transact<T>(
        &self,
        work: impl FnOnce(&Config, &WriteTransaction) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let database = self.slot.get()?;
        let transaction = begin(&database)?;
        let done = work(&self.kept.now(), &transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}
