//! What a client says of itself when it begins TLS or DTLS: the name that it asks for, the protocol
//! it offers first, and its JA4 fingerprint. Pure functions over bytes; only [`Dtls`] keeps something,
//! because the fragments of one hello may come in several datagrams. Knows no flows, no TCP, no QUIC
//! packets: whoever calls brings the bytes in order. Nothing here is a proof of who a client talks to.

mod alpn;
mod body;
mod dtls;
mod ech;
mod extensions;
mod fragments;
mod handshake;
mod hello;
mod ja4;
mod reader;
mod records;
mod sslv2;
mod version;

#[cfg(test)]
mod build;
#[cfg(test)]
mod tests;

pub use alpn::Alpn;
pub use dtls::{Dtls, dtls_begins};
pub use ech::Ech;
pub use handshake::{message, partial_message};
pub use hello::{Hello, Transport, Wanted};
pub use ja4::Ja4;
pub use records::{name_so_far, partial, stream};
pub use version::Version;
