//! What a file came to as one JSON object, written flow by flow as it is made.

use crate::decode::{Encapsulation, Reason};
use crate::key::Endpoint;
use crate::names::places::Places;
use crate::names::{self, Ja4, domain};
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
struct Flow<'a> {
    proto: String,
    ip_proto: u8,
    client: (IpAddr, Option<u16>),
    server: (IpAddr, Option<u16>),
    c2s: Tally,
    s2c: Tally,
    first: String,
    last: String,
    claims: Vec<Claim<'a>>,
    site: Site,
    app: Option<Arc<str>>,
    /// The process that did it for the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    app_via: Option<Arc<str>>,
    protocol: Option<Protocol>,
    ja4: Option<&'a str>,
    encapsulations: Vec<&'static str>,
    domain: Option<String>,
    /// Of whom a registry assigned the server's address to.
    country: Option<String>,
}

/// A name seen inside a flow.
#[derive(Serialize)]
struct Claim<'a> {
    source: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    marks: Vec<&'static str>,
}

#[derive(Serialize)]
struct Site {
    name: String,
    source: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    marks: Vec<&'static str>,
}

/// What a flow speaks, and how that is known.
#[derive(Serialize)]
struct Protocol {
    name: &'static str,
    certainty: &'static str,
}

impl<'a> Flow<'a> {
    fn of(flow: &'a FlowSum, places: &Places) -> Flow<'a> {
        let (label, facts) = (&flow.label, &flow.facts);
        Flow {
            proto: flow.key.protocol().name(),
            ip_proto: flow.key.protocol().0,
            client: pair(flow.client()),
            server: pair(flow.server()),
            c2s: flow.from_client(),
            s2c: flow.from_server(),
            first: stamp(flow.first),
            last: stamp(flow.last),
            claims: facts.claims.iter().map(Claim::of).collect(),
            site: Site {
                name: label.site.to_string(),
                source: label.site_source.word(),
                marks: label.marks.words().collect(),
            },
            app: flow.app.as_ref().map(|process| process.app().clone()),
            app_via: flow.app.as_ref().and_then(|process| process.via().cloned()),
            protocol: Protocol::of(flow),
            ja4: facts.fingerprint.as_ref().map(Ja4::as_str),
            encapsulations: flow
                .encapsulations
                .kinds()
                .map(Encapsulation::word)
                .collect(),
            domain: domain(&label.site.to_string()).map(|domain| domain.name().to_owned()),
            country: places
                .of(flow.server().address)
                .country
                .map(|it| it.code().to_owned()),
        }
    }
}

impl<'a> Claim<'a> {
    fn of(claim: &'a names::Claim) -> Claim<'a> {
        Claim {
            source: claim.source.word(),
            name: claim.name.as_str(),
            marks: claim.marks.words().collect(),
        }
    }
}

impl Protocol {
    fn of(flow: &FlowSum) -> Option<Protocol> {
        let said = |certainty| {
            move |it: names::Protocol| Protocol {
                name: it.word(),
                certainty,
            }
        };
        let by_port = || names::protocol::by_port(flow.key.protocol().0, flow.server().port?);
        let spoke = flow.facts.spoke.map(said("content"));
        spoke.or_else(|| by_port().map(said("by-port")))
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
