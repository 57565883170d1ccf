#!/usr/bin/env bash
# bench.sh [rooms|instructions|peers|live|pack|write|year ...]: all measurements, or those named. Figures of peers
# and of live links land in perf/runs/; criterion's and gungraun's in target/.
# Options for the harnesses: NETMONITOR_PEERS="--anyway --gate", NETMONITOR_LIVE="--minutes 1".
set -euo pipefail
cd "$(dirname "$0")/.."

# A program of the package that bears it, installed where apt is and we may.
need() {
    command -v "$1" >/dev/null && return
    echo "bench: $1 is not here; installing $2" >&2
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        DEBIAN_FRONTEND=noninteractive apt-get install -y "$2" >/dev/null || true
    fi
    command -v "$1" >/dev/null || { echo "bench: without $1 (package $2) its part is left out" >&2; return 1; }
}

rooms() { cargo bench --bench rooms; }

instructions() {
    need valgrind valgrind || return 0
    local version
    version=$(cargo metadata --format-version 1 | python3 -c \
        'import json, sys; print(next(p["version"] for p in json.load(sys.stdin)["packages"] if p["name"] == "gungraun"))')
    if ! "target/tools/bin/gungraun-runner" --version 2>/dev/null | grep -qF "$version"; then
        cargo install --quiet --root target/tools --version "$version" gungraun-runner
    fi
    GUNGRAUN_RUNNER=$PWD/target/tools/bin/gungraun-runner cargo bench --bench instructions
}

peers() {
    local pair
    for pair in tcpdump:tcpdump nfpcapd:nfdump softflowd:softflowd darkstat:darkstat argus:argus-server; do
        need "${pair%%:*}" "${pair##*:}" || true
    done
    cargo build --release
    # shellcheck disable=SC2086 # options, split on purpose
    perf/peers/peers.py ${NETMONITOR_PEERS:-}
}

live() {
    need tcpdump tcpdump || return 0
    if [ "$(id -u)" -ne 0 ]; then
        echo "bench: live is left out: it needs root" >&2
        return 0
    fi
    cargo build --release
    # shellcheck disable=SC2086 # likewise
    perf/live/live.py ${NETMONITOR_LIVE:-}
}

# The corpus' captures, sealed: bytes a row.
pack() {
    local corpus=${NETMONITOR_CORPUS:-../shared/corpus} folder
    folder=$(mktemp -d)
    cargo bench --bench year -- pack "$folder" "$corpus"/throughput/base.pcap "$corpus"/dev/ndpi__*.pcap |
        keep pack
    rm -rf "$folder"
}

# What a second costs to write, beside redb alone, and with 2,000,000 connections.
write() {
    { cargo bench --bench year -- write && cargo bench --bench year -- connections; } | keep write
}

# A year of a workstation, and questions to it. NETMONITOR_YEAR=whole: every second of all of it.
year() {
    local folder=${NETMONITOR_YEAR_FOLDER:-/dev/shm/netmonitor-year}
    { cargo bench --bench year -- simulate "$folder" && cargo bench --bench year -- ask "$folder"; } | keep year
}

# Figures as they come, and in a file beside those of other runs.
keep() {
    local machine folder
    machine=$(awk -F ': ' '/model name/ { print $2; exit }' /proc/cpuinfo | awk '{ print tolower($1 "-" $2) }')
    folder=perf/runs/$(date +%F)-$machine-$(nproc)-cores
    mkdir -p "$folder"
    tee "$folder/$1-$(date +%H%M%S).jsonl"
}

for part in "${@:-rooms instructions peers live pack write year}"; do
    for name in $part; do
        case $name in
        rooms | instructions | peers | live | pack | write | year) "$name" ;;
        *) echo "bench: there is no $name; there are rooms, instructions, peers, live, pack, write, year" >&2; exit 2 ;;
        esac
    done
done
