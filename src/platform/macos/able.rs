//! What finding owners takes on macOS: almost everything is root's.

use crate::platform::{Means, is_root};

pub(crate) fn lacks(means: Means) -> Vec<&'static str> {
    match means {
        Means::PacketOwners | Means::OtherProcesses if !is_root() => vec!["root"],
        _ => Vec::new(),
    }
}

pub(crate) fn how_to_see_owners(_program: &str) -> Option<String> {
    None
}
