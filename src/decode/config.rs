//! Which of a tunnelled frame's flows counts.

use serde::{Deserialize, Serialize};

/// `[decode]` in the configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The IP header whose flow a frame in a tunnel counts on.
    pub tunnels: Tunnels,
}

/// Which IP header of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tunnels {
    /// The innermost: who talks in the tunnel.
    #[default]
    Inner,
    /// The first: who has the tunnel.
    Outer,
}

impl Tunnels {
    /// How many tunnels are followed.
    pub(super) fn most(self) -> usize {
        match self {
            Tunnels::Inner => super::tunnel::MOST,
            Tunnels::Outer => 0,
        }
    }
}
