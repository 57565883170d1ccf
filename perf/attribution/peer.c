/* peer [tcp:PORT | udp:PORT | sctp:PORT]...     the other side of every scenario
 *
 * TCP and SCTP: reads a struct order, sends and receives what it says at the same time, closes.
 * UDP: answers "ECHO" with the same, "SEND" with what is ordered, and swallows the rest. A raw
 * socket of protocol 253 swallows too, so that nothing is answered as unreachable. Serves IPv4 and
 * IPv6. Prints `ready`, and ends when its standard input does. */
#include "wire.h"
#include <pthread.h>

static void *send_down(void *argument) {
    uint64_t *word = argument;
    send_zeroes((int)word[0], word[1]);
    shutdown((int)word[0], SHUT_WR);
    return NULL;
}

static void *serve_stream(void *argument) {
    int fd = (int)(intptr_t)argument;
    struct order order;
    if (recv(fd, &order, sizeof order, MSG_WAITALL) == sizeof order) {
        limit(fd, order.rate);
        uint64_t word[2] = {(uint64_t)fd, order.down};
        pthread_t sender;
        pthread_create(&sender, NULL, send_down, word);
        drain(fd, order.up);
        pthread_join(sender, NULL);
        drain(fd, UINT64_MAX);
    }
    close(fd);
    return NULL;
}

static _Noreturn void *accept_all(void *argument) {
    int fd = (int)(intptr_t)argument;
    for (;;) {
        int stream = accept(fd, NULL, NULL);
        pthread_t thread;
        if (stream < 0) continue;
        if (pthread_create(&thread, NULL, serve_stream, (void *)(intptr_t)stream)) close(stream);
        else pthread_detach(thread);
    }
}

static void send_ordered(int fd, struct udp_order order, const union address *to, socklen_t length) {
    int64_t start = nanos();
    for (uint32_t i = 0; i < order.count; i++) {
        pace(start, i, order.rate);
        sendto(fd, chunk, order.length < CHUNK ? order.length : CHUNK, 0, &to->any, length);
    }
}

static _Noreturn void *serve_datagrams(void *argument) {
    int fd = (int)(intptr_t)argument, room = 8 << 20;
    uint8_t data[2048];
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    for (;;) {
        union address from;
        socklen_t length = sizeof from;
        ssize_t got = recvfrom(fd, data, sizeof data, 0, &from.any, &length);
        struct udp_order order;
        if (got < (ssize_t)sizeof order) continue;
        memcpy(&order, data, sizeof order);
        if (!memcmp(order.word, "ECHO", 4)) sendto(fd, data, (size_t)got, 0, &from.any, length);
        if (!memcmp(order.word, "SEND", 4)) send_ordered(fd, order, &from, length);
    }
}

static void begin(void *(*serve)(void *), int fd) {
    pthread_t thread;
    need(-pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd), "thread");
    pthread_detach(thread);
}

static void open_service(const char *word) {
    const char *port = strchr(word, ':');
    need(port ? 0 : -1, word);
    int number = atoi(port + 1);
    if (!strncmp(word, "udp", 3)) begin(serve_datagrams, (int)need(listener(SOCK_DGRAM, 0, "::", number), word));
    if (!strncmp(word, "tcp", 3)) begin(accept_all, (int)need(listener(SOCK_STREAM, 0, "::", number), word));
    if (!strncmp(word, "sctp", 4)) {
        int fd = listener(SOCK_STREAM, IPPROTO_SCTP, "::", number);
        if (fd >= 0) begin(accept_all, fd);
    }
}

int main(int count, char **words) {
    for (int i = 1; i < count; i++) open_service(words[i]);
    begin(serve_datagrams, (int)need(socket(AF_INET, SOCK_RAW, EXPERIMENT), "raw socket"));
    puts("ready");
    fflush(stdout);
    while (read(0, chunk, 1) > 0) continue;
    return 0;
}
