//! The targets' bodies, as `make test` replays them.

#[path = "../../tests/fuzz/mod.rs"]
pub mod bodies;
