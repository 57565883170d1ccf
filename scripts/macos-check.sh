#!/usr/bin/env bash
# Type-checks, lints and links the macOS code on a Linux machine: Debian's rustc-web brings the
# standard library's source for every platform, zig the linker. Both are only unpacked under target/,
# nothing is installed. A macOS program cannot be run here; that it compiles and links can be shown.
# Exit status: 0 it does, 1 it does not, 75 not applicable (the packages cannot be had).
set -euo pipefail
cd "$(dirname "$0")/.."

target=aarch64-apple-darwin
root=$PWD/target/macos
rust=$root/rust
zig=$root/zig

not_applicable() {
  echo "macos-check: not applicable: $*" >&2
  exit 75
}

packages() {
  local version=$1 minor
  minor=$(cut -d. -f1,2 <<<"$version")
  printf '%s\n' "rustc-web=$version" "libstd-rust-web-dev=$version" "rust-web-src=$version" \
    "rust-web-clippy=$version" "libstd-rust-web-$minor=$version"
}

# The newest rustc-web of the package lists, and the LLVM that it names.
fetch_rust() {
  local version llvm debs=$root/deb
  version=$(apt-cache madison rust-web-src | awk '{print $3}' | sort -V | tail -1)
  [ -n "$version" ] || return 1
  rm -rf "$debs" && mkdir -p "$debs"
  (
    cd "$debs"
    mapfile -t wanted < <(packages "$version")
    apt-get -qq -o APT::Sandbox::User=root download "${wanted[@]}"
    llvm=$(dpkg-deb -f libstd-rust-web-[0-9]*.deb Depends | grep -o 'libllvm[0-9]*' | head -1)
    apt-get -qq -o APT::Sandbox::User=root download "$llvm"
  ) || return 1
  rm -rf "$rust.part" && mkdir -p "$rust.part"
  for deb in "$debs"/*.deb; do dpkg-deb -x "$deb" "$rust.part"; done
  rm -rf "$debs" "$rust" && mv "$rust.part" "$rust"
}

have_rust() { [ -x "$rust/usr/bin/rustc" ] && [ -x "$rust/usr/bin/clippy-driver" ]; }

prepare() {
  [ "$(uname -sm)" = "Linux x86_64" ] || not_applicable "this is $(uname -sm), not Linux x86_64"
  command -v apt-get >/dev/null || not_applicable "Debian's packages are needed"
  if ! have_rust; then
    echo "macos-check: unpacking Debian's rustc-web under target/macos (about 1 GB, once)"
    fetch_rust || { apt-get update -qq && fetch_rust; } || not_applicable "no rustc-web packages"
  fi
  if [ ! -d "$zig/ziglang" ]; then
    echo "macos-check: unpacking PyPI's ziglang under target/macos (about 300 MB, once)"
    python3 -m pip install --quiet --target "$zig" ziglang || not_applicable "no ziglang package"
  fi
}

# cargo with that compiler: build-std needs the nightly doors open.
macos_cargo() {
  LD_LIBRARY_PATH=$rust/usr/lib/x86_64-linux-gnu \
    RUSTC=$rust/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
    CARGO_TARGET_DIR=$root/build \
    CARGO_TARGET_AARCH64_APPLE_DARWIN_LINKER=$PWD/scripts/macos/zig-linker.sh \
    PYTHONPATH=$zig LIBPCAP_LIBDIR=$PWD/scripts/macos LIBPCAP_VER=1.10.1 \
    RUSTFLAGS="-L native=$PWD/scripts/macos" \
    cargo "$@" --config 'profile.dev.package."*".opt-level=0' --config profile.dev.debug=false \
    --config profile.dev.strip=false -Zbuild-std=std,panic_abort --target "$target"
}

prepare
echo "macos-check: lint and link"
# One build does both: the lints run in the driver that compiles the crate.
CLIPPY_ARGS=-Dwarnings__CLIPPY_HACKERY__ RUSTC_WORKSPACE_WRAPPER=$rust/usr/bin/clippy-driver \
  macos_cargo build --bins
binary=$root/build/$target/debug/netmonitor
# 0xfeedfacf, little end first: a 64-bit Mach-O file.
[ "$(od -An -tx1 -N4 "$binary" | tr -d ' ')" = cffaedfe ] || {
  echo "macos-check: $binary is not a Mach-O file" >&2
  exit 1
}
echo "macos-check: $binary compiles and links for $target"
