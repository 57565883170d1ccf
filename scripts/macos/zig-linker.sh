#!/usr/bin/env bash
# The linker that cargo calls for a macOS target: zig's, less the options that it does not know.
set -euo pipefail

arguments=()
while [ $# -gt 0 ]; do
  case $1 in
    -arch) shift ;; # the target says it already
    -Wl,-dead_strip | -Wl,-exported_symbols_list* | -nodefaultlibs | -mmacosx-version-min=*) ;;
    *) arguments+=("$1") ;;
  esac
  shift
done
exec python3 -m ziglang cc -target aarch64-macos.13.0 "${arguments[@]}"
