"""IP fragments of both families, in order and not."""
import socket

from . import pcap
from .place import CLIENT, CLIENT6, SERVER, SERVER6
from .registry import scenario


def large_datagrams(place, address, client):
    def answer(data):
        return data
    place.datagrams(address, 7000, answer)
    with place.inside("client"):
        one = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    one.settimeout(3)
    one.sendto(b"first", (address, 7000))
    one.recv(65535)
    with place.recording():
        place.client("ping", "-c", "1", "-s", "4000", address)
        one.sendto(bytes(4000), (address, 7000))
        one.recv(65535)
    one.close()
    place.expect("icmp6" if ":" in address else "icmp", address, client=client)
    place.expect("udp", (address, 7000), client=client)


@scenario("fragments-ipv4", "IPv4 fragments of a ping and of a datagram, in order.", "ping -s 4000; two sockets of Python")
def fragments4(place):
    large_datagrams(place, SERVER, CLIENT)


@scenario("fragments-ipv6", "IPv6 fragments of a ping and of a datagram, in order.", "ping -s 4000; two sockets of Python")
def fragments6(place):
    large_datagrams(place, SERVER6, CLIENT6)


@scenario("fragments-ipv4-reversed", "IPv4 fragments whose last comes first: the datagram's later fragments count on its flow.",
          "fragments-ipv4 made again; the order of all frames of each datagram was then changed in the file")
def reversed4(place):
    large_datagrams(place, SERVER, CLIENT)
    reverse_groups(place, lambda frame: frame[18:20] + frame[26:30])


@scenario("fragments-ipv6-reversed", "IPv6 fragments whose last comes first.",
          "fragments-ipv6 made again; the order of all frames of each datagram was then changed in the file")
def reversed6(place):
    large_datagrams(place, SERVER6, CLIENT6)
    reverse_groups(place, lambda frame: frame[58:62] + frame[22:38])


def reverse_groups(place, identity):
    """The frames of each datagram from the last to the first."""
    _, records = pcap.read(place.capture)
    for one in dict.fromkeys(identity(frame) for _, _, frame in records):
        count = sum(identity(frame) == one for _, _, frame in records)
        pcap.reorder(place.capture, lambda frame, one=one: identity(frame) == one, list(range(count))[::-1])
