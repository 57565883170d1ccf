#!/usr/bin/env bash
# `make bench`: installs what measuring needs, then everything that perf/bench.sh measures.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/bootstrap.sh bench
exec perf/bench.sh "$@"
