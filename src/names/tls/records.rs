//! A ClientHello at the start of a TCP stream, out of its records (RFC 8446, 5.1): in one, as usual, or
//! cut over many. The usual one is read where it lies; only pieces are copied together.

use super::handshake::{self, HEADER, LONGEST, hello, partial_message};
use super::hello::{Hello, Transport, Wanted};
use super::reader::Reader;
use super::sslv2;
use crate::names::{Name, Parsed};
use std::borrow::Cow;

const HANDSHAKE: u8 = 22;
/// The longest content of a record that is not encrypted.
const LONGEST_RECORD: usize = 1 << 14;

/// The ClientHello that a TCP stream begins with, from SSL 2.0's form to TLS 1.3.
pub fn stream(bytes: &[u8], wanted: Wanted) -> Parsed<Hello> {
    match bytes.first() {
        Some(&HANDSHAKE) => match whole(bytes) {
            Parsed::Done(message) => hello(&message, Transport::Tcp, wanted),
            Parsed::More => Parsed::More,
            Parsed::Not => Parsed::Not,
        },
        Some(first) if first & 0x80 != 0 => sslv2::hello(bytes),
        Some(_) => Parsed::Not,
        None => Parsed::More,
    }
}

/// The name in a ClientHello that [`stream`] refuses although all of it is there, because it is damaged
/// after its name; or that is too long to wait for. A hello that was cut has none here, as in tshark.
pub fn partial(bytes: &[u8]) -> Option<Name> {
    partial_message(&beginning(bytes)?, Transport::Tcp)
}

/// The name in what is there of a ClientHello, if all of its extension is: for a hello whose end was
/// lost or not captured. Whether ECH was offered may have been in the part that is missing.
pub fn name_so_far(bytes: &[u8]) -> Option<Name> {
    handshake::name_so_far(&beginning(bytes)?, Transport::Tcp)
}

/// As much of the first message as there is and as is looked at, and maybe some of what follows.
fn beginning(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    let mut records = Records(Reader(bytes));
    let mut message = Cow::Borrowed(records.next().done()?);
    while message.len() < LONGEST + HEADER {
        match records.next() {
            Parsed::Done(content) => message.to_mut().extend_from_slice(content),
            Parsed::More | Parsed::Not => break,
        }
    }
    Some(message)
}

/// The whole message, header and all.
fn whole(bytes: &[u8]) -> Parsed<Cow<'_, [u8]>> {
    let mut records = Records(Reader(bytes));
    let mut message = Cow::Borrowed(&[][..]);
    loop {
        match records.next() {
            Parsed::Done(content) if message.is_empty() => message = Cow::Borrowed(content),
            Parsed::Done(content) => message.to_mut().extend_from_slice(content),
            Parsed::More => return Parsed::More,
            Parsed::Not => return Parsed::Not,
        }
        match handshake::length(&message, Transport::Tcp) {
            Parsed::Done(length) if length <= message.len() => {
                return Parsed::Done(cut(message, length));
            }
            Parsed::Done(_) | Parsed::More => {}
            Parsed::Not => return Parsed::Not,
        }
    }
}

/// Only the first message of what a record holds.
fn cut(mut message: Cow<'_, [u8]>, length: usize) -> Cow<'_, [u8]> {
    match &mut message {
        Cow::Borrowed(bytes) => *bytes = bytes.get(..length).unwrap_or_default(),
        Cow::Owned(bytes) => bytes.truncate(length),
    }
    message
}

/// The contents of handshake records, one after the other.
struct Records<'a>(Reader<'a>);

impl<'a> Records<'a> {
    /// The content of the next record, as far as it is there: only the last one can be cut.
    fn next(&mut self) -> Parsed<&'a [u8]> {
        let [kind, major, ..] = self.0.0 else {
            return fits(self.0.0.first().is_none_or(|kind| *kind == HANDSHAKE));
        };
        if *kind != HANDSHAKE || *major != 3 {
            return Parsed::Not;
        }
        match self.content() {
            Some(content) => content,
            None => Parsed::More,
        }
    }

    fn content(&mut self) -> Option<Parsed<&'a [u8]>> {
        let _kind_and_version = self.0.take(3)?;
        let length = usize::from(self.0.u16()?);
        if !(1..=LONGEST_RECORD).contains(&length) {
            return Some(Parsed::Not);
        }
        let there = length.min(self.0.0.len());
        let content = self.0.take(there).filter(|content| !content.is_empty());
        content.map(Parsed::Done)
    }
}

fn fits<T>(so_far: bool) -> Parsed<T> {
    if so_far { Parsed::More } else { Parsed::Not }
}
