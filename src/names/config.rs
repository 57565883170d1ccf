//! Whether payloads are looked at, and how much memory that may take.

use serde::{Deserialize, Serialize};

/// `[names]` in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Look for names in what flows carry. Without, sites are addresses.
    pub enabled: bool,
    /// Make a fingerprint (JA4) of each TLS hello.
    pub fingerprints: bool,
    /// Memory for what is put together from several packets, in MiB, of all flows.
    pub memory_mib: usize,
    /// QUIC hellos that are decrypted, and further datagrams of QUIC and DTLS, a second, of all
    /// flows. Flows beyond stay without a name.
    pub hellos_per_second: u32,
    /// Addresses whose names are remembered from answers of the domain name system.
    pub answers_max: usize,
}

impl Config {
    /// One worker's share of it.
    #[must_use]
    pub fn share(&self, workers: usize) -> Config {
        let workers = workers.max(1);
        Config {
            hellos_per_second: self.hellos_per_second.div_ceil(workers as u32),
            ..self.clone()
        }
    }

    /// The memory for what is put together, in bytes, of one of so many workers.
    pub(super) fn memory(&self) -> usize {
        self.memory_mib.saturating_mul(1 << 20)
    }
}

impl Default for Config {
    fn default() -> Config {
        Config {
            enabled: true,
            fingerprints: true,
            memory_mib: 8,
            hellos_per_second: 20_000,
            answers_max: 65_536,
        }
    }
}
