#!/usr/bin/env bash
# Makes the histories of tests/histories/ again: one small capture, taken in by the program of each time
# at which the file's schema or the format of its connections was another. Needs what these commits need.
#
# usage: histories.sh [NAME ...]     names as below; none: all
set -euo pipefail
cd "$(dirname "$0")/.."

commits="schema-1-connections-1:62e27c8 schema-1-connections-2:c34fd3e
  schema-1-connections-3:7b67143 schema-2-connections-3:957fbd5"

work=$(mktemp -d)
trap 'rm -rf "$work"; git worktree prune' EXIT
mkdir -p tests/histories
NETMONITOR_HISTORY_CAPTURE=$work/capture.pcap \
  cargo test --quiet --test histories the_capture_of_the_histories >/dev/null

for one in $commits; do
  name=${one%%:*} commit=${one##*:}
  case " ${*:-$name} " in *" $name "*) ;; *) continue ;; esac
  git worktree add --quiet --detach "$work/$name" "$commit"
  (cd "$work/$name" && CARGO_TARGET_DIR=$work/target cargo build --quiet --locked)
  "$work/target/debug/netmonitor" replay --into "$work/data-$name" --local 10.0.0.0/8 \
    "$work/capture.pcap" >/dev/null
  gzip --best --no-name --stdout "$work/data-$name/history.redb" >"tests/histories/$name.redb.gz"
  echo "$name $(stat --format=%s "tests/histories/$name.redb.gz") bytes"
  git worktree remove --force "$work/$name"
done
