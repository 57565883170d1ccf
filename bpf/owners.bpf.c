/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Who uses the network: programs for the kernel that tell, through a ring, which process acts on
 * which socket, what it runs, and which flows its sockets have. Contexts that are part of the
 * kernel's promise only, so one object fits every kernel. `make bpf` makes owners.bpf.o of it. */
#include "flows.h"

/* The kernel reads this; it lends some of its functions to programs under the GPL only. */
char terms[] SEC("license") = "Dual MIT/GPL";
