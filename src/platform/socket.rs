//! What the system says of sockets. Knows neither flows nor apps.

use super::process::Run;
use crate::key::{Endpoint, Protocol};

/// A socket as the system lists it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    pub protocol: Protocol,
    /// Unspecified where it is bound to every address; without a port where its protocol has none.
    pub local: Endpoint,
    /// `None` where it is not connected.
    pub remote: Option<Endpoint>,
    pub user: u32,
    /// The number of its file: what `/proc/PID/fd` says. 0: no process holds it any more.
    pub inode: u64,
    /// Never used again while the system runs; 0 where it is not told.
    pub cookie: u64,
    pub listens: bool,
    /// It is bound to every IPv6 address and hears no IPv4. Known of sockets that are not connected.
    pub six_only: bool,
}

/// A socket that sends and receives whole frames (AF_PACKET).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketSocket {
    pub inode: u64,
    pub cookie: u64,
    pub user: Option<u32>,
    /// The number of the interface that it is bound to; 0: all of them.
    pub interface: u32,
}

/// What the kernel tells by itself of sockets and of who uses them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KernelEvent {
    Program(ProgramSeen),
    Flow(FlowSeen),
}

/// A program that uses a socket for the first time since it began; told before its sockets' flows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramSeen {
    /// `since` is when its program was executed, or when it was forked off; 0: before the watch.
    pub run: Run,
    /// The process that forked it; 0 where that is not known.
    pub parent: u32,
    pub user: u32,
    pub short_name: String,
    /// What was executed, as it was called (it may be relative to where its parent worked, or a
    /// script): `None` if that was before the watch. A process with a `since` and without this runs
    /// what its parent ran when it was forked off.
    pub file: Option<String>,
    /// The first few of what it was called with, its own name first, as far as they were caught.
    pub arguments: Vec<String>,
}

/// Traffic of a socket with a remote end for the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts of which any may hold beside any other"
)]
pub struct FlowSeen {
    pub protocol: Protocol,
    /// The socket's own end; of protocols without ports both have none.
    pub local: Endpoint,
    pub remote: Endpoint,
    pub cookie: u64,
    /// The cookie of its network namespace; 0 where it is not known.
    pub network: u64,
    /// Who acted on the socket last: `None` for a socket from before the watch.
    pub run: Option<Run>,
    /// When the kernel told it, in nanoseconds since the system was started.
    pub at: u64,
    /// The socket sent it; else it received it.
    pub sent: bool,
    /// It was made by a listening socket: whoever listens is told, and another may have taken it.
    pub accepted: bool,
    /// It receives copies of what others get, too (raw sockets): what it received says little.
    pub copies: bool,
    /// The frame was sent whole by a packet socket with this cookie, by `run` where the kernel lets
    /// that be asked.
    pub packet: bool,
}

/// What the kernel could not tell since it was asked to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Events for which the ring had no room: whoever reads it was too slow.
    pub ring: u64,
    /// Sockets, programs and flows that the kernel had no memory to remember.
    pub maps: u64,
}
