/* gen MODE HOST PORT AMOUNT [MORE]     one kind of traffic, then the end
 *
 * It is started under as many names as there are scenarios, so that a path tells the scenario.
 * What AMOUNT and MORE mean is said at each mode; bytes are of payload. */
#include "below.h"
#include "uring.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/sendfile.h>

enum { DATAGRAM = 1400, SMALL = 40, BATCH = 32, MANY = 1000, STREAM_RATE = 32 << 20 /* bytes a second */ };

/* ---- TCP ---- */

static int open_stream(const struct task *task, int protocol) {
    int fd = (int)need(socket(task->to.any.sa_family, SOCK_STREAM, protocol), "socket");
    need(connect(fd, &task->to.any, task->length), "connect");
    return fd;
}

/* Tells the peer what will happen. All keep to STREAM_RATE but those whose MORE is `free`. */
static void order(const struct task *task, int fd, uint64_t down, uint64_t up) {
    struct order order = {down, up, strcmp(task->more, "free") ? STREAM_RATE : 0};
    limit(fd, order.rate);
    need(send(fd, &order, sizeof order, MSG_NOSIGNAL), "order");
}

/* Ends our half, reads to the end of theirs: no reset, nothing under way when the program is gone. */
static void finish(int fd) {
    shutdown(fd, SHUT_WR);
    drain(fd, UINT64_MAX);
    close(fd);
}

static void move(const struct task *task, int protocol, uint64_t down, uint64_t up);

static void tcp_up(const struct task *task) { move(task, 0, 0, task->amount); }
static void tcp_down(const struct task *task) { move(task, 0, task->amount, 0); }
static void tcp_both(const struct task *task) { move(task, 0, task->amount, task->amount); }
static void sctp(const struct task *task) { move(task, IPPROTO_SCTP, 0, task->amount); }

static void *drain_all(void *fd) {
    drain((int)(intptr_t)fd, UINT64_MAX);
    return NULL;
}

static void move(const struct task *task, int protocol, uint64_t down, uint64_t up) {
    int fd = open_stream(task, protocol);
    pthread_t reader;
    order(task, fd, down, up);
    need(-pthread_create(&reader, NULL, drain_all, (void *)(intptr_t)fd), "thread");
    send_zeroes(fd, up);
    shutdown(fd, SHUT_WR);
    pthread_join(reader, NULL);
    close(fd);
}

/* AMOUNT connections one after the other, 200 bytes up and 500 down. */
static void tcp_many(const struct task *task) {
    for (uint64_t i = 0; i < task->amount; i++) move(task, 0, 500, 200);
}

/* AMOUNT connections at the same time, 200 bytes up and 500 down, for half a second. */
static void tcp_parallel(const struct task *task) {
    int streams[256];
    uint64_t count = task->amount < 256 ? task->amount : 256;
    for (uint64_t i = 0; i < count; i++) {
        streams[i] = open_stream(task, 0);
        order(task, streams[i], 500, 200);
        send_zeroes(streams[i], 200);
    }
    pause_ms(500);
    for (uint64_t i = 0; i < count; i++) finish(streams[i]);
}

static int file_of(uint64_t bytes) {
    int fd = (int)need(open("/tmp", O_TMPFILE | O_RDWR, 0600), "a file");
    need(ftruncate(fd, (off_t)bytes), "ftruncate");
    return fd;
}

static void send_file(const struct task *task) {
    int fd = open_stream(task, 0), file = file_of(task->amount);
    order(task, fd, 0, task->amount);
    for (off_t at = 0; (uint64_t)at < task->amount;) need(sendfile(fd, file, &at, task->amount - (uint64_t)at), "sendfile");
    finish(fd);
}

static void through_pipe(int from, int to, uint64_t bytes) {
    int ends[2];
    need(pipe(ends), "pipe");
    while (bytes) {
        ssize_t in = need(splice(from, NULL, ends[1], NULL, bytes < CHUNK ? bytes : CHUNK, SPLICE_F_MOVE), "splice");
        if (!in) break;
        for (ssize_t left = in; left;) left -= need(splice(ends[0], NULL, to, NULL, (size_t)left, SPLICE_F_MOVE), "splice");
        bytes -= (uint64_t)in;
    }
}

/* AMOUNT bytes from a file to the socket, and as many from the socket to nowhere. */
static void splice_both(const struct task *task) {
    int fd = open_stream(task, 0), nowhere = (int)need(open("/dev/null", O_WRONLY), "/dev/null");
    order(task, fd, task->amount, task->amount);
    through_pipe(file_of(task->amount), fd, task->amount);
    through_pipe(fd, nowhere, task->amount);
    finish(fd);
}

static void uring_send(const struct task *task) {
    struct uring ring = uring_open();
    int fd = uring_connect(&ring, &task->to, task->length);
    struct order want = {0, task->amount, STREAM_RATE};
    limit(fd, want.rate);
    struct io_uring_sqe entry = {.opcode = IORING_OP_SEND, .fd = fd, .addr = (uintptr_t)&want, .len = sizeof want};
    need(uring_do(&ring, entry) == sizeof want ? 0 : -1, "order");
    uring_move(&ring, fd, IORING_OP_SEND, task->amount);
    finish(fd);
}

static void uring_receive(const struct task *task) {
    struct uring ring = uring_open();
    int fd = open_stream(task, 0);
    order(task, fd, task->amount, 0);
    uring_move(&ring, fd, IORING_OP_RECV, task->amount);
    finish(fd);
}

/* ---- UDP ---- */

static int open_datagrams(const struct task *task) { return (int)need(socket(task->to.any.sa_family, SOCK_DGRAM, 0), "socket"); }

/* AMOUNT full datagrams on a socket without a peer of its own. */
static void udp_bulk(const struct task *task) { send_paced(task, open_datagrams(task), DATAGRAM, &task->to.any); }

/* AMOUNT small datagrams, likewise. */
static void udp_small(const struct task *task) { send_paced(task, open_datagrams(task), SMALL, &task->to.any); }

/* AMOUNT full datagrams on a connected socket. */
static void udp_connected(const struct task *task) {
    int fd = open_datagrams(task);
    need(connect(fd, &task->to.any, task->length), "connect");
    send_paced(task, fd, DATAGRAM, NULL);
}

/* AMOUNT datagrams over MANY connected sockets in turn, at MORE a second. */
static void udp_spread(const struct task *task) {
    static int sockets[MANY];
    uint64_t rate = strtoull(task->more, NULL, 10);
    for (int i = 0; i < MANY; i++) {
        sockets[i] = open_datagrams(task);
        need(connect(sockets[i], &task->to.any, task->length), "connect");
    }
    int64_t start = nanos();
    for (uint64_t i = 0; i < task->amount; i++) {
        pace(start, i, rate);
        send(sockets[i % MANY], chunk, SMALL, 0);
    }
}

/* AMOUNT new sockets, MORE a second, each with two datagrams; MANY of them stay open. */
static void udp_new(const struct task *task) {
    static int sockets[MANY];
    uint64_t rate = strtoull(task->more, NULL, 10);
    int64_t start = nanos();
    for (uint64_t i = 0; i < task->amount; i++) {
        int *fd = &sockets[i % MANY];
        pace(start, i, rate);
        if (*fd) close(*fd);
        *fd = open_datagrams(task);
        for (int n = 0; n < 2; n++) sendto(*fd, chunk, SMALL, 0, &task->to.any, task->length);
    }
}

/* Does nothing for AMOUNT seconds, with a socket open. */
static void idle(const struct task *task) {
    open_datagrams(task);
    sleep((unsigned)task->amount);
}

static void batch_of(struct mmsghdr *messages, struct iovec *parts, const struct task *task, int named) {
    static uint8_t data[BATCH][2048];
    for (int i = 0; i < BATCH; i++) {
        parts[i] = (struct iovec){data[i], DATAGRAM};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
        if (named) messages[i].msg_hdr.msg_name = (void *)&task->to, messages[i].msg_hdr.msg_namelen = task->length;
    }
}

/* AMOUNT full datagrams, many a call. */
static void send_many(const struct task *task) {
    struct mmsghdr messages[BATCH] = {0};
    struct iovec parts[BATCH];
    int fd = open_datagrams(task);
    int64_t start = nanos();
    batch_of(messages, parts, task, 1);
    for (uint64_t done = 0; done < task->amount;) {
        uint64_t left = task->amount - done;
        pace(start, done, RATE);
        done += (uint64_t)need(sendmmsg(fd, messages, left < BATCH ? (unsigned)left : BATCH, 0), "sendmmsg");
    }
}

/* Orders AMOUNT full datagrams and receives them, many a call, until none came for half a second. */
static void receive_many(const struct task *task) {
    struct mmsghdr messages[BATCH] = {0};
    struct iovec parts[BATCH];
    struct timeval patience = {0, 500000};
    struct udp_order order = {"SEND", (uint32_t)task->amount, DATAGRAM, RATE};
    int fd = open_datagrams(task), room = 8 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    need(sendto(fd, &order, sizeof order, 0, &task->to.any, task->length), "order");
    for (uint64_t done = 0; done < task->amount;) {
        batch_of(messages, parts, task, 0);
        int got = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
        if (got <= 0) break;
        done += (uint64_t)got;
    }
}

/* For AMOUNT tenths of a second: a byte by TCP and a datagram of one byte by UDP in each. */
static void drip(const struct task *task) {
    int stream = open_stream(task, 0), datagrams = open_datagrams(task), on = 1;
    setsockopt(stream, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    order(task, stream, 0, task->amount);
    for (uint64_t i = 0; i < task->amount; i++) {
        send_zeroes(stream, 1);
        need(sendto(datagrams, chunk, 1, 0, &task->to.any, task->length), "sendto");
        pause_ms(100);
    }
    finish(stream);
}

/* ---- alone and short ---- */

static void *serve_one(void *listening) {
    int fd = (int)need(accept((int)(intptr_t)listening, NULL, NULL), "accept");
    drain(fd, UINT64_MAX);
    close(fd);
    return NULL;
}

/* AMOUNT bytes of TCP from itself to itself. */
static void loopback(const struct task *task) {
    pthread_t server;
    int listening = (int)need(listener(SOCK_STREAM, 0, task->host, task->port), "listener");
    need(-pthread_create(&server, NULL, serve_one, (void *)(intptr_t)listening), "thread");
    int fd = open_stream(task, 0);
    limit(fd, STREAM_RATE);
    send_zeroes(fd, task->amount);
    finish(fd);
    pthread_join(server, NULL);
}

static void bind_local(int fd, const struct task *task) {
    socklen_t length;
    union address local = address_of(strchr(task->host, ':') ? "::" : "0.0.0.0", (int)task->amount, &length);
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    need(bind(fd, &local.any, length), "bind");
}

/* One datagram from local port AMOUNT and its answer. */
static void once_udp(const struct task *task) {
    struct udp_order echo = {.word = "ECHO"};
    struct timeval patience = {2, 0};
    int fd = open_datagrams(task);
    bind_local(fd, task);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    need(sendto(fd, &echo, sizeof echo, 0, &task->to.any, task->length), "sendto");
    need(recv(fd, &echo, sizeof echo, 0), "answer");
}

/* One connection from local port AMOUNT: 100 bytes up, 100 down. */
static void once_tcp(const struct task *task) {
    int fd = (int)need(socket(task->to.any.sa_family, SOCK_STREAM, 0), "socket");
    bind_local(fd, task);
    need(connect(fd, &task->to.any, task->length), "connect");
    order(task, fd, 100, 100);
    send_zeroes(fd, 100);
    finish(fd);
}

static const struct {
    const char *name;
    void (*run)(const struct task *task);
} modes[] = {
    {"tcp-up", tcp_up}, {"tcp-down", tcp_down}, {"tcp-both", tcp_both}, {"tcp-many", tcp_many}, {"tcp-parallel", tcp_parallel},
    {"sctp", sctp},
    {"sendfile", send_file}, {"splice", splice_both}, {"uring-send", uring_send}, {"uring-receive", uring_receive},
    {"udp-bulk", udp_bulk}, {"udp-small", udp_small}, {"udp-connected", udp_connected}, {"sendmmsg", send_many},
    {"recvmmsg", receive_many}, {"drip", drip}, {"icmp", icmp_flood}, {"raw", raw_ip}, {"packet", packet_inject},
    {"udp-spread", udp_spread},
    {"udp-new", udp_new}, {"idle", idle}, {"loopback", loopback}, {"once-udp", once_udp}, {"once-tcp", once_tcp},
};

int main(int count, char **words) {
    need(count < 5 ? -1 : 0, "usage: gen MODE HOST PORT AMOUNT [MORE]");
    struct task task = {.host = words[2], .port = atoi(words[3]), .amount = strtoull(words[4], NULL, 10), .more = count > 5 ? words[5] : ""};
    task.to = address_of(task.host, task.port, &task.length);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(modes[i].name, words[1])) continue;
        modes[i].run(&task);
        return 0;
    }
    fprintf(stderr, "gen: no mode %s\n", words[1]);
    return 2;
}
