//! How live capture is configured.

use crate::platform::Role;
use serde::{Deserialize, Serialize};

/// What is watched, and how much memory the kernel may use for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The interfaces to watch; none named: all that are up.
    pub interfaces: Vec<String>,
    /// Bytes that are kept of each frame; its whole length is counted in any case.
    pub snaplen: u32,
    /// Ask for frames that are not for this host, too.
    pub promiscuous: bool,
    /// Milliseconds after which the kernel hands over frames that do not fill a block.
    pub block_timeout_ms: u32,
    /// MiB of the kernel's memory for the ring of an uplink or a tunnel.
    pub ring_uplink_mib: u32,
    /// MiB of the kernel's memory for the ring of any other interface.
    pub ring_other_mib: u32,
    /// MiB of the kernel's memory for all rings together.
    pub ring_total_mib: u32,
    /// Only frames that match are watched: an expression, or the name of a filter that comes
    /// along.
    pub filter: Option<String>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            interfaces: Vec::new(),
            snaplen: 2048,
            promiscuous: false,
            block_timeout_ms: 100,
            ring_uplink_mib: 16,
            ring_other_mib: 2,
            ring_total_mib: 64,
            filter: None,
        }
    }
}

/// Two of the blocks that libpcap's rings are made of: less is no ring.
const LEAST_RING: u32 = 512 << 10;

impl Config {
    /// Is this interface among those to watch?
    pub(super) fn names(&self, name: &str) -> bool {
        self.interfaces.iter().any(|named| named == name)
    }

    /// No interface was named: every one that is up is watched.
    pub(super) fn all(&self) -> bool {
        self.interfaces.is_empty()
    }

    /// What a tap's device is called that gives the frames of these interfaces: it takes so many
    /// names; of more, and of all, those that are not watched are passed over.
    pub(super) fn tapped(&self, device: &str) -> String {
        const MOST_NAMES: usize = 8;
        match self.interfaces.len() {
            1..=MOST_NAMES => format!("{device},{}", self.interfaces.join(",")),
            _ => format!("{device},all"),
        }
    }

    /// Bytes that are kept of a frame, within what libpcap takes.
    pub(super) fn kept(&self) -> u32 {
        self.snaplen.clamp(64, 262_144)
    }

    /// Bytes for the ring of one more interface when `used` bytes are taken; `None`: none left.
    pub(super) fn ring(&self, role: Role, used: u32) -> Option<u32> {
        let mib = match role {
            // A tunnel may carry all that an uplink does.
            Role::Uplink | Role::Tunnel => self.ring_uplink_mib,
            _ => self.ring_other_mib,
        };
        let left = bytes(self.ring_total_mib).saturating_sub(used);
        let ring = bytes(mib).max(LEAST_RING).min(left);
        (ring >= LEAST_RING).then_some(ring)
    }

    /// Bytes that all rings together may have.
    pub fn rings_most(&self) -> u64 {
        bytes(self.ring_total_mib).into()
    }

    /// How long the kernel may keep a frame back, twice: after that much silence it has none.
    pub(super) fn silence_nanos(&self) -> i64 {
        i64::from(self.block_timeout()) * 2_000_000
    }

    /// A timeout of 0 would keep frames back until a block is full.
    pub(super) fn block_timeout(&self) -> u32 {
        self.block_timeout_ms.clamp(1, 1_000)
    }
}

/// MiB in bytes; more than a GiB is no sensible ring.
fn bytes(mib: u32) -> u32 {
    mib.min(1024) << 20
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_are_given_until_the_total_is_used_up() {
        let config = Config::default();
        assert_eq!(config.ring(Role::Uplink, 0), Some(16 << 20));
        assert_eq!(config.ring(Role::Tunnel, 16 << 20), Some(16 << 20));
        assert_eq!(config.ring(Role::Virtual, 32 << 20), Some(2 << 20));
        assert_eq!(config.ring(Role::Uplink, 60 << 20), Some(4 << 20));
        assert_eq!(config.ring(Role::Virtual, 64 << 20), None);
    }

    #[test]
    fn a_tap_is_asked_for_the_interfaces_to_watch() {
        let mut config = Config::default();
        assert_eq!(config.tapped("tap"), "tap,all");
        config.interfaces = vec!["en0".into(), "lo0".into()];
        assert_eq!(config.tapped("tap"), "tap,en0,lo0");
        config.interfaces = (0..9).map(|number| format!("utun{number}")).collect();
        assert_eq!(config.tapped("tap"), "tap,all");
    }
}
