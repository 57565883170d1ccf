//! HTTP: whom the first request of a client asks for. HTTP/1 heads (RFC 9112), which SSDP sends over
//! UDP and some send over SCTP, and HTTP/2 with prior knowledge (RFC 9113). Host names only: no
//! path, no user, no other header leaves this room. Knows no stream: it is called with what there is.

mod authority;
mod head;
mod line;
mod method;
mod request;
pub mod h2;

pub use line::{Opening, opening};
pub use method::begins;
pub use request::{Request, partial, request};

/// As many bytes of a client's stream are looked at, and no more.
pub const LONGEST: usize = 16 * 1024;

/// The bytes that are looked at. That there were more does not change what is said of them.
fn looked_at(bytes: &[u8]) -> &[u8] {
    bytes.get(..LONGEST).unwrap_or(bytes)
}

#[cfg(test)]
mod tests;
