//! `netmonitor open`: the dashboard's address with its token, and a browser on it. Other users of
//! this machine can read a program's arguments, so the browser is given a private page that leads
//! to the address, never the address.

use super::arguments::Common;
use super::{Error, settings, text, token};
use crate::platform::{self, private};
use clap::Args;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Print the dashboard's address with its token, and open it in the browser, where there is one and
/// the user is not root. The address lets in whoever has it: keep it to yourself.
#[derive(Debug, Args)]
pub(super) struct Given {
    /// Port of the running service; without it, the one that the data folder's service tells.
    #[arg(short, long, value_name = "PORT")]
    port: Option<u16>,
    /// Print the address only.
    #[arg(long)]
    no_browser: bool,
}

pub(super) fn run(given: &Given, common: &Common) -> Result<(), Error> {
    let (config, port) = settings::service(common, given.port)?;
    let token = token::read(&config.data_dir)?;
    let url = format!("http://127.0.0.1:{port}/dashboard/#token={}", token.text());
    let mut out = text::stdout();
    writeln!(out, "{url}")?;
    out.flush()?;
    if let Some(program) = platform::page_opener()
        && !given.no_browser
        && !platform::is_root()
    {
        browse(program, &config.data_dir, &url)?;
    }
    Ok(())
}

fn browse(program: &str, folder: &Path, url: &str) -> Result<(), Error> {
    let page = folder.join("open.html");
    private::write(&page, leading_to(url).as_bytes())?;
    let started = Command::new(program)
        .arg(&page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Err(error) = started {
        tracing::warn!("cannot start {program}: {error}; follow the address above");
    }
    Ok(())
}

/// The address has nothing in it that HTML would read otherwise.
fn leading_to(url: &str) -> String {
    format!(
        "<!doctype html><meta charset=utf-8><meta name=referrer content=no-referrer>\
         <meta http-equiv=refresh content=\"0; url={url}\"><title>netmonitor</title>\
         <p><a href=\"{url}\">The dashboard</a>\n"
    )
}
