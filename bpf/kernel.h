/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the kernel offers to programs: its functions by number, and how sections and maps are told
 * to a loader. The numbers and the layouts that <linux/bpf.h> has are part of the kernel's promise
 * to programs of users; nothing here depends on how one kernel was built. */
#pragma once

#include <linux/bpf.h>

#define SEC(name) __attribute__((section(name), used))
#define INLINE static inline __attribute__((always_inline))
#define APART static __attribute__((noinline))

/* The loader reads a map's shape from the types of its members. */
#define NUMBER(name, value) int(*name)[value]
#define TYPE(name, type) typeof(type) *name

#define bpf_function(name) ((void *)BPF_FUNC_##name)

static void *(*const map_find)(void *map, const void *key) = bpf_function(map_lookup_elem);
static long (*const map_put)(void *map, const void *key, const void *value, __u64 flags) =
    bpf_function(map_update_elem);
static void *(*const ring_reserve)(void *ring, __u64 size, __u64 flags) =
    bpf_function(ringbuf_reserve);
static void (*const ring_submit)(void *data, __u64 flags) = bpf_function(ringbuf_submit);
static void *(*const socket_storage)(void *map, void *socket, void *value, __u64 flags) =
    bpf_function(sk_storage_get);
static __u64 (*const socket_cookie)(void *context) = bpf_function(get_socket_cookie);
static __u64 (*const network_cookie)(void *context) = bpf_function(get_netns_cookie);
static struct bpf_sock *(*const full_socket)(struct bpf_sock *socket) = bpf_function(sk_fullsock);
static long (*const packet_bytes_from)(const void *packet, __u32 offset, void *to, __u32 length,
				       __u32 start) = bpf_function(skb_load_bytes_relative);
static __u64 (*const current_process)(void) = bpf_function(get_current_pid_tgid);
static __u64 (*const current_user)(void) = bpf_function(get_current_uid_gid);
static long (*const current_name)(void *to, __u32 size) = bpf_function(get_current_comm);
static void *(*const current_task)(void) = bpf_function(get_current_task_btf);
static void *(*const task_registers)(void *task) = bpf_function(task_pt_regs);
static __u64 (*const now)(void) = bpf_function(ktime_get_boot_ns);
static long (*const kernel_bytes)(void *to, __u32 size, const void *from) =
    bpf_function(probe_read_kernel);
static long (*const kernel_text)(void *to, __u32 size, const void *from) =
    bpf_function(probe_read_kernel_str);
static long (*const user_bytes)(void *to, __u32 size, const void *from) =
    bpf_function(probe_read_user);
static long (*const user_text)(void *to, __u32 size, const void *from) =
    bpf_function(probe_read_user_str);
