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

start() {
  if [ "$(id -u)" = 0 ] || may_capture; then
    exec "$binary" run "$@"
  elif [ -t 0 ] && have sudo; then
    echo "run: capturing needs root; sudo is used for the binary only" >&2
    exec sudo "$binary" run "$@"
  elif have sudo && sudo -n true 2>/dev/null; then
    exec sudo -n "$binary" run "$@"
  fi
}

refuse() {
  echo "run: no right to capture: this is not root, and sudo would ask for a password. Type" >&2
  if [ "$(uname -s)" = Linux ]; then
    echo "  sudo setcap cap_net_raw,cap_net_admin+ep $binary && $binary run" >&2
    echo "or" >&2
  fi
  echo "  sudo $binary run" >&2
  echo "run: exit status 77 (make itself reports 2)" >&2
  exit 77
}

scripts/bootstrap.sh build
as_caller cargo build --release --locked --quiet
start "$@"
refuse
