//! `netmonitor replay`: a capture file through the same rooms as live traffic, and what it came to.

mod json;
mod summary;
mod table;

use super::arguments::Common;
use super::{Error, settings, text};
use crate::capture::{Network, file};
use crate::config::Config;
use crate::monitor;
use crate::tick::Outcome;
use clap::Args;
use std::io::Write;
use std::path::PathBuf;

/// Read a capture file (pcap, pcapng, either gzip'd) as if it were live, and print what it came to.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netmonitor replay trace.pcap                          totals, losses, speed
  netmonitor replay --table trace.pcapng.gz             the largest flows
  tcpdump -w - -c 1000 | netmonitor replay --json -     everything, for a program
  netmonitor replay --into /tmp/look trace.pcap         into a history, for the dashboard")]
pub(super) struct Given {
    /// The capture file; `-` for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    form: Form,
    /// Rows of --table.
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
    /// Put the file's seconds into the history in this data folder.
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
    /// Play at the pace of the file's own times instead of as fast as possible.
    #[arg(long)]
    pace: bool,
    /// A local network: what comes from it is outbound; may be repeated. Without: client to server
    /// is.
    #[arg(long, value_name = "CIDR")]
    local: Vec<Network>,
    /// Look only at what this filter (a name or an expression) lets through.
    #[arg(short, long, value_name = "FILTER")]
    filter: Option<String>,
    /// Threads that decode and count; 0: by the number of processors.
    #[arg(long, value_name = "N")]
    workers: Option<u16>,
}

/// What is printed; the summary where nothing else is asked for.
#[derive(Clone, Copy, Debug, Args)]
#[group(multiple = false)]
struct Form {
    /// Print totals, what is in no flow, losses and speed (the default).
    #[arg(long)]
    summary: bool,
    /// Print one JSON object with every flow. Keeps all of them in memory.
    #[arg(long)]
    json: bool,
    /// Print the largest flows as a table. Keeps all of them in memory.
    #[arg(long)]
    table: bool,
}

pub(super) fn run(given: &Given, common: &Common) -> Result<(), Error> {
    let config = settings::load(common, given.flags())?.config;
    let outcome = match monitor::replay(&given.file, &given.replay(config)) {
        Err(monitor::Error::File(error)) if given.form.json => return nothing_read(given, error),
        other => other?,
    };
    let name = given.file.display().to_string();
    print(given, &name, &outcome)?;
    match outcome.error {
        None => Ok(()),
        Some(why) => Err(Error::Damaged { path: name, why }),
    }
}

/// A program that asked for an object gets one even where nothing could be read.
fn nothing_read(given: &Given, error: file::Error) -> Result<(), Error> {
    let outcome = Outcome {
        error: Some(error.to_string()),
        ..Outcome::default()
    };
    print(given, "", &outcome)?;
    Err(monitor::Error::File(error).into())
}

fn print(given: &Given, name: &str, outcome: &Outcome) -> Result<(), Error> {
    let mut out = text::stdout();
    match given.form {
        Form { json: true, .. } => json::write(outcome, &mut out)?,
        Form { table: true, .. } => table::write(outcome, given.top, &mut out)?,
        _ => summary::write(name, outcome, &mut out)?,
    }
    Ok(out.flush()?)
}

impl Given {
    fn flags(&self) -> Vec<crate::config::Flag> {
        let filter = self.filter.clone();
        filter
            .map(|filter| settings::flag("--filter", "capture.filter", filter))
            .into_iter()
            .chain(settings::workers(self.workers))
            .collect()
    }

    fn replay(&self, config: Config) -> monitor::Replay {
        monitor::Replay {
            config,
            local: self.local.clone(),
            pace: self.pace,
            into: self.into.clone(),
            keep_flows: self.form.json || self.form.table,
        }
    }
}

#[cfg(test)]
mod tests;
