/* talk echo PORT                       answers every UDP datagram with itself; ready when it says so
 * talk sink PORT                       reads TCP connections to their ends, says one byte, closes
 * talk hear PORT                       takes UDP datagrams and never answers
 * talk udp ADDRESS PORT COUNT LENGTH   sends datagrams and waits for the answer to each
 * talk away ADDRESS PORT COUNT LENGTH  sends datagrams and waits for nothing
 * talk tcp ADDRESS PORT BYTES          sends so many bytes, and waits until they were read
 *
 * An application as others are: plain sockets. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static char bytes[65536];

static void check(int ok, const char *what) {
    if (!ok) {
        perror(what);
        exit(1);
    }
}

static int open_socket(int type) {
    int it = socket(AF_INET, type, 0);
    check(it >= 0, "socket");
    return it;
}

static void listen_on(int socket, const char *port) {
    int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    check(bind(socket, (struct sockaddr *)&here, sizeof here) == 0, "bind");
}

static void ready(void) {
    puts("ready");
    fflush(stdout);
}

static void echo(const char *port) {
    int udp = open_socket(SOCK_DGRAM);
    listen_on(udp, port);
    ready();
    for (;;) {
        struct sockaddr_in from;
        socklen_t size = sizeof from;
        ssize_t length = recvfrom(udp, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &size);
        if (length >= 0)
            sendto(udp, bytes, (size_t)length, 0, (struct sockaddr *)&from, size);
    }
}

static void hear(const char *port) {
    int udp = open_socket(SOCK_DGRAM);
    listen_on(udp, port);
    ready();
    for (;;)
        recv(udp, bytes, sizeof bytes, 0);
}

static void sink(const char *port) {
    int listener = open_socket(SOCK_STREAM);
    listen_on(listener, port);
    check(listen(listener, 16) == 0, "listen");
    ready();
    for (;;) {
        int tcp = accept(listener, NULL, NULL);
        while (read(tcp, bytes, sizeof bytes) > 0)
            ;
        check(write(tcp, "!", 1) == 1, "write");
        close(tcp);
    }
}

static void connect_to(int socket, char **where) {
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(where[1]))};
    check(inet_pton(AF_INET, where[0], &there.sin_addr) == 1, where[0]);
    check(connect(socket, (struct sockaddr *)&there, sizeof there) == 0, "connect");
}

static void send_datagrams(char **where, long count, size_t length, int answered) {
    int udp = open_socket(SOCK_DGRAM);
    struct timeval patience = {.tv_sec = 2};
    setsockopt(udp, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connect_to(udp, where);
    while (count-- > 0) {
        check(send(udp, bytes, length, 0) == (ssize_t)length, "send");
        if (answered)
            check(recv(udp, bytes, sizeof bytes, 0) == (ssize_t)length, "no answer");
    }
}

static void send_stream(char **where, long left) {
    int tcp = open_socket(SOCK_STREAM);
    connect_to(tcp, where);
    while (left > 0) {
        size_t most = left < (long)sizeof bytes ? (size_t)left : sizeof bytes;
        ssize_t sent = write(tcp, bytes, most);
        check(sent > 0, "write");
        left -= sent;
    }
    shutdown(tcp, SHUT_WR);
    check(read(tcp, bytes, 1) == 1, "read");
}

int main(int argc, char **argv) {
    const char *what = argc > 2 ? argv[1] : "";
    if (!strcmp(what, "echo"))
        echo(argv[2]);
    else if (!strcmp(what, "sink"))
        sink(argv[2]);
    else if (!strcmp(what, "hear"))
        hear(argv[2]);
    else if ((!strcmp(what, "udp") || !strcmp(what, "away")) && argc == 6)
        send_datagrams(argv + 2, atol(argv[4]), (size_t)atol(argv[5]), !strcmp(what, "udp"));
    else if (!strcmp(what, "tcp") && argc == 5)
        send_stream(argv + 2, atol(argv[4]));
    else {
        fprintf(stderr, "usage: talk echo|hear|sink PORT | udp|away ADDRESS PORT COUNT LENGTH | tcp ADDRESS PORT BYTES\n");
        return 2;
    }
    return 0;
}
