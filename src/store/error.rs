//! What can go wrong with the history, said so that a person can act on it.

use super::codec::Damaged;
use crate::units::Moment;
use std::io::ErrorKind;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "the history {0} is in use by another netmonitor: stop that one, or choose another folder with --data-dir"
    )]
    Locked(PathBuf),
    #[error(
        "the history was written by a newer netmonitor (schema {file}; this one knows {ours}): install that version, or choose another folder with --data-dir"
    )]
    Newer { file: u32, ours: u32 },
    #[error("cannot {doing} {path}: {source}")]
    Io {
        doing: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("a stored value in `{table}` is damaged: {why}")]
    Damaged { table: &'static str, why: Damaged },
    #[error("the history cannot be read or written: {0}")]
    Engine(Box<redb::Error>),
    #[error("the history is closed, or being opened again after a disk error: ask again soon")]
    Closed,
    #[error("that takes longer: it goes on by itself, ask again later for what is left")]
    StillWorking,
    #[error("the history's thread could not be started: {0}")]
    Thread(std::io::Error),
    #[error("the history's thread died, and with it what it had not written; the log says why")]
    Died,
    #[error("{seconds} seconds could not be written before the end: {why}")]
    Unwritten { seconds: usize, why: String },
}

impl Error {
    /// The file itself is wrong, not the disk or the moment.
    pub fn is_corruption(&self) -> bool {
        match self {
            Error::Damaged { .. } => true,
            Error::Engine(error) => match &**error {
                redb::Error::Corrupted(_)
                | redb::Error::TableTypeMismatch { .. }
                | redb::Error::TableIsMultimap(_)
                | redb::Error::TypeDefinitionChanged { .. } => true,
                redb::Error::Io(error) => {
                    matches!(
                        error.kind(),
                        ErrorKind::InvalidData | ErrorKind::UnexpectedEof
                    )
                }
                _ => false,
            },
            _ => false,
        }
    }
}

/// Names the table that a damaged value lies in.
pub(super) fn in_table(table: &'static str) -> impl Fn(Damaged) -> Error {
    move |why| Error::Damaged { table, why }
}

/// Says that the value of a moment is damaged, which costs that value and nothing else.
pub(super) fn tell_damage(table: &str, at: Moment, why: Damaged) {
    tracing::error!(table, second = at.second.0, epoch = at.epoch.0, %why, "a stored value is damaged: it is left out");
}

impl<E: Into<redb::Error>> From<E> for Error {
    fn from(error: E) -> Error {
        Error::Engine(Box::new(error.into()))
    }
}
