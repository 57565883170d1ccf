//! Looking after the file: what it holds, whether it is sound, a whole copy of it, an old copy put
//! back, free pages given back. Works on every table there is, by the kinds of their keys and
//! values, so that none is forgotten. While a writer writes, nothing here holds what it waits for.

mod check;
mod compact;
mod copy;
mod daily;
mod make;
mod overlay;
mod references;
mod restore;
mod rewrite;
mod stats;
mod stream;
mod tables;
mod turn;
mod values;

pub use check::{Damage, Report, check, check_file};
pub(super) use compact::room_beside;
pub use compact::{Compacted, compact};
pub use copy::backup;
pub use daily::{Checked, Daily, Means};
#[cfg(test)]
pub(super) use make::REFUSED;
pub use make::{Made, Target};
pub(super) use make::{sync_folder, tidy};
pub use restore::{Restored, restore};
pub(super) use rewrite::{Unused, rewrite};
pub use stats::{DictionaryStats, RowStats, Stats, TableStats, stats};
pub use stream::{receive, send};
pub use turn::{Care, Turn};

use super::error::Error;
use super::file;
use super::layout::META;
use super::reader::Reader;
use super::slot::Slot;
use overlay::Overlay;
use redb::{Database, ReadTransaction, ReadableDatabase, TableError};
use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

/// Told how much is done of how much. An error ends the work: nobody waits for it any more.
pub type Tell<'a> = dyn FnMut(u64, u64) -> Result<(), Error> + 'a;

/// Memory for pages while a file is looked at.
const CACHE: usize = 8 << 20;

/// A history that no service has open, to be looked at only: not one byte of it is changed.
pub fn look(path: &Path) -> Result<Reader, Error> {
    let again = path.to_owned();
    let opener = move |_| Ok((open_unchanged(&again)?, None));
    Ok(Reader(Arc::new(Slot::new(
        open_unchanged(path)?,
        Box::new(opener),
    ))))
}

/// One look at the history, over when this returns.
fn looked<T>(
    reader: &Reader,
    look: impl FnOnce(&ReadTransaction) -> Result<T, Error>,
) -> Result<T, Error> {
    let database = reader.0.get()?;
    file::guarded(|| look(&database.begin_read()?))
}

/// Opens a file in such a way that what redb repairs and notes stays in memory.
fn open_unchanged(path: &Path) -> Result<Database, Error> {
    let opened = file::guarded(|| {
        let overlay = Overlay::new(open_existing(path)?)?;
        Ok(Database::builder()
            .set_cache_size(CACHE)
            .create_with_backend(overlay)?)
    });
    let database = opened.map_err(|error| locked(path, error))?;
    known_schema(&database)?;
    Ok(database)
}

/// The file, with the right to write where there is one: its lock needs that.
fn open_existing(path: &Path) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .custom_flags(nix::fcntl::OFlag::O_NOFOLLOW.bits());
    let opened = match options.clone().write(true).open(path) {
        Err(error) if is_read_only(&error) => options.open(path),
        opened => opened,
    };
    let file = opened.map_err(|error| match error.kind() {
        ErrorKind::NotFound => Error::Absent(path.to_owned()),
        _ => file::io_error("open", path)(error),
    })?;
    // An empty file would be made a new history.
    match file.metadata().map_err(file::io_error("open", path))?.len() {
        0 => Err(redb::Error::Corrupted("the file is empty".to_owned()).into()),
        _ => Ok(file),
    }
}

fn is_read_only(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

fn locked(path: &Path, error: Error) -> Error {
    match error {
        Error::Engine(inner) if matches!(*inner, redb::Error::DatabaseAlreadyOpen) => {
            Error::Locked(path.to_owned())
        }
        other => other,
    }
}

/// Refuses what is no history, and one that a newer netmonitor wrote.
fn known_schema(database: &Database) -> Result<(), Error> {
    let transaction = file::guarded(|| Ok(database.begin_read()?))?;
    match schema(&transaction)? {
        Some(file) if file > super::SCHEMA => Err(Error::Newer {
            file,
            ours: super::SCHEMA,
        }),
        Some(_) => Ok(()),
        None => Err(redb::Error::Corrupted("it is no history of netmonitor".to_owned()).into()),
    }
}

/// The schema that a file says it has.
fn schema(transaction: &ReadTransaction) -> Result<Option<u32>, Error> {
    file::guarded(|| {
        let meta = match transaction.open_table(META) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(None),
            other => other?,
        };
        let value = meta.get(file::SCHEMA_KEY)?;
        let bytes = value.and_then(|value| value.value().try_into().ok());
        Ok(bytes.map(u32::from_le_bytes))
    })
}
