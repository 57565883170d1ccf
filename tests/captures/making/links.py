"""Links other than Ethernet between two hosts: cooked, raw and loopback; and headers between IP and transport."""
import socket

import dnslib

from . import tls, tunnels, web
from .place import CLIENT, CLIENT6, SERVER, SERVER6
from .registry import scenario

NAME = "www.site.example"


def over(place, **recording):
    tls.serve_https(place)
    with place.recording(**recording):
        tls.curl(place)
    tls.expect(place)


@scenario("link-cooked", "Linux cooked capture (SLL): no Ethernet header.", "curl to Python's ssl module, tcpdump -i any -y LINUX_SLL")
def cooked(place):
    over(place, device="any", link="LINUX_SLL")


@scenario("link-cooked-2", "Linux cooked capture, version 2 (SLL2).", "curl to Python's ssl module, tcpdump -i any -y LINUX_SLL2")
def cooked2(place):
    over(place, device="any", link="LINUX_SLL2")


@scenario("link-raw", "Raw IP: what a tunnel's own device shows.", "curl and ping through a small tunnel in user space, tcpdump on its TUN device")
def raw(place):
    tunnels.user_space(place, tunnels.ip_ends(place, 47), tunnels.gre())
    tunnels.inside_traffic(place, [], device="tun")


@scenario("link-loopback", "The loopback device: Ethernet headers without addresses, both ends the same host.",
          "curl to a small server on 127.0.0.1")
def loopback(place):
    place.listen("127.0.0.1", 8080, lambda connection: (tls.head(connection), connection.sendall(tls.ANSWER)), side="client")
    with place.recording(device="lo"):
        place.client("curl", "-sS", "--resolve", f"{NAME}:8080:127.0.0.1", f"http://{NAME}:8080/")
    web.plain(place, ("127.0.0.1", 8080), client="127.0.0.1")


@scenario("ipv6-extension-headers", "A DNS question behind a hop-by-hop and a destination options header.",
          "a socket of Python with IPV6_HOPOPTS and IPV6_DSTOPTS")
def extensions(place):
    from . import dns
    place.datagrams(SERVER6, 53, dns.reply)
    with place.inside("client"):
        one = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    padding = bytes([0, 0, 1, 4, 0, 0, 0, 0])  # the kernel writes the next header; one PadN of six bytes
    one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_HOPOPTS, padding)
    one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS, padding)
    one.settimeout(3)
    with place.recording(only=f"ip6 host {SERVER6} and not icmp6"):
        one.sendto(dnslib.DNSRecord.question(NAME).pack(), (SERVER6, 53))
        one.recv(1500)
    one.close()
    place.expect("udp", (SERVER6, 53), client=CLIENT6, claims=[("dns", NAME)], site=("dns", NAME), protocol="dns",
                 tunnel_layers=["ipv6.hopopts", "ipv6.dstopts"])


@scenario("icmp-error", "A question to a closed port: the ICMP error is a flow of its own, and what it quotes is no claim of it.",
          "dig to a port where nobody listens")
def error(place):
    with place.recording():
        place.client("dig", f"@{SERVER}", "+tries=1", "+time=1", NAME, "A", check=False)
    place.expect("udp", (SERVER, 53), claims=[("dns", NAME)], site=("dns", NAME), protocol="dns", many=True)
    place.expect("icmp", CLIENT, client=SERVER)
