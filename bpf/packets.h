/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The tuple of a packet, from its IP header on: the same one that netmonitor's decoder
 * finds in it, ports where that one finds ports. */
#pragma once

#include "kernel.h"
#include "records.h"

/* Counted from the IP header, whatever lies before it. */
INLINE long packet_bytes(const void *packet, __u32 offset, void *to, __u32 length)
{
	return packet_bytes_from(packet, offset, to, length, BPF_HDR_START_NET);
}

struct four {
	__u8 version;
	__u8 service;
	__u16 length;
	__u16 identification;
	__u16 fragment;
	__u8 life;
	__u8 protocol;
	__u16 sum;
	__u32 source;
	__u32 destination;
};

struct six {
	__u32 version;
	__u16 length;
	__u8 next;
	__u8 hops;
	__u32 source[4];
	__u32 destination[4];
};

struct ports {
	__u16 source;
	__u16 destination;
};

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the words of `struct usual` are put together for little-endian processors"
#endif
#define NETWORK16(value) __builtin_bswap16(value)

/* TCP, UDP, DCCP, SCTP, UDP-Lite. */
INLINE int has_ports(__u8 protocol)
{
	return protocol == 6 || protocol == 17 || protocol == 33 || protocol == 132 || protocol == 136;
}

INLINE void set_ports(struct tuple *tuple, const struct ports *ports, int sent)
{
	tuple->has_ports = 1;
	tuple->local_port = sent ? ports->source : ports->destination;
	tuple->remote_port = sent ? ports->destination : ports->source;
}

INLINE int read_ports(const void *packet, __u32 offset, struct tuple *tuple, int sent)
{
	struct ports ports;

	if (!has_ports(tuple->protocol))
		return 1;
	if (packet_bytes(packet, offset, &ports, sizeof(ports)))
		return 1;
	set_ports(tuple, &ports, sent);
	return 1;
}

INLINE int read_four(const void *packet, const struct four *header, struct tuple *tuple, int sent)
{
	/* A later fragment says nothing that the first one did not. */
	if (header->fragment & NETWORK16(0x1fff))
		return 0;
	tuple->protocol = header->protocol;
	tuple->local[0] = sent ? header->source : header->destination;
	tuple->remote[0] = sent ? header->destination : header->source;
	return read_ports(packet, (header->version & 15) * 4, tuple, sent);
}

enum { HOPS = 0, ROUTING = 43, FRAGMENT = 44, AUTHENTICATION = 51, OPTIONS = 60, EXTENSIONS = 6 };

INLINE int is_extension(__u8 next)
{
	return next == HOPS || next == ROUTING || next == FRAGMENT || next == AUTHENTICATION ||
	       next == OPTIONS;
}

/* Where the transport header is; 0 in a later fragment. The last next-header is the protocol. */
APART __u32 behind_extensions(struct __sk_buff *packet, struct tuple *tuple)
{
	struct {
		__u8 next;
		__u8 length;
		__u16 fragment;
	} head;
	__u32 offset = sizeof(struct six);
	__u8 next = tuple->protocol;
	int i;

#pragma unroll
	for (i = 0; i < EXTENSIONS; i++) {
		if (!is_extension(next) || packet_bytes(packet, offset, &head, sizeof(head)))
			break;
		if (next == FRAGMENT && (head.fragment & NETWORK16(0xfff8)))
			return 0;
		offset += next == FRAGMENT	   ? 8
			  : next == AUTHENTICATION ? (head.length + 2) * 4
						   : (head.length + 1) * 8;
		next = head.next;
	}
	tuple->protocol = next;
	return offset;
}

INLINE int read_six(struct __sk_buff *packet, struct tuple *tuple, int sent)
{
	struct six header;
	__u32 offset = sizeof(header);

	if (packet_bytes(packet, 0, &header, sizeof(header)))
		return 0;
	tuple->six = 1;
	tuple->protocol = header.next;
	__builtin_memcpy(tuple->local, sent ? header.source : header.destination, 16);
	__builtin_memcpy(tuple->remote, sent ? header.destination : header.source, 16);
	if (is_extension(header.next))
		offset = behind_extensions(packet, tuple);
	return offset && read_ports(packet, offset, tuple, sent);
}

/* Words 0, 1 and 3 of an IPv4 tuple: the others are zero. */
struct usual {
	__u64 ends;
	__u64 local;
	__u64 remote;
	__u8 protocol;
};

/* The usual packet, where the context lets it be read in place: IPv4 without options. It is never
 * put together in memory: reading by words what was just written by halves is slow. */
INLINE int read_usual(struct __sk_buff *packet, struct usual *usual, int sent)
{
	struct {
		struct four header;
		__u32 ports;
	} *start = (void *)(long)packet->data;
	__u32 ports;

	if ((void *)(start + 1) > (void *)(long)packet->data_end || start->header.version != 0x45 ||
	    start->header.fragment & NETWORK16(0x1fff) || !has_ports(start->header.protocol))
		return 0;
	ports = start->ports;
	if (!sent)
		ports = ports << 16 | ports >> 16;
	usual->protocol = start->header.protocol;
	usual->ends = ports | (__u64)usual->protocol << 32 | 1ULL << 48;
	usual->local = sent ? start->header.source : start->header.destination;
	usual->remote = sent ? start->header.destination : start->header.source;
	return 1;
}

/* Whether the packet has a tuple. `tuple` is all zeros before. */
INLINE int read_tuple(struct __sk_buff *packet, struct tuple *tuple, int sent)
{
	struct four header;

	if (packet_bytes(packet, 0, &header, sizeof(header)))
		return 0;
	if (header.version >> 4 == 4)
		return read_four(packet, &header, tuple, sent);
	return header.version >> 4 == 6 && read_six(packet, tuple, sent);
}
