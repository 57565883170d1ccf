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
    #[error("there is no history at {0}")]
    Absent(PathBuf),
    #[error("{0} is there already: choose another name, or write over it with --force")]
    Exists(PathBuf),
    #[error(
        "the table `{0}` is of a kind that this netmonitor does not know: use the version that wrote the file"
    )]
    StrangeTable(String),
    #[error("the backup is not whole, and nothing was written: {0}")]
    Cut(String),
    #[error("whoever asked is gone")]
    Gone,
    #[error("{path} is damaged, and was not put in place: {why}")]
    BadBackup { path: PathBuf, why: String },
    #[error(
        "the history is being copied, checked or compacted already: try again when that is done"
    )]
    Busy,
    #[error("readers did not let go of the history in time: nothing was changed; try again")]
    InUse,
    #[error("that takes longer: it goes on by itself, ask again later for what is left")]
    StillWorking,
    #[error("there is nothing like that in the history: {0}")]
    Nothing(String),
    #[error("writing the history anew needs {needed} bytes of room beside it; the disk has {free}")]
    NoRoom { needed: u64, free: u64 },
    #[error(
        "the disk is too slow to write the history anew while it grows: stop the service, and type `netmonitor db compact`"
    )]
    TooSlow,
    #[error("that could not be done, and nothing of its last part was: the log says why")]
    NotDone,
    #[error("the history's thread could not be started: {0}")]
    Thread(std::io::Error),
    #[error("the history's thread died, and with it what it had not written; the log says why")]
    Died,
    #[error("{seconds} seconds could not be written before the end: {why}")]
    Unwritten { seconds: usize, why: String },
}

impl Error {
    /// The same where the file itself is wrong; any other error is none of a file's damages.
    pub(super) fn corruption(self) -> Result<Error, Error> {
        if self.is_corruption() {
            Ok(self)
        } else {
            Err(self)
        }
    }

    /// Pages contradict each other, which concerns all of the file; a damaged value does not.
    pub(super) fn is_of_pages(&self) -> bool {
        self.is_corruption() && matches!(self, Error::Engine(_))
    }

    /// The file itself is wrong, not the disk or the moment.
    pub fn is_corruption(&self) -> bool {
        match self {
            Error::Damaged { .. } => true,
            Error::Engine(error) => match &**error {
                redb::Error::Corrupted(_)
                | redb::Error::TableTypeMismatch { .. }
                | redb::Error::TableIsMultimap(_)
                // Every format of redb that this program ever wrote is the one that it reads.
                | redb::Error::UpgradeRequired(_)
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

impl Error {
    /// Something else went wrong before, which this only follows from.
    pub(super) fn is_consequence(&self) -> bool {
        match self {
            Error::Closed => true,
            Error::Engine(error) => matches!(
                **error,
                redb::Error::PreviousIo | redb::Error::DatabaseClosed
            ),
            _ => false,
        }
    }

    /// What is wrong, in words that anybody may read: no paths, no names.
    pub fn plainly(&self) -> &'static str {
        let kind = match self {
            _ if self.is_corruption() => return "the history is damaged",
            Error::Io { source, .. } => source.kind(),
            Error::Engine(error) => match &**error {
                redb::Error::Io(source) => source.kind(),
                _ => return "the history fails",
            },
            _ => return "the history fails",
        };
        match kind {
            ErrorKind::StorageFull => "the disk is full",
            ErrorKind::QuotaExceeded => "the disk quota is used up",
            ErrorKind::ReadOnlyFilesystem => "the disk is read-only",
            ErrorKind::PermissionDenied => "the disk denies access",
            _ => "the disk fails",
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
