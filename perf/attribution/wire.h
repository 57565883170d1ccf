/* What the generators and the peer agree on, and the few calls that both need. A TCP client begins
 * with a struct order; a UDP datagram that begins with "SEND" or "ECHO" is answered. */
#ifndef WIRE_H
#define WIRE_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef IPPROTO_SCTP
#define IPPROTO_SCTP 132
#endif
enum { EXPERIMENT = 253, CHUNK = 65536 };

/* Bytes that the client wants, and bytes that it will send, behind this; at most how many a second
 * each side sends, or 0. */
struct order {
    uint64_t down, up, rate;
};

/* `count` datagrams of `length` bytes are wanted from the peer, at most `rate` a second. */
struct udp_order {
    char word[4];
    uint32_t count, length, rate;
};

static uint8_t chunk[CHUNK];

static inline long need(long result, const char *what) {
    if (result < 0) {
        perror(what);
        exit(1);
    }
    return result;
}

static inline int64_t nanos(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static inline void pause_ms(long ms) {
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

/* Waits, before the `index`th of many, for its time. Sleeps of less than a millisecond are saved up. */
static inline void pace(int64_t start, uint64_t index, uint64_t rate) {
    if (!rate) return;
    int64_t left = start + (int64_t)(index * UINT64_C(1000000000) / rate) - nanos();
    if (left > 1000000) pause_ms(left / 1000000);
}

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

/* An address in text, IPv6 where it has a colon; its length goes to `length`. */
static inline union address address_of(const char *host, int port, socklen_t *length) {
    union address address = {0};
    if (strchr(host, ':')) {
        address.six.sin6_family = AF_INET6;
        address.six.sin6_port = htons((uint16_t)port);
        need(inet_pton(AF_INET6, host, &address.six.sin6_addr) - 1, host);
        *length = sizeof address.six;
    } else {
        address.four.sin_family = AF_INET;
        address.four.sin_port = htons((uint16_t)port);
        need(inet_pton(AF_INET, host, &address.four.sin_addr) - 1, host);
        *length = sizeof address.four;
    }
    return address;
}

/* TCP paces itself; SCTP does not know this and goes as it can. */
static inline void limit(int fd, uint64_t rate) {
    if (rate) setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof rate);
}

/* Sends zeroes; false when the other side is gone. */
static inline int send_zeroes(int fd, uint64_t bytes) {
    while (bytes) {
        ssize_t sent = send(fd, chunk, bytes < CHUNK ? bytes : CHUNK, MSG_NOSIGNAL);
        if (sent <= 0) return 0;
        bytes -= (uint64_t)sent;
    }
    return 1;
}

/* Reads so many bytes, or to the end. */
static inline uint64_t drain(int fd, uint64_t bytes) {
    static _Thread_local uint8_t sink[CHUNK];
    uint64_t done = 0;
    while (done < bytes) {
        uint64_t left = bytes - done;
        ssize_t got = recv(fd, sink, left < CHUNK ? left : CHUNK, 0);
        if (got <= 0) break;
        done += (uint64_t)got;
    }
    return done;
}

static inline int listener(int type, int protocol, const char *host, int port) {
    socklen_t length;
    union address address = address_of(host, port, &length);
    int fd = socket(address.any.sa_family, type, protocol), on = 1;
    if (fd < 0) return fd;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    need(bind(fd, &address.any, length), "bind");
    if (type == SOCK_STREAM) need(listen(fd, 1024), "listen");
    return fd;
}

#endif
