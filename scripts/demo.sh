#!/usr/bin/env bash
# `make demo`: netmonitor on a capture of an invented workstation, in a loop, moved to now. Needs no
# root, keeps nothing. netmonitor prints the address itself.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

scripts/bootstrap.sh build
as_caller cargo build --release --locked --quiet
exec target/release/netmonitor demo "$@"
