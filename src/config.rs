//! Every room's configuration in one value: flags over environment over file over defaults, put
//! together once and handed to the rooms. Knows where each setting came from; starts nothing.

mod check;
mod error;
mod file;
mod keys;
mod layers;

pub use error::Error;
pub use file::Place;
pub use keys::{KEYS, Key, split};
pub use layers::{Flag, Loaded, Origin, Setting, Sources, Stranger, load};

use crate::capture::live;
use crate::names::places;
use crate::{decode, flow, names, owners, serve, store, tick};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What every room is told at the start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the history, the token and nothing else lie.
    pub data_dir: PathBuf,
    /// Threads that decode and count; 0 leaves it to the number of processors.
    pub workers: usize,
    /// Names of the filters that sort flows into classes, at most 32.
    pub classes: Vec<String>,
    pub capture: live::Config,
    pub decode: decode::Config,
    pub geo: places::Config,
    pub flow: flow::Config,
    pub names: names::Config,
    pub owners: owners::Config,
    pub tick: tick::Config,
    pub store: store::Config,
    pub serve: serve::Config,
    /// Filters of one's own: name to expression.
    pub filters: BTreeMap<String, String>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            data_dir: PathBuf::new(),
            workers: 0,
            classes: ["dns", "web", "lan"].map(String::from).to_vec(),
            capture: live::Config::default(),
            decode: decode::Config::default(),
            geo: places::Config::default(),
            flow: flow::Config::default(),
            names: names::Config::default(),
            owners: owners::Config::default(),
            tick: tick::Config::default(),
            store: store::Config::default(),
            serve: serve::Config::default(),
            filters: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests;
