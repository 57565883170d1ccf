//! Bytes to packet facts, or a named reason why not: link, ip, transport. No state, no allocation,
//! no panic: every length is checked against the bytes that were captured.

mod reason;

pub use reason::Reason;
