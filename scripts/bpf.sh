#!/usr/bin/env bash
# `make bpf`: makes bpf/owners.bpf.o, the kernel's part of finding owners, of its source. The object
# is committed: building netmonitor takes no C compiler.
#
# usage: bpf.sh [OUTPUT]     (default: bpf/owners.bpf.o)
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

output=${1:-bpf/owners.bpf.o}
for tool in clang llvm-strip; do
  have "$tool" || { echo "bpf.sh: $tool is not here (package clang, llvm)" >&2; exit 75; }
done

# Where Debian keeps <asm/types.h>.
headers=(-I"/usr/include/$(uname -m)-linux-gnu")

clang --target=bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -Wno-unused-parameter \
  -Wno-unused-const-variable -ffile-prefix-map="$PWD"=. "${headers[@]}" \
  -c bpf/owners.bpf.c -o "$output"
llvm-strip --strip-debug "$output"
