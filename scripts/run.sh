#!/usr/bin/env bash
# `make run`: builds the release as the user who called, then starts the binary with the right to
# capture. Only the binary gets that right, never the build. netmonitor prints the dashboard's
# address with its token itself. Exit status: netmonitor's own; 77 when there is no way to the right.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

binary=$PWD/target/release/netmonitor

may_capture() {
  case $(uname -s) in
    Linux) have getcap && getcap "$binary" 2>/dev/null | grep -q cap_net_raw ;;
    *) [ -r /dev/bpf0 ] ;;
  esac
}

scripts/bootstrap.sh build
as_caller cargo build --release --locked --quiet

if [ "$(id -u)" = 0 ] || may_capture; then
  exec "$binary" run --show-token "$@"
elif [ -t 0 ] && have sudo; then
  echo "run: capturing needs root; sudo is used for the binary only" >&2
  exec sudo "$binary" run --show-token "$@"
elif have sudo && sudo -n true 2>/dev/null; then
  exec sudo -n "$binary" run --show-token "$@"
fi

# No way to the right that is known here: netmonitor itself says what to type.
status=0
"$binary" run --show-token "$@" || status=$?
[ "$status" != 77 ] || echo "run: exit status 77 (make reports it as its own 2)" >&2
exit "$status"
