"""Tunnels: the kernel's own where it has them, a small one in user space for the rest. Inside of each
go one request of HTTP and a ping.
"""
import contextlib
import fcntl
import os
import socket
import struct
import threading
import time

from . import web
from .place import CLIENT, CLIENT6, QUIET, SERVER, SERVER6, run
from .registry import scenario

HERE, THERE, HERE6, THERE6 = "198.51.100.1", "198.51.100.2", "2001:db8:51::1", "2001:db8:51::2"
NAME = "inside.site.example"


def inside_traffic(place, chain, layers=(), six=False, only=QUIET, device="c0"):
    here, there = (HERE6, THERE6) if six else (HERE, THERE)
    web.serve_http(place, there)
    time.sleep(0.3)
    warm(place, there)
    with place.recording(only=only, device=device):
        place.client("ping", "-c", "2", "-i", "0.2", there)
        at = f"[{there}]" if six else there
        place.client("curl", "-sS", "--max-time", "5", "--resolve", f"{NAME}:80:{at}", f"http://{NAME}/")
    common = dict(encapsulations=list(chain), tunnel_layers=layers)
    place.expect("icmp6" if six else "icmp", there, client=here, site=("address", there), **common)
    place.expect("tcp", (there, 80), client=here, claims=[("http-host", NAME)], site=("http-host", NAME), protocol="http",
                 **common)


def warm(place, there):
    """Neighbours are known before the recording begins."""
    place.client("ping", "-c", "1", "-W", "2", there)


def addresses(place, device_of, six=False):
    for side, address in (("client", HERE6 if six else HERE), ("server", THERE6 if six else THERE)):
        name, device = place.names[side], device_of[side]
        run("ip", "-n", name, "addr", "add", f"{address}/{64 if six else 24}", "dev", device, *(["nodad"] if six else []))
        if not six:  # nobody looks for IPv6 neighbours inside
            place.sysctl(name, f"net.ipv6.conf.{device}.disable_ipv6=1")
        run("ip", "-n", name, "link", "set", device, "up", "mtu", "1300")


# -- the kernel's -------------------------------------------------------------------------------

def kernel_vxlan(place, local, remote, port, *more):
    for side, mine, other in (("client", local, remote), ("server", remote, local)):
        run("ip", "-n", place.names[side], "link", "add", "tun", "address", f"02:00:00:00:01:{'10' if side == 'client' else '20'}",
            "type", "vxlan", "id", "42", "local", mine, "remote", other, "dstport", port, *more)
    addresses(place, {"client": "tun", "server": "tun"})
    inside_traffic(place, ["vxlan"], ["vxlan"])


@scenario("vxlan", "VXLAN over IPv4.", "Linux's vxlan")
def vxlan(place):
    kernel_vxlan(place, CLIENT, SERVER, "4789")


@scenario("vxlan-ipv6", "VXLAN over IPv6, without a UDP checksum.", "Linux's vxlan with udp6zerocsumtx")
def vxlan6(place):
    kernel_vxlan(place, CLIENT6, SERVER6, "4789", "udp6zerocsumtx", "udp6zerocsumrx")


# -- in user space ------------------------------------------------------------------------------

def tun_device(place, side, name, ethernet=False):
    with place.inside(side):
        device = os.open("/dev/net/tun", os.O_RDWR)
        flags = (0x0002 if ethernet else 0x0001) | 0x1000  # IFF_TAP or IFF_TUN, no packet information
        fcntl.ioctl(device, 0x400454CA, struct.pack("16sH22x", name.encode(), flags))
    if ethernet:
        last = "10" if side == "client" else "20"
        run("ip", "-n", place.names[side], "link", "set", name, "address", f"02:00:00:00:01:{last}")
    return device


def carry(place, side, device, send, receive):
    """What the device says is sent, what is received is for the device."""
    def outward():
        while True:
            try:
                packet = os.read(device, 65535)
            except OSError:
                return
            with contextlib.suppress(OSError):  # what cannot be sent is lost, as on any cable
                send(packet)

    def inward():
        while True:
            try:
                packet = receive()
            except OSError:
                return
            if packet:
                with contextlib.suppress(OSError):
                    os.write(device, packet)
    for body in (outward, inward):
        threading.Thread(target=body, daemon=True).start()


def raw_ends(place, side, mine, other, number):
    """Send and receive of payloads of an IP protocol between the two addresses."""
    six = ":" in mine
    with place.inside(side):
        door = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_RAW, number)
    door.bind((mine, 0))
    place.sockets.append(door)
    send = lambda data: door.sendto(data, (other, 0))

    def receive():
        data = door.recv(65535)
        return data if six else data[(data[0] & 15) * 4:]
    return send, receive


def udp_ends(place, side, mine, other, port):
    with place.inside(side):
        door = socket.socket(socket.AF_INET6 if ":" in mine else socket.AF_INET, socket.SOCK_DGRAM)
    door.bind((mine, port))
    place.sockets.append(door)
    return (lambda data: door.sendto(data, (other, port))), (lambda: door.recv(65535))


def link_ends(place, side, kind):
    """Send and receive of payloads of an EtherType between the two ends of the cable."""
    device = "c0" if side == "client" else "s0"
    macs = [bytes.fromhex("020000000010"), bytes.fromhex("020000000020")]
    if side == "server":
        macs.reverse()
    with place.inside(side):
        door = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(kind))
    door.bind((device, kind))
    place.sockets.append(door)
    header = macs[1] + macs[0] + kind.to_bytes(2, "big")
    send = lambda data: door.send(header + data)

    def receive():
        data = door.recv(65535)
        return data[14:] if data[6:12] == macs[1] else None
    return send, receive


def user_space(place, ends, before, six=False, ethernet=False):
    """A tunnel whose header is `before(side, inner bytes)`, of the same length both ways."""
    for side in ("client", "server"):
        device = tun_device(place, side, "tun", ethernet)
        send, receive = ends(side)

        def wrapped(data, send=send, side=side):
            send(before(side, data) + data)

        def unwrapped(receive=receive, side=side):
            data = receive()
            return data and data[len(before(side, b"\x45" if not six else b"\x60")):]
        carry(place, side, device, wrapped, unwrapped)
    addresses(place, {"client": "tun", "server": "tun"}, six)


def ip_ends(place, number, outer6=False):
    pair = (CLIENT6, SERVER6) if outer6 else (CLIENT, SERVER)
    return lambda side: raw_ends(place, side, *(pair if side == "client" else pair[::-1]), number)


def kind_of(data):
    return 0x86DD if data[:1] and data[0] >> 4 == 6 else 0x0800


def simple(name, shows, number, chain, layers, before=lambda side, data: b"", six=False, outer6=False, ethernet=False):
    @scenario(name, shows, "a small tunnel in user space (this kernel has none), between two TUN or TAP devices of Linux")
    def one(place):
        user_space(place, ip_ends(place, number, outer6), before, six, ethernet)
        inside_traffic(place, chain, layers, six)


def gre(flags=0, rest=b""):
    return lambda side, data: struct.pack("!HH", flags, kind_of(data)) + rest


simple("ipip", "IPv4 in IPv4.", 4, ["ipip"], [])
simple("6in4", "IPv6 in IPv4.", 41, ["6in4"], [], six=True)
simple("4in6", "IPv4 in IPv6.", 4, ["4in6"], [], outer6=True)
simple("6in6", "IPv6 in IPv6.", 41, ["6in6"], [], six=True, outer6=True)
simple("gre", "IPv4 in GRE without options.", 47, ["gre"], ["gre"], gre())
simple("gre-key-sequence", "IPv4 in GRE with a key and a sequence number.", 47, ["gre"], ["gre"],
       gre(0x3000, struct.pack("!II", 42, 7)))
simple("gre-checksum", "IPv4 in GRE with the checksum field (left 0).", 47, ["gre"], ["gre"], gre(0x8000, bytes(4)))
simple("gre-ipv6-inside", "IPv6 in GRE over IPv4.", 47, ["gre"], ["gre"], gre(), six=True)
simple("gre-over-ipv6", "IPv4 in GRE over IPv6.", 47, ["gre"], ["gre"], gre(), outer6=True)
simple("etherip", "Ethernet in IPv4 by EtherIP (RFC 3378).", 97, ["etherip"], ["etherip"], lambda side, data: b"\x30\x00",
       ethernet=True)


@scenario("mpls", "IPv4 under two MPLS labels.", "a small tunnel in user space on the cable itself (this kernel has no MPLS)")
def mpls(place):
    user_space(place, lambda side: link_ends(place, side, 0x8847),
               lambda side, data: struct.pack("!II", 1000 << 12 | 64, 2000 << 12 | 0x100 | 64))
    inside_traffic(place, ["mpls"], ["mpls"], only="mpls")


@scenario("pppoe", "IPv4 in PPP over Ethernet.", "a small tunnel in user space on the cable itself: the session alone, without discovery")
def pppoe(place):
    user_space(place, lambda side: link_ends(place, side, 0x8864),
               lambda side, data: struct.pack("!BBHHH", 0x11, 0, 1, len(data) + 2, 0x0021))
    inside_traffic(place, ["pppoe", "ppp"], ["pppoes", "ppp"], only="pppoes")


@scenario("gtpu", "IPv4 in GTP-U version 1.", "a small tunnel in user space on port 2152")
def gtpu(place):
    user_space(place, lambda side: udp_ends(place, side, *((CLIENT, SERVER) if side == "client" else (SERVER, CLIENT)), 2152),
               lambda side, data: struct.pack("!BBHI", 0x30, 0xFF, len(data), 42))
    inside_traffic(place, ["gtp"], ["gtp"])


@scenario("l2tp", "IPv4 in PPP in L2TP version 2 over UDP.", "a small tunnel in user space on port 1701: data messages alone")
def l2tp(place):
    user_space(place, lambda side: udp_ends(place, side, *((CLIENT, SERVER) if side == "client" else (SERVER, CLIENT)), 1701),
               lambda side, data: struct.pack("!HHHBBH", 0x0002, 7, 9, 0xFF, 0x03, 0x0021))
    inside_traffic(place, ["l2tp", "ppp"], ["l2tp", "ppp"])


@scenario("vxlan-in-gre", "A tunnel in a tunnel: VXLAN of the kernel inside of GRE.",
          "Linux's vxlan inside of a small GRE tunnel in user space")
def nested(place):
    user_space(place, ip_ends(place, 47), gre())
    for side in ("client", "server"):
        name = place.names[side]
        mine, other = (HERE, THERE) if side == "client" else (THERE, HERE)
        run("ip", "-n", name, "link", "add", "tun2", "address", f"02:00:00:00:02:{'10' if side == 'client' else '20'}",
            "type", "vxlan", "id", "42", "local", mine, "remote", other, "dstport", "4789")
        run("ip", "-n", name, "link", "set", "tun2", "up", "mtu", "1200")
        run("ip", "-n", name, "addr", "add", f"203.0.113.{1 if side == 'client' else 2}/24", "dev", "tun2")
    warm(place, "203.0.113.2")
    with place.recording():
        place.client("ping", "-c", "2", "-i", "0.2", "203.0.113.2")
    place.expect("icmp", "203.0.113.2", client="203.0.113.1", encapsulations=["gre", "vxlan"], tunnel_layers=["gre", "vxlan"])
