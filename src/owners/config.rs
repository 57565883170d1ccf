//! How owners are looked for.

use serde::{Deserialize, Serialize};

/// `[owners]` in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Look for the processes that flows belong to.
    pub enabled: bool,
    /// Whether programs are put into the kernel that tell of sockets by themselves.
    pub kernel: Kernel,
}

/// Whether the kernel is asked to tell of sockets by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kernel {
    /// Where it lets us.
    #[default]
    Auto,
    Off,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            enabled: true,
            kernel: Kernel::Auto,
        }
    }
}
