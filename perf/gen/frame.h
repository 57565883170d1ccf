/* Synthetic frames: Ethernet, IPv4 and TCP or UDP, made from a flow's number alone, so that every
 * run of every tool here makes the same ones. The local side is 10.0.0.0/8 behind LOCAL_MAC, the
 * remote side 192.168.0.0/16, port 443. Knows no file and no socket. */
#ifndef FRAME_H
#define FRAME_H

#include <stdint.h>
#include <string.h>

enum { FRAME_MIN = 60, FRAME_MAX = 1514, ETHERNET = 14, IP_HEADER = 20, HEADERS = 54 };

static const uint8_t LOCAL_MAC[6] = {0x02, 0, 0, 0, 0, 0x0b};
static const uint8_t REMOTE_MAC[6] = {0x02, 0, 0, 0, 0, 0x0a};

/* SplitMix64: small, seedable, the same everywhere. */
static inline uint64_t mix64(uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static inline uint64_t draw(uint64_t *state) { return mix64((*state)++); }

static inline void put16(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void put32(uint8_t *at, uint32_t value) {
    put16(at, value >> 16);
    put16(at + 2, value);
}

static inline uint32_t ip_checksum(const uint8_t *header) {
    uint32_t sum = 0;
    for (int i = 0; i < IP_HEADER; i += 2) sum += (uint32_t)header[i] << 8 | header[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    return ~(sum + (sum >> 16)) & 0xffff;
}

/* The lengths of ordinary traffic: many acknowledgements, many full frames, little between. */
static inline uint32_t mixed_length(uint64_t *state) {
    uint64_t percent = draw(state) % 100;
    if (percent < 45) return 66;
    return percent < 60 ? 300 + (uint32_t)(draw(state) % 500) : FRAME_MAX;
}

/* Writes the headers of one frame of a flow; the payload is left as it is. Odd flows are UDP. */
static inline void make_frame(uint8_t *out, uint64_t flow, int reply, uint32_t length) {
    uint64_t hash = mix64(flow ^ 0x6e6d);
    int udp = flow & 1;
    uint32_t local = 0x0a000000u | (hash & 0xffffff), remote = 0xc0a80000u | (hash >> 24 & 0xffff);
    uint32_t port = 1024 + (uint32_t)(hash >> 40) % 60000;
    uint8_t *ip = out + ETHERNET, *transport = ip + IP_HEADER;

    memset(out, 0, HEADERS);
    memcpy(out, reply ? LOCAL_MAC : REMOTE_MAC, 6);
    memcpy(out + 6, reply ? REMOTE_MAC : LOCAL_MAC, 6);
    put16(out + 12, 0x0800);
    ip[0] = 0x45;
    put16(ip + 2, length - ETHERNET);
    ip[8] = 64;
    ip[9] = udp ? 17 : 6;
    put32(ip + 12, reply ? remote : local);
    put32(ip + 16, reply ? local : remote);
    put16(ip + 10, ip_checksum(ip));
    put16(transport, reply ? 443 : port);
    put16(transport + 2, reply ? port : 443);
    if (udp) {
        put16(transport + 4, length - ETHERNET - IP_HEADER);
    } else {
        transport[12] = 0x50; /* header of five words */
        transport[13] = 0x10; /* ACK */
    }
}

#endif
