/* tunnel INTERFACE LOCAL PEER PORT
 *
 * A tunnel in user space, without secrets: makes the tun device INTERFACE and carries each of its
 * packets in a UDP datagram from LOCAL:PORT to PEER:PORT, and back. Says `ready` when the device is
 * there; prints what it carried as one JSON object when SIGTERM ends it. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;

struct count {
    uint64_t packets, bytes;
};

static void on_signal(int signal) {
    (void)signal;
    stopped = 1;
}

static void check(int ok, const char *what) {
    if (!ok) {
        perror(what);
        exit(1);
    }
}

static int open_tun(const char *name) {
    int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    check(tun >= 0, "/dev/net/tun");
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    check(ioctl(tun, TUNSETIFF, &request) == 0, name);
    return tun;
}

static struct sockaddr_in place(const char *address, const char *port) {
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    check(inet_pton(AF_INET, address, &place.sin_addr) == 1, address);
    return place;
}

static int open_socket(struct sockaddr_in local, struct sockaddr_in peer) {
    int udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    check(udp >= 0, "socket");
    int room = 64 << 20;
    setsockopt(udp, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    setsockopt(udp, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
    check(bind(udp, (struct sockaddr *)&local, sizeof local) == 0, "bind");
    check(connect(udp, (struct sockaddr *)&peer, sizeof peer) == 0, "connect");
    return udp;
}

/* Carries all that there is; what the other side does not take is not counted. */
static void carry(int from, int to, struct count *count) {
    static char packet[65536];
    ssize_t length;
    while ((length = read(from, packet, sizeof packet)) > 0) {
        if (write(to, packet, (size_t)length) == length) {
            count->packets++;
            count->bytes += (uint64_t)length;
        }
    }
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: tunnel INTERFACE LOCAL PEER PORT\n");
        return 2;
    }
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    int tun = open_tun(argv[1]);
    int udp = open_socket(place(argv[2], argv[4]), place(argv[3], argv[4]));
    puts("ready");
    fflush(stdout);
    struct count out = {0}, in = {0};
    struct pollfd both[] = {{.fd = tun, .events = POLLIN}, {.fd = udp, .events = POLLIN}};
    while (!stopped && poll(both, 2, -1) >= 0) {
        carry(tun, udp, &out);
        carry(udp, tun, &in);
    }
    printf("{\"packets_out\": %lu, \"bytes_out\": %lu, \"packets_in\": %lu, \"bytes_in\": %lu}\n",
           out.packets, out.bytes, in.packets, in.bytes);
    return 0;
}
