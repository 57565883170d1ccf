//! What one half of a stream turns out to be, step by step: the bytes that are there without a gap
//! are looked at, and either tell a name, lead to something else further on (TLS behind STARTTLS or
//! CONNECT), or tell nothing.

use super::claim::{Notes, Said};
use super::dialogue::{self, Kind};
use super::dns::{self, Family};
use super::http::{self, Request};
use super::protocol::{self, Protocol};
use super::tls::{self, Ech, Hello};
use super::{Name, Parsed};
use crate::label::{Marks, SiteSource};

/// What the bytes at hand are taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The beginning of something.
    Start,
    /// A dialogue in plain text that may turn into TLS.
    Dialogue(Kind),
    /// What a dialogue turned into: TLS or nothing.
    Tls,
    /// Messages of the domain name system, each behind its length (RFC 1035, 4.2.2).
    Messages,
}

/// What came of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Everything that this flow will tell was told.
    Done,
    /// So many bytes are done with, and what follows is this.
    On(Stage, usize),
    /// More bytes are needed.
    More,
    /// This half tells nothing.
    Not,
}

impl Stage {
    pub(super) fn step(self, bytes: &[u8], notes: &mut Notes) -> Step {
        match self {
            Stage::Start => start(bytes, notes),
            Stage::Dialogue(kind) => talk(kind, bytes),
            Stage::Tls => hello(tls::stream(bytes, notes.wanted), Protocol::Tls, notes),
            Stage::Messages => messages(bytes, notes),
        }
    }

    /// What an incomplete beginning tells all the same, when no more will come.
    pub(super) fn give_up(self, bytes: &[u8], notes: &mut Notes) {
        if matches!(self, Stage::Dialogue(_) | Stage::Messages) {
            return;
        }
        if let Some(name) = tls::partial(bytes) {
            notes.claim(SiteSource::Sni, Some(name));
        } else if self == Stage::Start {
            notes.claim(SiteSource::HttpHost, http::partial(bytes));
        }
    }
}

/// The first look that does not say no decides: what comes after it is less certain.
fn start(bytes: &[u8], notes: &mut Notes) -> Step {
    const LOOKS: [fn(&[u8], &mut Notes) -> Step; 5] = [
        start_of_tls,
        start_of_http2,
        start_of_http,
        start_of_dialogue,
        start_of_any,
    ];
    let steps = LOOKS.iter().map(|look| look(bytes, notes));
    steps
        .into_iter()
        .find(|step| *step != Step::Not)
        .unwrap_or(Step::Not)
}

fn start_of_tls(bytes: &[u8], notes: &mut Notes) -> Step {
    hello(tls::stream(bytes, notes.wanted), Protocol::Tls, notes)
}

fn start_of_http2(bytes: &[u8], notes: &mut Notes) -> Step {
    match http::h2::authority(bytes) {
        Parsed::Done(authority) => {
            notes.spoke(Protocol::Http2);
            notes.claim(SiteSource::H2Authority, authority);
            Step::Done
        }
        Parsed::More => Step::More,
        Parsed::Not => Step::Not,
    }
}

fn start_of_http(bytes: &[u8], notes: &mut Notes) -> Step {
    match http::request(bytes) {
        Parsed::Done(request) => {
            notes.spoke(Protocol::Http);
            notes.claim(SiteSource::HttpHost, host(&request));
            notes.claim(SiteSource::HttpTarget, request.target);
            if request.connect.is_some() {
                notes.claim(SiteSource::Connect, request.connect);
                return Step::On(Stage::Start, request.length);
            }
            Step::Done
        }
        Parsed::More => Step::More,
        Parsed::Not => Step::Not,
    }
}

/// The host; an IPv6 address as it was said, in brackets and with its port.
fn host(request: &Request) -> Option<Name> {
    let host = request.host.as_ref()?;
    let is_address = host.as_str().contains(':');
    if is_address {
        request.said.clone()
    } else {
        Some(host.clone())
    }
}

fn start_of_dialogue(bytes: &[u8], notes: &mut Notes) -> Step {
    match dialogue::begins(bytes) {
        Parsed::Done(kind) => {
            notes.spoke(kind.protocol());
            Step::On(Stage::Dialogue(kind), 0)
        }
        Parsed::More => Step::More,
        Parsed::Not => Step::Not,
    }
}

/// What is recognised may be a server's banner: the other half may tell more.
fn start_of_any(bytes: &[u8], notes: &mut Notes) -> Step {
    match protocol::of_stream(bytes) {
        Parsed::Done(protocol) => {
            notes.spoke(protocol);
            Step::Not
        }
        Parsed::More => Step::More,
        Parsed::Not => Step::Not,
    }
}

fn talk(kind: Kind, bytes: &[u8]) -> Step {
    match dialogue::upgrade(kind, bytes) {
        Parsed::Done(length) => Step::On(Stage::Tls, length),
        Parsed::More => Step::More,
        // The other half may be the client.
        Parsed::Not => Step::Not,
    }
}

/// What a hello tells, whatever carried it.
pub(super) fn hello(parsed: Parsed<Hello>, protocol: Protocol, notes: &mut Notes) -> Step {
    let source = match protocol {
        Protocol::Quic => SiteSource::QuicSni,
        _ => SiteSource::Sni,
    };
    match parsed {
        Parsed::Done(hello) => {
            notes.spoke(protocol);
            let marks = if hello.ech == Ech::Offered {
                Marks::ECH_OUTER
            } else {
                Marks::default()
            };
            notes.marked(source, hello.name, marks);
            if let Some(ja4) = hello.ja4 {
                notes.said(Said::Fingerprint(ja4));
            }
            Step::Done
        }
        Parsed::More => Step::More,
        Parsed::Not => Step::Not,
    }
}

fn messages(bytes: &[u8], notes: &mut Notes) -> Step {
    let mut messages = dns::messages(bytes);
    for message in messages.by_ref() {
        message_of(message, Family::Dns, notes);
    }
    Step::On(Stage::Messages, messages.used())
}

/// The questions of a message are claims of its flow, its answers go into the ledger.
pub(super) fn message_of(message: &[u8], family: Family, notes: &mut Notes) {
    let source = match family {
        Family::Nbns => SiteSource::Nbns,
        _ => SiteSource::Dns,
    };
    dns::questions(message, family, |name| notes.claim(source, Some(name)));
    if let Some(answers) = dns::answers(message, family) {
        notes.said(Said::Answers(Box::new(answers)));
    }
}
