//! `netmonitor dump`: every row of a history that no service has open, in one canonical order.

use super::arguments::Common;
use super::text::stdout;
use super::{Error, settings};
use crate::clock::Clock;
use crate::monitor;
use std::io::Write;

pub(super) fn run(common: &Common) -> Result<(), Error> {
    let config = settings::load(common, Vec::new())?.config;
    let mut out = stdout();
    monitor::dump(&config, &Clock::system(), |row| {
        serde_json::to_writer(&mut out, row)?;
        out.write_all(b"\n")
    })?;
    Ok(out.flush()?)
}
