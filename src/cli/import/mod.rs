//! `netmonitor import`: what another program has counted, put into the history. While a service runs
//! with this data folder it is asked; else the file is opened.

mod vnstat;

pub(super) use vnstat::Error as VnstatError;

use super::arguments::Common;
use super::client::Client;
use super::{Error, settings, text};
use crate::api::{ImportBatch, ImportReport, ImportSum};
use crate::clock::Clock;
use crate::config::Config;
use crate::monitor;
use crate::platform::private;
use crate::store::{Hooks, Store, What, Writer};
use clap::{Args, Subcommand};
use jiff::tz::TimeZone;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use vnstat::{Left, Vnstat};

/// Put what another program has counted into the history.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vnstat --json | sudo netmonitor import vnstat -
  sudo netmonitor import vnstat --zone Europe/Berlin router.json

Where netmonitor has counted anything itself, nothing is imported. To import the same again changes
nothing.")]
pub(super) struct Given {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Import hours and days from vnStat's JSON (`vnstat --json`, versions 1 and 2).
    Vnstat {
        /// The file; `-` for standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The zone of the machine that counted, where the file does not tell it; without: this
        /// machine's.
        #[arg(long, value_name = "ZONE")]
        zone: Option<String>,
        /// Take months of which there are no days, too: each on its first day.
        #[arg(long)]
        months: bool,
    },
}

/// No vnStat says more.
const LONGEST: u64 = 256 << 20;
/// Sums of one request: it has to fit in the body that the service takes.
const BATCH: usize = 250;
/// A request is many small jobs beside the service's own work.
const PATIENCE: Duration = Duration::from_mins(10);

pub(super) fn run(given: &Given, common: &Common) -> Result<(), Error> {
    let Command::Vnstat { file, zone, months } = &given.command;
    let config = settings::load(common, Vec::new())?.config;
    let zone = match zone {
        Some(name) => TimeZone::get(name).map_err(|_| VnstatError::Zone(name.clone()))?,
        None => TimeZone::system(),
    };
    let read = Vnstat::read(&content(file)?, &zone, *months)?;
    let mut progress = Progress::new(common.quiet, read.sums.len());
    let report = match Client::running(&config)? {
        Some(service) => ask(&service, &read.sums, &mut progress)?,
        None => put(&config, &read.sums, &mut progress)?,
    };
    drop(progress);
    let mut out = text::stdout();
    tell(&read, report, &mut out)?;
    Ok(out.flush()?)
}

fn content(file: &Path) -> Result<Vec<u8>, Error> {
    let mut content = Vec::new();
    if file == Path::new("-") {
        io::stdin().lock().take(LONGEST).read_to_end(&mut content)?;
        return Ok(content);
    }
    let unread = |error| VnstatError::Unread(file.to_owned(), error);
    let opened = std::fs::File::open(file).map_err(unread)?;
    opened
        .take(LONGEST)
        .read_to_end(&mut content)
        .map_err(unread)?;
    Ok(content)
}

/// Through the service that has the history.
fn ask(
    service: &Client,
    sums: &[ImportSum],
    progress: &mut Progress,
) -> Result<ImportReport, Error> {
    const PATH: &str = "/api/import";
    let mut report = ImportReport::default();
    for batch in sums.chunks(BATCH) {
        let sums = batch.to_vec();
        let body =
            serde_json::to_value(ImportBatch { sums }).map_err(|e| Error::Output(e.into()))?;
        let said = service.post(PATH, &body)?;
        let part: ImportReport = serde_json::from_value(said).map_err(|error| Error::Refused {
            path: PATH.to_owned(),
            answer: error.to_string(),
        })?;
        add(&mut report, part);
        progress.done(batch.len());
    }
    Ok(report)
}

/// Into the file that nobody has open.
fn put(
    config: &Config,
    sums: &[ImportSum],
    progress: &mut Progress,
) -> Result<ImportReport, Error> {
    private::folder(&config.data_dir)?;
    let clock = Clock::system();
    let store = |error| Error::from(monitor::Error::Store(error));
    let history = Store::open(&config.data_dir, config.store.clone(), clock.now().wall);
    let writer = Writer::start(history.map_err(store)?, clock, Hooks::default()).map_err(store)?;
    let importer = writer.importer();
    let mut report = ImportReport::default();
    for batch in sums.chunks(BATCH) {
        let sums = batch.iter().filter_map(ImportSum::sum).collect();
        let part = importer.run(sums, PATIENCE).map_err(store)?;
        add(&mut report, part.into());
        progress.done(batch.len());
    }
    writer
        .upkeep()
        .run(What::Aggregate, PATIENCE)
        .map_err(store)?;
    writer.stop().map_err(store)?;
    Ok(report)
}

fn add(report: &mut ImportReport, part: ImportReport) {
    report.taken += part.taken;
    report.bytes_in += part.bytes_in;
    report.bytes_out += part.bytes_out;
    report.had += part.had;
    report.covered += part.covered;
    report.unfit += part.unfit;
}

fn tell(read: &Vnstat, report: ImportReport, out: &mut impl Write) -> io::Result<()> {
    let bytes = |count| text::bytes(count);
    writeln!(
        out,
        "{} hours and days of {} imported: {} in, {} out",
        report.taken,
        read.interfaces.join(", "),
        bytes(report.bytes_in),
        bytes(report.bytes_out)
    )?;
    let Left {
        running,
        months,
        strange,
    } = read.left;
    let others = [
        (report.had, "were there already"),
        (report.covered, "left out: netmonitor counted then itself"),
        (
            report.unfit,
            "left out: hours of days that are kept as a whole, or days behind finer history",
        ),
        (running, "not over yet: import again later"),
        (
            months,
            "months of which there are no days: --months takes them, each on its first day",
        ),
        (strange, "left out: without a time or a count that can be"),
    ];
    for (count, what) in others.into_iter().filter(|(count, _)| *count > 0) {
        writeln!(out, "{count} {what}")?;
    }
    Ok(())
}

/// How far it is, on a terminal.
struct Progress {
    shown: bool,
    done: usize,
    total: usize,
}

impl Progress {
    fn new(quiet: bool, total: usize) -> Progress {
        Progress {
            shown: !quiet && io::stderr().is_terminal(),
            done: 0,
            total,
        }
    }

    fn done(&mut self, more: usize) {
        self.done += more;
        if self.shown && self.total > 0 {
            // A terminal that is gone has nobody to tell.
            let _ = write!(
                io::stderr(),
                "\r{:>3} % imported",
                self.done * 100 / self.total
            );
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown && self.done > 0 {
            let _ = write!(io::stderr(), "\r{:24}\r", "");
        }
    }
}
