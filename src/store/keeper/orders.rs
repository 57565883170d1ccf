//! What was ordered and takes long, on the writer's thread. Forgetting is done in small jobs, between
//! which seconds are written. While the file is written anew they wait: that ends where they become too
//! many, or the end has come, and leaves the old file.

use super::{Due, Keeper};
use crate::store::backlog::MOST;
use crate::store::care::{self, Compacted, Target, Unused};
use crate::store::error::Error;
use crate::store::file::{begin, guarded};
use crate::store::forget::{self, Forgetting};
use crate::store::order::{Given, Order, Told};
use crate::store::reader::Reader;

/// Forgetting, and who is told of it: nobody, where an earlier run began it.
pub(super) struct Active {
    pub(super) state: Forgetting,
    pub(super) given: Option<Given>,
}

impl Keeper {
    /// A job of what was ordered. `false` if there is none.
    pub(super) fn ordered(&mut self) -> Result<bool, Error> {
        match (self.forgetting.take(), self.orders.pop_front()) {
            (Some(active), order) => {
                if let Some(order) = order {
                    self.orders.push_front(order);
                }
                self.go_on(active)?;
            }
            (None, Some(given)) => self.take_up(given),
            (None, None) => return Ok(false),
        }
        Ok(true)
    }

    fn take_up(&mut self, mut given: Given) {
        let told = match given.order.clone() {
            Order::Forget(wish) => match self.begin_to_forget(&wish) {
                Ok(state) => {
                    // Whoever asked may be gone.
                    let _ = given.progress(0, state.total);
                    let given = Some(given);
                    self.forgetting = Some(Active { state, given });
                    return;
                }
                Err(error) => Told::Failed(error),
            },
            Order::Compact => match self.compact(&mut given) {
                Ok(compacted) => Told::Compacted(compacted),
                Err(error) => Told::Failed(error),
            },
        };
        // What is not there is told to whoever asked: a log would keep its name.
        if let Told::Failed(error) = &told
            && !matches!(error, Error::Nothing(_))
        {
            tracing::warn!(%error, "what was asked of the history was not done");
        }
        given.done(told);
    }

    /// The new file has no mark: it goes without what an earlier wish wanted it to.
    fn compact(&mut self, given: &mut Given) -> Result<Compacted, Error> {
        let unfinished = Forgetting::resume(&*self.slot.get()?)?;
        let unused = unfinished.map_or_else(Unused::default, |state| state.unused());
        self.rewrite(unused, Some(given))
    }

    fn begin_to_forget(&mut self, wish: &forget::Wish) -> Result<Forgetting, Error> {
        let now = self.clock.now().wall.second();
        let begun = guarded(|| {
            let database = self.slot.get()?;
            let transaction = begin(&database)?;
            let state = Forgetting::begin(&transaction, &self.calendar, wish, now)?;
            transaction.commit()?;
            Ok(state)
        });
        if let Ok(Some(range)) = begun.as_ref().map(|state| &state.forgotten.range) {
            self.recent.forget(range.clone());
        }
        // Words that come again get other numbers, and nothing is rolled up before all is gone.
        self.lexicon.forget();
        self.roller.start_again();
        begun
    }

    fn go_on(&mut self, mut active: Active) -> Result<(), Error> {
        if active.state.is_swept() {
            self.end(active);
            return Ok(());
        }
        let mut next = active.state.clone();
        let done = guarded(|| {
            let database = self.slot.get()?;
            let transaction = begin(&database)?;
            next.slice(&transaction, &self.calendar)?;
            Ok(transaction.commit()?)
        });
        if done.is_ok() {
            if let Some(given) = &mut active.given {
                // Half of the way: the file is written anew then. Nobody may be waiting.
                let _ = given.progress(next.done, next.total * 2);
            }
            active.state = next;
        }
        self.forgetting = Some(active);
        done
    }

    /// All is gone from the tables; the file is written anew, if it can be.
    fn end(&mut self, mut active: Active) {
        let rewritten = self.rewrite(active.state.unused(), active.given.as_mut());
        match rewritten {
            Err(_) if self.backlog.is_stopping() => {
                // It is taken up again when the file is opened next.
                self.forgetting = Some(active);
                return;
            }
            Err(Error::Gone) => {
                active.given = None;
                self.forgetting = Some(active);
                return;
            }
            Ok(compacted) => active.state.forgotten.rewritten = Some(compacted),
            Err(error) => {
                tracing::error!(%error, "what was forgotten may still be in free pages of the history: it is written anew at the next start");
                active.state.forgotten.not_rewritten = Some(error.to_string());
            }
        }
        (self.roll_up, self.retained) = (Due::Now, None);
        if let Some(given) = active.given {
            given.done(Told::Forgotten(active.state.forgotten));
        }
    }

    /// The file written anew. An error leaves the one that was there.
    fn rewrite(
        &mut self,
        unused: Unused,
        mut given: Option<&mut Given>,
    ) -> Result<Compacted, Error> {
        let path = self.path.clone().ok_or(Error::Closed)?;
        let before_bytes = care::room_beside(&path)?;
        let target = Target {
            path,
            replace: true,
        };
        let backlog = &self.backlog;
        let mut tell = |done: u64, total: u64| {
            if backlog.is_stopping() {
                return Err(Error::Closed);
            }
            if backlog.left() > MOST / 2 {
                return Err(Error::TooSlow);
            }
            given
                .as_mut()
                .map_or(Ok(()), |given| given.progress(total + done, total * 2))
        };
        let reader = Reader(self.slot.clone());
        let placed = guarded(|| care::rewrite(&reader, &target, unused, &mut tell))?;
        self.lexicon.forget();
        self.roller.start_again();
        // The file has its name: whoever still reads the old one has all that is in it.
        match self.slot.exchange() {
            Ok(()) => self.look_at_calendar(),
            Err(error) => {
                tracing::error!(%error, "the history that was written anew could not be opened yet");
                self.progress.degrade(&error);
            }
        }
        if let Err(error) = placed.named {
            tracing::error!(%error, "the history was written anew, but a power cut may bring back the old one");
            self.progress.degrade(&error);
            self.unnamed = true;
        }
        Ok(Compacted {
            before_bytes,
            after_bytes: placed.made.file_bytes,
        })
    }
}
