//! Where log lines go and which of them: to stderr, compact, coloured on a terminal alone.

use super::Error;
use super::arguments::Common;
use super::text::no_colour;
use std::io::{IsTerminal, stderr};
use tracing_subscriber::EnvFilter;

const VARIABLE: &str = "NETMONITOR_LOG";

pub(super) fn start(common: &Common) -> Result<(), Error> {
    let tty = stderr().is_terminal();
    let log = tracing_subscriber::fmt()
        .compact()
        .with_writer(stderr)
        .with_ansi(tty && !no_colour())
        .with_target(common.verbose > 0)
        .with_env_filter(filter(common)?);
    log.init();
    Ok(())
}

/// -v and -q win over the variable, the variable wins over the default.
fn filter(common: &Common) -> Result<EnvFilter, Error> {
    let directives = match (common.quiet, common.verbose) {
        (true, _) => "error".to_owned(),
        (_, 0) => std::env::var(VARIABLE).unwrap_or_else(|_| "info".to_owned()),
        (_, 1) => "netmonitor=debug,info".to_owned(),
        _ => "netmonitor=trace,debug".to_owned(),
    };
    EnvFilter::try_new(&directives).map_err(|error| Error::LogFilter {
        variable: VARIABLE,
        directives,
        message: error.to_string(),
    })
}
