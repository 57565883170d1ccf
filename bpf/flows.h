/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Which socket has which flows: told once for each remote end of a socket and whoever acts on it,
 * and once more when it sends where it had only received. */
#pragma once

#include "actors.h"
#include "packets.h"

/* The kernel lets any program ask whose turn it is; older ones do not while a packet is handled. */
const volatile __u32 current_in_packets = 0;

enum { STATE_LISTEN = 10, ICMP = 1, IGMP = 2, ICMP6 = 58 };

INLINE int same_tuple(const struct tuple *one, const struct tuple *other)
{
	const __u64 *a = (const void *)one, *b = (const void *)other;

	return a[0] == b[0] && a[1] == b[1] && a[3] == b[3] &&
	       (!one->six || (a[2] == b[2] && a[4] == b[4]));
}

INLINE int is_usual_told(const struct note *note, const struct usual *usual, int sent)
{
	int i;

#pragma unroll
	for (i = 0; i < TOLD; i++) {
		const __u64 *words = (const void *)&note->told[i].tuple;

		if (words[0] == usual->ends && words[1] == usual->local && words[3] == usual->remote)
			return note->told[i].sent >= (__u64)sent;
	}
	return 0;
}

/* Nobody outside knows it: who chooses ports and addresses cannot have two flows taken for one. */
const volatile __u64 secret = 0;

INLINE __u64 mixed(__u64 state, __u64 word)
{
	state = (state ^ word) * 0x9fb21c651e98df25ULL;
	return state ^ state >> 32;
}

/* Of a flow, of who acts, and of the way it goes. */
INLINE __u64 fingerprint(__u64 cookie, __u64 process, const struct usual *usual, int sent)
{
	__u32 zero = 0;
	__u64 *now = map_find(&turn, &zero);
	__u64 state = mixed(secret ^ (now ? *now : 0), cookie ^ process << 32);

	state = mixed(state, usual->ends);
	state = mixed(state, usual->local << 32 | usual->remote);
	return mixed(state, secret ^ sent);
}

INLINE struct glance *group(__u64 print)
{
	__u32 at = print >> 32 & (GLANCES - 1);

	return map_find(&glances, &at);
}

INLINE __u32 kept(__u64 print)
{
	return (__u32)print ? (__u32)print : 1;
}

INLINE int has(const struct glance *group, __u64 print)
{
	int i;

#pragma unroll
	for (i = 0; i < IN_A_GROUP; i++)
		if (group->prints[i] == kept(print))
			return 1;
	return 0;
}

/* Where there is room, else in the place of another. */
INLINE void put(struct glance *group, __u64 print)
{
	__u32 i, place = print >> 60 & (IN_A_GROUP - 1);

#pragma unroll
	for (i = 0; i < IN_A_GROUP; i++)
		if (!group->prints[i])
			place = i;
	group->prints[place & (IN_A_GROUP - 1)] = kept(print);
}

INLINE int is_told(const struct note *note, const struct tuple *tuple, int sent)
{
	int i;

#pragma unroll
	for (i = 0; i < TOLD; i++)
		if (same_tuple(&note->told[i].tuple, tuple))
			return note->told[i].sent >= (__u64)sent;
	return 0;
}

INLINE void remember(struct note *note, const struct tuple *tuple, int sent)
{
	__u32 i = note->next;

	if (i >= TOLD)
		i = 0;
	note->told[i].tuple = *tuple;
	note->told[i].sent = sent;
	note->next = i + 1;
}

INLINE int tell_flow(struct __sk_buff *packet, const struct told_key *key, __u64 network, __u32 flags)
{
	struct flow_record *record = ring_reserve(&ring, sizeof(*record), 0);

	if (!record) {
		lose(LOST_RING);
		return 0;
	}
	record->kind = FLOW;
	record->process = key->process;
	record->since = key->since;
	record->at = now();
	record->cookie = key->cookie;
	record->network = network;
	record->tuple = key->tuple;
	record->flags = flags;
	record->unused = 0;
	ring_submit(record, 0);
	return 1;
}

/* Tells it unless it was told lately; whether it has been told now. */
INLINE int tell_once(struct __sk_buff *packet, const struct told_key *key, __u64 network, __u32 flags)
{
	__u8 sent = flags & SENT, *before = map_find(&told_tuples, key);

	if (before && *before >= sent)
		return 1;
	if (!tell_flow(packet, key, network, flags))
		return 0;
	if (map_put(&told_tuples, key, &sent, BPF_ANY))
		lose(LOST_MAP);
	return 1;
}

INLINE __u32 flags_of(const struct note *note, int sent)
{
	__u32 flags = sent ? SENT : 0;

	if ((note->flags & (LISTENS | TAKEN)) == LISTENS)
		flags |= ACCEPTED;
	if (note->protocol == WHATEVER)
		flags |= COPIES;
	return flags;
}

/* The kernel's own sockets, which nobody made, answer with these: echo, errors, resets. Sockets of
 * processes that are older than the watch and do the same cannot be told from them. */
INLINE int is_kernels_answer(const struct note *note, __u8 protocol, int sent)
{
	return sent && !note->process && note->protocol == WHATEVER &&
	       (protocol == ICMP || protocol == IGMP || protocol == ICMP6 || protocol == TCP);
}

/* Whether it has been told. */
INLINE int tell(struct __sk_buff *packet, struct note *note, const struct tuple *tuple, int sent)
{
	struct told_key key = { .cookie = socket_cookie(packet),
				.since = note->since,
				.tuple = *tuple,
				.process = note->process };

	if (is_kernels_answer(note, tuple->protocol, sent) ||
	    !tell_once(packet, &key, note->network, flags_of(note, sent)))
		return 0;
	if (note->protocol == TCP)
		note->flags |= CONNECTION_TOLD;
	else
		remember(note, tuple, sent);
	return 1;
}

INLINE int is_wrapped(__u8 protocol)
{
	return protocol == 50 /* ESP */ || protocol == 51 /* AH */;
}

/* A connection's packets are also sent by timers and when others come in: whose turn it is then says
 * nothing. */
INLINE int is_connections(__u8 protocol)
{
	return protocol == TCP || protocol == 33 /* DCCP */ || protocol == 132 /* SCTP */;
}

/* A datagram is handed down by the process that sends it; but not one that was wrapped into
 * another on its way: that one is not of the socket's protocol, and others may send it on. */
INLINE void act_by_sending(struct note *note, __u8 protocol)
{
	__u32 process = current_process() >> 32;

	if (note->process && note->process != process && !is_connections(note->protocol) &&
	    (note->protocol == protocol || (note->protocol == WHATEVER && !is_wrapped(protocol))))
		act(note, process);
}

/* A socket whose note says that it has more to tell, or that has none yet. */
INLINE void look(struct __sk_buff *packet, struct bpf_sock *socket, struct note *note, int sent)
{
	struct tuple tuple = {};

	socket = full_socket(socket);
	if (!socket)
		return;
	if (!note) {
		note = NEW_OR_KNOWN(socket);
		if (!note) {
			lose(LOST_MAP);
			return;
		}
		describe(note, 0, socket->protocol, socket->type);
	}
	/* What a listening socket sends and gets is its connections' before they are there; a note
	 * is copied after this. */
	if (note->protocol == TCP && socket->state == STATE_LISTEN) {
		note->flags |= LISTENS;
		return;
	}
	if (read_tuple(packet, &tuple, sent))
		tell(packet, note, &tuple, sent);
}

/* As each packet may be. Whether it has been told. */
INLINE int datagram(struct __sk_buff *packet, struct note *note, int sent)
{
	struct tuple tuple = {};

	if (!read_tuple(packet, &tuple, sent))
		return 0;
	if (sent && current_in_packets)
		act_by_sending(note, tuple.protocol);
	return is_told(note, &tuple, sent) || tell(packet, note, &tuple, sent);
}

/* The same, where it has mostly been told. */
INLINE int datagram_again(struct __sk_buff *packet, struct note *note, int sent)
{
	struct usual usual;
	struct glance *told;
	__u64 print;

	if (!read_usual(packet, &usual, sent))
		return datagram(packet, note, sent);
	if (is_usual_told(note, &usual, sent))
		return 1;
	print = fingerprint(socket_cookie(packet), note->process ^ note->since, &usual, sent);
	told = group(print);
	if (!told || has(told, print))
		return 1;
	if (!datagram(packet, note, sent))
		return 0;
	put(told, print);
	return 1;
}

/* `fresh`: its fingerprint was looked for, or it has none. Whether a datagram has been told. */
INLINE int packet_of_socket(struct __sk_buff *packet, struct bpf_sock *socket, int sent, int fresh)
{
	struct note *note = socket_storage(&notes, socket, 0, 0);

	if (!note || (note->protocol == TCP && !(note->flags & CONNECTION_TOLD)))
		look(packet, socket, note, sent);
	else if (note->protocol != TCP)
		return fresh ? datagram(packet, note, sent) : datagram_again(packet, note, sent);
	return 0;
}

/* Whose turn it is sends this: whether that was told is known before anything of the socket is read,
 * which of many sockets in turn would come from far away in memory. */
INLINE void sends_by_turn(struct __sk_buff *packet, struct bpf_sock *socket)
{
	struct usual usual;
	struct glance *told;
	__u64 print;

	if (!read_usual(packet, &usual, 1) || is_connections(usual.protocol)) {
		packet_of_socket(packet, socket, 1, 1);
		return;
	}
	print = fingerprint(socket_cookie(packet), current_process() >> 32, &usual, 1);
	told = group(print);
	if (told && !has(told, print) && packet_of_socket(packet, socket, 1, 1))
		put(told, print);
}

SEC("cgroup_skb/egress")
int sends(struct __sk_buff *packet)
{
	struct bpf_sock *socket = packet->sk;

	if (!socket)
		return 1;
	if (current_in_packets)
		sends_by_turn(packet, socket);
	else
		packet_of_socket(packet, socket, 1, 0);
	return 1;
}

SEC("cgroup_skb/ingress")
int receives(struct __sk_buff *packet)
{
	struct bpf_sock *socket = packet->sk;

	if (socket)
		packet_of_socket(packet, socket, 0, 0);
	return 1;
}

enum { PACKETS = 17 /* AF_PACKET */, GO_ON = -1 /* TCX_NEXT */ };

/* Where frames leave through an interface: those that a packet socket sends whole. It hands them
 * down itself, so it is the one whose turn it is. */
SEC("classifier")
int taps(struct __sk_buff *packet)
{
	struct bpf_sock *socket = packet->sk;
	struct told_key key = {};

	if (!socket || socket->family != PACKETS || !read_tuple(packet, &key.tuple, 1))
		return GO_ON;
	key.cookie = socket_cookie(packet);
	if (current_in_packets) {
		key.process = current_process() >> 32;
		key.since = began(key.process);
	}
	tell_once(packet, &key, 0, SENT | PACKET);
	return GO_ON;
}
