//! What may be done here to find out whose traffic is: asked before it is tried, so that a person can
//! be told what is missing.

use super::os;

/// Something that finding owners stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// Programs in the kernel that tell of sockets.
    KernelPrograms,
    /// A capture that tells the process of each packet.
    PacketOwners,
    /// The system's tables of sockets.
    SocketTables,
    /// Looking at processes of other users.
    OtherProcesses,
    /// Being told of each program that starts or ends.
    ProcessEvents,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Able {
    Yes,
    /// Not this process, and why.
    No(String),
    /// This system has no such thing.
    NotHere,
}

/// Whether this process could do it.
pub fn able(means: Means) -> Able {
    os::able(means)
}

/// What to type once so that this program may find every owner without being root; `None` where
/// only root may.
pub fn how_to_see_owners() -> Option<String> {
    os::how_to_see_owners(&super::program())
}
