//! What a file came to as one JSON object, written flow by flow as it is made.

use crate::decode::Reason;
use crate::key::Endpoint;
use crate::label::Label;
use crate::names::domain;
use crate::names::places::Places;
use crate::tick::{FlowSum, InterfaceSum, Outcome};
use crate::units::{NANOS, Nanos, Tally};
use serde::{Serialize, Serializer};
use std::io::{self, Write};
use std::net::IpAddr;
use std::sync::Arc;

pub(super) fn write(outcome: &Outcome, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Document::of(outcome))?;
    writeln!(out)
}

#[derive(Serialize)]
struct Document<'a> {
    packets: u64,
    bytes: u64,
    non_ip_packets: u64,
    non_ip_bytes: u64,
    non_ip: Vec<Unflowed>,
    interfaces: Vec<Interface<'a>>,
    error: Option<&'a str>,
    #[serde(serialize_with = "one_by_one")]
    flows: &'a [FlowSum],
}

impl<'a> Document<'a> {
    fn of(outcome: &'a Outcome) -> Document<'a> {
        let unflowed = outcome.unflowed_total();
        let by_reason = outcome.unflowed.iter();
        Document {
            packets: outcome.total.packets,
            bytes: outcome.total.bytes,
            non_ip_packets: unflowed.packets,
            non_ip_bytes: unflowed.bytes,
            non_ip: by_reason
                .map(|(reason, sum)| Unflowed::of(*reason, *sum))
                .collect(),
            interfaces: outcome.interfaces.values().map(Interface::of).collect(),
            error: outcome.error.as_deref(),
            flows: &outcome.flows,
        }
    }
}

#[derive(Serialize)]
struct Unflowed {
    reason: &'static str,
    packets: u64,
    bytes: u64,
}

impl Unflowed {
    fn of(reason: Reason, sum: Tally) -> Unflowed {
        Unflowed {
            reason: reason.word(),
            packets: sum.packets,
            bytes: sum.bytes,
        }
    }
}

#[derive(Serialize)]
struct Interface<'a> {
    name: &'a str,
    linktype: u16,
    packets: u64,
    bytes: u64,
    late_frames: u64,
    untimed_frames: u64,
}

impl<'a> Interface<'a> {
    fn of(sum: &'a InterfaceSum) -> Interface<'a> {
        Interface {
            name: &sum.name,
            linktype: sum.link.number(),
            packets: sum.delivered.packets,
            bytes: sum.delivered.bytes,
            late_frames: sum.late_frames,
            untimed_frames: sum.untimed_frames,
        }
    }
}

/// Serializes without building all of it first.
fn one_by_one<S: Serializer>(flows: &&[FlowSum], serializer: S) -> Result<S::Ok, S::Error> {
    let places = Places::default();
    serializer.collect_seq(flows.iter().map(|flow| Flow::of(flow, &places)))
}

#[derive(Serialize)]
struct Flow {
    proto: String,
    ip_proto: u8,
    client: (IpAddr, Option<u16>),
    server: (IpAddr, Option<u16>),
    c2s: Tally,
    s2c: Tally,
    first: String,
    last: String,
    claims: [Claim; 0],
    site: Site,
    app: Option<Arc<str>>,
    domain: Option<String>,
    /// Of whom a registry assigned the server's address to.
    country: Option<String>,
}

/// A name seen inside a flow.
#[derive(Serialize)]
struct Claim {}

#[derive(Serialize)]
struct Site {
    name: String,
    source: &'static str,
}

impl Flow {
    fn of(flow: &FlowSum, places: &Places) -> Flow {
        let label = Label::of_address(flow.server().address);
        Flow {
            proto: flow.key.protocol().name(),
            ip_proto: flow.key.protocol().0,
            client: pair(flow.client()),
            server: pair(flow.server()),
            c2s: flow.from_client(),
            s2c: flow.from_server(),
            first: stamp(flow.first),
            last: stamp(flow.last),
            claims: [],
            site: Site {
                name: label.site.to_string(),
                source: label.site_source.word(),
            },
            app: None,
            domain: domain(&label.site.to_string()).map(|domain| domain.name().to_owned()),
            country: places
                .of(flow.server().address)
                .country
                .map(|it| it.code().to_owned()),
        }
    }
}

fn pair(end: Endpoint) -> (IpAddr, Option<u16>) {
    (end.address, end.port)
}

/// Seconds since 1970 with nine decimals.
fn stamp(at: Nanos) -> String {
    let sign = if at.0 < 0 { "-" } else { "" };
    let nanos = NANOS.unsigned_abs();
    let past = at.0.unsigned_abs();
    format!("{sign}{}.{:09}", past / nanos, past % nanos)
}
