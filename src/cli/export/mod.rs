//! `netmonitor export`: history as CSV, JSON or NDJSON, on standard output or in a file that is there
//! whole or not at all. While a service runs with this data folder it is asked; else the file is opened.

mod output;
mod source;

use super::arguments::Common;
use super::{Error, settings, text};
use crate::cli::client::Client;
use crate::clock::Clock;
use crate::export::{Format, What, Wish};
use crate::query::{Ask, Step};
use crate::store::Tier;
use crate::units::Second;
use clap::Args;
use output::Output;
use source::Source;
use std::io::Write;
use std::path::PathBuf;

/// Write the history, or answers from it, as CSV, JSON or NDJSON.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netmonitor export --output history.csv
  netmonitor export --what totals --tier day --from 2026-01-01T00:00:00Z
  netmonitor export --what connections --format ndjson --output connections.ndjson
  netmonitor export --what connections --format ndjson --output connections.ndjson --resume
  netmonitor export --what applications --limit 100 --format json

Times are RFC 3339 or seconds since 1970. A range that is not whole is never left under the name of
--output: what there is of it stays beside it as FILE.part, and --resume goes on from there. With
--resume a whole file is continued up to now.")]
pub(super) struct Given {
    /// rows, totals, interfaces, connections; or timeline, applications, sites, protocols, talks.
    #[arg(long, value_name = "WHAT", default_value = "rows", value_parser = what)]
    what: What,
    /// csv, json or ndjson.
    #[arg(long, value_name = "FORMAT", default_value = "csv", value_parser = format)]
    format: Format,
    /// From this time on; without: all that is held, or of lists and series the last hour.
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Second>,
    /// Before this time; without: now.
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<Second>,
    /// second, minute, hour or day; without: the finest that is left of each part.
    #[arg(long, value_name = "TIER", value_parser = tier)]
    tier: Option<Tier>,
    /// Only this interface; may be repeated.
    #[arg(short, long, value_name = "NAME")]
    interface: Vec<String>,
    /// Seconds a point of `timeline`; or hour, day, week, month, year.
    #[arg(long, value_name = "STEP", value_parser = step)]
    step: Option<Step>,
    /// How many items a list has at most.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// The file to write; only its owner can read it. Without: standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Go on from the end of FILE.part, or of FILE.
    #[arg(long, requires = "output")]
    resume: bool,
    /// Write over a file that is there.
    #[arg(long, requires = "output", conflicts_with = "resume")]
    force: bool,
}

pub(super) fn run(given: &Given, common: &Common) -> Result<(), Error> {
    let config = settings::load(common, Vec::new())?.config;
    let wish = given.wish();
    let source = match Client::running(&config)? {
        Some(service) => Source::Service(service),
        None => Source::open(&config)?,
    };
    let Some(path) = &given.output else {
        let mut out = Output::stdout(common.quiet);
        let told = source.write(&wish, None, &mut |bytes| out.write(bytes))?;
        out.done()?;
        return told.tell(common.quiet);
    };
    let (mut out, from) = if given.resume {
        Output::resumed(path, &wish, common.quiet)?
    } else {
        (Output::begun(path, given.force, common.quiet)?, None)
    };
    let told = source.write(&wish, from, &mut |bytes| out.write(bytes))?;
    let length = out.done()?;
    let mut stdout = text::stdout();
    let (path, length) = (path.display(), text::bytes(length));
    writeln!(stdout, "{path}: {length}, {}", told.range)?;
    stdout.flush()?;
    told.tell(common.quiet)
}

impl Given {
    fn wish(&self) -> Wish {
        let ask = Ask {
            now: Clock::system().now().wall.second(),
            from: self.from,
            to: self.to,
            interfaces: self.interface.clone(),
            limit: self.limit,
            step: self.step,
            ..Ask::default()
        };
        Wish {
            what: self.what,
            format: self.format,
            ask,
            tier: self.tier,
        }
    }
}

fn what(text: &str) -> Result<What, String> {
    one_of(text, &What::ALL.map(|what| (what.word(), what)))
}

fn step(text: &str) -> Result<Step, String> {
    let wrong = |()| "a number of seconds, or hour, day, week, month, year".to_owned();
    text.parse().map_err(wrong)
}

fn format(text: &str) -> Result<Format, String> {
    one_of(text, &Format::ALL.map(|format| (format.word(), format)))
}

fn tier(text: &str) -> Result<Tier, String> {
    one_of(text, &Tier::ALL.map(|tier| (tier.word(), tier)))
}

fn one_of<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        format!("it is one of {}", words.join(", "))
    })
}

fn time(text: &str) -> Result<Second, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Second(seconds));
    }
    let time: Result<jiff::Timestamp, _> = text.parse();
    let time = time.map_err(|_| "it is RFC 3339, or seconds since 1970".to_owned())?;
    Ok(Second(time.as_second()))
}
