//! The composition root: builds the rooms, joins them, starts downstream first and stops upstream
//! first. The only place that knows all of them.

mod replay;
mod workers;

use crate::clock::Clock;
use crate::config::Config;
use crate::{capture, platform, ring};
pub use replay::{Replay, replay};

/// What is up when everything is.
#[derive(Clone, Debug)]
pub struct Ready {
    /// `http://127.0.0.1:PORT/dashboard/`, without the token.
    pub url: String,
    pub token: String,
    /// Names of the interfaces that are watched.
    pub interfaces: Vec<String>,
}

/// Why the monitor cannot run, or not any longer.
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
    #[error(transparent)]
    Ring(#[from] ring::Closed),
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
    #[error("the {0} thread died; the log says why")]
    Died(&'static str),
    #[error("{0}")]
    Other(String),
}

pub fn run(_: Config, _: Clock, _: impl FnOnce(&Ready)) -> Result<(), Error> {
    Err(Error::Other("not joined yet".into()))
}

pub fn demo(_: Config, _: Clock, _: impl FnOnce(&Ready)) -> Result<(), Error> {
    Err(Error::Other("not joined yet".into()))
}

/// How many workers there are when the configuration leaves it open: what the capture thread
/// leaves of the processors, but no more than pay.
fn worker_count(configured: usize) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    match configured {
        0 => (processors - 1).clamp(1, 4),
        some => some,
    }
}
