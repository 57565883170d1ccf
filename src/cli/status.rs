//! `netmonitor status`: how the running service is doing, asked of the service itself.

use super::arguments::Common;
use super::client::Client;
use super::json::{list, number, word};
use super::{Error, settings, text, token};
use clap::Args;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Tell how the running service is doing: what it watches, how much, what was lost, what is stored.
#[derive(Debug, Args)]
pub(super) struct Given {
    /// Port of the running service; without it, the one that the data folder's service tells.
    #[arg(short, long, value_name = "PORT")]
    port: Option<u16>,
    /// Print what the API says, as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(given: &Given, common: &Common) -> Result<(), Error> {
    let (config, port) = settings::service(common, given.port)?;
    let health = Client::new(port, None).get("/health")?;
    let client = Client::new(port, Some(token::read(&config.data_dir)?));
    let status = json!({
        "health": health,
        "daemon": client.get("/api/config/daemon/status")?,
        "bandwidth": client.get("/api/stats/bandwidth")?,
        "interfaces": client.get("/api/interfaces")?["items"],
    });
    let mut out = text::stdout();
    if given.json {
        writeln!(out, "{status:#}")?;
    } else {
        write(&status, &mut out)?;
    }
    Ok(out.flush()?)
}

fn write(answers: &Value, out: &mut impl Write) -> io::Result<()> {
    let (health, daemon) = (&answers["health"], &answers["daemon"]);
    let mut line = |name: &str, value: String| writeln!(out, "{name:<11} {}", text::plain(&value));
    line("status", state(health))?;
    line(
        "committed",
        word(&health["committed_through"], "nothing yet"),
    )?;
    line("rates", rates(&answers["bandwidth"]))?;
    for interface in list(&answers["interfaces"]) {
        line("interface", watched(interface))?;
    }
    line("flows", flows(&daemon["flows"]))?;
    line("history", history(daemon))?;
    line("process", process(daemon))
}

fn state(health: &Value) -> String {
    let state = word(&health["status"], "unknown");
    match health["reason"].as_str() {
        Some(reason) => format!("{state}: {reason}"),
        None => state,
    }
}

fn rates(bandwidth: &Value) -> String {
    let rate = |name: &str| bandwidth[name].as_f64().unwrap_or_default();
    format!(
        "{}/s in, {}/s out, {:.0} and {:.0} packets/s",
        text::bytes(rate("bytes_in_per_s") as u64),
        text::bytes(rate("bytes_out_per_s") as u64),
        rate("packets_in_per_s"),
        rate("packets_out_per_s"),
    )
}

fn watched(interface: &Value) -> String {
    let count = |name: &str| text::bytes(number(&interface[name]));
    let said = format!(
        "{} ({}): {} in, {} out",
        word(&interface["name"], "?"),
        word(&interface["role"], "?"),
        count("bytes_in"),
        count("bytes_out")
    );
    match interface["problem"].as_str() {
        Some(problem) => format!("{said}; {problem}"),
        None => said + &loss(&interface["loss"]),
    }
}

fn loss(kinds: &Value) -> String {
    let packets = ["kernel_packets", "interface_packets", "ring_packets"];
    let lost: u64 = packets.iter().map(|kind| number(&kinds[*kind])).sum();
    match (lost, number(&kinds["gap_ms"])) {
        (0, 0) => ", nothing lost".to_owned(),
        (lost, 0) => format!(", {lost} packets lost"),
        (lost, gap) => format!(", {lost} packets lost, not watched for {gap} ms"),
    }
}

fn flows(flows: &Value) -> String {
    let count = |name: &str| number(&flows[name]);
    format!(
        "{} of at most {}; {} opened, {} given up",
        count("live"),
        count("max"),
        count("opened"),
        count("evicted")
    )
}

fn history(daemon: &Value) -> String {
    let store = &daemon["store"];
    format!(
        "{} in {}, {} seconds wait",
        text::bytes(number(&store["file_bytes"])),
        word(&daemon["data_dir"], "?"),
        number(&store["pending_seconds"])
    )
}

fn process(daemon: &Value) -> String {
    format!(
        "{} (version {}), up {} s, {:.1} ms of CPU a second, {} of memory",
        number(&daemon["pid"]),
        word(&daemon["version"], "?"),
        number(&daemon["uptime_s"]),
        daemon["cpu_ms_per_s"].as_f64().unwrap_or_default(),
        text::bytes(number(&daemon["resident_bytes"]))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_told_in_lines() {
        let status = json!({
            "health": {"status": "degraded", "reason": "disk full", "committed_through": null},
            "daemon": {"version": "0.1.0", "pid": 7, "uptime_s": 12, "data_dir": "/d",
                "cpu_ms_per_s": 1.5, "resident_bytes": 12_000_000,
                "flows": {"live": 12, "max": 262_144, "opened": 100, "evicted": 0},
                "store": {"file_bytes": 1_000_000, "pending_seconds": 3}},
            "bandwidth": {"bytes_in_per_s": 1500.5, "bytes_out_per_s": 20.0,
                "packets_in_per_s": 2.0, "packets_out_per_s": 1.0},
            "interfaces": [
                {"name": "eth0", "role": "uplink", "bytes_in": 5, "bytes_out": 6, "problem": null,
                 "loss": {"kernel_packets": 1, "interface_packets": 0, "ring_packets": 2, "gap_ms": 0}},
                {"name": "wlan0", "role": "uplink", "problem": "it is down"}],
        });
        let mut out = Vec::new();
        write(&status, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\
status      degraded: disk full
committed   nothing yet
rates       1.5 kB/s in, 20 B/s out, 2 and 1 packets/s
interface   eth0 (uplink): 5 B in, 6 B out, 3 packets lost
interface   wlan0 (uplink): 0 B in, 0 B out; it is down
flows       12 of at most 262144; 100 opened, 0 given up
history     1.0 MB in /d, 3 seconds wait
process     7 (version 0.1.0), up 12 s, 1.5 ms of CPU a second, 12.0 MB of memory
"
        );
    }
}
