//! How Apple's system lays out what it tells of processes, their sockets, bundles and interfaces:
//! bytes and names to facts. Asks nobody but for a bundle's description, so that it can be tested
//! anywhere.

mod arguments;
mod bundle;
mod plist;
mod roles;
mod search;
mod socket;

#[cfg(target_os = "macos")]
pub(super) use self::{
    arguments::arguments,
    bundle::bundle,
    roles::assign,
    search::{at, find},
    socket::{SOCKET_INFO, socket},
};
