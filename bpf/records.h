/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What is told through the ring, as the loader reads it (events.rs has the same offsets). Numbers
 * are the host's, addresses and ports the network's. Nothing has gaps. */
#pragma once

#include <linux/types.h>

enum { PROGRAM = 1, FLOW = 2 };

enum { NAME = 16, FILE_NAME = 256, ARGUMENTS = 4, ARGUMENT = 64 };

/* What was executed. */
/* Copied by whole words. */
struct program {
	char file[FILE_NAME];
	char arguments[ARGUMENTS][ARGUMENT];
} __attribute__((aligned(8)));

struct program_record {
	__u32 kind;
	__u32 process;
	__u64 since;
	__u32 parent;
	__u32 user;
	/* 0: the program is older than the watch, and `program` says nothing. */
	__u32 known;
	__u32 unused;
	char name[NAME];
	struct program program;
};

/* A socket's own end and the other one; an IPv4 address is in the first word, zeros follow. */
struct tuple {
	__u16 local_port;
	__u16 remote_port;
	__u8 protocol;
	__u8 six;
	__u8 has_ports;
	__u8 unused;
	__u32 local[4];
	__u32 remote[4];
};

enum { SENT = 1, ACCEPTED = 2, COPIES = 4, PACKET = 8 };

struct flow_record {
	__u32 kind;
	/* 0: the socket is older than the watch. */
	__u32 process;
	__u64 since;
	__u64 at;
	__u64 cookie;
	__u64 network;
	struct tuple tuple;
	__u32 flags;
	__u32 unused;
};
