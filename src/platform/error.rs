//! What can go wrong between netmonitor and the operating system.

use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot {doing} {}: {source}", path.display())]
    File {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("process {pid} has ended, or may not be looked at")]
    Gone { pid: u32 },
    #[error("cannot {doing}: {source}")]
    System {
        doing: &'static str,
        source: io::Error,
    },
    #[error(
        "{} is a symbolic link; netmonitor does not follow links to its own files: give the real path",
        path.display()
    )]
    Link { path: PathBuf },
    #[error("{} is no {expected}: move it away, or choose another place", path.display())]
    Kind {
        path: PathBuf,
        expected: &'static str,
    },
    #[error(
        "{} belongs to user {owner}, but netmonitor runs as user {us}: run it as user {owner}, or choose another place",
        path.display()
    )]
    Owner { path: PathBuf, owner: u32, us: u32 },
    #[error("the kernel does not take the program that watches sockets ({step}): {reason}")]
    Kernel { step: &'static str, reason: String },
    #[error("this system cannot {doing}")]
    NotHere { doing: &'static str },
}

impl Error {
    /// For `map_err` after something was done with a file.
    pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::File {
            doing,
            path,
            source,
        }
    }

    /// For `map_err` after a system call.
    pub(super) fn system<E: Into<io::Error>>(doing: &'static str) -> impl FnOnce(E) -> Error {
        move |source| Error::System {
            doing,
            source: source.into(),
        }
    }
}
