//! A backup in the place of the present history: copied beside it, checked there, and only then
//! given its name, while the present one keeps another. At every moment one of them is the history.

use super::make::{Litter, beside, sync, sync_folder};
use super::{Overlay, Tell, check_file, look};
use crate::store::error::Error;
use crate::store::file::{FILE, io_error, named};
use crate::units::{Nanos, Second};
use redb::StorageBackend;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::ops::Bound;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

const CHUNK: usize = 1 << 20;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Where the history is now that was there before.
    pub aside: Option<PathBuf>,
    /// The last second of the history that was put back.
    pub through: Option<Second>,
    pub file_bytes: u64,
}

/// Puts a backup into a data folder. `now` is in the name of what was there.
pub fn restore(
    folder: &Path,
    backup: &Path,
    now: Nanos,
    tell: &mut Tell,
) -> Result<Restored, Error> {
    let present = folder.join(FILE);
    let _lock = lock(&present)?;
    // A look before it is copied: what is no history, or too new, is refused at once.
    let through = look(backup).map_err(|error| refused(backup, error))?;
    let through = through.snapshot()?.through()?;
    let copy = Litter(beside(&present)?);
    copied(backup, &copy.0)?;
    let report = check_file(&copy.0, tell)?;
    if let Some(first) = report.damages.first() {
        return Err(Error::BadBackup {
            path: backup.to_owned(),
            why: format!("{} (and {} more)", first.why, report.damaged - 1),
        });
    }
    let file_bytes = sync(&copy.0)?;
    Ok(Restored {
        aside: swap(&copy.0, &present, now)?,
        through: through.map(|through| through.second),
        file_bytes,
    })
}

fn refused(backup: &Path, error: Error) -> Error {
    match error.corruption() {
        Ok(why) => Error::BadBackup {
            path: backup.to_owned(),
            why: why.to_string(),
        },
        Err(other) => other,
    }
}

/// Keeps every netmonitor from the history while it is exchanged.
fn lock(present: &Path) -> Result<Option<Overlay>, Error> {
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(nix::fcntl::OFlag::O_NOFOLLOW.bits())
        .open(present);
    let file = match opened {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other.map_err(io_error("open", present))?,
    };
    let overlay = Overlay::new(file)?;
    match overlay.try_lock_range(Bound::Unbounded, Bound::Unbounded) {
        Ok(false) => Err(Error::Locked(present.to_owned())),
        Ok(true) => Ok(Some(overlay)),
        Err(error) => Err(io_error("lock", present)(io::Error::other(
            error.to_string(),
        ))),
    }
}

fn copied(from: &Path, to: &Path) -> Result<(), Error> {
    let mut source = File::open(from).map_err(io_error("open", from))?;
    let mut target = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)
        .map_err(io_error("create", to))?;
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = source.read(&mut chunk).map_err(io_error("read", from))?;
        let Some(part) = chunk.get(..read).filter(|part| !part.is_empty()) else {
            return Ok(());
        };
        target.write_all(part).map_err(io_error("write", to))?;
    }
}

/// Gives the copy the history's name; what had it gets another one first, and keeps it.
fn swap(copy: &Path, present: &Path, now: Nanos) -> Result<Option<PathBuf>, Error> {
    let aside = named(present, "before-restore", now);
    let kept = match fs::hard_link(present, &aside) {
        Ok(()) => Some(aside),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(Error::Exists(aside)),
        // Not every file system has links: then there is no history for a moment, but two files.
        Err(_) => {
            fs::rename(present, &aside).map_err(io_error("set aside", present))?;
            Some(aside)
        }
    };
    fs::rename(copy, present).map_err(io_error("put in place", present))?;
    sync_folder(present)?;
    Ok(kept)
}
