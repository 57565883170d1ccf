//! `netmonitor run`: the service, in the foreground, until a signal.

use super::arguments::Common;
use super::text::stdout;
use super::{Error, settings};
use crate::clock::Clock;
use crate::config::Flag;
use crate::monitor::{self, Ready};
use crate::platform;
use clap::Args;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

/// Watch the interfaces, keep the history, serve the dashboard: in the foreground, until SIGTERM or
/// Ctrl-C; nothing that was captured before that is lost.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sudo netmonitor run                           every interface that is up
  sudo netmonitor run -i eth0 -i wlan0          these two
  sudo netmonitor run --filter 'not port 22'    all but SSH; the dashboard says so")]
pub(super) struct Given {
    /// Watch this interface; may be repeated. Without: all that are up, and those that come.
    #[arg(short, long, value_name = "NAME")]
    interface: Vec<String>,
    /// Watch only what this filter lets through: a name (`netmonitor filter list`) or an expression.
    #[arg(short, long, value_name = "FILTER")]
    filter: Option<String>,
    /// Port of the dashboard and the API on this machine; 0: any free one.
    #[arg(short, long, value_name = "PORT")]
    port: Option<u16>,
    /// Threads that decode and count; 0: by the number of processors.
    #[arg(long, value_name = "N")]
    workers: Option<u16>,
    /// Print the dashboard's address with its token even where stdout is no terminal.
    #[arg(long)]
    show_token: bool,
    /// At the end, write what this run's history holds to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

pub(super) fn run(given: &Given, common: &Common) -> Result<(), Error> {
    platform::share_heap();
    let sources = settings::sources(common, common.config.clone(), given.flags());
    let loaded = settings::load_from(&sources)?;
    let ready = |ready: &Ready| announce(ready, given.show_token);
    Ok(monitor::run(
        &loaded,
        sources,
        &Clock::system(),
        given.report.as_deref(),
        ready,
    )?)
}

impl Given {
    fn flags(&self) -> Vec<Flag> {
        let interfaces = (!self.interface.is_empty())
            .then(|| settings::flag("--interface", "capture.interfaces", self.interface.clone()));
        let filter = self.filter.clone();
        let filter = filter.map(|filter| settings::flag("--filter", "capture.filter", filter));
        [interfaces, filter, settings::port(self.port)]
            .into_iter()
            .flatten()
            .chain(settings::workers(self.workers))
            .collect()
    }
}

/// Says that everything is up. Whatever keeps our output (a journal, a log file) is no place for
/// the token, so that only a terminal is told it.
pub(super) fn announce(ready: &Ready, show_token: bool) {
    if !ready.interfaces.is_empty() {
        tracing::info!("watching {}", ready.interfaces.join(", "));
    }
    let url = if show_token || std::io::stdout().is_terminal() {
        format!("{}#token={}", ready.url, ready.token)
    } else {
        ready.url.clone()
    };
    // Nobody may be reading; the service runs all the same.
    let _ = writeln!(stdout(), "{url}");
}
