//! `netmonitor version`: which netmonitor this is.

use super::{Error, text};
use clap::Args;
use serde_json::json;
use std::io::Write;

/// Print the version.
#[derive(Debug, Args)]
pub(super) struct Given {
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(given: &Given) -> Result<(), Error> {
    let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let mut out = text::stdout();
    if given.json {
        let said = json!({
            "name": name,
            "version": version,
            "os": std::env::consts::OS,
            "arch": std::env::consts::ARCH,
        });
        writeln!(out, "{said}")?;
    } else {
        writeln!(out, "{name} {version}")?;
    }
    Ok(out.flush()?)
}
