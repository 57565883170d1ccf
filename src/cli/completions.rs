//! `netmonitor completions`: what a shell needs to complete our arguments.

use super::{Arguments, Error, text};
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::io::Write;

/// Print completions for a shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netmonitor completions bash > ~/.local/share/bash-completion/completions/netmonitor
  netmonitor completions zsh > ~/.zfunc/_netmonitor
  netmonitor completions fish > ~/.config/fish/completions/netmonitor.fish")]
pub(super) struct Given {
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn run(given: &Given) -> Result<(), Error> {
    // Made in memory first: the generator panics where it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(
        given.shell,
        &mut Arguments::command(),
        "netmonitor",
        &mut script,
    );
    let mut out = text::stdout();
    out.write_all(&script)?;
    Ok(out.flush()?)
}
