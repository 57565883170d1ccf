//! How Apple's system lays out what it tells of processes, their sockets and their bundles: bytes to
//! facts. Asks nobody but for a bundle's description, so that it can be tested anywhere.

mod arguments;
mod bundle;
mod plist;
mod socket;

pub(super) use arguments::arguments;
pub(super) use bundle::bundle;
pub(super) use socket::{SOCKET_INFO, socket};
