//! The settings of single rooms, with their defaults.

use serde::{Deserialize, Serialize};

/// What is watched, and how much memory the kernel may use for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Capture {
    pub interfaces: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    pub snaplen: u32,
    pub promiscuous: bool,
    pub block_timeout_ms: u32,
    pub ring_uplink_mib: u32,
    pub ring_other_mib: u32,
    pub ring_total_mib: u32,
}

impl Default for Capture {
    fn default() -> Capture {
        Capture {
            interfaces: Vec::new(),
            filter: None,
            snaplen: 2_048,
            promiscuous: false,
            block_timeout_ms: 100,
            ring_uplink_mib: 16,
            ring_other_mib: 2,
            ring_total_mib: 64,
        }
    }
}

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
