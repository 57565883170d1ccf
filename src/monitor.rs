//! The composition root: builds the rooms, joins them, starts downstream first and stops upstream
//! first. (Signatures that the command line is written against.)

use crate::capture::Network;
use crate::clock::Clock;
use crate::config::Config;
use crate::tick::Outcome;
use crate::{capture, platform};
use std::path::{Path, PathBuf};

/// What is up when everything is.
#[derive(Clone, Debug)]
pub struct Ready {
    /// `http://127.0.0.1:PORT/dashboard/`, without the token.
    pub url: String,
    pub token: String,
    /// Names of the interfaces that are watched.
    pub interfaces: Vec<String>,
}

/// How a capture file is replayed.
#[derive(Clone, Debug)]
pub struct Replay {
    pub config: Config,
    pub local: Vec<Network>,
    /// At the pace of the file's own times.
    pub pace: bool,
    /// A data folder whose history takes the file's seconds in.
    pub into: Option<PathBuf>,
    pub keep_flows: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    File(#[from] capture::file::Error),
    #[error("this user may not capture")]
    NoPermission,
    #[error("port {port} is taken")]
    PortTaken {
        port: u16,
        holder: Option<platform::Holder>,
    },
    #[error(transparent)]
    Platform(#[from] platform::Error),
    #[error("{0}")]
    Other(String),
}

pub fn run(_: Config, _: Clock, _: impl FnOnce(&Ready)) -> Result<(), Error> {
    Err(Error::Other("not joined yet".into()))
}

pub fn demo(_: Config, _: Clock, _: impl FnOnce(&Ready)) -> Result<(), Error> {
    Err(Error::Other("not joined yet".into()))
}

pub fn replay(path: &Path, _: Replay) -> Result<Outcome, Error> {
    capture::file::File::open(path, capture::file::Options::default())?;
    Err(Error::Other("not joined yet".into()))
}
