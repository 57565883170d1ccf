#!/usr/bin/env python3
"""Writes demo/demo.pcapng.gz: three minutes of an invented workstation's traffic, for `make demo`.

Everything is made here, from a fixed seed: the same program writes the same packets each time.
Addresses are from the documentation ranges (RFC 5737, RFC 3849), names from the reserved ones
(RFC 2606), hardware addresses from RFC 7042's; the workstation is 192.168.1.23. Greetings, headers
and handshakes are there in full, bulk data is cut to its headers (the original lengths are kept),
and large frames look as they do behind segmentation and receive offload. Each frame tells its process,
in the blocks and options that Apple's tcpdump writes.

usage: make_demo_capture.py [--check]     --check compares instead of writing
"""
import gzip
import ipaddress
import math
import pathlib
import random
import struct
import sys

sys.dont_write_bytecode = True
from quic_initial import initial

OUT = pathlib.Path(__file__).resolve().parent.parent / "demo" / "demo.pcapng.gz"
START = 1767323045  # 2026-01-02T03:04:05Z; `make demo` moves it to now
SECONDS = 180
CUT = 82  # bytes kept of a bulk frame over IPv4; IPv6 keeps its 20 more

HOST4, HOST6 = "192.168.1.23", "2001:db8:10:1::23"
ROUTER4, ROUTER6 = "192.168.1.1", "2001:db8:10:1::1"
HOST_MAC, ROUTER_MAC = bytes.fromhex("00005e005323"), bytes.fromhex("00005e005301")
NEIGHBOUR4, NEIGHBOUR_MAC = "192.168.1.40", bytes.fromhex("00005e005340")

rng = random.Random(7500)
frames = []  # (time, order, captured bytes, original length, process, whom it works for)
processes = {}  # name -> number; in the order in which they are first met
now_running = (None, None)


# -- bytes ------------------------------------------------------------------------------------

def uniform(low, high):
    return low + (high - low) * rng.random()


def whole(low, high):
    return int(uniform(low, high + 1))


def noise(count):
    return bytes(int(rng.random() * 256) for _ in range(count))


def packed(address):
    return ipaddress.ip_address(address).packed


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def running(name, works_for=None):
    """Who sends and receives what is told from here on; None: nobody, the kernel itself."""
    global now_running
    for one in (name, works_for):
        if one:
            processes.setdefault(one, 900 + 37 * len(processes))
    now_running = (name, works_for)


def emit(at, frame, length=None):
    """Records a frame; `length` is what it was on the wire when only its beginning is kept."""
    length = max(length or 0, len(frame), 60)
    if length == 60:
        frame = frame.ljust(60, b"\0")
    frames.append((at, len(frames), frame, length, *now_running))


ip_ids = {}


def ip(source, target, protocol, segment, length, ttl):
    """An IP header in front of `segment`, whose length on the wire is `length`."""
    if ":" in source:
        return struct.pack("!IHBB", 6 << 28, length, protocol, ttl) + packed(source) + packed(target) + segment
    ip_ids[source] = ip_ids.get(source, sum(packed(source)) * 199) + 1
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, ip_ids[source] & 0xFFFF, 0x4000, ttl, protocol, 0)
    header += packed(source) + packed(target)
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + segment


def sealed(source, target, protocol, segment, place, length):
    """`segment` with its checksum, what is not kept of it being zeros."""
    pseudo = packed(source) + packed(target) + struct.pack("!IBBH", length, 0, 0, protocol)
    if protocol == 1:  # ICMP of IPv4 covers no addresses
        pseudo = b""
    value = checksum(pseudo + segment) or 0xFFFF
    return segment[:place] + struct.pack("!H", value) + segment[place + 2:]


def send(at, source, target, protocol, segment, place, length=None, vlan=None, macs=None, ttl=None):
    length = length or len(segment)
    local = source in (HOST4, HOST6)
    ours, theirs = macs or ((HOST_MAC, ROUTER_MAC) if local else (ROUTER_MAC, HOST_MAC))
    tag = struct.pack("!HH", 0x8100, vlan) if vlan else b""
    kind = 0x86DD if ":" in source else 0x0800
    link = theirs + ours + tag + struct.pack("!H", kind)
    segment = sealed(source, target, protocol, segment, place, length)
    frame = link + ip(source, target, protocol, segment, length, ttl or (64 if local else 56))
    kept = len(frame) if length == len(segment) else CUT + (20 if kind == 0x86DD else 0)
    emit(at, frame[:kept], len(link) + (40 if kind == 0x86DD else 20) + length)


def udp(at, source, sport, target, dport, payload, length=None, **more):
    length = length or len(payload)
    header = struct.pack("!HHHH", sport, dport, 8 + length, 0)
    send(at, source, target, 17, header + payload, 6, 8 + length, **more)


# -- TCP --------------------------------------------------------------------------------------

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
ports = iter(range(40112, 60000, 7))


class Tcp:
    """A connection from the workstation, told in the order in which it happens."""

    def __init__(self, at, server, port, rtt=0.02):
        self.six = ":" in server
        self.client, self.server = (HOST6 if self.six else HOST4), server
        self.sport, self.dport, self.rtt, self.at = next(ports), port, rtt, at
        self.mss = 1428 if self.six else 1448
        self.seq = {True: whole(1, 2**31), False: whole(1, 2**31)}
        self._segment(True, SYN)
        self.at += rtt
        self._segment(False, SYN | ACK)
        self.at += 0.0001
        self._segment(True, ACK)

    def _segment(self, ours, flags, payload=b"", length=None):
        length = length or len(payload)
        source, target = (self.client, self.server) if ours else (self.server, self.client)
        sport, dport = (self.sport, self.dport) if ours else (self.dport, self.sport)
        ticks = int(self.at * 1000) & 0xFFFFFFFF
        stamp = struct.pack("!BBBBII", 1, 1, 8, 10, ticks + self.sport, ticks + self.dport * 1000)
        if flags & SYN:
            options = struct.pack("!BBH", 2, 4, self.mss + 12) + struct.pack("!BB", 4, 2) + stamp[2:] + bytes((1, 3, 3, 7))
        else:
            options = stamp
        acknowledged = 0 if flags == SYN else self.seq[not ours]
        offset = (20 + len(options)) // 4 << 4
        header = struct.pack("!HHIIBBHHH", sport, dport, self.seq[ours], acknowledged, offset, flags, 502, 0, 0)
        segment = header + options + payload
        send(self.at, source, target, 6, segment, 16, len(header + options) + length)
        self.seq[ours] = (self.seq[ours] + length + (1 if flags & (SYN | FIN) else 0)) & 0xFFFFFFFF

    def say(self, ours, payload, wait=None):
        """A message in full, in as many segments as it takes; acknowledged."""
        self.at += self.rtt if wait is None else wait
        for start in range(0, len(payload), self.mss):
            self._segment(ours, PSH | ACK, payload[start:start + self.mss])
            self.at += 0.00005
        self.at += 0.0003
        self._segment(not ours, ACK)

    def bulk(self, ours, size, rate, joined=(6, 20), head=None):
        """`size` bytes at `rate(time)` bit/s, cut to headers, in frames of that many segments."""
        while size > 0:
            length = min(size, whole(*joined) * self.mss)
            record = head or b"\x17\x03\x03" + struct.pack("!H", max(1, min(length - 5, 16401)))
            self._segment(ours, PSH | ACK, record[:length], length)
            self.at += 0.00015
            self._segment(not ours, ACK)
            self.at += max(0.0002, length * 8 / max(rate(self.at), 1e4) * uniform(0.85, 1.15) - 0.00015)
            size -= length

    def bye(self, wait=0.05):
        self.at += wait
        self._segment(True, FIN | ACK)
        self.at += self.rtt
        self._segment(False, FIN | ACK)
        self.at += 0.0001
        self._segment(True, ACK)


# -- TLS, QUIC, HTTP, DNS ---------------------------------------------------------------------

def sized(width, data):
    return len(data).to_bytes(width, "big") + data


def extension(kind, data):
    return struct.pack("!H", kind) + sized(2, data)


ALPN = (b"h2", b"http/1.1")


def client_hello(name, post_quantum=False, spoken=ALPN, session=32, more=b""):
    groups = struct.pack("!3H", 0x001D, 0x0017, 0x0018)
    shares = groups[:2] + sized(2, noise(32))
    if post_quantum:  # X25519MLKEM768: the hello outgrows one segment
        groups = struct.pack("!H", 0x11EC) + groups
        shares = groups[:2] + sized(2, noise(1216)) + shares
    extensions = b"".join((
        extension(0, sized(2, b"\0" + sized(2, name.encode()))),
        extension(23, b""),
        extension(0xFF01, b"\0"),
        extension(10, sized(2, groups)),
        extension(11, b"\x01\0"),
        extension(35, b""),
        extension(16, sized(2, b"".join(sized(1, one) for one in spoken))),
        extension(5, b"\x01\0\0\0\0"),
        extension(13, sized(2, struct.pack("!8H", 0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601))),
        extension(51, sized(2, shares)),
        extension(45, b"\x01\x01"),
        extension(43, sized(1, struct.pack("!2H", 0x0304, 0x0303))),
        more,
    ))
    ciphers = struct.pack("!9H", 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8)
    body = b"\x03\x03" + noise(32) + sized(1, noise(session)) + sized(2, ciphers) + b"\x01\0" + sized(2, extensions)
    return b"\x16\x03\x01" + sized(2, b"\x01" + sized(3, body))


def server_hello(session=32):
    extensions = extension(51, struct.pack("!H", 0x001D) + sized(2, noise(32))) + extension(43, b"\x03\x04")
    body = b"\x03\x03" + noise(32) + sized(1, noise(session)) + b"\x13\x01\0" + sized(2, extensions)
    return b"\x16\x03\x03" + sized(2, b"\x02" + sized(3, body)) + b"\x14\x03\x03\0\x01\x01"


def tls(at, name, server, rtt=0.02, post_quantum=False):
    connection = Tcp(at, server, 443, rtt)
    connection.say(True, client_hello(name, post_quantum), 0.0005)
    connection.say(False, server_hello())
    connection.bulk(False, 3200, lambda _: 2e7, (1, 2))
    connection.say(True, b"\x14\x03\x03\0\x01\x01\x17\x03\x03" + sized(2, noise(53)), 0.001)
    connection.bulk(True, whole(300, 900), lambda _: 2e7, (1, 1))
    connection.at += rtt
    return connection


def quic(at, name, server, size, rate, rtt=0.018):
    client, sport = (HOST6 if ":" in server else HOST4), next(ports)
    first, theirs = noise(8), noise(8)
    parameters = extension(57, bytes((1, 4)) + struct.pack("!I", 0x80007530) + b"\x0f\0")  # idle for 30 s, no own ID
    hello = client_hello(name, spoken=(b"h3",), session=0, more=parameters)[5:]  # no record around it
    udp(at, client, sport, server, 443, initial(first, first, b"", hello, True))
    at += rtt
    udp(at, server, 443, client, sport, initial(first, b"", theirs, server_hello(session=0)[5:-6], False))
    at += rtt
    while size > 0:
        length = min(size, 1252)
        udp(at, server, 443, client, sport, b"\x4f" + noise(3), max(length, 40))
        if rng.random() < 0.12:
            udp(at + 0.0004, client, sport, server, 443, b"\x55" + theirs, whole(33, 45))
        at += length * 8 / rate * uniform(0.7, 1.3)
        size -= length


def http(at, name, server, path, size, kind="text/html", rtt=0.025, rate=6e6):
    connection = Tcp(at, server, 80, rtt)
    request = f"GET {path} HTTP/1.1\r\nHost: {name}\r\nUser-Agent: demo/1\r\nAccept: */*\r\n\r\n"
    connection.say(True, request.encode(), 0.0005)
    reply = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n"
    connection.say(False, reply.encode())
    connection.bulk(False, size, lambda _: rate, (2, 10), b"\0")
    connection.bye()


def dns_name(name):
    return b"".join(sized(1, label.encode()) for label in name.split(".")) + b"\0"


def dns_question(name, kind):
    return dns_name(name) + struct.pack("!HH", kind, 1)


def dns_record(kind, data, ttl=300, owner=b"\xc0\x0c"):
    return owner + struct.pack("!HHI", kind, 1, ttl) + sized(2, data)


def resolve(at, name, *addresses):
    """Questions for A and AAAA, as a stub resolver asks them, and what the router answers."""
    asking = now_running
    running("systemd-resolved")
    sport = whole(32768, 60999)
    for kind, six in ((1, False), (28, True)):
        number = whole(1, 65535)
        question = dns_question(name, kind)
        found = [packed(a) for a in addresses if (":" in a) == six]
        answers, owner, alias = [], b"\xc0\x0c", ALIASES.get(name)
        if alias:
            answers, owner = [dns_record(5, dns_name(alias))], dns_name(alias)
        answers += [dns_record(kind, data, owner=owner) for data in found]
        udp(at, HOST4, sport, ROUTER4, 53, struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + question)
        answer = struct.pack("!6H", number, 0x8180, 1, len(answers), 0, 0) + question + b"".join(answers)
        udp(at + uniform(0.004, 0.025), ROUTER4, 53, HOST4, sport, answer, ttl=64)
        at += 0.0002
    running(*asking)
    return at + 0.03


# -- the household ----------------------------------------------------------------------------

SITES = {
    "www.example.com": ("198.51.100.10", "2001:db8:2::10"),
    "static.example.com": ("198.51.100.11", "2001:db8:2::11"),
    "news.example.org": ("198.51.100.24",),
    "images.example.org": ("198.51.100.25",),
    "fonts.example.net": ("203.0.113.31", "2001:db8:3::31"),
    "api.weather.example": ("203.0.113.44",),
    "mail.example.net": ("192.0.2.60", "2001:db8:4::60"),
    "chat.example.org": ("192.0.2.71",),
    "search.example": ("203.0.113.90", "2001:db8:5::90"),
    "shop.example": ("198.51.100.120",),
    "maps.example": ("203.0.113.130", "2001:db8:6::130"),
    "code.example.org": ("192.0.2.140", "2001:db8:7::140"),
    "cdn.video.example": ("203.0.113.200", "2001:db8:8::200"),
    "mirror.example.net": ("198.51.100.210",),
    "backup.example.net": ("192.0.2.220", "2001:db8:9::220"),
    "shell.example.org": ("192.0.2.22",),
    "packages.example.com": ("203.0.113.80",),
    "telemetry.test": ("203.0.113.251",),
    "radio.test": ("203.0.113.66",),
    "xn--bcher-kva.example": ("198.51.100.77",),
}
# What the answers for these go through: the name that was asked for is the one to show.
ALIASES = {"shell.example.org": "vm7.hosting.example", "cdn.video.example": "edge3.cdn.example"}


def visit(at, name, size, rate, post_quantum=False, prefer_six=True):
    addresses = SITES[name]
    at = resolve(at, name, *addresses)
    server = addresses[-1] if prefer_six else addresses[0]
    connection = tls(at, name, server, uniform(0.01, 0.04), post_quantum)
    connection.bulk(False, int(size), lambda _: rate, (2, 12))
    connection.bye(uniform(0.2, 2.0))


def page(at, name, *others):
    """A page and what it loads from elsewhere, all within a second or two."""
    visit(at, name, uniform(6e4, 3e5), 9e6, post_quantum=rng.random() < 0.3)
    for other in others:
        visit(at + uniform(0.12, 0.7), other, math.exp(uniform(9.5, 13.7)), uniform(5e6, 1.8e7))


def browsing():
    running("Socket Process", "firefox")
    page(4.2, "search.example", "fonts.example.net")
    page(8.0, "www.example.com", "static.example.com", "fonts.example.net", "images.example.org")
    page(15.5, "news.example.org", "images.example.org", "static.example.com", "shop.example")
    visit(18.4, "xn--bcher-kva.example", 1_350_000, 1.1e7)
    page(22.3, "shop.example", "images.example.org", "static.example.com")
    page(82.4, "maps.example", "static.example.com", "fonts.example.net")
    page(88.1, "code.example.org", "static.example.com")
    page(121.7, "news.example.org", "images.example.org", "fonts.example.net", "www.example.com")
    page(168.9, "search.example", "www.example.com")
    page(173.6, "code.example.org", "images.example.org")
    for at in (3.0, 63.0, 123.0):
        running("gnome-weather")
        visit(at, "api.weather.example", 4200, 4e6)
        running("code")
        visit(at + 1.4, "telemetry.test", 600, 2e6)
    running("Socket Process", "firefox")
    for at, name, server in ((10.1, "search.example", "2001:db8:5::90"), (84.0, "maps.example", "2001:db8:6::130"),
                             (169.4, "search.example", "203.0.113.90")):
        quic(at, name, server, whole(250_000, 420_000), 7e6)


def video():
    """Segments of four seconds, each fetched faster than it is watched."""
    running("Socket Process", "firefox")
    at = resolve(29.5, "cdn.video.example", *SITES["cdn.video.example"])
    connection = tls(at, "cdn.video.example", "2001:db8:8::200", 0.012, post_quantum=True)
    while connection.at < 78:
        begun = connection.at
        connection.bulk(True, whole(400, 600), lambda _: 2e7, (1, 1))
        connection.bulk(False, whole(1_900_000, 3_300_000), lambda _: uniform(1.6e7, 2.6e7), (8, 24))
        connection.at = max(connection.at, begun + 4 * uniform(0.93, 1.07))
    connection.bye()


def download():
    """A disk image: slow start, then a line that is shared."""
    running("curl")
    at = resolve(93.0, "mirror.example.net", *SITES["mirror.example.net"])
    connection = tls(at, "mirror.example.net", "198.51.100.210", 0.03)
    begun = connection.at

    def rate(now):
        age = now - begun
        ramp = 3.8e7 / (1 + math.exp(3.2 - 1.6 * age))
        return ramp * (1 - 0.22 * ((age / 6.5) % 1.0) ** 2)

    connection.bulk(False, 104_000_000, rate, (10, 30))
    connection.bye()


def backup():
    running("restic")
    at = resolve(131.0, "backup.example.net", *SITES["backup.example.net"])
    connection = tls(at, "backup.example.net", "2001:db8:9::220", 0.028)
    for _ in range(9):
        connection.bulk(True, whole(3_000_000, 5_500_000), lambda now: 1.15e7 + 2e6 * math.sin(now), (10, 30))
        connection.bulk(False, whole(200, 400), lambda _: 2e7, (1, 1))
        connection.at += uniform(0.2, 1.1)
    connection.bye()


def shell():
    """Tells no name itself: it is known by what was asked just before."""
    running("ssh")
    at = resolve(1.0, "shell.example.org", *SITES["shell.example.org"])
    connection = Tcp(at, "192.0.2.22", 22, 0.022)
    connection.say(True, b"SSH-2.0-OpenSSH_9.9\r\n")
    connection.say(False, b"SSH-2.0-OpenSSH_9.9\r\n")
    for ours, size in ((True, 1200), (False, 1100), (True, 1208), (False, 1560), (True, 16), (True, 44), (False, 44)):
        connection.at += connection.rtt
        connection.bulk(ours, size, lambda _: 2e7, (1, 1), b"\0\0")
    while connection.at < 176:
        for _ in range(whole(3, 14)):
            connection.bulk(True, 36, lambda _: 2e7, (1, 1), b"\0\0")
            connection.at += connection.rtt
            connection.bulk(False, 36, lambda _: 2e7, (1, 1), b"\0\0")
            connection.at += uniform(0.06, 0.3)
        connection.bulk(False, whole(200, 30_000), lambda _: 8e6, (1, 4), b"\0\0")
        connection.at += uniform(1.0, 6.0)
    connection.bye()


def chat_and_mail():
    for name, gap, program in (("chat.example.org", 7.0, "weechat"), ("mail.example.net", 29.0, "thunderbird")):
        running(program)
        at = resolve(uniform(0.2, 0.9), name, *SITES[name])
        connection = tls(at, name, SITES[name][-1], 0.03)
        while connection.at < 174:
            connection.bulk(rng.random() < 0.5, whole(120, 9_000), lambda _: 6e6, (1, 3))
            connection.at += gap * uniform(0.4, 1.3)
        connection.bye()


def radio():
    """What plays all the while: the line is never quite silent."""
    running("mpv")
    at = resolve(0.3, "radio.test", *SITES["radio.test"])
    connection = tls(at, "radio.test", "203.0.113.66", 0.02)
    while connection.at < SECONDS - 2:
        begun = connection.at
        connection.bulk(False, whole(7_000, 13_000), lambda _: 6e6, (2, 5))
        connection.at = begun + uniform(0.9, 1.1)
    connection.bye()


def plain_http():
    running("http", "apt")
    at = resolve(6.0, "packages.example.com", *SITES["packages.example.com"])
    http(at, "packages.example.com", "203.0.113.80", "/dists/stable/InRelease", 151_000, "text/plain")
    http(80.2, "packages.example.com", "203.0.113.80", "/pool/tools_1.2_amd64.deb", 3_400_000,
         "application/octet-stream", rate=1.4e7)
    running("Socket Process", "firefox")
    http(150.0, "router.test", ROUTER4, "/status", 18_000, rtt=0.002)


def call():
    """A telephone call on a VLAN of its own: 50 packets a second each way. Nothing names it."""
    running("linphone")
    sport = 16402
    for number in range(50 * 38):
        at = 44 + number * 0.02
        for ours, offset in ((True, 0.0), (False, 0.009)):
            stamp = struct.pack("!BBHII", 0x80, 0, number, number * 160, 0x1D5A if ours else 0x2E6B)
            way = (HOST4, sport, "203.0.113.50", 30000) if ours else ("203.0.113.50", 30000, HOST4, sport)
            udp(at + offset, *way, stamp, 172, vlan=20)


def ntp():
    running("chronyd")
    for at, server in ((2.5, "192.0.2.123"), (66.5, "198.51.100.123"), (130.5, "192.0.2.123"), (132.0, "2001:db8::123")):
        client = HOST6 if ":" in server else HOST4
        seconds = START + 2208988800 + int(at)
        sport = whole(32768, 60999)
        stamp = struct.pack("!II", seconds, 0x40000000)
        udp(at, client, sport, server, 123, b"\x23\0\x06\xe9" + bytes(36) + stamp)
        reply = b"\x24\x02\x06\xe9" + struct.pack("!II", 0x150, 0x2A0) + b"\xc0\0\x02\x01" + stamp * 4
        udp(at + 0.017, server, 123, client, sport, reply)


def mdns():
    group4, group6 = bytes.fromhex("01005e0000fb"), bytes.fromhex("3333000000fb")
    question = struct.pack("!6H", 0, 0, 1, 0, 0, 0) + dns_question("_ipp._tcp.local", 12)
    for at in (5.0, 6.0, 8.0, 95.0, 155.0):
        running("avahi-daemon")
        udp(at, HOST4, 5353, "224.0.0.251", 5353, question, macs=(HOST_MAC, group4), ttl=255)
        udp(at + 0.0003, HOST6, 5353, "ff02::fb", 5353, question, macs=(HOST_MAC, group6), ttl=255)
        running(None)
        answer = struct.pack("!6H", 0, 0x8400, 0, 1, 0, 0) + dns_name("_ipp._tcp.local")
        answer += struct.pack("!HHI", 12, 1, 4500) + sized(2, sized(1, b"Printer") + b"\xc0\x0c")
        udp(at + 0.05, NEIGHBOUR4, 5353, "224.0.0.251", 5353, answer, macs=(NEIGHBOUR_MAC, group4), ttl=255)


def arp():
    running(None)

    def ask(at, mac, address, wanted, wanted_mac):
        link = b"\xff" * 6 + mac + b"\x08\x06"
        emit(at, link + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac + packed(address) + bytes(6) + packed(wanted))
        if wanted_mac:
            link = mac + wanted_mac + b"\x08\x06"
            emit(at + 0.0007, link + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2) + wanted_mac + packed(wanted) + mac + packed(address))

    for at in (0.5, 45.0, 97.0, 149.0):
        ask(at, HOST_MAC, HOST4, ROUTER4, ROUTER_MAC)
    for at in (12.0, 71.0, 139.0):
        ask(at, ROUTER_MAC, ROUTER4, "192.168.1.77", None)


def icmp():
    running("ping")
    for number in range(20):
        at = 34.0 + number
        body = struct.pack("!HH", 0x2B1D, number) + bytes(range(56))
        send(at, HOST4, "192.0.2.1", 1, b"\x08\0\0\0" + body, 2)
        send(at + uniform(0.011, 0.019), "192.0.2.1", HOST4, 1, b"\0\0\0\0" + body, 2)
    running("traceroute")
    quoted = ip(HOST4, "203.0.113.9", 17, struct.pack("!HHHH", 43210, 33434, 40, 0), 40, 1)
    send(90.0, HOST4, "203.0.113.9", 17, struct.pack("!HHHH", 43210, 33434, 40, 0) + bytes(32), 6)
    send(90.02, "203.0.113.9", HOST4, 1, b"\x03\x03\0\0\0\0\0\0" + quoted, 2)
    running(None)
    for at in (11.0, 101.0, 160.0):
        target, own = packed(ROUTER6), packed(HOST6)
        send(at, HOST6, ROUTER6, 58, b"\x87\0\0\0\0\0\0\0" + target + b"\x01\x01" + HOST_MAC, 2, ttl=255)
        send(at + 0.001, ROUTER6, HOST6, 58, b"\x88\0\0\0\xe0\0\0\0" + target + b"\x02\x01" + ROUTER_MAC, 2, ttl=255)


def refused():
    """A port that nobody listens on."""
    running("curl")
    connection = Tcp.__new__(Tcp)
    connection.six, connection.client, connection.server = False, HOST4, "192.0.2.8"
    connection.sport, connection.dport, connection.rtt, connection.at = next(ports), 8443, 0.02, 70.0
    connection.mss, connection.seq = 1448, {True: whole(1, 2**31), False: 0}
    connection._segment(True, SYN)
    connection.at += 0.02
    connection._segment(False, RST | ACK)


# -- the file ---------------------------------------------------------------------------------

# Of pcapng: a section, an interface that counts microseconds, and Apple's processes, which frames
# name by their place in the file.

def option(code, data):
    return struct.pack("<HH", code, len(data)) + data + bytes(-len(data) % 4)


def block(kind, body):
    body += bytes(-len(body) % 4)
    length = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + length + body + length


END = struct.pack("<HH", 0, 0)


def process_block(name, number):
    return block(0x80000001, struct.pack("<I", number) + option(2, name.encode()) + END)


def packet_block(at, _, data, length, name, works_for, places):
    ticks = START * 1_000_000 + round(at * 1_000_000)
    head = struct.pack("<IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(data), length)
    options = b"".join(option(code, struct.pack("<I", places[one])) for code, one in ((0x8001, name), (0x8003, works_for)) if one)
    return block(6, head + data + bytes(-len(data) % 4) + (options + END if options else b""))


def capture():
    parts = (arp, ntp, mdns, icmp, chat_and_mail, radio, shell, browsing, plain_http, video, call, refused, download, backup)
    for part in parts:
        part()
    kept = sorted((frame for frame in frames if frame[0] < SECONDS), key=lambda frame: frame[:2])
    records = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    records.append(block(1, struct.pack("<HHI", 1, 0, 262144)))
    records += [process_block(name, number) for name, number in processes.items()]
    places = {name: place for place, name in enumerate(processes)}
    return b"".join(records + [packet_block(*frame, places) for frame in kept])


def main():
    made = capture()
    if "--check" in sys.argv[1:]:
        if gzip.decompress(OUT.read_bytes()) != made:
            sys.exit(f"{OUT} is not what this program writes: run it without --check")
        return
    OUT.parent.mkdir(exist_ok=True)
    with open(OUT, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed_file:
        packed_file.write(made)
    print(f"{OUT}: {len(frames)} frames, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
