//! `netmonitor forget`: what somebody wishes gone from the history, and the file written anew. The
//! service is asked while one runs with this data folder; else the file is opened.

use super::arguments::Common;
use super::db::{Place, Progress};
use super::time::time;
use super::{Error, text};
use crate::cli::json::{number, word};
use crate::store::{Order, Wish};
use crate::units::Second;
use clap::{Args, Subcommand};
use serde_json::Value;
use std::io::{self, BufRead, IsTerminal, Write};
use std::process::ExitCode;

/// Have an application, a site, a time or everything forgotten.
///
/// An application or a site loses its name in the whole history, and its connections go; its bytes stay,
/// as those of `forgotten`, so that totals are what they were. A range, or everything, goes altogether
/// and is told as a gap. Then the file is written anew, so that nothing of it is left in free pages.
/// Backups and exports that were made before still hold it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sudo netmonitor forget app firefox
  sudo netmonitor forget site www.example.org
  sudo netmonitor forget domain example.org
  sudo netmonitor forget range '2026-11-29 20:00' '2026-11-29 23:00'
  sudo netmonitor forget everything --yes")]
pub(super) struct Given {
    #[command(subcommand)]
    what: What,
    /// Do not ask; needed where nobody can be asked.
    #[arg(long, global = true)]
    yes: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// An application, by its name or its path, whoever ran it.
    App {
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// A host name or an address.
    Site {
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// A domain, with every name in it.
    Domain {
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// The seconds from one time to another: RFC 3339, or as this machine's clock shows it.
    Range {
        #[arg(value_name = "FROM", value_parser = time)]
        from: Second,
        #[arg(value_name = "TO", value_parser = time)]
        to: Second,
    },
    /// The whole history.
    Everything,
}

pub(super) fn run(given: &Given, common: &Common) -> Result<ExitCode, Error> {
    if let What::Range { from, to } = given.what
        && from >= to
    {
        return Err(Error::Backwards);
    }
    let place = Place::find(common)?;
    if !given.yes && !confirmed(&given.what)? {
        return Ok(ExitCode::FAILURE);
    }
    let mut progress = Progress::new(common.quiet);
    let done = place.order(&given.what.order(), &mut progress)?;
    drop(progress);
    let mut out = text::stdout();
    told(&given.what, &done["forgotten"], &mut out)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

impl What {
    fn order(&self) -> Order {
        Order::Forget(match self {
            What::App { name } => Wish::AppNamed(name.clone()),
            What::Site { name } => Wish::SiteNamed(name.clone()),
            What::Domain { name } => Wish::Domain(name.clone()),
            What::Range { from, to } => Wish::Range(*from..*to),
            What::Everything => Wish::Everything,
        })
    }

    fn words(&self) -> String {
        let named = match self {
            What::App { name } => format!("the application {name}"),
            What::Site { name } => format!("the site {name}"),
            What::Domain { name } => format!("the domain {name} and every name in it"),
            What::Range { from, to } => {
                let [from, to] = [from, to].map(|at| text::time(at.start()));
                format!("everything from {from} to {to}")
            }
            What::Everything => "the whole history".to_owned(),
        };
        text::plain(&named)
    }
}

/// Asks whoever sits at the terminal.
fn confirmed(what: &What) -> Result<bool, Error> {
    if !io::stdin().is_terminal() {
        return Err(Error::Unconfirmed);
    }
    let mut ask = io::stderr();
    write!(
        ask,
        "Forget {}? This cannot be undone. [y/N] ",
        what.words()
    )?;
    ask.flush()?;
    let mut said = String::new();
    io::stdin().lock().read_line(&mut said)?;
    Ok(["y", "yes"].contains(&said.trim().to_ascii_lowercase().as_str()))
}

fn told(what: &What, done: &Value, out: &mut impl Write) -> io::Result<()> {
    let count = |name: &str| number(&done[name]);
    writeln!(
        out,
        "forgotten: {}: {} words, {} rows, {} connections",
        what.words(),
        count("words"),
        count("rows"),
        count("connections"),
    )?;
    if let (Some(from), Some(to)) = (done["from"].as_str(), done["to"].as_str()) {
        writeln!(out, "what is gone is from {from} to {to}")?;
    }
    if done["not_rewritten"].is_string() {
        let why = text::plain(&word(&done["not_rewritten"], ""));
        writeln!(
            out,
            "the file could not be written anew, and may hold it in free pages: {why}"
        )?;
    } else {
        let bytes = |name: &str| text::bytes(count(name));
        let (before, after) = (bytes("before_bytes"), bytes("after_bytes"));
        writeln!(out, "the history's file has {after}; it had {before}")?;
    }
    writeln!(
        out,
        "Backups and exports that were made before still hold it."
    )
}
