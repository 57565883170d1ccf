//! The only room that asks which operating system this is, and the only one where `unsafe` may be.
//! Each function is said here once; `linux/` and `macos/` answer it with the same signature.

use crate::units::Traffic;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What an interface is for. Totals count uplinks; the others are recorded and can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Has a default route and is no tunnel; physical ones with a link too.
    Uplink,
    Tunnel,
    Loopback,
    Bridge,
    Virtual,
    /// An interface of a capture file.
    File,
}

/// A network interface as the system describes it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nic {
    pub name: String,
    pub index: u32,
    pub up: bool,
    pub loopback: bool,
    pub role: Role,
    /// The link address, where the link has one that is not all zeros.
    pub hardware: Option<[u8; 6]>,
    pub addresses: Vec<IpAddr>,
    /// What the interface's own counters say: bytes and packets since it came to be.
    pub counters: Option<Traffic>,
}
