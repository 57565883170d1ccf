//! `netmonitor man`: the manual, made from the arguments themselves.

use super::{Arguments, Error, text};
use clap::{Args, CommandFactory};
use std::io::Write;
use std::path::PathBuf;

/// Print the manual page (for `man -l -`), or write one page a command into a folder.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netmonitor man | man -l -
  netmonitor man --into /usr/local/share/man/man1")]
pub(super) struct Given {
    /// Write a page for every command into this folder.
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
}

pub(super) fn run(given: &Given) -> Result<(), Error> {
    let command = Arguments::command();
    if let Some(folder) = &given.into {
        return Ok(clap_mangen::generate_to(command, folder)?);
    }
    let mut out = text::stdout();
    clap_mangen::Man::new(command).render(&mut out)?;
    Ok(out.flush()?)
}
