//! What can be set about the history, and what of it while the history is written.

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Memory for pages of the file, in bytes.
    pub cache_bytes: usize,
    /// How many seconds one durable commit takes, 1 to 10: what a crash of the machine may cost.
    pub sync_s: usize,
    /// How many days seconds are kept.
    pub seconds_days: u32,
    /// How many days minutes are kept.
    pub minutes_days: u32,
    /// How many days hours are kept.
    pub hours_days: u32,
    /// How many days days are kept; 0: for ever.
    pub days_days: u32,
    /// What all history may take, in MiB: the finest tier gives way first.
    pub budget_mib: u64,
    /// The time zone in which days are cut; empty: the system's.
    pub zone: String,
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
            sync_s: 1,
            seconds_days: 7,
            minutes_days: 30,
            hours_days: 90,
            days_days: 0,
            budget_mib: 1_024,
            zone: String::new(),
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

    /// Takes over how long and how much is kept, and nothing else.
    pub fn set(&self, config: &Config) {
        let mut now = self.0.lock();
        now.seconds_days = config.seconds_days;
        now.minutes_days = config.minutes_days;
        now.hours_days = config.hours_days;
        now.days_days = config.days_days;
        now.budget_mib = config.budget_mib;
        now.connections_days = config.connections_days;
        now.connections_max = config.connections_max;
    }

    pub(crate) fn now(&self) -> Config {
        self.0.lock().clone()
    }
}
