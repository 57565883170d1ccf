//! `netmonitor db`: the history as a file that somebody looks after. While a service runs with this
//! data folder it is asked; else the file is opened. Nobody has to know which.

mod place;
mod progress;
mod texts;

use super::arguments::Common;
use super::{Error, text};
use clap::{Args, Subcommand};
pub(super) use place::Place;
pub(super) use progress::Progress;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Look after the history: what it holds, whether it is sound, copies of it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sudo netmonitor db stats
  sudo netmonitor db check
  sudo netmonitor db backup /mnt/usb/history.redb

Exit status of `check`: 0 the history is sound; 1 it is damaged; others: it could not be checked.")]
pub(super) struct Given {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Tell what the history's file holds.
    Stats {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Check the whole history; nothing is changed.
    Check {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Copy the whole history into a file, also while it is written.
    Backup {
        /// Where to; only its owner can read it.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Write over a file that is there.
        #[arg(long)]
        force: bool,
    },
    /// Put a backup in the place of the history; the present one is kept under another name.
    Restore {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Write the file anew, so that free pages are given back and hold nothing; also while it is written.
    Compact,
}

pub(super) fn run(given: &Given, common: &Common) -> Result<ExitCode, Error> {
    let place = Place::find(common)?;
    let mut progress = Progress::new(common.quiet);
    let mut out = text::stdout();
    let mut code = ExitCode::SUCCESS;
    match &given.command {
        Command::Stats { json } => {
            let stats = place.stats()?;
            if *json {
                writeln!(out, "{stats:#}")?;
            } else {
                texts::stats(&stats, &mut out)?;
            }
        }
        Command::Check { json } => {
            let report = place.check(&mut progress)?;
            if report["sound"] != true {
                code = ExitCode::FAILURE;
            }
            if *json {
                writeln!(out, "{report:#}")?;
            } else {
                texts::report(&report, &mut out)?;
            }
        }
        Command::Backup { file, force } => {
            let made = place.backup(file, *force, &mut progress)?;
            texts::backup(file, &made, &mut out)?;
        }
        Command::Restore { file } => {
            texts::restored(&place.restore(file, &mut progress)?, &mut out)?;
        }
        Command::Compact => texts::compacted(&place.compact(&mut progress)?, &mut out)?,
    }
    out.flush()?;
    Ok(code)
}
