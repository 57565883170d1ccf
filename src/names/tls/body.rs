//! The fixed part of a ClientHello (RFC 8446, 4.1.2; RFC 5246, 7.4.1.2; with a cookie in DTLS,
//! RFC 9147, 5.3), up to its extensions.

use super::extensions::{self, Each};
use super::hello::Transport;
use super::reader::Reader;
use super::version::Version;

const RANDOM: usize = 32;

/// What of it is of use: the rest is random or out of use.
pub(super) struct Body<'a> {
    pub(super) version: Version,
    pub(super) ciphers: &'a [u8],
    /// The list of extensions without its length; empty where a client sends none.
    pub(super) extensions: &'a [u8],
}

impl<'a> Body<'a> {
    /// A body whose every length is right; `None` for any other.
    pub(super) fn of(bytes: &'a [u8], transport: Transport) -> Option<Body<'a>> {
        let mut reader = Reader(bytes);
        let version = Version(reader.u16()?);
        let ciphers = past_ciphers(&mut reader, transport)?;
        let extensions = if reader.is_empty() {
            &[]
        } else {
            reader.vector()?
        };
        (reader.is_empty() && ciphers.len().is_multiple_of(2)).then_some(Body {
            version,
            ciphers,
            extensions,
        })
    }
}

/// The bytes of the server's name in a body of which only the beginning is there.
pub(super) fn name_in_part(bytes: &[u8], transport: Transport) -> Option<&[u8]> {
    let mut reader = Reader(bytes);
    reader.u16()?;
    past_ciphers(&mut reader, transport)?;
    let length = usize::from(reader.u16()?);
    let there = reader.0.get(..length).unwrap_or(reader.0);
    let (_, name) = Each(Reader(there)).find(|(kind, _)| *kind == extensions::SERVER_NAME)?;
    extensions::host_name(name)
}

/// The cipher suites; the reader stands before the extensions afterwards.
fn past_ciphers<'a>(reader: &mut Reader<'a>, transport: Transport) -> Option<&'a [u8]> {
    let _random = reader.take(RANDOM)?;
    let session = reader.short_vector()?;
    if transport == Transport::Dtls {
        let _cookie = reader.short_vector()?;
    }
    let ciphers = reader.vector()?;
    let _compressions = reader.short_vector()?;
    (session.len() <= 32).then_some(ciphers)
}
