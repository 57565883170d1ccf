/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What is remembered in the kernel: all of it bounded, what did not fit is counted. */
#pragma once

#include "kernel.h"
#include "records.h"

/* A process that began, or acted on a socket, since the watch began. */
struct process {
	/* When it was forked off, and when it executed its program or was forked off; 0: before. */
	__u64 forked;
	__u64 since;
	/* Under which key `programs` has what it runs: a forked process runs what its parent does. */
	__u64 program_since;
	__u32 program;
	__u32 parent;
	__u32 user;
	__u32 told;
	char name[NAME];
};

struct {
	NUMBER(type, BPF_MAP_TYPE_LRU_HASH);
	NUMBER(max_entries, 16384);
	TYPE(key, __u32);
	TYPE(value, struct process);
} processes SEC(".maps");

struct program_key {
	__u64 since;
	__u32 process;
	__u32 unused;
};

struct {
	NUMBER(type, BPF_MAP_TYPE_LRU_HASH);
	NUMBER(max_entries, 4096);
	TYPE(key, struct program_key);
	TYPE(value, struct program);
} programs SEC(".maps");

/* Where a program is put together: it is too large for the stack. */
struct {
	NUMBER(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	NUMBER(max_entries, 1);
	TYPE(key, __u32);
	TYPE(value, struct program);
} draft SEC(".maps");

struct told {
	struct tuple tuple;
	__u64 sent;
};

enum { TOLD = 3 };

enum { LISTENS = 1, CONNECTION_TOLD = 2, TAKEN = 4 };

/* Who acted on a socket last, and what was told of it since. Up to the first tuple it is what each
 * packet needs: that much lies in one line of the processor's cache. */
struct note {
	/* 0: nobody since the watch began. */
	__u32 process;
	__u16 flags;
	__u8 protocol;
	__u8 next;
	struct told told[TOLD];
	__u64 since;
	__u64 network;
};

/* A socket that a listening one makes begins with the listener's note. */
struct {
	NUMBER(type, BPF_MAP_TYPE_SK_STORAGE);
	NUMBER(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	TYPE(key, int);
	TYPE(value, struct note);
} notes SEC(".maps");

/* Everything that was told lately: for sockets with more remote ends than a note has room for. */
struct told_key {
	__u64 cookie;
	__u64 since;
	struct tuple tuple;
	__u32 process;
	__u32 unused;
};

struct {
	NUMBER(type, BPF_MAP_TYPE_LRU_HASH);
	NUMBER(max_entries, 32768);
	TYPE(key, struct told_key);
	TYPE(value, __u8);
} told_tuples SEC(".maps");

/* What was told, once more, by a fingerprint alone: for each datagram that is sent, and for those
 * that come to a socket that many speak to. All of it is small enough to stay in the processor's
 * cache, where the map above and the notes of many sockets do not. A fingerprint is in the group
 * that it belongs to, written as one word so that no two processors leave halves. */
enum { GLANCES = 2048, IN_A_GROUP = 4 };

struct glance {
	/* 0: free. */
	__u32 prints[IN_A_GROUP];
};

struct {
	NUMBER(type, BPF_MAP_TYPE_ARRAY);
	NUMBER(max_entries, GLANCES);
	TYPE(key, __u32);
	TYPE(value, struct glance);
} glances SEC(".maps");

/* Goes up every few seconds: what is only known by its fingerprint is compared with all that was told,
 * as who acts may be another with the same number. */
struct {
	NUMBER(type, BPF_MAP_TYPE_ARRAY);
	NUMBER(max_entries, 1);
	TYPE(key, __u32);
	TYPE(value, __u64);
} turn SEC(".maps");

struct {
	NUMBER(type, BPF_MAP_TYPE_RINGBUF);
	NUMBER(max_entries, 1 << 20);
} ring SEC(".maps");

enum { LOST_RING = 0, LOST_MAP = 1, LOST = 2 };

struct {
	NUMBER(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	NUMBER(max_entries, LOST);
	TYPE(key, __u32);
	TYPE(value, __u64);
} lost SEC(".maps");

INLINE void lose(__u32 where)
{
	__u64 *count = map_find(&lost, &where);

	if (count)
		*count += 1;
}
