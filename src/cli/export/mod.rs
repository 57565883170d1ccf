//! `netmonitor export`: history as CSV, JSON or NDJSON, on standard output or in a file that is there
//! whole or not at all. While a service runs with this data folder it is asked; else the file is opened.

mod output;
mod source;

use super::arguments::Common;
use super::time::time;
use super::{Error, settings, text};
use crate::cli::client::Client;
use crate::clock::Clock;
use crate::export::{self, Ended, Format, What, Wish};
use crate::query::{Ask, By, Filter, Step, time as written};
use crate::store::Tier;
use crate::units::Second;
use clap::Args;
use output::{Output, Resumed};
use source::Source;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Write the history, or answers from it, as CSV, JSON or NDJSON.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netmonitor export --output history.csv
  netmonitor export --what totals --tier day --from 2026-01-01T00:00:00Z
  netmonitor export --what connections --format ndjson --output connections.ndjson
  netmonitor export --what connections --format ndjson --output connections.ndjson --resume
  netmonitor export --application firefox --country de --output firefox.csv
  netmonitor export --what applications --limit 100 --format json
  netmonitor export --what top --by country --application firefox --from '2026-11-29 20:00'

Times are RFC 3339, seconds since 1970, or as this machine's clock shows them. A range that is not
whole is never left under the name of --output: what there is of it stays beside it as FILE.part, and
--resume goes on from there. With --resume a whole file is continued up to now, and one that is not
there is begun. A file is continued only with the filter that it was begun with.")]
pub(super) struct Given {
    /// rows, totals, interfaces, connections; or timeline, applications, sites, protocols, talks, top.
    #[arg(long, value_name = "WHAT", default_value = "rows", value_parser = what)]
    what: What,
    /// csv, json or ndjson.
    #[arg(long, value_name = "FORMAT", default_value = "csv", value_parser = format)]
    format: Format,
    /// From this time on; without: all that is held, or of lists and series the last hour.
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Second>,
    /// Before this time; without: now, or with a tier the end of its last bucket that is over.
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
    /// What `top` is the most of: application, site, domain, interface, protocol, country, direction,
    /// user, class, talk.
    #[arg(long, value_name = "KIND", value_parser = by)]
    by: Option<By>,
    #[command(flatten)]
    only: Only,
    /// How many items a list has at most.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// The file to write; only its owner can read it. Without: standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Go on from the end of FILE.part, or of FILE, with the same filter.
    #[arg(long, requires = "output")]
    resume: bool,
    /// Write over a file that is there.
    #[arg(long, requires = "output", conflicts_with = "resume")]
    force: bool,
}

/// What rows, connections, lists and series are narrowed to.
#[derive(Debug, Args)]
struct Only {
    /// Only this application, by its name or path; this and the following may be repeated, and are
    /// for rows, connections, lists and series.
    #[arg(long, value_name = "NAME")]
    application: Vec<String>,
    /// Only this site, by its name or address.
    #[arg(long, value_name = "NAME")]
    site: Vec<String>,
    /// Only this domain.
    #[arg(long, value_name = "NAME")]
    domain: Vec<String>,
    /// Only this IP protocol: tcp, udp, or ip-N.
    #[arg(long, value_name = "NAME")]
    protocol: Vec<String>,
    /// Only sites in this country: two letters, or unknown.
    #[arg(long, value_name = "COUNTRY")]
    country: Vec<String>,
    /// Only `in` or `out`; not of connections.
    #[arg(long, value_name = "DIRECTION")]
    direction: Vec<String>,
    /// Only this user's applications: a number, or unknown.
    #[arg(long, value_name = "USER")]
    user: Vec<String>,
    /// Only this class, or none.
    #[arg(long, value_name = "CLASS")]
    class: Vec<String>,
}

/// Seconds until a connection that is over is on file.
const WRITTEN: u32 = 60;

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
    let (mut out, ended) = if given.resume {
        let late = config.flow.idle.longest().saturating_add(WRITTEN);
        resumed(path, &wish, late, &source, common.quiet)?
    } else {
        (Output::begun(path, given.force, common.quiet)?, None)
    };
    let (wish, from) = continued(wish, ended);
    let told = source.write(&wish, from, &mut |bytes| out.write(bytes))?;
    let length = out.done()?;
    let mut stdout = text::stdout();
    let (path, length) = (path.display(), text::bytes(length));
    writeln!(stdout, "{path}: {length}, {}", told.range)?;
    stdout.flush()?;
    told.tell(common.quiet)
}

/// A file that is continued where the history still has what will be written again.
fn resumed(
    path: &Path,
    wish: &Wish,
    late: u32,
    source: &Source,
    quiet: bool,
) -> Result<(Output, Option<Ended>), Error> {
    let has = |again: Second| {
        if is_told(wish, again, source)? {
            return Ok(());
        }
        let (path, at) = (path.to_owned(), written(again));
        Err(Error::Forgotten { path, at })
    };
    let how = Resumed {
        wish,
        late,
        has: &has,
    };
    Output::resumed(path, &how, quiet)
}

/// A file that is continued has no hole, whatever it is asked from: it goes on from where it ends.
fn continued(mut wish: Wish, ended: Option<Ended>) -> (Wish, Option<Second>) {
    let Some(ended) = ended else {
        return (wish, None);
    };
    if wish.ask.from > ended.again {
        wish.ask.from = ended.from;
    }
    (wish, ended.from)
}

/// Whether the history still begins what is written again where the file does: what is cut off of a file
/// must come again. What it is narrowed to is left aside: a label that is another one by now is no loss.
fn is_told(wish: &Wish, again: Second, source: &Source) -> Result<bool, Error> {
    let mut one = wish.clone();
    one.ask.from = Some(again);
    one.ask.filter = Filter::default();
    one.format = Format::Ndjson;
    let mut first = Vec::new();
    let told = source.write(&one, None, &mut |bytes| {
        first.extend_from_slice(bytes);
        if first.contains(&b'\n') {
            return Err(Error::Output(ErrorKind::BrokenPipe.into()));
        }
        Ok(())
    });
    match first.iter().position(|byte| *byte == b'\n') {
        Some(end) => {
            Ok(export::second_of(one.what, first.get(..end).unwrap_or_default()) == Some(again))
        }
        None => told.map(|_| false),
    }
}

impl Given {
    fn wish(&self) -> Wish {
        let ask = Ask {
            now: Clock::system().now().wall.second(),
            from: self.from,
            to: self.to,
            interfaces: self.interface.clone(),
            filter: self.only.filter(),
            limit: self.limit,
            step: self.step,
            ..Ask::default()
        };
        Wish {
            what: self.what,
            format: self.format,
            ask,
            by: self.by,
            tier: self.tier,
        }
    }
}

impl Only {
    fn filter(&self) -> Filter {
        Filter {
            applications: self.application.clone(),
            sites: self.site.clone(),
            domains: self.domain.clone(),
            protocols: self.protocol.clone(),
            directions: self.direction.clone(),
            users: self.user.clone(),
            classes: self.class.clone(),
            countries: self.country.clone(),
        }
    }
}

fn step(text: &str) -> Result<Step, String> {
    let wrong = |()| "a number of seconds, or hour, day, week, month, year".to_owned();
    text.parse().map_err(wrong)
}

fn what(text: &str) -> Result<What, String> {
    one_of(text, What::ALL.map(What::word))
}

fn format(text: &str) -> Result<Format, String> {
    one_of(text, Format::ALL.map(Format::word))
}

fn tier(text: &str) -> Result<Tier, String> {
    one_of(text, Tier::ALL.map(Tier::word))
}

fn by(text: &str) -> Result<By, String> {
    one_of(text, By::ALL.map(By::word))
}

fn one_of<T: FromStr, const N: usize>(text: &str, words: [&str; N]) -> Result<T, String> {
    let wrong = |_| format!("it is one of {}", words.join(", "));
    text.parse().map_err(wrong)
}
