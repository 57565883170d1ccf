#!/usr/bin/env bash
# `make fuzz`: builds the fuzz targets and lets each look for inputs that break it; what it needs
# beyond the toolchain it installs. Ends with executions, coverage and crashes of each; status 1 if
# there was a crash, 75 (`not applicable`) where this machine cannot build them.
#
# A target begins with `fuzz/corpus/` and the seeds that `fuzz/seeds.py` makes. What it finds stays
# under `target/fuzz/`, crashes too; `keep` minimises it into `fuzz/corpus/`, for the repository.
#
# usage: fuzz.sh [SECONDS] [TARGET...]     (default: 1200 seconds each, all targets)
#        fuzz.sh keep [TARGET...]
set -uo pipefail
cd "$(dirname "$0")/.." || exit
. scripts/common.sh

not_applicable=75
work=$PWD/target/fuzz
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$work/build} PATH=$PWD/target/tools/bin:$PATH
# The flags of sanitizers and coverage are unstable ones, on a toolchain that is not.
export RUSTC_BOOTSTRAP=1

all_targets() {
  local file
  for file in fuzz/targets/*.rs; do basename "$file" .rs; done
}

impossible() {
  echo "fuzz: not applicable: $*" >&2
  exit $not_applicable
}

tools() {
  scripts/bootstrap.sh fuzz || impossible "the tools are not here"
  have cargo-fuzz || impossible "cargo-fuzz is not here"
  have c++ || impossible "a C++ compiler is not here"
  host=$(rustc -vV | sed -n 's/^host: //p')
  case $host in
    x86_64-*-linux-gnu | aarch64-*-linux-gnu) ;;
    *) impossible "no sanitizers for $host" ;;
  esac
}

build() {
  cargo fuzz build --fuzz-dir fuzz || impossible "the targets cannot be built"
}

binary() { echo "$CARGO_TARGET_DIR/$host/release/$1"; }

# Allocations of more than this are a defect, where frames and payloads are looked at.
malloc_limit() {
  case $1 in
    pcapng | fragments) echo 256 ;;
    *) echo 1 ;;
  esac
}

longest() {
  case $1 in
    frame_*) echo 2048 ;;
    pcapng | fragments) echo 8192 ;;
    *) echo 24000 ;;
  esac
}

run() {
  local target=$1 seconds=$2 found=$work/corpus/$1 crashes=$work/crashes/$1
  mkdir -p "$found" "$crashes" "fuzz/corpus/$target"
  nice -n 10 "$(binary "$target")" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 \
    -report_slow_units=25 \
    -malloc_limit_mb="$(malloc_limit "$target")" -max_len="$(longest "$target")" \
    -print_final_stats=1 -artifact_prefix="$crashes/" \
    "$found" "fuzz/corpus/$target" "$work/seeds/$target" >"$work/$target.log" 2>&1
}

# As many at a time as there are processors.
run_all() {
  local seconds=$1 target
  shift
  for target in "$@"; do
    while [ "$(jobs -rp | wc -l)" -ge "$(getconf _NPROCESSORS_ONLN)" ]; do wait -n; done
    run "$target" "$seconds" &
  done
  wait
}

report() {
  local target log line crashes any=0
  printf '%-16s %12s %10s %10s %8s\n' target executions edges features crashes
  for target in "$@"; do
    log=$work/$target.log
    line=$(grep -a '^#[0-9].* cov: ' "$log" | tail -1)
    crashes=$(find "$work/crashes/$target" -type f | wc -l)
    printf '%-16s %12s %10s %10s %8s\n' "$target" \
      "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
      "$(field cov "$line")" "$(field ft "$line")" "$crashes"
    [ "$crashes" = 0 ] || any=1
  done
  [ $any = 0 ] || echo "the inputs are under $work/crashes/; a log is beside each target's corpus"
  return $any
}

field() { sed -n "s/.* $1: \([0-9]*\).*/\1/p" <<<"$2"; }

# A small set of small inputs that reaches the same edges; if those are too many, some of every size:
# a repository is no place for all. What once broke something stays.
keep() {
  local target=$1 most=200 fresh=$work/kept/$1 all
  rm -rf "$fresh" && mkdir -p "$fresh" "fuzz/corpus/$target"
  "$(binary "$target")" -set_cover_merge=1 -use_counters=0 -max_len=4096 \
    "$fresh" "fuzz/corpus/$target" "$work/seeds/$target" "$work/corpus/$target" \
    >"$work/$target.keep.log" 2>&1 || return
  find "fuzz/corpus/$target" -type f ! -name 'broken-*' -delete
  all=$(find "$fresh" -type f | wc -l)
  find "$fresh" -type f -printf '%s %p\n' | sort -n | cut -d' ' -f2- |
    awk -v most=$most -v all="$all" \
      'all <= most || int(NR * most / all) != int((NR - 1) * most / all)' |
    while read -r file; do cp "$file" "fuzz/corpus/$target/"; done
  du -sb "fuzz/corpus/$target"
}

seconds=1200
command=run_all
case ${1-} in
  keep) command=keep && shift ;;
  *[!0-9]* | '') ;;
  *) seconds=$1 && shift ;;
esac
mapfile -t targets < <(all_targets)
for target in "$@"; do
  [[ " ${targets[*]} " = *" $target "* ]] || {
    echo "fuzz: no target \`$target\`; there are: ${targets[*]}" >&2
    exit 2
  }
done
[ $# -gt 0 ] || set -- "${targets[@]}"

tools
build
mkdir -p "$work"
python3 fuzz/seeds.py "$work/seeds" || exit
if [ $command = keep ]; then
  for target in "$@"; do keep "$target" || exit; done
else
  run_all "$seconds" "$@"
  report "$@"
fi
