//! The value that the parsers make of a ClientHello, and what they need to be told to make it.

use super::alpn::Alpn;
use super::body::Body;
use super::ech::Ech;
use super::extensions::Extensions;
use super::ja4::Ja4;
use super::version::Version;
use crate::names::Name;

/// What a client says of itself when it begins TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The host that it asks for (server_name, RFC 6066, 3). An address in its place stays as it is.
    pub name: Option<Name>,
    /// Whether `name` may be a front's.
    pub ech: Ech,
    /// The protocol that it would like best.
    pub alpn: Option<Alpn>,
    /// The newest version that it offers.
    pub version: Version,
    /// Its fingerprint, if that was wanted; an SSL 2.0 hello has none.
    pub ja4: Option<Ja4>,
}

/// What carries the hello: it decides on the form of the body, and on JA4's first letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Tcp,
    Quic,
    Dtls,
}

/// What is to be made of a hello. The fingerprint costs several times what all the rest does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Name,
    NameAndJa4,
}

impl Hello {
    /// The hello in the body of a whole ClientHello message; `None` where it is damaged.
    pub(super) fn of(body: &[u8], transport: Transport, wanted: Wanted) -> Option<Hello> {
        let body = Body::of(body, transport)?;
        let extensions = Extensions::of(body.extensions)?;
        let version = extensions.version.unwrap_or(body.version);
        let ja4 = match wanted {
            Wanted::Name => None,
            Wanted::NameAndJa4 => Some(Ja4::of(transport, version, &body, &extensions)),
        };
        Some(Hello {
            name: extensions.name.and_then(Name::of),
            ech: extensions.ech,
            alpn: extensions.alpn.and_then(Alpn::of),
            version,
            ja4,
        })
    }
}
