//! A new history file that is filled table by table and then takes its place: under a name of its
//! own beside that place until it is whole and on the disk. Memory is bounded: a few megabytes of
//! entries go into one transaction.

use super::tables::{Found, Insert};
use crate::store::error::Error;
use crate::store::file::{begin, guarded, io_error};
use redb::Database;
use redb::backends::FileBackend;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Bytes of entries that go into one transaction: few enough for a slow stick to take them within the
/// ten seconds after which a service gives up a reader.
const BATCH: usize = 2 << 20;

/// What `st_blocks` counts, whatever the disk's blocks are.
const BLOCK: u64 = 512;

/// Where a file shall be, and whether it may take another one's place.
#[derive(Clone, Debug)]
pub struct Target {
    pub path: PathBuf,
    pub replace: bool,
}

/// A file that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    pub tables: u64,
    pub entries: u64,
    pub file_bytes: u64,
}

/// A file that has its place.
#[derive(Debug)]
pub(in crate::store) struct Placed {
    pub(in crate::store) made: Made,
    /// Whether its name is on the disk: until then a power cut may bring back what was there before.
    pub(in crate::store) named: Result<(), Error>,
}

pub(super) struct Maker {
    target: Target,
    beside: Litter,
    database: Database,
    table: Option<Found>,
    waiting: Vec<(Vec<u8>, Vec<u8>)>,
    bytes: usize,
    made: Made,
}

impl Maker {
    pub(super) fn new(target: &Target) -> Result<Maker, Error> {
        target.check()?;
        let beside = Litter(beside(&target.path)?);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&beside.0)
            .map_err(io_error("create", &beside.0))?;
        let database = Database::builder()
            .set_cache_size(super::CACHE)
            .create_with_backend(FileBackend::new(file)?)?;
        Ok(Maker {
            target: target.clone(),
            beside,
            database,
            table: None,
            waiting: Vec::new(),
            bytes: 0,
            made: Made {
                tables: 0,
                entries: 0,
                file_bytes: 0,
            },
        })
    }

    /// What comes from here on belongs to this table.
    pub(super) fn table(&mut self, table: &Found) -> Result<(), Error> {
        self.flush()?;
        self.table = Some(table.clone());
        self.made.tables += 1;
        // Also a table without entries is there.
        self.write()
    }

    pub(super) fn entry(&mut self, key: &[u8], value: &[u8]) -> Result<(), Error> {
        self.bytes += key.len() + value.len();
        self.waiting.push((key.to_vec(), value.to_vec()));
        self.made.entries += 1;
        if self.bytes >= BATCH {
            self.write()
        } else {
            Ok(())
        }
    }

    /// All is there: on the disk, and then in its place.
    pub(super) fn finish(self) -> Result<Made, Error> {
        let (target, made) = (self.target.clone(), self.made);
        let placed = placed(&target, made, &self.close()?)?;
        placed.named?;
        Ok(placed.made)
    }

    /// All is there and on the disk, under the name that it was made with.
    pub(super) fn close(mut self) -> Result<Litter, Error> {
        self.flush()?;
        guarded(|| Ok(self.database.compact()?))?;
        drop(self.database);
        Ok(self.beside)
    }

    /// The same as `finish` for whoever cannot wait for free pages to be given back: those of a file that
    /// was just made have held nothing that is not in it. `last` is asked once more before it takes its
    /// place.
    pub(super) fn finish_soon(
        mut self,
        last: impl FnOnce() -> Result<(), Error>,
    ) -> Result<Placed, Error> {
        self.flush()?;
        drop(self.database);
        last()?;
        placed(&self.target, self.made, &self.beside)
    }

    fn flush(&mut self) -> Result<(), Error> {
        if self.waiting.is_empty() {
            Ok(())
        } else {
            self.write()
        }
    }

    fn write(&mut self) -> Result<(), Error> {
        let Some(table) = &self.table else {
            return Ok(());
        };
        let (database, entries) = (&self.database, &self.waiting);
        guarded(|| {
            let transaction = begin(database)?;
            table.kind.with(Insert {
                transaction: &transaction,
                name: &table.name,
                entries,
            })?;
            Ok(transaction.commit()?)
        })?;
        self.waiting.clear();
        self.bytes = 0;
        Ok(())
    }
}

fn placed(target: &Target, mut made: Made, beside: &Litter) -> Result<Placed, Error> {
    made.file_bytes = sync(&beside.0)?;
    target.check()?;
    target.put(&beside.0)?;
    let named = sync_folder(&target.path);
    Ok(Placed { made, named })
}

impl Target {
    /// Refuses to write over what is there, unless that is wanted.
    fn check(&self) -> Result<(), Error> {
        match fs::symlink_metadata(&self.path) {
            Ok(facts) if !facts.is_file() || !self.replace => Err(Error::Exists(self.path.clone())),
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(io_error("look at", &self.path)(error))
            }
            _ => Ok(()),
        }
    }

    /// Gives what was made its name. A name that somebody took meanwhile is not taken from them.
    fn put(&self, made: &Path) -> Result<(), Error> {
        let placed = if self.replace {
            fs::rename(made, &self.path)
        } else {
            fs::hard_link(made, &self.path).or_else(|error| match error.kind() {
                ErrorKind::AlreadyExists => Err(error),
                // Not every file system has links.
                _ => fs::rename(made, &self.path),
            })
        };
        placed.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Error::Exists(self.path.clone()),
            _ => io_error("put in place", &self.path)(error),
        })
    }
}

/// A file that is removed with this value, unless it was given another name.
#[derive(Debug)]
pub(super) struct Litter(pub(super) PathBuf);

impl Drop for Litter {
    fn drop(&mut self) {
        // Gone already, or left as litter: nothing depends on it.
        let _ = fs::remove_file(&self.0);
    }
}

/// The name under which a file is made; what an earlier try left there is removed.
pub(super) fn beside(path: &Path) -> Result<PathBuf, Error> {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or(path.as_os_str()));
    name.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(name);
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(io_error("remove", &beside)(error))
        }
        _ => Ok(beside),
    }
}

/// Removes what a process that died left beside a file when it made another in its place.
pub(in crate::store) fn tidy(path: &Path) {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return;
    };
    let begins = format!(".{}.", name.to_string_lossy());
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(&begins) && name.ends_with(".new") {
            // Left as litter it does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Makes sure that a file is on the disk, and tells what it takes there.
pub(super) fn sync(path: &Path) -> Result<u64, Error> {
    let synced = File::open(path).and_then(|file| {
        file.sync_all()?;
        Ok(taken(&file.metadata()?))
    });
    synced.map_err(io_error("sync", path))
}

/// What a file takes on the disk. redb doubles a file that must grow: until the new pages are written there
/// is a hole in their place, up to half of its length.
pub(super) fn taken(facts: &Metadata) -> u64 {
    facts.len().min(facts.blocks().saturating_mul(BLOCK))
}

/// Makes sure that a file's name is on the disk.
pub(in crate::store) fn sync_folder(path: &Path) -> Result<(), Error> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    #[cfg(test)]
    refused(folder).map_err(io_error("sync", folder))?;
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(io_error("sync", folder))
}

/// Folders whose sync fails.
#[cfg(test)]
pub(in crate::store) static REFUSED: parking_lot::Mutex<Vec<PathBuf>> =
    parking_lot::Mutex::new(Vec::new());

#[cfg(test)]
fn refused(folder: &Path) -> std::io::Result<()> {
    if REFUSED.lock().iter().any(|one| one == folder) {
        Err(std::io::Error::from_raw_os_error(
            nix::errno::Errno::EIO as i32,
        ))
    } else {
        Ok(())
    }
}
