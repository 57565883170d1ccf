//! The largest flows of a file as a table that fits the terminal.

use crate::cli::text::{self, Align, Table};
use crate::tick::{FlowSum, Outcome};
use crate::units::Nanos;
use std::cmp::Reverse;
use std::io::{self, Write};

pub(super) fn write(outcome: &Outcome, top: usize, out: &mut impl Write) -> io::Result<()> {
    let mut flows: Vec<&FlowSum> = outcome.flows.iter().collect();
    flows.sort_by_key(|flow| (Reverse(bytes(flow)), flow.flow));
    // Most files tell no application: they need no column for it.
    let apps = flows.iter().any(|flow| flow.app.is_some());
    let mut columns = vec![
        ("PROTO", Align::Left),
        ("CLIENT", Align::Flexible),
        ("SERVER", Align::Flexible),
        ("PACKETS", Align::Right),
        ("SENT", Align::Right),
        ("RECEIVED", Align::Right),
        ("LASTED", Align::Right),
    ];
    if apps {
        columns.push(("APP", Align::Flexible));
    }
    let mut table = Table::new(&columns);
    for flow in flows.iter().take(top) {
        let mut row = row(flow);
        if apps {
            row.push(app(flow));
        }
        table.row(row);
    }
    table.write(text::width(), out)?;
    match flows.len().saturating_sub(top) {
        0 => Ok(()),
        1 => writeln!(out, "and 1 smaller one"),
        more => writeln!(out, "and {more} smaller ones"),
    }
}

fn bytes(flow: &FlowSum) -> u64 {
    flow.from_client().bytes + flow.from_server().bytes
}

/// The application, and the process that did it for that one.
fn app(flow: &FlowSum) -> String {
    let Some(process) = &flow.app else {
        return "-".to_owned();
    };
    match process.via() {
        Some(via) => format!("{} via {via}", process.app()),
        None => process.app().to_string(),
    }
}

fn row(flow: &FlowSum) -> Vec<String> {
    let (sent, received) = (flow.from_client(), flow.from_server());
    vec![
        flow.key.protocol().name(),
        flow.client().to_string(),
        flow.server().to_string(),
        (sent.packets + received.packets).to_string(),
        text::bytes(sent.bytes),
        text::bytes(received.bytes),
        text::duration(Nanos(flow.last.0.saturating_sub(flow.first.0))),
    ]
}
