//! The questions to this machine that owners of traffic hang on, asked in one place.

use crate::platform::{Able, Means, able};

/// What this process could do here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Probe {
    pub(super) kernel_programs: Able,
    pub(super) packet_owners: Able,
    pub(super) socket_tables: Able,
    pub(super) other_processes: Able,
    pub(super) process_events: Able,
    /// What to type so that all of it works without root.
    pub(super) command: Option<String>,
}

pub(super) fn probe() -> Probe {
    Probe {
        kernel_programs: able(Means::KernelPrograms),
        packet_owners: able(Means::PacketOwners),
        socket_tables: able(Means::SocketTables),
        other_processes: able(Means::OtherProcesses),
        process_events: able(Means::ProcessEvents),
        command: crate::platform::how_to_see_owners(),
    }
}
