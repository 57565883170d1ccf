//! History: deltas into redb, and back. One writer thread, one durable transaction a second; hot
//! seconds by flow while labels are unsettled, sealed minutes by label after that, rolled up to
//! minutes, hours and days; connections, late labels, gaps and the dictionaries that number it all. Owns the file and its bytes
//! (`docs/storage.md`); knows no questions and no pages.

mod age;
mod amendment;
mod backlog;
mod block;
mod bounds;
mod by_label;
pub mod care;
mod calendar;
mod coarse;
mod codec;
mod codes;
mod columns;
mod commit;
mod config;
mod connection;
mod dictionary;
mod error;
mod facts;
mod file;
mod forget;
mod gap;
mod head;
mod import;
mod heads;
mod keeper;
mod layout;
mod order;
mod owner;
mod plan;
mod progress;
mod reader;
mod retain;
mod roll;
mod rows;
mod seal;
mod second;
mod sheet;
mod sizes;
mod slot;
mod stale;
mod sums;
mod tier;
mod unsealed;
mod upkeep;
mod word;
mod writer;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

pub use amendment::{Amendments, Relabel};
pub use backlog::{LONGEST_SYNC, MOST as BACKLOG_SECONDS};
pub use calendar::{Calendar, Cycle, is_zone};
pub use codec::Damaged;
pub use config::{Config, Kept};
pub use connection::Ended;
pub use dictionary::Seen;
pub use error::Error;
pub use file::FILE;
pub use forget::{Forgotten, Wish};
pub use gap::{Gap, Why};
pub use import::{Imported, Importer, Sum};
pub use layout::{SCHEMA, Tier, order};
pub use order::{Order, Orders, Told, Waiting};
pub use plan::{Detail, Piece, Plan};
pub use progress::{Committed, Progress};
pub use reader::{Place, Reader, Snapshot, Visit};
pub use second::{LabelId, NicSecond, Numbering, Row, Second, row_of, second_of};
pub use sizes::Held;
pub use upkeep::{Did, Upkeep, What};
pub use word::{AppId, ClassSet, ClassesId, Nic, NicId, SiteId, Word, nic};
pub use writer::{Hooks, Job, Recorder, Step, Writer};

use crate::units::{Epoch, Moment, Nanos};
use age::Age;
use layout::{HOT, META};
use redb::{Database, ReadableDatabase, ReadableTable};
use slot::{Opener, Slot};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The history of a data folder, open.
pub struct Store {
    slot: Arc<Slot>,
    /// Where the file is, if it is one.
    path: Option<PathBuf>,
    config: Config,
    through: Option<Moment>,
    age: Age,
    calendar: Calendar,
    set_aside: Option<PathBuf>,
    importing: bool,
}

impl Store {
    /// Opens the history in this folder, or makes one. A corrupt file is set aside under a name
    /// with `now` in it, and a new one made: see [`Store::set_aside`].
    pub fn open(folder: &Path, config: Config, now: Nanos) -> Result<Store, Error> {
        let path = folder.join(FILE);
        let (database, set_aside) = file::open(&path, &config, now)?;
        // The file is ours alone now: nobody else is writing it anew.
        care::tidy(&path);
        let (again, place) = (config.clone(), path.clone());
        let opener = Box::new(move |trust| file::open_again(&place, &again, trust));
        let store = Store::new(database, opener, config, set_aside)?;
        Ok(Store {
            path: Some(path),
            ..store
        })
    }

    /// Where a corrupt history was put, if that was found at open.
    pub fn set_aside(&self) -> Option<&Path> {
        self.set_aside.as_deref()
    }

    /// The last moment that an earlier run committed.
    pub fn through(&self) -> Option<Moment> {
        self.through
    }

    /// The epoch that a new run must begin with, so that it never meets what is written.
    pub fn next_epoch(&self) -> Epoch {
        let last = self.through.map(|through| through.epoch.0);
        Epoch(last.map_or(0, |last| last.saturating_add(1)))
    }

    /// The same for seconds of another time, as a capture file has them: what was said to be
    /// committed stays so, however old they are.
    #[must_use]
    pub fn importing(self) -> Store {
        Store {
            importing: true,
            ..self
        }
    }

    /// A way to read, also while a writer writes.
    pub fn reader(&self) -> Reader {
        Reader(self.slot.clone())
    }

    /// When the whole history was checked last.
    fn checked(&self) -> Result<Option<care::Checked>, Error> {
        let transaction = self.slot.get()?.begin_read()?;
        care::Checked::load(&transaction.open_table(META)?)
    }

    fn new(
        database: Database,
        opener: Opener,
        config: Config,
        set_aside: Option<PathBuf>,
    ) -> Result<Store, Error> {
        let through = file::through(&database)?;
        Ok(Store {
            through,
            age: file::age(&database, through)?,
            calendar: file::calendar(&database)?,
            slot: Arc::new(Slot::new(database, opener)),
            path: None,
            config,
            set_aside,
            importing: false,
        })
    }

    /// The moments that are still hot.
    fn hot_moments(&self) -> Result<Vec<Moment>, Error> {
        let transaction = self.slot.get()?.begin_read()?;
        let table = transaction.open_table(HOT)?;
        let keys = table
            .iter()?
            .map(|entry| Ok(layout::moment(entry?.0.value())));
        keys.collect()
    }
}
