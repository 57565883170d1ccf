//! The file opened again: after an error, when a reader doubts it, when another took its place. What was
//! known of it is looked at anew then.

use super::{Due, Keeper};
use crate::store::age::Age;
use crate::store::care;
use crate::store::error::Error;
use crate::store::file;
use crate::store::roll::Roller;
use crate::store::slot::Trust;
use crate::store::unsealed::Unsealed;
use crate::units::{NANOS, Nanos};
use std::path::Path;

/// What readers say of the file counts at most once an hour.
const VERIFIED_FOR: i64 = 3_600 * NANOS;

impl Keeper {
    /// Whether it could be opened again.
    pub(super) fn reopen(&mut self) -> bool {
        let now = self.clock.now().wall;
        let trust = match self.doubts {
            0 => Trust::AsItIs,
            1 => Trust::Doubted(now),
            _ => Trust::Lost(now),
        };
        match self.slot.reopen(trust) {
            Ok(None) => self.look_at_calendar(),
            Ok(Some(aside)) => self.begin_anew(&aside),
            Err(error) => {
                tracing::warn!(%error, "the history could not be opened again yet");
                self.progress.degrade(&error);
                self.doubts = self.doubts.saturating_add(error.is_corruption().into());
                return false;
            }
        }
        true
    }

    /// Pages that contradict each other concern every later second.
    pub(super) fn doubt_after_job(&mut self, error: &Error) {
        if error.is_of_pages() {
            self.doubts = self.doubts.saturating_add(1);
            self.reopen();
        }
    }

    /// A reader may be wrong about the file where we were not: it is verified, but given up only if that
    /// finds something. Not often: verifying takes seconds.
    pub(super) fn hear_readers(&mut self) {
        let now = self.clock.steady();
        let lately = |at: Nanos| now.0.saturating_sub(at.0) < VERIFIED_FOR;
        if !self.slot.take_doubt() || self.verified.is_some_and(lately) {
            return;
        }
        tracing::error!("a reader found pages that contradict each other: the file is verified");
        self.verified = Some(now);
        let before = self.doubts;
        self.doubts = before.max(1);
        if self.reopen() {
            self.doubts = before;
        }
    }

    /// The file is another one now: nothing that was known of the old holds.
    fn begin_anew(&mut self, aside: &Path) {
        tracing::error!(
            "the history was damaged; it is kept as {}, and a new one was begun",
            aside.display()
        );
        self.doubts = 0;
        self.recent.begin_anew();
        self.unsealed = Unsealed::default();
        self.lexicon.forget();
        self.roller = Roller::default();
        self.forgetting = None;
        (self.roll_up, self.retained) = (Due::Now, None);
        self.age = Age::since(None);
        self.look_at_calendar();
    }

    /// A file that is opened may have been given another zone for days to come.
    pub(super) fn look_at_calendar(&mut self) {
        let database = self.slot.get();
        match database.and_then(|database| file::calendar(&database)) {
            Ok(calendar) => self.calendar = calendar,
            Err(error) => tracing::warn!(%error, "days are cut as before"),
        }
    }

    /// Has the name of a file that was written anew on the disk, where that failed before.
    pub(super) fn name(&mut self) {
        let Some(path) = self.path.as_deref().filter(|_| self.unnamed) else {
            return;
        };
        match care::sync_folder(path) {
            Ok(()) => self.unnamed = false,
            Err(error) => self.progress.degrade(&error),
        }
    }
}
