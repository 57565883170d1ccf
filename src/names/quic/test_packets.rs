//! Packets for tests: headers as RFC 9000 writes them, sealed by the client's keys.

use super::keys::Keys;
use super::version::{Kind, Version};

/// RFC 9001, appendix A: the client's first destination connection ID.
pub(super) const FIRST: [u8; 8] = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];

/// An Initial of version 1 by its frames; what differs is changed by name.
pub(super) struct Initial<'a> {
    pub(super) number: u32,
    pub(super) destination: &'a [u8],
    /// Where the keys come from, if not from `destination`.
    pub(super) first: Option<&'a [u8]>,
    pub(super) source: &'a [u8],
    pub(super) token: &'a [u8],
    pub(super) packet_number: u64,
    /// Bytes in which the packet number is written.
    pub(super) written: usize,
    /// Which of the version's ways of protection.
    pub(super) way: usize,
}

pub(super) const PLAIN: Initial<'static> = Initial {
    number: 1,
    destination: &FIRST,
    first: None,
    source: &[],
    token: &[],
    packet_number: 0,
    written: 4,
    way: 0,
};

impl Initial<'_> {
    pub(super) fn seal(&self, payload: &[u8]) -> Vec<u8> {
        self.seal_as(payload, b"client in")
    }

    pub(super) fn seal_as(&self, payload: &[u8], side: &[u8]) -> Vec<u8> {
        let version = Version::of(self.number).unwrap();
        let mut header = long_header(self.number, Kind::Initial, self.destination, self.source);
        header[0] |= (self.written - 1) as u8;
        header.extend(variable(self.token.len()));
        header.extend(self.token);
        header.extend(variable(self.written + payload.len() + 16));
        let protected = header.len();
        header.extend(&self.packet_number.to_be_bytes()[8 - self.written..]);
        let protection = &version.protections[self.way];
        let first = self.first.unwrap_or(self.destination);
        let keys = Keys::of(protection, first, side).unwrap();
        keys.seal(header, protected, self.packet_number, payload)
    }
}

/// A packet of another type with bytes in it that nobody here can read.
pub(super) fn other(number: u32, kind: Kind, destination: &[u8]) -> Vec<u8> {
    let mut packet = long_header(number, kind, destination, &[9; 8]);
    packet.extend(variable(40));
    packet.extend([0x5a; 40]);
    packet
}

fn long_header(number: u32, kind: Kind, destination: &[u8], source: &[u8]) -> Vec<u8> {
    let version = Version::of(number).unwrap();
    let bits = (0..4).map(|bits| 0xc0 | bits << 4);
    let first = bits.into_iter().find(|first| version.kind(*first) == kind);
    let mut header = vec![first.unwrap()];
    header.extend(number.to_be_bytes());
    header.push(destination.len() as u8);
    header.extend(destination);
    header.push(source.len() as u8);
    header.extend(source);
    header
}

/// A CRYPTO frame with that part of the hello.
pub(super) fn crypto(hello: &[u8], part: std::ops::Range<usize>) -> Vec<u8> {
    let mut frame = vec![0x06];
    frame.extend(variable(part.start));
    frame.extend(variable(part.len()));
    frame.extend(&hello[part]);
    frame
}

/// A message that says that it is a ClientHello of that length; no two bytes near each other agree.
pub(super) fn hello(length: usize) -> Vec<u8> {
    let [_, sizes @ ..] = (length as u32 - 4).to_be_bytes();
    let body = (4..length).map(|at| (at * 7 + at / 251) as u8);
    [1].into_iter().chain(sizes).chain(body).collect()
}

pub(super) fn variable(value: usize) -> Vec<u8> {
    match value {
        0..0x40 => vec![value as u8],
        0x40..0x4000 => (value as u16 | 0x4000).to_be_bytes().to_vec(),
        _ => (value as u32 | 0x8000_0000).to_be_bytes().to_vec(),
    }
}

pub(super) fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}
