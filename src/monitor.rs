//! The composition root: builds the rooms, joins them, starts downstream first and stops upstream
//! first. The only place that knows all of them.

mod address;
mod attribution;
mod caps;
mod path;
mod replay;
mod reload;
mod report;
mod requests;
mod run;
mod service;
mod status;
mod workers;
#[cfg(test)]
mod clock_tests;

use crate::capture::filter::{Filter, Named};
use crate::clock::Clock;
use crate::config::Config;
use crate::{api, capture, names, platform, query, ring, serve, store};

pub use address::port;
pub use replay::{Replay, replay};
pub use run::{demo, run};

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
    #[error(transparent)]
    Live(#[from] capture::live::Error),
    #[error("this user may not capture")]
    NoPermission,
    #[error("port {port} is taken")]
    PortTaken {
        port: u16,
        holder: Option<platform::Holder>,
    },
    #[error(transparent)]
    Serve(#[from] serve::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Places(#[from] names::places::Error),
    #[error(transparent)]
    Query(#[from] query::Error),
    #[error(transparent)]
    Token(#[from] api::TokenError),
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

/// Hands every row of the history in the data folder to `each`.
pub fn dump(
    config: &Config,
    clock: &Clock,
    mut each: impl FnMut(&query::HeldRow) -> std::io::Result<()>,
) -> Result<(), Error> {
    let store = store::Store::open(&config.data_dir, config.store.clone(), clock.now().wall)?;
    Ok(query::rows(&store.reader(), |row| each(&row))?)
}

/// The filters behind the configured classes, in their order.
fn classes_of(config: &Config) -> Result<Vec<Filter>, Error> {
    let named = Named::new(&config.filters);
    let class = |name: &String| {
        let unknown = || Error::Other(format!("the class `{name}` is no named filter"));
        named.get(name).cloned().ok_or_else(unknown)
    };
    config.classes.iter().map(class).collect()
}

/// The expression of the capture filter, whether it was given by name or as it is.
fn capture_filter(config: &Config) -> Option<String> {
    let filter = config.capture.filter.as_deref()?;
    Some(Named::new(&config.filters).resolve(filter).to_owned())
}
