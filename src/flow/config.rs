//! How many flows are kept, and for how long one may be silent.

use serde::{Deserialize, Serialize};

/// `[flow]` in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Most flows that are watched at a time. When there are more, half-open and single-packet
    /// ones are given up first, then the most idle; their bytes stay counted.
    pub max: usize,
    /// Most flows that are kept as connections of those that end within a second. What the others
    /// carried stays counted; how many they were is told.
    pub ended_max: usize,
    /// Seconds of silence after which a flow is over.
    pub idle: Idle,
}

/// `[flow.idle]` in the configuration: seconds of silence, by kind of flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Idle {
    /// TCP with frames both ways.
    pub tcp: u32,
    /// TCP with frames one way only.
    pub half_open: u32,
    /// TCP after FIN both ways or RST: late retransmissions still count on it.
    pub closed: u32,
    /// UDP and everything else.
    pub other: u32,
    /// A flow of one frame.
    pub single: u32,
}

impl Idle {
    /// How long a flow may be silent before it is over, whatever it is.
    pub fn longest(&self) -> u32 {
        let all = [
            self.tcp,
            self.half_open,
            self.closed,
            self.other,
            self.single,
        ];
        all.into_iter().max().unwrap_or(0)
    }
}

/// A second has room for so many rows however few flows there may be at a time.
const LEAST_ROWS: usize = 4096;

impl Config {
    /// Most rows of a second: as many as flows, so that only a flood of new ones has more.
    pub(super) fn rows(&self) -> usize {
        self.max.max(LEAST_ROWS)
    }
}

impl Default for Config {
    fn default() -> Config {
        Config {
            max: 262_144,
            ended_max: 65_536,
            idle: Idle::default(),
        }
    }
}

impl Default for Idle {
    fn default() -> Idle {
        Idle {
            tcp: 3600,
            half_open: 60,
            closed: 5,
            other: 180,
            single: 60,
        }
    }
}
