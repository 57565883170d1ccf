//! What can be set about the history, and what of it while the history is written.

use parking_lot::Mutex;
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

/// How long history is kept: a handle, for it may change while the history is written. A change
/// holds from the next retention on, a minute later at most.
#[derive(Clone, Debug)]
pub struct Kept(Arc<Mutex<Config>>);

impl Kept {
    pub(crate) fn new(config: Config) -> Kept {
        Kept(Arc::new(Mutex::new(config)))
    }

    /// Takes over how long seconds and connections are kept, and nothing else.
    pub fn set(&self, config: &Config) {
        let mut now = self.0.lock();
        now.seconds_days = config.seconds_days;
        now.connections_days = config.connections_days;
        now.connections_max = config.connections_max;
    }

    pub(crate) fn now(&self) -> Config {
        self.0.lock().clone()
    }
}
