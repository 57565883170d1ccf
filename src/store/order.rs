//! Work on the history that takes long and is waited for: forgetting, and writing the file anew. It is
//! done on the writer's thread, which tells whoever asked how far it is.

use super::backlog::Backlog;
use super::care::Compacted;
use super::error::Error;
use super::forget::{Forgotten, Wish};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Forget(Wish),
    /// The file is written anew, so that free pages are given back and hold nothing.
    Compact,
}

/// What is told of it; the last is one of the others than `Progress`.
#[derive(Debug)]
pub enum Told {
    /// So much is done of so much, about.
    Progress(u64, u64),
    Forgotten(Forgotten),
    Compacted(Compacted),
    Failed(Error),
}

/// A way to have it done that can be cloned.
#[derive(Clone)]
pub struct Orders(pub(super) Arc<Backlog>);

/// Where it is told. Whoever drops it does not wait: what is being forgotten is forgotten all the same,
/// writing the file anew ends.
pub struct Waiting(Receiver<Told>);

impl Orders {
    pub fn give(&self, order: Order) -> Result<Waiting, Error> {
        let (tell, told) = channel();
        let percent = None;
        let given = Given {
            order,
            tell,
            percent,
        };
        if self.0.order(given) {
            Ok(Waiting(told))
        } else {
            Err(Error::Closed)
        }
    }
}

impl Waiting {
    /// Waits for what is told next.
    pub fn next(&self) -> Told {
        self.0.recv().unwrap_or(Told::Failed(Error::Closed))
    }
}

/// An order on its way through the writer's thread.
pub(super) struct Given {
    pub(super) order: Order,
    tell: Sender<Told>,
    percent: Option<u64>,
}

impl Given {
    /// Tells what is new; an error if nobody waits any more.
    pub(super) fn progress(&mut self, done: u64, total: u64) -> Result<(), Error> {
        let percent = (done * 100).checked_div(total);
        if percent == self.percent {
            return Ok(());
        }
        self.percent = percent;
        let sent = self.tell.send(Told::Progress(done.min(total), total));
        sent.map_err(|_| Error::Gone)
    }

    /// Whoever asked may be gone.
    pub(super) fn done(self, told: Told) {
        let _ = self.tell.send(told);
    }
}
