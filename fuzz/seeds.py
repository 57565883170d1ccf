#!/usr/bin/env python3
"""Makes the inputs that fuzzing begins with: FOLDER/TARGET/NAME, out of the captures in tests/captures
and of bytes made here. Each target's layout is that of its body in tests/fuzz/.

usage: seeds.py FOLDER [CAPTURE.pcap...]     (other captures: for a run whose corpus is not kept)
"""
import gzip
import hashlib
import pathlib
import struct
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LONGEST = 4096
MOST_FRAMES = 8  # of one capture that are frames' seeds
LISTENER_PORTS = {(6, 443): 0, (6, 25): 1, (6, 53): 2, (17, 443): 3, (17, 53): 4, (17, 137): 5}

out = pathlib.Path()


def seed(target, data):
    if len(data) <= LONGEST:
        folder = out / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


def piece(data):
    """As `Input::piece` reads it."""
    return struct.pack("<H", len(data)) + data


# -- captures ---------------------------------------------------------------------------------

def capture(path):
    """Link type and frames of a classic pcap file."""
    raw = path.read_bytes()
    if raw[:2] == b"\x1f\x8b":
        raw = gzip.decompress(raw)
    order = "<" if raw[:1] in (b"\xd4", b"\x4d") else ">"
    link = struct.unpack(order + "I", raw[20:24])[0] & 0xFFFF
    at, found = 24, []
    while at + 16 <= len(raw):
        captured = struct.unpack(order + "I", raw[at + 8:at + 12])[0]
        found.append(raw[at + 16:at + 16 + captured])
        at += 16 + captured
    return link, found


def network(link, frame):
    """The IP packet of a plain frame."""
    if link == 1:
        kind, at = frame[12:14], 14
        while kind == b"\x81\x00":
            kind, at = frame[at + 2:at + 4], at + 4
        return frame[at:] if kind in (b"\x08\x00", b"\x86\xdd") else b""
    skip = {0: 4, 101: 0, 113: 16, 276: 20, 108: 4}.get(link)
    return frame[skip:] if skip is not None else b""


def segment(packet):
    """Protocol, ports, sequence, flags and payload."""
    if len(packet) < 28:
        return None
    if packet[0] >> 4 == 4:
        protocol, head = packet[9], (packet[0] & 15) * 4
        packet = packet[:int.from_bytes(packet[2:4], "big") or None]
    else:
        protocol, head = packet[6], 40
        packet = packet[:40 + int.from_bytes(packet[4:6], "big")]
    body = packet[head:]
    if protocol not in (6, 17, 132) or len(body) < 8:
        return None
    ports = struct.unpack("!HH", body[:4])
    if protocol == 6 and len(body) >= 20:
        return protocol, ports, int.from_bytes(body[4:8], "big"), body[13], body[(body[12] >> 4) * 4:]
    return protocol, ports, 0, 0, body[8 if protocol == 17 else 12:]


def of_capture(path):
    link, frames = capture(path)
    frames_of(link, frames)
    seed("pcapng", path.read_bytes()[:LONGEST])
    seed("pcapng", classic(link, frames[:3]))
    seed("pcapng", blocks("<", link, frames[:3]))
    segments = [found for found in (segment(network(link, frame)) for frame in frames) if found]
    streams = {}
    for protocol, ports, sequence, flags, payload in segments[:200]:
        if protocol == 6:
            stream = streams.setdefault(ports, {"start": sequence + (flags >> 1 & 1), "parts": []})
            if payload:
                stream["parts"].append((sequence - stream["start"] & 0xFFFF_FFFF, payload))
        elif payload:
            datagram(ports, payload)
    of_streams(streams)
    heard(segments)
    quic_flows(segments)
    seed("fragments", b"\0" + b"".join(bytes([2 - (link == 1)]) + piece(frame) for frame in frames[:6]))


def frames_of(link, frames):
    links = {1: ("frame_ethernet", b""), 101: ("frame_other", b"\0"), 113: ("frame_other", b"\1"),
             276: ("frame_other", b"\2"), 0: ("frame_other", b"\3"), 108: ("frame_other", b"\4"),
             105: ("frame_wifi", b"\0"), 127: ("frame_wifi", b"\1"), 192: ("frame_wifi", b"\2")}
    if link in links:
        target, choice = links[link]
        # Payloads are other targets' business.
        for frame in {frame[:200] for frame in frames[:MOST_FRAMES]}:
            seed(target, choice + frame)
        for frame in frames[:2]:
            if link == 1:
                seed("frame_other", b"\0" + network(link, frame)[:200])


# -- names ------------------------------------------------------------------------------------

def datagram(ports, payload):
    if set(ports) & {53, 137, 138, 5353, 5355}:
        seed("dns", b"\3" + payload)
        seed("dns", b"\1" + (b"\1\0" + piece(payload)) * 2)
    elif set(ports) & {67, 68}:
        seed("dns", b"\2" + payload)
    elif payload[:2] == b"\x16\xfe":
        seed("tls", b"\2" + piece(payload))
    elif payload[0] & 0x80:
        seed("quic", b"\0" + piece(payload))
    seed("http", struct.pack("<H", ports[1]) + payload)


def of_streams(streams):
    for ports, stream in streams.items():
        whole = joined(stream["parts"])[:3000]
        if not whole:
            continue
        seed("http", b"\xff\xff" + whole)
        at = whole.find(b"\x16\x03")
        if at >= 0:
            seed("tls", b"\0\x40\0" + whole[at:])
            seed("tls", b"\1\x40\0" + whole[at + 5:])
        if 53 in ports:
            seed("dns", b"\0" + whole)


def joined(parts):
    whole = bytearray()
    for at, payload in sorted(parts):
        if at <= len(whole):
            whole[at:at + len(payload)] = payload
    return bytes(whole)


def heard(segments):
    """Events of `listener`: a flow's begin, its segments in the order of the capture."""
    events, starts, first = b"\0", {}, {}
    for protocol, ports, sequence, flags, payload in segments[:40]:
        flow = tuple(sorted(ports))
        client = first.setdefault(flow, ports[0])
        index = LISTENER_PORTS.get((protocol, min(ports)), {6: 1, 17: 6, 132: 7}[protocol])
        index |= 0 if ports[0] == client else 8
        if protocol == 6 and flags & 2:
            starts[ports] = sequence + 1
            events += bytes([0x10 | index]) + struct.pack("<H", 999)
        if payload:
            at = sequence - starts.get(ports, sequence) & 0xFFFF if protocol == 6 else 0
            events += bytes([0x40 | index]) + struct.pack("<H", at + 999 & 0xFFFF) + piece(payload)
    seed("listener", events[:LONGEST])
    seed("listener", b"\1" + events[1:LONGEST])


def quic_flows(segments):
    flows = {}
    for protocol, ports, _, _, payload in segments[:60]:
        if protocol == 17 and 443 in ports and payload:
            kind = 0 if ports[1] == 443 else 1
            flows.setdefault(frozenset(ports), []).append(bytes([kind]) + piece(payload[:1300]))
    for datagrams in flows.values():
        seed("quic", b"".join(datagrams)[:LONGEST])
        seed("quic", b"".join(datagrams[:2]))


# -- bytes made here --------------------------------------------------------------------------

def sized(width, data):
    return len(data).to_bytes(width, "big") + data


def extension(kind, data):
    return struct.pack("!H", kind) + sized(2, data)


def hello(name, more=b"", version=b"\x03\x03", cookie=b""):
    """A ClientHello's body."""
    extensions = b"".join((
        extension(0x0A0A, b""),
        extension(0, sized(2, b"\0" + sized(2, name))),
        extension(16, sized(2, sized(1, b"h2") + sized(1, b"http/1.1"))),
        extension(13, sized(2, struct.pack("!3H", 0x0403, 0x0804, 0x0401))),
        extension(43, sized(1, struct.pack("!3H", 0x0A0A, 0x0304, 0x0303))),
        more,
    ))
    ciphers = struct.pack("!4H", 0x0A0A, 0x1301, 0x1302, 0xC02B)
    return version + bytes(32) + sized(1, b"") + cookie + sized(2, ciphers) + b"\x01\0" + sized(2, extensions)


def message(body):
    return b"\x01" + sized(3, body)


def record(content, version=b"\x03\x01"):
    return b"\x16" + version + sized(2, content)


ECH = extension(0xFE0D, b"\0\0\1\0\1\7" + sized(2, bytes(32)) + sized(2, bytes(64)))
# RFC 6101, appendix E: the hello of SSL 2.0.
SSLV2 = b"\x80\x2b\x01\x03\x01\x00\x12\x00\x00\x10" + b"\x01\0\x80\0\0\x2f\x03\0\x80\0\0\x35\0\0\x0a\0\0\x05" + bytes(16)


def tls_seeds():
    for more in (b"", ECH):
        whole = message(hello(b"Www.Example.com", more))
        halves = record(whole[:30]) + record(whole[30:])
        for stream in (record(whole), halves, record(whole)[:90]):
            seed("tls", b"\0\x40\0" + stream)
            seed("http", b"\x40\0" + stream)
        seed("tls", b"\1\x40\0" + whole)
    seed("tls", b"\0\x40\0" + SSLV2)
    body = hello(b"dtls.example", version=b"\xfe\xfd", cookie=b"\0")
    fragments = [b"\x01" + len(body).to_bytes(3, "big") + b"\0\0" + part[0].to_bytes(3, "big")
                 + sized(3, body[part[0]:part[1]]) for part in ((0, 60), (60, len(body)))]
    records = [b"\x16\xfe\xff\0\0\0\0\0\0\0\0" + sized(2, fragment) for fragment in fragments]
    seed("tls", b"\2" + piece(records[0]) + piece(records[1]))
    seed("tls", b"\2" + piece(records[1] + records[0]))
    seed("tls", b"\1\x40\0" + message(body))
    events = bytes([0x46]) + b"\0\0" + piece(records[0]) + bytes([0x46]) + b"\0\0" + piece(records[1])
    seed("listener", b"\0" + events)


def crypto(data, at=0):
    """A CRYPTO frame (RFC 9000, 19.6)."""
    return b"\x06" + struct.pack("!HH", at | 0x4000, len(data) | 0x4000) + data


def quic_seeds():
    whole = message(hello(b"quic.example", extension(57, b"\x01\x02\x40\x00")))
    ack = b"\x02\x01\x00\x01\x00\x00\x00"
    for way in range(4):
        seed("quic", bytes([2 | 16, way]) + piece(crypto(whole)))
        parts = [crypto(whole[60:], 60), b"\x01" + ack + bytes(9) + crypto(whole[:60])]
        two = b"".join(bytes([2, way | number << 4]) + piece(part) for number, part in enumerate(parts))
        seed("quic", two)
        seed("quic", bytes([4 | 16, way]) + piece(parts[0]) + bytes([way | 16]) + piece(parts[1]))
    seed("quic", bytes([2, 0]) + piece(crypto(whole[:60])) + bytes([2, 8]) + piece(crypto(whole)))
    chlo = b"CHLO" + struct.pack("<HH", 2, 0) + b"SNI\0" + struct.pack("<I", 14) + b"VER\0" + struct.pack("<I", 18)
    chlo += b"google.example" + b"Q050"
    seed("quic", bytes([2, 4]) + piece(b"\x08" + struct.pack("!HH", 0x4000, len(chlo) | 0x4000) + chlo))
    seed("quic", bytes([2, 5]) + piece(b"\x08" + struct.pack("!HH", 0x4000, len(whole) | 0x4000) + whole))
    for version, frame in ((b"Q043", b"\xa0\x01"), (b"Q046", b"\xa0\x01"), (b"Q024", b"\xa0\x01")):
        clear = frame + struct.pack("<H" if version != b"Q043" else "!H", len(chlo)) + chlo
        head = b"\x09idididid" + version + b"\x01" if version != b"Q046" else b"\xc3Q046\x50idididid\0\0\0\1"
        seed("quic", b"\0" + piece(head + bytes(12) + clear))
        seed("quic", b"\0" + piece(head + bytes(12) + b"\0" + clear))
    seed("listener", b"\0" + bytes([0x33, 0]) + piece(crypto(whole[60:], 60)) + bytes([0x33, 16]) + piece(crypto(whole[:60])))


def http_seeds():
    h2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\6\4\0\0\0\0\0" + b"\0\3\0\0\0\x64"
    block = b"\x82\x86\x84\x41\x0f" + b"www.example.com"
    huffman = bytes.fromhex("828684418cf1e3c2e5f23a6ba0ab90f4ff")
    texts = [
        b"GET / HTTP/1.1\r\nHost: www.Example.com:8080\r\nUser-Agent: x\r\n\r\n",
        b"GET http://user@site.example:80/path HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n",
        b"CONNECT site.example:443 HTTP/1.1\r\nHost: site.example:443\r\n\r\n" + record(message(hello(b"in.example"))),
        b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\n\r\n",
        h2 + sized(3, block) + b"\1\4\0\0\0\1" + block,
        h2 + sized(3, huffman) + b"\1\4\0\0\0\1" + huffman,
        h2 + sized(3, b"\1z" + b"\0\0\0\0\x10" + block + b"z")[:3] + b"\1\x28\0\0\0\1" + b"\1\0\0\0\0\x10" + block[:4] + b"z",
        b"EHLO me.example\r\nSTARTTLS\r\n" + record(message(hello(b"mail.example"))),
        b"a CAPABILITY\r\na1 STARTTLS\r\n" + record(message(hello(b"mail.example"))),
        b"CAPA\r\nSTLS\r\n" + record(message(hello(b"mail.example"))),
        b"AUTH TLS\r\n" + record(message(hello(b"ftp.example"))),
        b"CAPABILITIES\r\nSTARTTLS\r\n" + record(message(hello(b"news.example"))),
        b"<?xml version='1.0'?><stream:stream to='chat.example' xmlns='jabber:client' version='1.0'>"
        b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" + record(message(hello(b"chat.example"))),
        b"\0\0\0\x08\x04\xd2\x16\x2f" + record(message(hello(b"db.example"))),
        b"\x20\0\0\1\x05\xae\xff\1\0\0\0\1\x21" + bytes(23) + record(message(hello(b"my.example"))),
        b"\x30\x1d\2\1\1\x77\x18\x80\x16" b"1.3.6.1.4.1.1466.20037" + record(message(hello(b"ldap.example"))),
        b"\3\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\3\0\0\0" + record(message(hello(b"rdp.example"))),
        b"SSH-2.0-OpenSSH_9.6\r\n", b"\x13BitTorrent protocol" + bytes(48), b"\x10\x1a\0\4MQTT\4\2\0\x3c\0\x0etest",
        b"AMQP\0\0\x09\1", b"*1\r\n$4\r\nPING\r\n", b"RFB 003.008\n", b"OPTIONS rtsp://cam.example/ RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        b"INVITE sip:a@b.example SIP/2.0\r\nVia: x\r\n\r\n", b"\0\0\0\x55\xffSMBr" + bytes(76), b"\0\0\0\x40\xfeSMB\x40" + bytes(59),
        b"\xff" * 16 + b"\0\x1d\1\4\xfd\xe8\0\xb4\x0a\0\0\1\0",
        b"\0\1\0\0\x21\x12\xa4\x42" + bytes(12), b"\1\0\0\0" + bytes(144), b"\x38" + bytes(13), b"\x1b" + bytes(47),
        bytes(4) + b"\0\3\0\x14\1\2\3\4\0\0\0\0\0\0\0\0GET / HTTP/1.1\r\n\r\n",
    ]
    for index, text in enumerate(texts):
        seed("http", struct.pack("<H", 20 * index) + text)
        seed("listener", b"\0" + bytes([0x11]) + struct.pack("<H", 999) + bytes([0x41]) + struct.pack("<H", 999) + piece(text[:40])
             + bytes([0x41]) + struct.pack("<H", 1039) + piece(text[40:]))
    seed("listener", b"\0" + bytes([0x47]) + b"\0\0" + piece(b"\0\3\0\x24\1\2\3\4\0\0\0\0\0\0\0\0GET / HTTP/1.1\r\n\r\n"))


def dns_name(name):
    return b"".join(sized(1, label) for label in name.split(b".")) + b"\0"


def dns_seeds():
    def answer(kind, data, owner=b"\xc0\x0c", count=1, kinds=(1, 1)):
        head = struct.pack("!6H", 7, 0x8180, 1, count, 0, 0) + dns_name(b"www.example.com")
        rest = owner + struct.pack("!HHI", kind, 1, 300) + sized(2, data)
        return head + struct.pack("!HH", *kinds) + rest
    address = b"\xc0\x0c" + struct.pack("!HHI", 1, 1, 60) + sized(2, bytes([198, 51, 100, 7]))
    service = b"\0\1\0" + b"\0\1\0\3\2h2" + b"\0\4\0\4\xc6\x33\x64\x07" + b"\0\6\0\x10" + bytes(16)
    alias = answer(5, dns_name(b"cdn.example.net"), count=2)
    alias += dns_name(b"cdn.example.net") + struct.pack("!HHI", 1, 1, 60) + sized(2, bytes([198, 51, 100, 8]))
    moved = answer(39, dns_name(b"example.net"), owner=b"\xc0\x10", count=2) + b"\3www\7example\3net\0"
    moved += struct.pack("!HHI", 28, 1, 60) + sized(2, bytes(16))
    mdns = struct.pack("!6H", 0, 0x8400, 0, 2, 0, 0) + dns_name(b"host.local")
    mdns += struct.pack("!HHI", 1, 0x8001, 120) + sized(2, bytes([192, 168, 0, 5])) + address
    netbios = struct.pack("!6H", 7, 0x0110, 1, 0, 0, 0) + b"\x20" + b"CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" + b"\0" + b"\0\x21\0\1"
    around = struct.pack("!6H", 7, 0x0100, 2, 0, 0, 0) + b"\1a\xc0\x0c\0\1\0\1\xc0\x0c\0\1\0\1"
    seeds = [answer(1, bytes([198, 51, 100, 7])), answer(28, bytes(16)), answer(65, service), answer(64, service), alias,
             moved, mdns, netbios, around, answer(1, b"\1")]
    for one in seeds:
        seed("dns", b"\3" + one)
        seed("dns", b"\0" + sized(2, one) + sized(2, one))
        seed("dns", b"\1" + (b"\1\0" + piece(one)) * 2)
        seed("listener", b"\0" + bytes([0x44]) + b"\0\0" + piece(one) + bytes([0x4C]) + b"\0\0" + piece(one))
    dhcp = b"\1\1\6" + bytes(233) + b"\x63\x82\x53\x63" + b"\x35\1\3" + b"\x0c\6Laptop" + b"\x51\x0d\4\0\0\4host\3lan\0" + b"\xff"
    seed("dns", b"\2" + dhcp)
    datagram_service = b"\x10\x0a\0\1\x0a\0\0\1\0\x8a\0\xbb\0\0" + b"\x20" + b"EIEPFDFECACACACACACACACACACACAAA" + b"\0" + b"\x20" + b"A" * 32 + b"\0"
    seed("dns", b"\3" + datagram_service)


# -- frames -----------------------------------------------------------------------------------

MACS = bytes.fromhex("020000000001020000000002")
UDP = bytes.fromhex("4500002000010000401166ca0a0000010a00000213880035000c000000000000")
WIFI = bytes.fromhex("0000020000000001020000000002020000000003" + "0000")
SNAP = bytes.fromhex("aaaa030000000800")


def four(protocol, data, place=0):
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(data), 9, place, 64, protocol, 0, b"\xc0\0\2\1", b"\xc0\0\2\2") + data


def six(protocol, data):
    ends = bytes.fromhex("20010db8000000000000000000000001" "20010db8000000000000000000000002")
    return b"\x60\0\0\0" + struct.pack("!HBB", len(data), protocol, 64) + ends + data


def port(number, data):
    return four(17, struct.pack("!4H", 49153, number, 8 + len(data), 0) + data)


def tunnels():
    ethernet = MACS + b"\x08\0" + UDP
    h = bytes.fromhex
    udp_six = six(17, h("1388003500080000"))
    return [
        UDP, udp_six, four(4, UDP), six(4, UDP), six(41, udp_six), four(41, udp_six),
        four(51, h("040400000000000100000001") + bytes(12) + UDP),
        four(47, h("00000800") + UDP), four(47, h("b0000800000000000000000700000001") + UDP),
        four(47, h("40000800 00000000 0800 0004 0a000001 00000000") + UDP), four(47, h("2000655800000007") + ethernet),
        four(47, h("0000884700001101") + UDP), four(47, h("0000880bff030021") + UDP), four(47, h("0000883e00000000") + UDP),
        four(47, h("3081880b0021000700000001 00000001 21") + UDP), four(47, h("000088be") + ethernet),
        four(47, h("100088be00000001 1000000000000000") + ethernet),
        four(47, h("100022eb00000001 2000000000000000 00000001") + bytes(8) + ethernet),
        four(97, b"\x30\0" + ethernet), four(143, ethernet), four(137, h("00001101") + UDP), port(4754, h("00000800") + UDP),
        port(4789, h("0800000000000700") + ethernet), port(4790, h("0c00000300000700") + ethernet),
        port(4790, h("0c00000400000700 0006 0101 00000000") + bytes(16) + UDP),
        port(6081, h("0200080000000700") + bytes(8) + UDP), port(6635, h("00001101") + UDP),
        port(2152, h("34ff0030 00000007 00010085 02000900 000000c0 01000000") + UDP),
        port(3386, h("1eff002000010002 ffffffff") + bytes(8) + UDP), port(1701, h("000200010002ff030021") + UDP),
        port(1701, h("4a0200360001000200010001 0002 0000 0021") + UDP), port(1701, h("0003000000000007") + ethernet),
        four(115, h("0000000701020304") + ethernet), port(3544, udp_six),
        port(3544, h("0001 02 04 0102 01020304") + bytes(8) + b"\0" + h("0000 1234 c0000203") + udp_six),
        six(0, h("3c00000000000000 2b00000000000000") + h("11000000 00000000") + h("1388003500080000")),
        six(51, h("0004 0000 00000001 00000001") + bytes(12) + h("3c00000000000000 1100000000000000 1388003500080000")),
        six(44, h("1100000100000007 1388003500080000")), four(17, h("1388003500100000") + bytes(8), 0x2000),
        four(17, bytes(16), 2), four(4, four(4, four(4, four(4, UDP)))), port(4789, h("0800000000000700") + MACS + b"\x08\0" + four(4, UDP)),
    ]


def frame_seeds():
    h = bytes.fromhex
    ethernet = MACS + b"\x08\0" + UDP
    for tunnel in tunnels():
        kind = b"\x08\0" if tunnel[0] >> 4 == 4 else b"\x86\xdd"
        seed("frame_ethernet", MACS + kind + tunnel)
        seed("frame_other", b"\0" + tunnel)
        seed("fragments", b"\0" + (b"\2" + piece(tunnel)) * 2 + b"\0" + b"\1" + piece(MACS + kind + tunnel))
    types = ["8864 1100 0007 0022 0021", "8100 0001 8864 1100 0007 0022 0021", "88a8 0005 8100 0006 0800", "8847 00001040 00002101",
             "8848 00001101", "8909 0101 0001 0007 0800", "8926 0000 0007 0800", "893f 0000 0007 0000 0800", "892f 0000 0007 0800",
             "894f 0006 0101 00000000 0000000000000000 0000000000000000", "0028 aaaa03 0000f8 0800", "0028 060603", "0800", "0806"]
    for text in types:
        seed("frame_ethernet", MACS + h(text) + UDP)
    for text in ["8847 00001101 00000000", "8847 00001101", "88e7 00000001", "8903 0001", "22f3 0040 0001 0002 00000000", "6558"]:
        seed("frame_ethernet", MACS + h(text) + ethernet)
    others = {5: ["ff03 0021", "0021", "21", "0f00 0800"], 6: ["01 ff03 0021"], 7: ["1100 0007 0022 0021"],
              8: ["0f00 0800", "8f00 8847 00001101"], 9: ["00001000 00002100"], 10: ["aaaa03 000000 0800", "fefe03cc"],
              12: ["0200 0000 0600 0100 abcd 0000 2400 0900"], 1: ["0000 0001 0006 0200000000010000 0800"],
              2: ["0800 0000 00000002 0001 00 06 0200000000010000"], 3: ["02000000", "00000002"], 4: ["00000002"]}
    for link, texts in others.items():
        for text in texts:
            seed("frame_other", bytes([link]) + h(text) + UDP)
    seed("frame_other", b"\x0b" + h("55555555555555d5") + ethernet)
    radio = h("00 00 0900 02000000 10")
    seed("frame_other", b"\1" + h("0000 0323 0006 0200000000010000 0000") + radio + h("0801") + WIFI + SNAP + UDP)
    wifi_seeds(radio, ethernet)


def wifi_seeds(radio, ethernet):
    h = bytes.fromhex
    body, fourth = SNAP + UDP, h("020000000004")
    headers = [h("0801") + WIFI, h("0803") + WIFI + fourth, h("8801") + WIFI + h("0000"), h("8881") + WIFI + bytes(6),
               h("8803") + WIFI + fourth + h("0000"), h("8801") + WIFI + h("8000") + MACS + h("0028"),
               h("8803") + WIFI + fourth + h("0001 00 1f 00000001"), h("0841") + WIFI, h("8000") + WIFI]
    for header in headers:
        seed("frame_wifi", b"\0" + header + body)
        seed("frame_wifi", b"\1" + radio + header + body + h("12345678"))
        seed("frame_wifi", b"\2" + h("0000 0c00 69000000 01020304") + header + body)
    seed("frame_wifi", b"\1" + h("00 00 1900 03000080 00000000 00000000 0000000000000000 20") + h("8801") + WIFI + h("00000000") + body)
    seed("frame_wifi", b"\3" + h("44000000 90000000") + bytes(136) + headers[0] + body)
    seed("frame_wifi", b"\3" + h("80211001 00000040") + bytes(56) + headers[0] + body)
    seed("frame_wifi", b"\4" + h("80211001 00000040") + bytes(56) + headers[0] + body)
    seed("frame_wifi", b"\2" + h("0000 0800 01000000") + ethernet)
    seed("frame_wifi", b"\2" + h("0000 0800 c0000000 0000 0800 7f000000") + radio + headers[0] + body)
    first = struct.pack("<III8s8sIIIi17s", 156, 1, 1, b"en0", b"", 0x20006, 2, 0, 77, b"curl").ljust(84, b"\0")
    first = (first + struct.pack("<i20s", 78, b"other")).ljust(156, b"\0")
    second = bytes([60, 0, 0, 0, 44, 52]) + struct.pack("<H", 1) + bytes(20) + struct.pack("<iiI", 77, -1, 0x80006) + bytes(4)
    second = (second + b"curl\0").ljust(52, b"\0") + b"other\0\0\0"
    for link in (5, 6):
        seed("frame_wifi", bytes([link]) + first + ethernet)
        seed("frame_wifi", bytes([link]) + second + ethernet)


def fragment_seeds():
    datagram = struct.pack("!4H", 5000, 53, 48, 0) + bytes(range(40))
    for six_bit in (0, 8):
        for wrap in (0, 0x40, 0x80):
            kind = 4 | six_bit | wrap
            first = bytes([kind, 1 | 4 | 1 << 3]) + b"\0\0" + piece(datagram[:16])
            later = bytes([kind, 1 | 1 << 3]) + b"\2\0" + piece(datagram[16:])
            for order in (first + later, later + first, first + b"\0" + later, later + b"\0" + first, later):
                seed("fragments", b"\0" + order)
                seed("fragments", b"\3" + order + b"\3" + order)


# -- capture files ----------------------------------------------------------------------------

def classic(link, frames, order="<", magic=0xA1B2C3D4):
    whole = struct.pack(order + "IHHIIII", magic, 2, 4, 0, 0, 262144, link)
    for at, frame in enumerate(frames):
        whole += struct.pack(order + "IIII", 1_700_000_000 + at, 5, len(frame), len(frame) + 9) + frame
    return whole


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + length + body + length


def options(order, *pairs):
    fields = b"".join(struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4) for code, value in pairs)
    return fields + bytes(4)


def blocks(order, link, frames, resolution=6):
    section = block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1) + options(order, (2, b"x")))
    whole = section + block(order, 1, struct.pack(order + "HHI", link, 0, 262144)
                            + options(order, (2, b"eth0"), (9, bytes([resolution])), (14, struct.pack(order + "q", 3600))))
    whole += block(order, 1, struct.pack(order + "HHI", 101, 0, 0))
    whole += block(order, 0x80000001, struct.pack(order + "I", 77) + options(order, (2, b"curl")))
    for at, frame in enumerate(frames):
        head = struct.pack(order + "IIIII", at & 1, 0x60A00, at * 1000, len(frame), len(frame) + 4)
        process = options(order, (2, bytes(4)), (0x8001, bytes(4)), (0x8003, bytes(4)))
        whole += block(order, 6, head + frame + bytes(-len(frame) % 4) + process)
        whole += block(order, 3, struct.pack(order + "I", len(frame)) + frame)
        whole += block(order, 2, struct.pack(order + "HHIIII", 0, 0, 0x60A00, at, len(frame), len(frame)) + frame)
    return whole + block(order, 5, struct.pack(order + "III", 0, 0x60A00, 9)) + block(order, 4, bytes(4))


def file_seeds():
    frames = [MACS + b"\x08\0" + UDP, UDP, MACS + b"\x08\x06" + bytes(28)]
    for order in "<>":
        for magic in (0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34, 0xA1E2CB12):
            seed("pcapng", classic(1, frames, order, magic))
        for resolution in (6, 9, 0, 0x8A):
            seed("pcapng", blocks(order, 1, frames, resolution))
    seed("pcapng", blocks("<", 1, frames) + blocks(">", 113, frames))
    seed("pcapng", gzip.compress(classic(1, frames), mtime=0))
    seed("pcapng", classic(1, frames)[:-3])
    # Packed twice, as two members.
    seed("pcapng", gzip.compress(blocks("<", 1, frames[:1]), mtime=0) + gzip.compress(b"\0" * 12, mtime=0))


def main(folder, captures):
    global out
    out = pathlib.Path(folder)
    for make in (tls_seeds, quic_seeds, http_seeds, dns_seeds, frame_seeds, fragment_seeds, file_seeds):
        make()
    own = sorted(ROOT.glob("tests/captures/*.pcap*"))
    for path in own + [pathlib.Path(name) for name in captures]:
        of_capture(path)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
