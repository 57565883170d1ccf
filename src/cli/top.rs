//! `netmonitor top`: who talks to whom now, line by line, asked of the running service each second.

mod ask;
mod keys;
mod rows;
mod screen;
mod view;

use super::arguments::Common;
use super::client::Client;
use super::{Error, settings, text, token};
use ask::Asker;
use clap::Args;
use rows::{By, Sort};
use std::io::{IsTerminal, Write, stdin, stdout};
use view::View;

/// Watch which application talks to which site, and how much: rates over the last five seconds,
/// and what went over in the last minutes.
///
/// Keys: q quits; a, s and c show applications, sites or connections; r, i, o, t and n sort by rate,
/// rate in, rate out, total or name; e folds and unfolds; the arrows move; space pauses. Where the
/// output or the input is no terminal, everything is printed once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netmonitor top                    applications, and the sites they talk to
  netmonitor top --by site          sites, and who talks to them
  netmonitor top --once -n 5        the five that do most, once
  netmonitor top --json | jq .      the same as data")]
pub(super) struct Given {
    /// Port of the running service; without it, the one that the data folder's service tells.
    #[arg(short, long, value_name = "PORT")]
    port: Option<u16>,
    /// What the lines are.
    #[arg(long, value_enum, default_value_t = By::App)]
    by: By,
    /// What they are sorted by.
    #[arg(long, value_enum, default_value_t = Sort::Rate)]
    sort: Sort,
    /// Show so many at most.
    #[arg(short = 'n', long, value_name = "LINES", value_parser = clap::value_parser!(u32).range(1..=1000))]
    lines: Option<u32>,
    /// Seconds from one look to the next.
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=3600))]
    interval: u32,
    /// Seconds that totals are over.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u32).range(5..=86_400))]
    over: u32,
    /// Print once, and end.
    #[arg(long)]
    once: bool,
    /// Print a JSON object, once.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(given: &Given, common: &Common) -> Result<(), Error> {
    let (config, port) = settings::service(common, given.port)?;
    let client = Client::new(port, Some(token::read(&config.data_dir)?));
    let mut asker = Asker::new(client, given.over);
    let view = View {
        by: given.by,
        sort: given.sort,
        most: given.lines.map(|lines| lines as usize),
        ..View::default()
    };
    let watched = stdout().is_terminal() && stdin().is_terminal();
    if watched && !given.once && !given.json {
        return screen::watch(&mut asker, view, given.interval);
    }
    let seen = asker.ask(view.by)?;
    let mut out = text::stdout();
    if given.json {
        writeln!(out, "{:#}", view.json(&seen))?;
    } else {
        for line in view.lines(&seen, text::width(), None) {
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn what_can_be_chosen_has_a_word_each() {
        let words = By::value_variants()
            .iter()
            .filter_map(By::to_possible_value);
        let words: Vec<_> = words.map(|value| value.get_name().to_owned()).collect();
        assert_eq!(words, ["app", "site", "connection"]);
    }
}
