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

/// Half as much again as was measured: of the largest frames that there can be, 64 KiB, and of streams
/// that are read anew with every segment until they are given up. Nothing here grows faster than its
/// bytes; what costs most for its size is a name that is told, some 3,000 instructions.
pub const CASES: &[Case] = &[
    ("nested tunnels", links::tunnels, 15_000),
    ("labels without end", links::labels, 15_000),
    ("extension headers", links::extensions, 10_000),
    ("DNS pointers", domain::pointers, 1_800_000),
    ("DNS questions", domain::questions, 2_500_000),
    ("DNS aliases", domain::aliases, 500_000),
    ("DNS answers", domain::answers, 900_000),
    ("DNS over TCP", domain::messages, 80_000),
    ("TLS ciphers", hello::ciphers, 2_000_000),
    ("TLS extensions", hello::tls_extensions, 1_200_000),
    ("TLS records of a byte", hello::records, 200_000),
    ("TLS segments", hello::segments, 260_000),
    ("DTLS fragments", hello::fragments, 80_000),
    ("QUIC islands", streams::islands, 125_000),
    ("QUIC packets without keys", streams::strangers, 45_000),
    ("HTTP lines", streams::lines, 280_000),
    ("HTTP/2 fields", streams::fields, 300_000),
    ("SMTP lines", streams::dialogue, 75_000),
    ("SCTP chunks", streams::chunks, 55_000),
    ("IP parts", links::parts, 15_000),
];

/// The usual frame: what everything else is compared with.
pub fn usual(client: u16) -> Vec<Vec<u8>> {
    vec![udp(Ends(client, 40_000), &[0x55; 60])]
}
