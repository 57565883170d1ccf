//! `netmonitor interfaces`: what there is to watch on this machine, as the system tells it now.

use super::Error;
use super::text::{self, Align, Table};
use crate::platform::{self, Nic, Role};
use crate::units::Traffic;
use clap::Args;
use serde::Serialize;
use std::io::Write;
use std::net::IpAddr;

/// List this machine's interfaces: what each is for, and what its own counters say.
#[derive(Debug, Args)]
pub(super) struct Given {
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(given: &Given) -> Result<(), Error> {
    let nics = platform::nics()?;
    let mut out = text::stdout();
    if given.json {
        let items = nics.iter().map(Item::of).collect();
        writeln!(out, "{}", serde_json::json!(Items { items }))?;
    } else {
        table(&nics).write(text::width(), &mut out)?;
    }
    Ok(out.flush()?)
}

#[derive(Serialize)]
struct Items<'a> {
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    name: &'a str,
    role: Role,
    up: bool,
    addresses: &'a [IpAddr],
    hardware: Option<String>,
    /// As the interface's own counters have it, since it came to be.
    counters: Option<Traffic>,
}

impl<'a> Item<'a> {
    fn of(nic: &'a Nic) -> Item<'a> {
        Item {
            name: &nic.name,
            role: nic.role,
            up: nic.up,
            addresses: &nic.addresses,
            hardware: nic.hardware.map(hardware),
            counters: nic.counters,
        }
    }
}

fn table(nics: &[Nic]) -> Table {
    let mut table = Table::new(&[
        ("NAME", Align::Left),
        ("ROLE", Align::Left),
        ("STATE", Align::Left),
        ("RECEIVED", Align::Right),
        ("SENT", Align::Right),
        ("ADDRESSES", Align::Flexible),
    ]);
    for nic in nics {
        let counted = |side: fn(Traffic) -> u64| match nic.counters {
            Some(traffic) => text::bytes(side(traffic)),
            None => "-".to_owned(),
        };
        let addresses: Vec<String> = nic.addresses.iter().map(IpAddr::to_string).collect();
        table.row(vec![
            nic.name.clone(),
            nic.role.word().to_owned(),
            if nic.up { "up" } else { "down" }.to_owned(),
            counted(|traffic| traffic.inbound.bytes),
            counted(|traffic| traffic.outbound.bytes),
            addresses.join(" "),
        ]);
    }
    table
}

fn hardware(address: [u8; 6]) -> String {
    let bytes: Vec<String> = address.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(":")
}
