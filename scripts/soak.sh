#!/usr/bin/env bash
# `make soak`: the tests that `make test` samples, at their full sizes. Takes hours; wants root.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/bootstrap.sh test
export NETMONITOR_TEST_ALL=1 NETMONITOR_EXACT_RUNS=50 NETMONITOR_KILLS=1000 NETMONITOR_COMPACT_KILLS=200
export PROPTEST_CASES=100000 NETMONITOR_MUTANTS=0 NETMONITOR_FUZZ_MUTANTS=1000000 NETMONITOR_ATTRIBUTION_TRIALS=5
export NETMONITOR_CRASH_SECONDS=400 NETMONITOR_CRASH_IMAGES=24 NETMONITOR_FLIPS=2048 NETMONITOR_LENGTHS=200
export NETMONITOR_DISK_FAULTS=500 NETMONITOR_FORGET_IMAGES=12
cargo test --release --locked -- --nocapture --include-ignored
