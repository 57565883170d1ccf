//! `netmonitor doctor`: what works on this machine, what does not, why, and what to do about it.

mod attribution;
mod check;
mod machine;
mod probe;
mod service;

use super::arguments::Common;
use super::{Error, settings, text};
use check::{Check, State};
use clap::Args;
use serde_json::json;
use std::io::Write;
use std::process::ExitCode;

/// Say what works on this machine, what does not, why, and what to do about it: rights, interfaces,
/// whose traffic can be told, the data folder, the port, the running service.
///
/// Ends with 1 where something is bad, that is where netmonitor cannot do its work; what could be
/// better is a warning.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netmonitor doctor                 as the user that you are
  sudo netmonitor doctor            as root: what the service would find
  netmonitor doctor --json          the checks as data")]
pub(super) struct Given {
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(given: &Given, common: &Common) -> Result<ExitCode, Error> {
    let checks = all(common);
    let bad = checks.iter().any(|check| check.state == State::Bad);
    let mut out = text::stdout();
    if given.json {
        writeln!(out, "{:#}", json!({ "ok": !bad, "checks": checks }))?;
    } else {
        check::write(&checks, text::width(), text::coloured(), &mut out)?;
    }
    out.flush()?;
    Ok(ExitCode::from(u8::from(bad)))
}

fn all(common: &Common) -> Vec<Check> {
    let loaded = settings::load(common, Vec::new());
    let owners = loaded.as_ref().map(|loaded| loaded.config.owners.clone());
    let mut checks = vec![machine::capture(), machine::interfaces()];
    checks.extend(attribution::checks(&probe::probe(
        &owners.unwrap_or_default(),
    )));
    match loaded {
        Ok(loaded) => {
            let service = service::Found::at(&loaded.config);
            checks.push(machine::data_folder(&loaded.config.data_dir));
            checks.push(machine::port(loaded.config.serve.port, &service));
            checks.extend(service.checks());
        }
        Err(error) => checks.push(
            Check::bad("configuration", "the configuration is wrong")
                .because(error.to_string())
                .typed("netmonitor config check"),
        ),
    }
    checks
}
