//! The worst that a sender can ask of each parser, as far as its rules let him: one flow's frames.

mod domain;
mod hello;
mod links;
mod streams;

use super::frame::{Ends, udp};

/// The most that an IP packet carries behind a UDP header.
const LARGEST: usize = 65_507;
/// The most of a half of a stream that is kept.
const KEPT: usize = 16 * 1024;

/// The frames of one flow, by its client's port.
pub type Frames = fn(u16) -> Vec<Vec<u8>>;

/// A worst case: its name, its frames, and how many instructions one of them may cost on average, all
/// that the program does with it included.
pub type Case = (&'static str, Frames, u64);

pub const CASES: &[Case] = &[
    ("nested tunnels", links::tunnels, 0),
    ("labels without end", links::labels, 0),
    ("extension headers", links::extensions, 0),
    ("DNS pointers", domain::pointers, 0),
    ("DNS questions", domain::questions, 0),
    ("DNS aliases", domain::aliases, 0),
    ("DNS answers", domain::answers, 0),
    ("DNS over TCP", domain::messages, 0),
    ("TLS ciphers", hello::ciphers, 0),
    ("TLS extensions", hello::tls_extensions, 0),
    ("TLS records of a byte", hello::records, 0),
    ("TLS segments", hello::segments, 0),
    ("DTLS fragments", hello::fragments, 0),
    ("QUIC islands", streams::islands, 0),
    ("QUIC packets without keys", streams::strangers, 0),
    ("HTTP lines", streams::lines, 0),
    ("HTTP/2 fields", streams::fields, 0),
    ("SMTP lines", streams::dialogue, 0),
    ("SCTP chunks", streams::chunks, 0),
    ("IP parts", links::parts, 0),
];

/// The usual frame: what everything else is compared with.
pub fn usual(client: u16) -> Vec<Vec<u8>> {
    vec![udp(Ends(client, 40_000), &[0x55; 60])]
}
