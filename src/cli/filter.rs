//! `netmonitor filter`: the named filters, and whether an expression is one.

use super::arguments::Common;
use super::text::{self, Align, Table};
use super::{Error, settings};
use crate::capture::Link;
use crate::capture::filter::{self, Filter, Named};
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::{self, Write};

/// List the named filters, or check an expression.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netmonitor filter list
  netmonitor filter check 'tcp port 443 and not net 192.168.0.0/16'")]
pub(super) struct Given {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print every named filter: those that come with netmonitor, and those of the configuration.
    List {
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Say whether libpcap takes an expression, and where it is wrong.
    Check {
        /// A name or an expression; several words are joined.
        #[arg(value_name = "FILTER", required = true)]
        expression: Vec<String>,
    },
}

pub(super) fn run(given: &Given, common: &Common) -> Result<(), Error> {
    let config = settings::load(common, Vec::new())?.config;
    let named = Named::new(&config.filters);
    let mut out = text::stdout();
    match &given.what {
        What::List { json: true } => {
            let items: Vec<&Filter> = named.iter().collect();
            writeln!(out, "{:#}", json!({"items": items}))?;
        }
        What::List { json: false } => list(&named, &mut out)?,
        What::Check { expression } => check(&named, &expression.join(" "), &mut out)?,
    }
    Ok(out.flush()?)
}

fn list(named: &Named, out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new(&[("NAME", Align::Left), ("KEEPS", Align::Flexible)]);
    for filter in named.iter() {
        let keeps = if filter.about.is_empty() {
            &filter.expression
        } else {
            &filter.about
        };
        table.row(vec![filter.name.to_string(), text::plain(keeps)]);
    }
    table.write(text::width(), out)
}

fn check(named: &Named, expression: &str, out: &mut impl Write) -> Result<(), Error> {
    let expression = named.resolve(expression);
    match filter::check(expression, Link::Ethernet) {
        Ok(()) => Ok(writeln!(out, "it compiles: {expression}")?),
        Err(error) => Err(Error::Filter {
            expression: text::plain(expression),
            error,
        }),
    }
}
