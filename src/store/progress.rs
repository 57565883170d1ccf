//! How far the history reaches, for everybody who asks: a copy of a small value, never a wait.

use super::care::Checked;
use super::error::Error;
use crate::units::Moment;
use parking_lot::Mutex;
use std::sync::Arc;

/// How far the history reaches and how well writing goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Everything up to and including this moment survives a crash.
    pub through: Option<Moment>,
    /// Seconds that wait to be written.
    pub pending: usize,
    /// Why writing does not work at present.
    pub degraded: Option<String>,
    /// The same in words that anybody may read.
    pub plainly: &'static str,
    /// The thread that writes died: it will not work again in this run.
    pub died: bool,
    /// Seconds that were found damaged, and are gaps now, since the start.
    pub damaged: u64,
    /// When the whole history was checked last, and what was found.
    pub checked: Option<Checked>,
}

/// A handle to it that can be cloned.
#[derive(Clone, Debug, Default)]
pub struct Committed(Arc<Mutex<Progress>>);

impl Committed {
    pub fn new(through: Option<Moment>) -> Committed {
        let committed = Committed::default();
        committed.0.lock().through = through;
        committed
    }

    pub fn now(&self) -> Progress {
        self.0.lock().clone()
    }

    pub fn through(&self) -> Option<Moment> {
        self.0.lock().through
    }

    pub(super) fn set_pending(&self, pending: usize) {
        self.0.lock().pending = pending;
    }

    pub(super) fn reached(&self, moment: Option<Moment>, pending: usize) {
        let mut progress = self.0.lock();
        progress.through = moment.or(progress.through);
        progress.pending = pending;
        progress.degraded = None;
        progress.plainly = "";
    }

    pub fn has_died(&self) -> bool {
        self.0.lock().died
    }

    pub(super) fn die(&self) {
        let mut progress = self.0.lock();
        progress.died = true;
        progress.degraded = Some("the thread that writes the history died".into());
    }

    pub(super) fn checked(&self, checked: Checked) {
        self.0.lock().checked = Some(checked);
    }

    pub(super) fn damaged(&self, seconds: u64) {
        self.0.lock().damaged += seconds;
    }

    /// What follows from an earlier error does not hide it.
    pub(super) fn degrade(&self, error: &Error) {
        let mut progress = self.0.lock();
        if progress.degraded.is_none() || !error.is_consequence() {
            progress.degraded = Some(error.to_string());
            progress.plainly = error.plainly();
        }
    }
}
