/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Who acts on a socket: whoever made it, until another process binds it, connects it, listens
 * with it, sends or receives with it, or takes a connection from it. */
#pragma once

#include "programs.h"

enum { TCP = 6, KIND_RAW = 3 /* SOCK_RAW */, KIND_STREAM = 1 /* SOCK_STREAM */ };

/* The protocol of a raw socket: it may send others than it was made for. */
enum { WHATEVER = 255 };

/* The same program still: what was told of the socket holds. */
INLINE int acts_again(const struct note *note, __u32 process)
{
	return note && note->process == process;
}

/* When the process began that acts now; tells of it first. */
APART __u64 began(__u32 id)
{
	struct process *process = acting_process(id);

	if (!process)
		return 0;
	if (!process->told)
		tell_chain(id);
	return process->since;
}

/* Puts who acts into the note. What was told before was told of another. */
APART int act(struct note *note, __u32 id)
{
	__u64 since = began(id);

	if (note->process == id && note->since == since)
		return 0;
	note->process = id;
	note->since = since;
	note->flags &= ~CONNECTION_TOLD;
	__builtin_memset(note->told, 0, sizeof(note->told));
	return 0;
}

#define NEW_OR_KNOWN(socket) socket_storage(&notes, (socket), 0, BPF_SK_STORAGE_GET_F_CREATE)

INLINE void describe(struct note *note, __u64 network, __u32 protocol, __u32 type)
{
	note->network = network;
	note->protocol = type == KIND_RAW ? WHATEVER : protocol;
}

INLINE int act_on_socket(struct bpf_sock *context)
{
	struct note *note = NEW_OR_KNOWN(context);

	if (!note) {
		lose(LOST_MAP);
		return 1;
	}
	describe(note, network_cookie(context), context->protocol, context->type);
	act(note, current_process() >> 32);
	return 1;
}

SEC("cgroup/sock_create")
int create(struct bpf_sock *context)
{
	return act_on_socket(context);
}

SEC("cgroup/post_bind4")
int bind4(struct bpf_sock *context)
{
	return act_on_socket(context);
}

SEC("cgroup/post_bind6")
int bind6(struct bpf_sock *context)
{
	return act_on_socket(context);
}

/* `over` and `from_now`: flags that hold no more, and that do. */
INLINE int act_on_address(struct bpf_sock_addr *context, __u16 over, __u16 from_now)
{
	struct bpf_sock *socket = context->sk;
	struct note *note;

	if (!socket)
		return 1;
	note = NEW_OR_KNOWN(socket);
	if (!note) {
		lose(LOST_MAP);
		return 1;
	}
	describe(note, network_cookie(context), context->protocol, context->type);
	note->flags = (note->flags & ~over) | from_now;
	act(note, current_process() >> 32);
	return 1;
}

/* As above, for what happens with each datagram: who acted last is mostly who acts again. */
INLINE int act_on_datagram(struct bpf_sock_addr *context)
{
	struct bpf_sock *socket = context->sk;
	__u32 process = current_process() >> 32;

	if (!socket || acts_again(socket_storage(&notes, socket, 0, 0), process))
		return 1;
	return act_on_address(context, 0, 0);
}

#define ON_CONNECT(version)                                                    \
	SEC("cgroup/connect" #version)                                         \
	int connect##version(struct bpf_sock_addr *context)                    \
	{                                                                      \
		return act_on_address(context, CONNECTION_TOLD | LISTENS | TAKEN, 0); \
	}

/* accept() asks for the peer's address where its caller wants it: the only stable sign of who
 * took a connection. */
#define ON_PEER_NAME(version)                                                  \
	SEC("cgroup/getpeername" #version)                                     \
	int peer##version(struct bpf_sock_addr *context)                       \
	{                                                                      \
		return act_on_address(context, 0, TAKEN);                      \
	}

#define ON_DATAGRAM(hook, version)                                             \
	SEC("cgroup/" #hook #version)                                          \
	int hook##version(struct bpf_sock_addr *context)                       \
	{                                                                      \
		return act_on_datagram(context);                               \
	}

ON_CONNECT(4)
ON_CONNECT(6)
ON_PEER_NAME(4)
ON_PEER_NAME(6)
ON_DATAGRAM(sendmsg, 4)
ON_DATAGRAM(sendmsg, 6)
ON_DATAGRAM(recvmsg, 4)
ON_DATAGRAM(recvmsg, 6)

/* Never answers what the kernel asks for: another program may have. */
SEC("sockops")
int listens(struct bpf_sock_ops *context)
{
	struct bpf_sock *socket = context->sk;
	struct note *note;

	if (context->op != BPF_SOCK_OPS_TCP_LISTEN_CB || !socket)
		return 1;
	note = NEW_OR_KNOWN(socket);
	if (!note) {
		lose(LOST_MAP);
		return 1;
	}
	describe(note, network_cookie(context), TCP, KIND_STREAM);
	note->flags |= LISTENS;
	act(note, current_process() >> 32);
	return 1;
}
