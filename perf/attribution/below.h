/* Traffic that passes no transport of the kernel's: ICMP, an IP protocol of nobody's, frames on a
 * packet socket. And what every mode is given, and how it keeps its pace. */
#ifndef BELOW_H
#define BELOW_H

#include "wire.h"
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>

enum { RATE = 12000 }; /* packets a second */

struct task {
    const char *host, *more;
    int port;
    uint64_t amount;
    union address to;
    socklen_t length;
};

static void send_paced(const struct task *task, int fd, size_t length, const struct sockaddr *to) {
    int64_t start = nanos();
    for (uint64_t i = 0; i < task->amount; i++) {
        pace(start, i, RATE);
        need(sendto(fd, chunk, length, 0, to, to ? task->length : 0), "sendto");
    }
}

static uint16_t checksum(const void *data, size_t length) {
    const uint8_t *at = data;
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < length; i += 2) sum += (uint32_t)at[i] << 8 | at[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    return htons((uint16_t)~(sum + (sum >> 16)));
}

/* AMOUNT echo requests of 1,000 bytes on a raw socket; the kernel on the other side answers. */
static void icmp_flood(const struct task *task) {
    uint8_t data[1000] = {0};
    struct icmphdr *header = (struct icmphdr *)data;
    int fd = (int)need(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), "raw socket");
    int64_t start = nanos();
    for (uint64_t i = 0; i < task->amount; i++) {
        *header = (struct icmphdr){.type = ICMP_ECHO};
        header->un.echo.id = htons((uint16_t)getpid());
        header->un.echo.sequence = htons((uint16_t)i);
        header->checksum = checksum(data, sizeof data);
        pace(start, i, RATE);
        need(sendto(fd, data, sizeof data, 0, &task->to.any, task->length), "sendto");
        while (recv(fd, chunk, CHUNK, MSG_DONTWAIT) > 0) continue;
    }
    memset(chunk, 0, CHUNK);
    pause_ms(100);
}

/* AMOUNT packets of an IP protocol that is nobody's. */
static void raw_ip(const struct task *task) {
    struct task portless = *task;
    portless.to.four.sin_port = 0;
    send_paced(&portless, (int)need(socket(AF_INET, SOCK_RAW, EXPERIMENT), "raw socket"), 1000, &portless.to.any);
}

static void inject(const struct task *task, int fd, uint8_t *frame, size_t length) {
    static const uint8_t peer[6] = {2, 0, 0, 0, 0, 0x0a}, own[6] = {2, 0, 0, 0, 0, 0x0b};
    struct iphdr *ip = (struct iphdr *)(frame + 14);
    struct udphdr *udp = (struct udphdr *)(ip + 1);
    memcpy(frame, peer, 6);
    memcpy(frame + 6, own, 6);
    frame[12] = 8;
    *ip = (struct iphdr){.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP, .tot_len = htons((uint16_t)(length - 14))};
    need(inet_pton(AF_INET, strchr(task->more, '/') + 1, &ip->saddr) - 1, "MORE");
    ip->daddr = task->to.four.sin_addr.s_addr;
    ip->check = checksum(ip, sizeof *ip);
    *udp = (struct udphdr){.source = htons(40000), .dest = htons((uint16_t)task->port), .len = htons((uint16_t)(length - 34))};
    int64_t start = nanos();
    for (uint64_t i = 0; i < task->amount; i++) {
        pace(start, i, RATE);
        need(send(fd, frame, length, 0), "send");
    }
}

/* AMOUNT frames through a packet socket that only sends; MORE is INTERFACE/SOURCE-ADDRESS. */
static void packet_inject(const struct task *task) {
    static uint8_t frame[1014];
    char name[IF_NAMESIZE] = {0};
    memcpy(name, task->more, strcspn(task->more, "/"));
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name)};
    int fd = (int)need(socket(AF_PACKET, SOCK_RAW, 0), "packet socket");
    need(bind(fd, (struct sockaddr *)&address, sizeof address), "bind");
    inject(task, fd, frame, sizeof frame);
}

#endif
