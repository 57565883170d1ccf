//! The extensions of a ClientHello that say something of the client (RFC 8446, 4.2), in one walk.

use super::ech::Ech;
use super::reader::{Reader, is_grease, numbers};
use super::version::Version;

// Numbers from IANA's registry of TLS ExtensionType values.
pub(super) const SERVER_NAME: u16 = 0;
pub(super) const SIGNATURES: u16 = 13;
pub(super) const ALPN: u16 = 16;
const VERSIONS: u16 = 43;
const ECH: u16 = 0xfe0d;
const ESNI: u16 = 0xffce;

/// The name type of a host, the only one there is (RFC 6066, 3).
const HOST_NAME: u8 = 0;

/// What they say. Where a kind comes twice, which RFC 8446 forbids, the first one counts.
#[derive(Default)]
pub(super) struct Extensions<'a> {
    /// There is a `server_name`, with something in it or not.
    pub(super) has_name: bool,
    pub(super) name: Option<&'a [u8]>,
    pub(super) alpn: Option<&'a [u8]>,
    pub(super) version: Option<Version>,
    /// Signature algorithms, two bytes each.
    pub(super) signatures: &'a [u8],
    pub(super) ech: Ech,
}

impl<'a> Extensions<'a> {
    /// What the list says; `None` where it does not end with a whole extension.
    pub(super) fn of(list: &'a [u8]) -> Option<Extensions<'a>> {
        let mut extensions = Extensions::default();
        let mut each = Each(Reader(list));
        for (kind, data) in &mut each {
            extensions.note(kind, data);
        }
        each.0.is_empty().then_some(extensions)
    }

    fn note(&mut self, kind: u16, data: &'a [u8]) {
        match kind {
            SERVER_NAME if !self.has_name => {
                self.has_name = true;
                self.name = host_name(data);
            }
            ALPN => self.alpn = self.alpn.or_else(|| first_protocol(data)),
            VERSIONS => self.version = self.version.or_else(|| newest(data)),
            SIGNATURES if self.signatures.is_empty() => {
                self.signatures = Reader(data).vector().unwrap_or_default();
            }
            ECH => self.ech = self.ech.or(Ech::of(data)),
            ESNI => self.ech = self.ech.or(Ech::Esni),
            _ => {}
        }
    }
}

/// The extensions one after the other, as far as each is whole; what is left then was not.
pub(super) struct Each<'a>(pub(super) Reader<'a>);

impl<'a> Iterator for Each<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let mut reader = self.0;
        let extension = (reader.u16()?, reader.vector()?);
        self.0 = reader;
        Some(extension)
    }
}

/// The first host name of a `server_name` extension; names of other types are passed over.
pub(super) fn host_name(data: &[u8]) -> Option<&[u8]> {
    let mut list = Reader(Reader(data).vector()?);
    while let Some(kind) = list.u8() {
        let name = list.vector()?;
        if kind == HOST_NAME {
            return Some(name);
        }
    }
    None
}

/// The first protocol of an ALPN extension that is not GREASE (RFC 7301, 3.1; RFC 8701, 2).
fn first_protocol(data: &[u8]) -> Option<&[u8]> {
    let mut list = Reader(Reader(data).vector()?);
    loop {
        let protocol = list.short_vector()?;
        let grease = protocol.len() == 2 && numbers(protocol).any(is_grease);
        if !grease {
            return Some(protocol);
        }
    }
}

fn newest(data: &[u8]) -> Option<Version> {
    numbers(Reader(data).short_vector()?)
        .filter(|number| !is_grease(*number))
        .map(Version)
        .reduce(Version::newer)
}
