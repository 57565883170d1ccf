//! What it takes to find out whose traffic is: asked where something was refused, so that a person
//! can be told what is missing.

use super::os;

/// Something that finding owners stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// Programs in the kernel that tell of sockets ([`super::Kernel`]).
    KernelPrograms,
    /// A capture that tells the process of each packet ([`super::PROCESS_TAP`]).
    PacketOwners,
    /// Looking at processes of other users.
    OtherProcesses,
    /// Being told of each program that starts or ends ([`super::ProcessEvents`]).
    ProcessEvents,
    /// The other ends of translated addresses ([`super::Translations`]).
    Translations,
}

/// The rights that it takes and this process has not, by the system's names. That none is missing
/// does not mean that it works.
pub fn lacks(means: Means) -> Vec<&'static str> {
    os::lacks(means)
}

/// What to type once so that this program may find every owner without being root; `None` where
/// only root may.
pub fn how_to_see_owners() -> Option<String> {
    os::how_to_see_owners(&super::program())
}
