"""Names looked up: DNS over UDP and TCP, mDNS, LLMNR, NetBIOS; and flows that only an answer names."""
import socket

import dnslib

from .place import CLIENT, RESOLVER, SERVER, run
from .registry import scenario

NAME, EDGE, SHARED = "www.site.example", "edge.cdn.example", "other.site.example"
ZONE = {
    ("www.site.example", "A"): ["www.site.example. 300 IN CNAME edge.cdn.example.", f"edge.cdn.example. 60 IN A {SERVER}"],
    ("www.site.example", "AAAA"): ["www.site.example. 300 IN CNAME edge.cdn.example.", "edge.cdn.example. 60 IN AAAA 2001:db8::20"],
    ("plain.site.example", "A"): [f"plain.site.example. 60 IN A {SERVER}"],
    ("other.site.example", "A"): [f"other.site.example. 60 IN A {SERVER}"],
    ("two.site.example", "A"): [f"two.site.example. 60 IN A {SERVER}", "two.site.example. 60 IN A 192.0.2.21"],
    ("hint.site.example", "HTTPS"): ["hint.site.example. 60 IN HTTPS 1 . alpn=h2 ipv4hint=192.0.2.22"],
    ("20.2.0.192.in-addr.arpa", "PTR"): ["20.2.0.192.in-addr.arpa. 60 IN PTR plain.site.example."],
    ("printer.local", "A"): ["printer.local. 10 IN A 192.0.2.20"],
    ("laptop", "A"): ["laptop. 30 IN A 192.0.2.20"],
    ("large.site.example", "TXT"): [f'large.site.example. 60 IN TXT "{letter * 200}"' for letter in "abcdefgh"],
}


def reply(data, limit=65535):
    """The answer to a question, as a resolver gives it; too large for `limit`: TC and nothing more."""
    asked = dnslib.DNSRecord.parse(data)
    answer = asked.reply()
    answer.header.aa = 0
    kind = dnslib.QTYPE[asked.q.qtype]
    name = str(asked.q.qname).rstrip(".").lower()
    records = ZONE.get((name, kind), [])
    for record in records:
        answer.add_answer(*([record] if isinstance(record, dnslib.RR) else dnslib.RR.fromZone(record)))
    if not any(name == known for known, _ in ZONE):
        answer.header.rcode = dnslib.RCODE.NXDOMAIN
    packed = answer.pack()
    if len(packed) > limit:
        short = asked.reply()
        short.header.tc = 1
        packed = short.pack()
    return packed


def over_stream(connection):
    """Questions with a length before each, until there are no more."""
    while True:
        head = connection.recv(2)
        if len(head) < 2:
            return
        wanted, data = int.from_bytes(head, "big"), b""
        while len(data) < wanted:
            data += connection.recv(wanted - len(data))
        body = reply(data)
        connection.sendall(len(body).to_bytes(2, "big") + body)


def resolver(place):
    place.datagrams(RESOLVER, 53, lambda data: reply(data, 1232))
    place.listen(RESOLVER, 53, over_stream)


def dig(place, *words, check=True):
    place.client("dig", f"@{RESOLVER}", "+tries=1", "+time=2", *words, check=check)


def asked(place, *names, proto="udp", **rest):
    if len(names) == 1:
        rest.setdefault("site", ("dns", names[0]))
    place.expect(proto, (RESOLVER, 53), claims=[("dns", name) for name in names], protocol="dns", **rest)


def greet(place, address, port=2222):
    """A connection that says no name: a banner and a line."""
    def serve(connection):
        connection.sendall(b"hello\n")
        connection.recv(100)
    place.listen(address, port, serve)
    with_it = place.connect(address, port)
    with_it.recv(100)
    with_it.sendall(b"bye\n")
    with_it.close()


@scenario("dns-udp-dig", "One question over UDP, answered through a CNAME.", "dig to a small resolver")
def udp(place):
    resolver(place)
    with place.recording():
        dig(place, NAME, "A")
    asked(place, NAME)


@scenario("dns-udp-mixed-case", "A question in mixed case, as some resolvers write it against forgery: names have none.",
          "dig to a small resolver")
def mixed_case(place):
    resolver(place)
    with place.recording():
        dig(place, "WwW.SiTe.ExAmPlE", "A")
    asked(place, NAME)


@scenario("dns-tcp-dig", "One question over TCP.", "dig +tcp to a small resolver")
def tcp(place):
    resolver(place)
    with place.recording():
        dig(place, "+tcp", NAME, "A")
    asked(place, NAME, proto="tcp")


@scenario("dns-tcp-several", "Three questions over one TCP connection.", "dig +tcp +keepopen to a small resolver")
def tcp_several(place):
    resolver(place)
    with place.recording():
        place.client("dig", f"@{RESOLVER}", "+tcp", "+keepopen", NAME, "A", "plain.site.example", "A",
                     "two.site.example", "A")
    asked(place, NAME, "plain.site.example", "two.site.example", proto="tcp")


@scenario("dns-truncated", "An answer too large for UDP: a truncated one, then the same question over TCP.",
          "dig TXT to a small resolver")
def truncated(place):
    resolver(place)
    with place.recording():
        dig(place, "large.site.example", "TXT")
    asked(place, "large.site.example")
    asked(place, "large.site.example", proto="tcp")


@scenario("dns-nxdomain", "A question for a name that is not there: a claim of its flow, and of nothing else.",
          "dig to a small resolver")
def nxdomain(place):
    resolver(place)
    with place.recording():
        dig(place, "missing.site.invalid", "A")
    asked(place, "missing.site.invalid")


@scenario("dns-ptr", "A reverse question.", "dig -x to a small resolver")
def ptr(place):
    resolver(place)
    with place.recording():
        dig(place, "-x", SERVER)
    asked(place, "20.2.0.192.in-addr.arpa")


@scenario("dns-cname-then-flow", "A name looked up by the C library through a CNAME, then a connection that says no name: "
          "its site is the name that was asked for.", "ssh to a name, libc's resolver, a small resolver, OpenSSH's sshd",
          resolver=RESOLVER)
def cname_then_flow(place):
    from .other import sshd
    resolver(place)
    sshd(place)
    with place.recording():
        ssh = ["ssh", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
        place.client(*ssh, "-4", f"someone@{NAME}", check=False)
    asked(place, NAME, many=True)
    place.expect("tcp", (SERVER, 22), site=("dns-answer", NAME), protocol="ssh")


@scenario("dns-ambiguous", "Two names within their TTL share an address, then a connection that says no name: "
          "whichever is shown is marked.", "dig twice to a small resolver; a TCP client of Python")
def ambiguous(place):
    resolver(place)
    with place.recording():
        dig(place, "plain.site.example", "A")
        dig(place, "other.site.example", "A")
        greet(place, SERVER)
    asked(place, "plain.site.example")
    asked(place, "other.site.example")
    place.expect("tcp", (SERVER, 2222), marks=["ambiguous"])


@scenario("dns-https-hint", "An HTTPS record with an address hint, then a connection to that address that says no name.",
          "dig HTTPS to a small resolver; a TCP client of Python")
def https_hint(place):
    resolver(place)
    with place.recording():
        dig(place, "hint.site.example", "TYPE65")
        greet(place, "192.0.2.22")
    asked(place, "hint.site.example")
    place.expect("tcp", ("192.0.2.22", 2222), site=("dns-answer", "hint.site.example"))


@scenario("dns-two-addresses", "One name with two addresses: both are that name's.",
          "dig to a small resolver; TCP clients of Python")
def two_addresses(place):
    resolver(place)
    with place.recording():
        dig(place, "two.site.example", "A")
        greet(place, "192.0.2.21")
        greet(place, SERVER)
    asked(place, "two.site.example")
    for address in ("192.0.2.21", SERVER):
        place.expect("tcp", (address, 2222), site=("dns-answer", "two.site.example"))


@scenario("dns-sni-wins", "An answer names an address, then a ClientHello to it says another name: the connection's own word wins.",
          "dig to a small resolver, curl to Python's ssl module")
def sni_wins(place):
    from . import tls
    resolver(place)
    tls.serve_https(place)
    with place.recording():
        dig(place, "plain.site.example", "A")
        tls.curl(place, name="shop.site.example")
    asked(place, "plain.site.example")
    tls.expect(place, name="shop.site.example")


@scenario("dns-libc-two-questions", "A and AAAA in one flow, as the C library asks: one name.",
          "getent ahosts to a small resolver", resolver=RESOLVER)
def libc(place):
    resolver(place)
    with place.recording():
        place.client("getent", "ahosts", NAME)
    asked(place, NAME)


def multicast_socket(place, side, address, port, group):
    """A socket of that side which hears the group and speaks from the address."""
    with place.inside(side):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(("", port))
        one.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + socket.inet_aton(address))
        one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    one.settimeout(3)
    place.sockets.append(one)
    return one


@scenario("mdns", "A multicast DNS question, and the answer, which is multicast and a flow of its own.",
          "two sockets of Python on port 5353, messages by dnslib")
def mdns(place):
    group, port, name = "224.0.0.251", 5353, "printer.local"
    there = multicast_socket(place, "server", SERVER, port, group)
    here = multicast_socket(place, "client", CLIENT, port, group)
    with place.recording():
        here.sendto(dnslib.DNSRecord(dnslib.DNSHeader(id=0, rd=0), q=dnslib.DNSQuestion(name)).pack(), (group, port))
        asked_for = dnslib.DNSRecord.parse(there.recv(1500))
        answer = dnslib.DNSRecord(dnslib.DNSHeader(id=0, qr=1, aa=1, rd=0))
        answer.add_answer(*dnslib.RR.fromZone(ZONE[str(asked_for.q.qname).rstrip("."), "A"][0]))
        there.sendto(answer.pack(), (group, port))
        here.recv(1500)
    place.expect("udp", (group, port), claims=[("dns", name)], protocol="mdns", site=("dns", name))
    place.expect("udp", (group, port), client=SERVER, may_claim=[("dns", name)], protocol="mdns")


@scenario("llmnr", "An LLMNR question by multicast, and the answer, which is unicast and a flow of its own.",
          "two sockets of Python, messages by dnslib")
def llmnr(place):
    group, port, name = "224.0.0.252", 5355, "laptop"
    there = multicast_socket(place, "server", SERVER, port, group)
    here = multicast_socket(place, "client", CLIENT, 0, group)
    with place.recording():
        here.sendto(dnslib.DNSRecord(dnslib.DNSHeader(id=7, rd=0), q=dnslib.DNSQuestion(name)).pack(), (group, port))
        question, peer = there.recvfrom(1500)
        there.sendto(reply(question), peer)
        here.recv(1500)
    place.expect("udp", (group, port), claims=[("dns", name)], protocol="llmnr", site=("dns", name))
    place.expect("udp", CLIENT, client=SERVER, may_claim=[("dns", name)], layer="llmnr")


@scenario("nbns-nmblookup", "A NetBIOS name query by broadcast.", "Samba's nmblookup, nobody answers")
def nbns(place):
    conf = place.folder / "smb.conf"
    conf.write_text("[global]\nnetbios name = HOST\ninterfaces = c0\n")
    run("ip", "-n", place.names["client"], "addr", "change", f"{CLIENT}/24", "broadcast", "192.0.2.255", "dev", "c0")
    with place.recording():
        place.client("nmblookup", "-s", conf, "-B", "192.0.2.255", "FILESERVER", check=False)
    place.expect("udp", ("192.0.2.255", 137), claims=[("nbns", "fileserver")], protocol="nbns", site=("nbns", "fileserver"))
