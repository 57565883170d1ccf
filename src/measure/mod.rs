//! The monitor measures itself: latency histograms of every stage, and named counters and gauges.
//! Recording takes no lock on the packet's way; reading takes a snapshot. Knows no clock: whoever
//! measures says how long it took, whoever ticks says what time it is.

mod histogram;
mod log;
mod meters;
mod stages;

pub use log::LogError;
pub use meters::{Counter, Gauge, Kind, Meters, Reading};
pub use stages::{Quantiles, Recorder, Shared, StageSnapshot, Stages};
