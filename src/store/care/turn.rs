//! Whose turn it is to look after the file of a running service: one at a time, for a copy keeps
//! old pages and a check reads every page.

use crate::store::error::Error;
use crate::store::reader::Reader;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Gives out turns; can be cloned.
#[derive(Clone)]
pub struct Care {
    reader: Reader,
    taken: Arc<AtomicBool>,
}

/// A turn, over when the value is gone.
pub struct Turn(Care);

impl Care {
    pub fn new(reader: Reader) -> Care {
        Care {
            reader,
            taken: Arc::default(),
        }
    }

    /// The way to read that turns have.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Takes the turn, or says that somebody has it.
    pub fn turn(&self) -> Result<Turn, Error> {
        if self.taken.swap(true, Ordering::AcqRel) {
            return Err(Error::Busy);
        }
        Ok(Turn(self.clone()))
    }
}

impl Turn {
    pub fn reader(&self) -> &Reader {
        &self.0.reader
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.taken.store(false, Ordering::Release);
    }
}
