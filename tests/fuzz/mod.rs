//! What the fuzz targets do with a fuzzer's bytes, and what must hold whatever these are. Shared by
//! `fuzz/`, where a fuzzer makes the bytes, and `tests/fuzz_corpus.rs`, which replays those that it
//! kept. Knows no fuzzer.
#![allow(clippy::expect_used, reason = "a broken promise is told by a panic")]
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test binary uses its own part of this"
)]

pub mod check;
mod dns;
mod fragments;
pub mod frame;
mod http;
mod input;
mod listener;
mod pcapng;
mod quic;
mod seal;
mod tls;

/// A target's name, and what it does with bytes.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("frame_ethernet", frame::ethernet),
    ("frame_wifi", frame::wifi),
    ("frame_other", frame::other),
    ("dns", dns::run),
    ("tls", tls::run),
    ("quic", quic::run),
    ("http", http::run),
    ("listener", listener::run),
    ("pcapng", pcapng::run),
    ("fragments", fragments::run),
];

/// What the target of this name does.
pub fn target(name: &str) -> fn(&[u8]) {
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    found.expect("a target of this name").1
}
