/* send INTERFACE PACKETS LENGTH FLOWS PACKETS_PER_SECOND     frames made here, every third a reply
 * send INTERFACE CAPTURE.pcap                                a capture's frames at their own pace,
 *                                                            its first second begun on a whole second
 *
 * Sends on a packet socket and prints what the kernel took as one JSON object. PACKETS 0: until
 * SIGTERM. LENGTH 0: the lengths of ordinary traffic. A rate of 0: as fast as it goes.
 * `late_us` says by how much the latest frame missed its time. */
#define _GNU_SOURCE
#include "frame.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64 };
static const int64_t NANOS = 1000000000;

static volatile sig_atomic_t stopped;
static uint64_t packets, bytes;
static int64_t latest;

static void on_signal(int signal) {
    (void)signal;
    stopped = 1;
}

static int64_t now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * NANOS + t.tv_nsec;
}

/* Sleeps until a point in time and notes how much too late it woke. */
static void wait_until(clockid_t clock, int64_t due) {
    int64_t left = due - now(clock);
    if (left > 50000) {
        struct timespec t = {due / NANOS, due % NANOS};
        clock_nanosleep(clock, TIMER_ABSTIME, &t, NULL);
        left = due - now(clock);
    }
    if (-left > latest) latest = -left;
}

static int open_socket(const char *interface) {
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface)};
    int fd = socket(AF_PACKET, SOCK_RAW, 0); /* protocol 0: it only sends */
    if (fd < 0 || !address.sll_ifindex || bind(fd, (struct sockaddr *)&address, sizeof address)) {
        perror(interface);
        exit(1);
    }
    return fd;
}

static void send_batch(int fd, struct mmsghdr *messages, struct iovec *parts, unsigned count) {
    for (unsigned done = 0; done < count;) {
        int sent = sendmmsg(fd, messages + done, count - done, 0);
        if (sent < 0 && (errno == ENOBUFS || errno == EAGAIN || errno == EINTR)) continue;
        if (sent < 0) {
            perror("sendmmsg");
            exit(1);
        }
        for (int i = 0; i < sent; i++) bytes += parts[done + (unsigned)i].iov_len;
        packets += (unsigned)sent;
        done += (unsigned)sent;
    }
}

static void send_made(int fd, uint64_t count, uint32_t length, uint64_t flows, uint64_t rate) {
    static uint8_t frames[BATCH][FRAME_MAX];
    static struct iovec parts[BATCH];
    static struct mmsghdr messages[BATCH];
    uint64_t state = 1, made = 0;
    uint64_t most = !rate || rate / 2000 > BATCH ? BATCH : rate / 2000 ? rate / 2000 : 1;
    int64_t start = now(CLOCK_MONOTONIC);

    while (!stopped && (!count || made < count)) {
        unsigned batch = 0;
        for (; batch < most && (!count || made < count); batch++, made++) {
            parts[batch].iov_base = frames[batch];
            parts[batch].iov_len = length ? length : mixed_length(&state);
            messages[batch].msg_hdr.msg_iov = &parts[batch];
            messages[batch].msg_hdr.msg_iovlen = 1;
            make_frame(frames[batch], draw(&state) % flows, made % 3 == 2, (uint32_t)parts[batch].iov_len);
        }
        send_batch(fd, messages, parts, batch);
        if (rate) wait_until(CLOCK_MONOTONIC, start + (int64_t)((double)made * 1e9 / (double)rate));
    }
}

static void send_capture(int fd, const char *path) {
    static uint8_t frame[65536];
    uint32_t header[6], record[4];
    FILE *in = fopen(path, "rb");
    if (!in || fread(header, sizeof header, 1, in) != 1 || header[0] != 0xa1b2c3d4) {
        fprintf(stderr, "send: %s is no capture of microseconds in this machine's byte order\n", path);
        exit(1);
    }
    int64_t base = 0, offset = 0;
    while (!stopped && fread(record, sizeof record, 1, in) == 1 && record[2] <= sizeof frame &&
           fread(frame, record[2], 1, in) == 1) {
        if (!base) {
            base = now(CLOCK_REALTIME) / NANOS + 2;
            offset = base - record[0];
        }
        wait_until(CLOCK_REALTIME, ((int64_t)record[0] + offset) * NANOS + (int64_t)record[1] * 1000);
        struct iovec part = {frame, record[2]};
        struct mmsghdr message = {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};
        send_batch(fd, &message, &part, 1);
    }
    fclose(in);
    printf("{\"first_second\": %lld, ", (long long)base);
}

int main(int count, char **words) {
    if (count != 3 && count != 6) {
        fprintf(stderr, "usage: send INTERFACE (CAPTURE.pcap | PACKETS LENGTH FLOWS PACKETS_PER_SECOND)\n");
        return 2;
    }
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    int fd = open_socket(words[1]);
    int64_t start = now(CLOCK_MONOTONIC);
    if (count == 3) {
        send_capture(fd, words[2]);
    } else {
        uint32_t length = (uint32_t)atoi(words[3]);
        uint64_t flows = strtoull(words[4], NULL, 10);
        if ((length && (length < FRAME_MIN || length > FRAME_MAX)) || !flows) {
            fprintf(stderr, "send: LENGTH is 0 or %d to %d, FLOWS at least 1\n", FRAME_MIN, FRAME_MAX);
            return 2;
        }
        send_made(fd, strtoull(words[2], NULL, 10), length, flows, strtoull(words[5], NULL, 10));
        printf("{");
    }
    printf("\"packets\": %llu, \"bytes\": %llu, \"seconds\": %.6f, \"late_us\": %lld}\n", (unsigned long long)packets,
           (unsigned long long)bytes, (double)(now(CLOCK_MONOTONIC) - start) / 1e9, (long long)latest / 1000);
    return 0;
}
