//! The file written anew, so that free pages are given back and hold nothing any more: a copy of
//! all tables that takes the file's place.

use super::make::{Made, Target, taken};
use super::{Tell, backup, look};
use crate::platform;
use crate::store::error::Error;
use crate::store::file::io_error;
use std::path::Path;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compacted {
    pub before_bytes: u64,
    pub after_bytes: u64,
}

/// Writes a history anew that no service has open; the lock on the old file is held to the end.
pub fn compact(path: &Path, tell: &mut Tell) -> Result<Compacted, Error> {
    let reader = look(path)?;
    let before = room_beside(path)?;
    let target = Target {
        path: path.to_owned(),
        replace: true,
    };
    let Made { file_bytes, .. } = backup(&reader, &target, tell)?;
    Ok(Compacted {
        before_bytes: before,
        after_bytes: file_bytes,
    })
}

/// What a file takes: there must be room for as much again beside it.
pub(in crate::store) fn room_beside(path: &Path) -> Result<u64, Error> {
    let facts = std::fs::metadata(path).map_err(io_error("look at", path))?;
    let free = platform::room(path).map_err(io_error("look for room at", path))?;
    match taken(&facts) {
        needed if free < needed => Err(Error::NoRoom { needed, free }),
        taken => Ok(taken),
    }
}
