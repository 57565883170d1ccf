//! The ClientHello in the form of SSL 2.0, which old clients begin with even when they speak up to
//! TLS 1.2 (RFC 5246, E.2). It has no extensions, so no name.

use super::ech::Ech;
use super::hello::Hello;
use super::reader::Reader;
use super::version::Version;
use crate::names::Parsed;

const CLIENT_HELLO: u8 = 1;
/// Type, version and the three lengths.
const FIXED: usize = 9;

/// The hello, once all of it is there.
pub(super) fn hello(bytes: &[u8]) -> Parsed<Hello> {
    if !begins(bytes) {
        return Parsed::Not;
    }
    match header(bytes) {
        Some(Header { length, parts, .. }) if length != parts => Parsed::Not,
        Some(header) if bytes.len() >= header.length + 2 => Parsed::Done(Hello {
            name: None,
            ech: Ech::None,
            alpn: None,
            version: header.version,
            ja4: None,
        }),
        _ => Parsed::More,
    }
}

struct Header {
    /// What the record says.
    length: usize,
    /// What the lengths in the message add up to.
    parts: usize,
    version: Version,
}

/// What is there of type and version fits.
fn begins(bytes: &[u8]) -> bool {
    let kind = bytes.get(2).is_none_or(|kind| *kind == CLIENT_HELLO);
    let major = bytes.get(3).is_none_or(|major| matches!(major, 0 | 3));
    let minor = match (bytes.get(3), bytes.get(4)) {
        (Some(0), Some(minor)) => *minor == 2,
        (_, Some(minor)) => *minor <= 3,
        (_, None) => true,
    };
    kind && major && minor
}

/// The lengths that RFC 5246 (E.2) allows; others add up to nothing.
fn header(bytes: &[u8]) -> Option<Header> {
    let mut reader = Reader(bytes);
    let length = usize::from(reader.u16()? & 0x7fff);
    let _kind = reader.u8()?;
    let version = Version(reader.u16()?);
    let [ciphers, session, challenge] =
        [reader.u16()?, reader.u16()?, reader.u16()?].map(usize::from);
    let allowed = ciphers > 0
        && ciphers.is_multiple_of(3)
        && matches!(session, 0 | 16)
        && (16..=32).contains(&challenge);
    Some(Header {
        length,
        parts: if allowed {
            FIXED + ciphers + session + challenge
        } else {
            0
        },
        version,
    })
}
