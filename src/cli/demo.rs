//! `netmonitor demo`: the whole monitor on invented traffic, with a history that is thrown away.

use super::arguments::Common;
use super::run::announce;
use super::{Error, settings};
use crate::clock::Clock;
use crate::monitor;
use clap::Args;

/// Show the dashboard with invented traffic, replayed in a loop at its own pace. Needs no
/// privileges; its history is gone when it ends. Takes any free port if the usual one is taken.
#[derive(Debug, Args)]
pub(super) struct Given {
    /// Port of the dashboard and the API on this machine; 0: any free one.
    #[arg(short, long, value_name = "PORT")]
    port: Option<u16>,
}

pub(super) fn run(given: &Given, common: &Common) -> Result<(), Error> {
    let flags = settings::port(given.port).into_iter().collect();
    let config = settings::load(common, flags)?.config;
    let ready = |ready: &monitor::Ready| announce(ready, true);
    Ok(monitor::demo(config, Clock::system(), ready)?)
}
