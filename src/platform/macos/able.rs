//! What macOS lets this process do: almost everything is root's.

use crate::platform::{Able, Means, is_root};

pub(crate) fn able(means: Means) -> Able {
    match means {
        Means::KernelPrograms | Means::ProcessEvents => Able::NotHere,
        Means::SocketTables => Able::Yes,
        Means::PacketOwners | Means::OtherProcesses if is_root() => Able::Yes,
        Means::PacketOwners => Able::No("only root is told the process of a packet".to_owned()),
        Means::OtherProcesses => {
            Able::No("only root may look at other users' processes".to_owned())
        }
    }
}

pub(crate) fn how_to_see_owners(_program: &str) -> Option<String> {
    None
}
