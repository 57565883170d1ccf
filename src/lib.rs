//! netmonitor: which program talked to which site, how much and when.
//!
//! The rooms, in the order in which a packet meets them. A room uses only rooms listed above it
//! (`tests/layers.rs`); only `platform` asks which operating system this is.

// Ground: words and instruments that every room needs.
pub mod units;
pub mod key;
pub mod label;
pub mod clock;
pub mod measure;
pub mod platform;

// The way.
pub mod capture;
pub mod ring;
pub mod decode;
pub mod names;
pub mod flow;
pub mod owners;
pub mod tick;
pub mod store;
pub mod query;
pub mod export;
pub mod api;
pub mod dashboard;
pub mod serve;

// The whole.
pub mod config;
pub mod monitor;
pub mod cli;
