//! What the system says beyond processes and sockets of this place: of other places, of beginnings
//! and ends, and of what may be seen at all. Knows no flows.

use super::socket::Socket;
use crate::key::Endpoint;

/// A flow's two ends: where a packet in question came from, and where it went.
pub type Ends = (Endpoint, Endpoint);

/// A socket in another network namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distant {
    pub socket: Socket,
    /// The number of that namespace.
    pub network: u64,
    /// Some processes in it, oldest number first: one of them may hold the socket.
    pub pids: Vec<u32>,
}

/// What happened to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessEvent {
    Began {
        pid: u32,
        parent: u32,
    },
    /// It runs another program now.
    Called {
        pid: u32,
    },
    Ended {
        pid: u32,
    },
    /// More happened than could be kept: some was not told.
    Lost,
}

/// What this process may see of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// The open files of processes of other users: whose sockets are whose.
    pub others: bool,
    /// The rights that would help and are not there, by the system's names.
    pub missing: Vec<&'static str>,
    /// The system does not even show that others' processes are there.
    pub hidden: bool,
}
