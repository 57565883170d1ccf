#!/usr/bin/env bash
# `make bench`: time and instruction counts of the rooms, then netmonitor beside its peers.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/bootstrap.sh bench
export PATH=$PWD/target/tools/bin:$PATH
cargo build --release --locked
cargo bench --locked
if [ -f perf/peers/peers.py ]; then python3 perf/peers/peers.py "$@"; fi
