//! What can be set about the history.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Memory for pages of the file, in bytes.
    pub cache_bytes: usize,
    /// How many days seconds are kept.
    pub seconds_days: u32,
    /// How many days connections are kept.
    pub connections_days: u32,
    /// How many connections are kept.
    pub connections_max: u64,
    /// The classes' names: what each class bit means. Set by whoever sets the classes.
    #[serde(skip)]
    pub classes: Vec<Arc<str>>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            cache_bytes: 4 << 20,
            seconds_days: 7,
            connections_days: 7,
            connections_max: 2_000_000,
            classes: Vec::new(),
        }
    }
}
