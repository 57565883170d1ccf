//! The open database, shared by the writer and its readers. After an I/O error redb refuses
//! everything until the file is opened again, and a file can be opened once at a time: the writer
//! takes the database out of the slot, waits for readers to let go, and puts a new one in.

use super::error::Error;
use parking_lot::RwLock;
use redb::Database;
use std::sync::Arc;

type Opener = Box<dyn Fn() -> Result<Database, Error> + Send + Sync>;

pub(super) struct Slot {
    database: RwLock<Option<Arc<Database>>>,
    opener: Opener,
}

impl Slot {
    pub(super) fn new(database: Database, opener: Opener) -> Slot {
        Slot {
            database: RwLock::new(Some(Arc::new(database))),
            opener,
        }
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
    pub(super) fn reopen(&self) -> Result<(), Error> {
        self.close();
        *self.database.write() = Some(Arc::new((self.opener)()?));
        Ok(())
    }

    /// Lets go of the file: readers are told `Closed` from now on, the last of them lets go soon.
    pub(super) fn close(&self) {
        *self.database.write() = None;
    }
}
