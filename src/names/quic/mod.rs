//! From a flow's UDP datagrams to the ClientHello inside a QUIC connection (RFC 9000, 9001, 9369,
//! the drafts before them, and Google's QUIC). A client's Initial packets are protected by keys that
//! whoever sees the first of them can derive: they are opened, their tags checked, and their CRYPTO
//! frames put together. What the hello says is read elsewhere; Google's CHLO is read here.

mod bytes;
mod version;
mod header;
mod keys;
mod frames;
mod assembly;
mod google;
mod connection;

pub use connection::Quic;

use super::Name;
use version::Kind;

/// What a connection began with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The TLS ClientHello, from its handshake header of four bytes on.
    Hello(Box<[u8]>),
    /// A CHLO of Google's QUIC, and the server's name if it has one.
    Chlo(Option<Name>),
}

/// A datagram with an Initial of a client is at least so long (RFC 9000, 14.1).
const SHORTEST_INITIAL: usize = 1200;

/// Whether this datagram could be the first of a connection, from its client.
pub fn begins(datagram: &[u8]) -> bool {
    match header::header(datagram) {
        Some((header, _)) => {
            let is_first = matches!(header.kind, Kind::Initial | Kind::ZeroRtt);
            is_first && (has_fixed_bit(header.first) || datagram.len() >= SHORTEST_INITIAL)
        }
        None => google::is_clear(datagram),
    }
}

/// A client may clear it to keep it from meaning something (RFC 9287): then the length must do.
fn has_fixed_bit(first: u8) -> bool {
    first & 0x40 != 0
}

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod test_packets;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;
