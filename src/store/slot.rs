//! The open database, shared by the writer and its readers. After an I/O error redb refuses
//! everything until the file is opened again, and a file can be opened once at a time: the writer
//! takes the database out of the slot, waits for readers to let go, and puts a new one in. A file that
//! was written anew is another file: it is opened beside the old one.

use super::error::Error;
use super::file::guarded;
use crate::units::Nanos;
use parking_lot::RwLock;
use redb::Database;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is thought of a file that is opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// It was in order when this run began.
    AsItIs,
    /// Something in it made no sense: every page is verified, and a corrupt file set aside.
    Doubted(Nanos),
    /// Its pages are in order, what they say is not: it is set aside.
    Lost(Nanos),
}

/// Opens the file; also where it was put if it was set aside for a new one.
pub(super) type Opened = Result<(Database, Option<PathBuf>), Error>;
pub(super) type Opener = Box<dyn Fn(Trust) -> Opened + Send + Sync>;

pub(super) struct Slot {
    database: RwLock<Option<Arc<Database>>>,
    opener: Opener,
    /// A reader found pages that make no sense, and the writer has not heard of it yet.
    doubted: AtomicBool,
}

impl Slot {
    pub(super) fn new(database: Database, opener: Opener) -> Slot {
        Slot {
            database: RwLock::new(Some(Arc::new(database))),
            opener,
            doubted: AtomicBool::new(false),
        }
    }

    /// Looks at the database for a reader. Pages that contradict each other concern the writer too:
    /// it opens the file again, and verifies it.
    pub(super) fn looked<T>(&self, look: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        guarded(look).inspect_err(|error| {
            if error.is_of_pages() {
                self.doubted.store(true, Ordering::Relaxed);
            }
        })
    }

    /// Whether a reader has met such pages since this was last asked.
    pub(super) fn take_doubt(&self) -> bool {
        self.doubted.swap(false, Ordering::Relaxed)
    }

    /// The database, for the length of one function.
    pub(super) fn get(&self) -> Result<Arc<Database>, Error> {
        self.database.read().clone().ok_or(Error::Closed)
    }

    /// Whether this database is still the one that is open. A long look at it ends when it is not:
    /// the file can be opened again only when nobody holds it.
    pub(super) fn holds(&self, database: &Arc<Database>) -> bool {
        let now = self.database.read();
        now.as_ref().is_some_and(|now| Arc::ptr_eq(now, database))
    }

    /// Opens the file again. Fails while a reader still holds the old database.
    pub(super) fn reopen(&self, trust: Trust) -> Result<Option<PathBuf>, Error> {
        self.close();
        let (database, set_aside) = (self.opener)(trust)?;
        *self.database.write() = Some(Arc::new(database));
        Ok(set_aside)
    }

    /// Opens the file that has taken the old one's place. Readers of the old one read on in that; nobody
    /// else is given it, also where the new one cannot be opened.
    pub(super) fn exchange(&self) -> Result<(), Error> {
        let opened = (self.opener)(Trust::AsItIs);
        let opened = opened.map(|(database, _)| Arc::new(database));
        let (database, done) = match opened {
            Ok(database) => (Some(database), Ok(())),
            Err(error) => (None, Err(error)),
        };
        *self.database.write() = database;
        done
    }

    /// Lets go of the file: readers are told `Closed` from now on, the last of them lets go soon.
    pub(super) fn close(&self) {
        *self.database.write() = None;
    }
}
