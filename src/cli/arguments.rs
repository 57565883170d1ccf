//! What can be typed: the subcommands, and the options that all of them take.

use super::{
    completions, config, db, demo, doctor, export, filter, forget, import, interfaces, man, open,
    owners_helper, replay, run, status, top, version,
};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Which program talked to which site, how much and when: live, and back through years.
///
/// netmonitor watches this machine's interfaces, keeps a history, and shows both on a dashboard at
/// http://127.0.0.1:7500. Nothing is sent anywhere, and of what was said only host names are kept.
#[derive(Debug, Parser)]
#[command(
    name = "netmonitor",
    version,
    disable_help_subcommand = true,
    after_help = EXAMPLES,
    after_long_help = LONG_EXAMPLES
)]
pub struct Arguments {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Options that every subcommand takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(super) struct Common {
    /// Read this configuration file instead of the usual one.
    #[arg(
        long,
        value_name = "FILE",
        global = true,
        env = "NETMONITOR_CONFIG",
        hide_env_values = true
    )]
    pub(super) config: Option<PathBuf>,
    /// Folder of the history and the access token.
    #[arg(long, value_name = "FOLDER", global = true)]
    pub(super) data_dir: Option<PathBuf>,
    /// Say more; twice, say everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
    /// Say nothing but errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Watch the interfaces, keep the history, serve the dashboard.
    Run(run::Given),
    /// Read a capture file as if it were live.
    Replay(replay::Given),
    /// Show the dashboard with invented traffic; needs no privileges.
    Demo(demo::Given),
    /// Print every row of the history, one JSON object a line: for comparisons.
    #[command(hide = true)]
    Dump,
    /// Open the dashboard in the browser, and print its address.
    Open(open::Given),
    /// Tell how the running service is doing.
    Status(status::Given),
    /// Watch which application talks to which site, line by line.
    Top(top::Given),
    /// Say what works on this machine, what does not, and what to do.
    Doctor(doctor::Given),
    /// Look after the history: what it holds, whether it is sound, copies of it.
    Db(db::Given),
    /// Have an application, a site, a time or everything forgotten.
    Forget(forget::Given),
    /// Write the history, or answers from it, as CSV, JSON or NDJSON.
    Export(export::Given),
    /// Put what another program has counted into the history.
    Import(import::Given),
    /// List this machine's interfaces.
    Interfaces(interfaces::Given),
    /// List the named filters, or check an expression.
    Filter(filter::Given),
    /// Show or check the configuration.
    Config(config::Given),
    #[command(hide = true)]
    OwnersHelper(owners_helper::Given),
    /// Print the access token of the running service.
    Token,
    /// Print the version.
    Version(version::Given),
    /// Print completions for a shell.
    Completions(completions::Given),
    /// Print the manual page.
    Man(man::Given),
}

const EXAMPLES: &str = "\
Examples:
  sudo netmonitor run               watch every interface that is up
  netmonitor demo                   see the dashboard without any privileges
  netmonitor replay trace.pcap      what is in a capture file";

const LONG_EXAMPLES: &str = "\
Examples:
  sudo netmonitor run               watch every interface that is up
  sudo netmonitor run -i eth0       watch one
  netmonitor demo                   see the dashboard without any privileges
  netmonitor replay trace.pcap      what is in a capture file
  netmonitor open                   the dashboard of the running service
  netmonitor top                    who talks to whom, in the terminal
  netmonitor doctor                 what works on this machine, and what does not
  netmonitor config show            every setting, its value, and who set it

Settings come from options, then from NETMONITOR_* variables (serve.port is NETMONITOR_SERVE_PORT),
then from the configuration file (`netmonitor config path`), then from the defaults.

Exit status: 0 done; 1 failed; 2 wrong usage; 69 the service cannot be reached; 74 input or output
failed; 77 no permission; 78 the configuration is wrong.";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_contradict_themselves_nowhere() {
        Arguments::command().debug_assert();
    }
}
