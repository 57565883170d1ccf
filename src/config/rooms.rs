//! The settings of single rooms, with their defaults.

use serde::{Deserialize, Serialize};

/// How the history is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    pub cache_mib: usize,
}

impl Default for Store {
    fn default() -> Store {
        Store { cache_mib: 8 }
    }
}
