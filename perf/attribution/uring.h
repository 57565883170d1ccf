/* io_uring by its system calls alone: one entry at a time, handed to a worker of the kernel
 * (IOSQE_ASYNC), which is what makes it hard to see whose the bytes are. */
#ifndef URING_H
#define URING_H

#include "wire.h"
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>

struct uring {
    int fd;
    unsigned *head, *tail, *mask, *array;
    unsigned *done_head, *done_tail, *done_mask;
    struct io_uring_sqe *entries;
    struct io_uring_cqe *results;
};

static inline void *ring_map(int fd, size_t size, off_t at) {
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, at);
    need(map == MAP_FAILED ? -1 : 0, "io_uring's mapping");
    return map;
}

static inline struct uring uring_open(void) {
    struct io_uring_params p = {0};
    struct uring ring = {.fd = (int)need(syscall(SYS_io_uring_setup, 8, &p), "io_uring_setup")};
    uint8_t *queue = ring_map(ring.fd, p.sq_off.array + p.sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
    uint8_t *done = ring_map(ring.fd, p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
    ring.entries = ring_map(ring.fd, p.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
    ring.head = (unsigned *)(queue + p.sq_off.head);
    ring.tail = (unsigned *)(queue + p.sq_off.tail);
    ring.mask = (unsigned *)(queue + p.sq_off.ring_mask);
    ring.array = (unsigned *)(queue + p.sq_off.array);
    ring.done_head = (unsigned *)(done + p.cq_off.head);
    ring.done_tail = (unsigned *)(done + p.cq_off.tail);
    ring.done_mask = (unsigned *)(done + p.cq_off.ring_mask);
    ring.results = (struct io_uring_cqe *)(done + p.cq_off.cqes);
    return ring;
}

/* Does one operation and gives its result: a count, or a negative error. */
static inline int uring_do(struct uring *ring, struct io_uring_sqe entry) {
    unsigned slot = *ring->tail & *ring->mask;
    entry.flags |= IOSQE_ASYNC;
    ring->entries[slot] = entry;
    ring->array[slot] = slot;
    __atomic_store_n(ring->tail, *ring->tail + 1, __ATOMIC_RELEASE);
    need(syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0), "io_uring_enter");
    unsigned head = *ring->done_head;
    while (__atomic_load_n(ring->done_tail, __ATOMIC_ACQUIRE) == head)
        need(syscall(SYS_io_uring_enter, ring->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0), "io_uring_enter");
    int result = ring->results[head & *ring->done_mask].res;
    __atomic_store_n(ring->done_head, head + 1, __ATOMIC_RELEASE);
    return result;
}

/* Moves so many bytes through a socket with one kind of operation. */
static inline void uring_move(struct uring *ring, int fd, uint8_t operation, uint64_t bytes) {
    static uint8_t data[CHUNK];
    while (bytes) {
        uint32_t part = bytes < CHUNK ? (uint32_t)bytes : CHUNK;
        struct io_uring_sqe entry = {.opcode = operation, .fd = fd, .addr = (uintptr_t)data, .len = part};
        int moved = uring_do(ring, entry);
        if (moved <= 0) break;
        bytes -= (uint64_t)moved;
    }
}

/* Makes and connects a socket without socket(2) and connect(2). */
static inline int uring_connect(struct uring *ring, const union address *to, socklen_t length) {
    struct io_uring_sqe make = {.opcode = IORING_OP_SOCKET, .fd = to->any.sa_family, .off = SOCK_STREAM};
    int fd = uring_do(ring, make);
    if (fd < 0) fd = (int)need(socket(to->any.sa_family, SOCK_STREAM, 0), "socket");
    struct io_uring_sqe connect = {.opcode = IORING_OP_CONNECT, .fd = fd, .addr = (uintptr_t)to, .off = length};
    errno = -uring_do(ring, connect);
    need(errno > 0 ? -1 : 0, "io_uring's connect");
    return fd;
}

#endif
