#!/usr/bin/env bash
# `make test`: every step, then what came of each. A step that fails does not stop the others.
# What this machine cannot have is `not applicable`: told, and no failure. With
# NETMONITOR_TEST_ALL=1 a test that would skip itself fails instead.
#
# usage: test.sh [STEP...]     (default: all, in order)
set -uo pipefail
cd "$(dirname "$0")/.." || exit
. scripts/common.sh

steps=(bootstrap format clippy supply shell demo release rust corpus browser macos)
export PATH=$PWD/target/tools/bin:$PATH
export NETMONITOR_CORPUS=${NETMONITOR_CORPUS:-$PWD/../shared/corpus}
not_applicable=75

step_bootstrap() { scripts/bootstrap.sh test; }

step_format() { cargo fmt --check && cargo fmt --check --manifest-path fuzz/Cargo.toml; }

step_clippy() { cargo clippy --all-targets --locked --quiet -- -D warnings; }

# Licences, bans and sources. Advisories need a database from the network: not here. What only other
# systems' builds need was not fetched for this one's.
step_supply() {
  have cargo-deny || { echo "cargo-deny is not here"; return $not_applicable; }
  cargo fetch --locked --quiet || return
  cargo-deny --offline --log-level error check licenses bans sources
}

step_shell() {
  have shellcheck || { echo "shellcheck is not here"; return $not_applicable; }
  local files=(scripts/*.sh scripts/macos/*.sh .ci/run)
  shellcheck --external-sources "${files[@]}"
}

# The committed capture is what its maker makes.
step_demo() { python3 scripts/make_demo_capture.py --check; }

# Newer than the source then, also where only a file of tests or of another system has changed.
step_release() { cargo build --release --locked --quiet && touch -c target/release/netmonitor; }

step_rust() {
  [ "$(id -u)" = 0 ] || echo "not root: the tests in network namespaces cannot run (use sudo)"
  if have cargo-nextest; then
    cargo nextest run --locked --run-ignored all -E 'not (binary(=corpus) | binary(=corpus_views) | binary(=apple_processes))'
  else
    cargo test --locked -- --include-ignored
  fi
}

step_corpus() {
  if [ ! -f "$NETMONITOR_CORPUS/check.py" ]; then
    echo "skipped: no captures at $NETMONITOR_CORPUS"
    return $not_applicable
  fi
  cargo test --locked --quiet --test corpus --test corpus_views --test apple_processes
}

step_browser() {
  local name chromium
  for name in chromium chromium-browser google-chrome; do
    chromium=$(command -v $name) && break
  done
  if ! have npm || [ -z "$chromium" ]; then
    echo "node and chromium are not here"
    return $not_applicable
  fi
  (cd tests/browser && npm run --silent types && CHROMIUM=$chromium npm test --silent)
}

step_macos() { scripts/macos-check.sh; }

passed=0 failed=0 summary=()
run_step() {
  local name=$1 begun=$SECONDS status word
  echo "== $name"
  "step_$name"
  status=$?
  case $status in
    0) word=passed passed=$((passed + 1)) ;;
    "$not_applicable") word="not applicable" ;;
    *) word=FAILED failed=$((failed + 1)) ;;
  esac
  summary+=("$(printf '%-10s %-14s %4d s' "$name" "$word" $((SECONDS - begun)))")
}

[ $# -gt 0 ] || set -- "${steps[@]}"
for step in "$@"; do
  if ! declare -F "step_$step" >/dev/null; then
    echo "test: no step \`$step\`; there are: ${steps[*]}" >&2
    exit 2
  fi
done
for step in "$@"; do run_step "$step"; done

echo
printf '%s\n' "${summary[@]}"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
