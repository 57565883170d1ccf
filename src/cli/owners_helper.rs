//! `netmonitor owners-helper`: the process that looks into others, started by `run` alone.

use super::Error;
use crate::clock::Clock;
use crate::owners::{self, Kernel};
use clap::{Args, ValueEnum};

/// Answers `netmonitor run`, which starts it, whose flows are. Not to be called by hand.
#[derive(Debug, Args)]
pub(super) struct Given {
    /// Whether programs are put into the kernel that tell of sockets.
    #[arg(long, value_name = "WHETHER", default_value = "auto")]
    kernel: Whether,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Whether {
    Auto,
    Off,
}

pub(super) fn run(given: &Given) -> Result<(), Error> {
    let kernel = match given.kernel {
        Whether::Auto => Kernel::Auto,
        Whether::Off => Kernel::Off,
    };
    Ok(owners::help(kernel, Clock::system())?)
}
