"""A ClientHello in pieces: segments, records, another order, losses."""
import socket
import ssl
import time

from . import pcap
from .place import SERVER, run
from .registry import scenario
from .tls import NAME, expect, serve_https


def hello_by_hand(place, send, name=NAME, alpn=("http/1.1",)):
    """A handshake whose client hands its first flight to `send(connection, bytes)`."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.set_alpn_protocols(list(alpn))
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    safe = made.wrap_bio(there, back, server_hostname=name)
    connection = place.connect(SERVER, 443)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    first = True
    while True:
        try:
            safe.do_handshake()
            done = True
        except ssl.SSLWantReadError:
            done = False
        data = back.read()
        if data and first:
            send(connection, data)
            first = False
        elif data:
            connection.sendall(data)
        if done:
            break
        there.write(connection.recv(16384))
    safe.write(b"GET / HTTP/1.1\r\nHost: " + name.encode() + b"\r\nConnection: close\r\n\r\n")
    connection.sendall(back.read())
    while connection.recv(16384):
        pass
    connection.close()


def in_pieces(size):
    def send(connection, data):
        for start in range(0, len(data), size):
            connection.sendall(data[start:start + size])
            time.sleep(0.004)
    return send


def pieces_of(count):
    """About so many pieces of equal length."""
    return lambda connection, data: in_pieces(-(-len(data) // count))(connection, data)


def in_records(size):
    """The handshake message of one record in records of so many bytes each (RFC 8446, 5.1)."""
    def send(connection, data):
        body, version = data[5:], data[1:3]
        parts = [body[start:start + size] for start in range(0, len(body), size)]
        connection.sendall(b"".join(b"\x16" + version + len(part).to_bytes(2, "big") + part for part in parts))
    return send


@scenario("tls-hello-in-7-segments", "A ClientHello in seven small segments.",
          "Python's ssl module over a memory BIO, written in pieces with TCP_NODELAY")
def seven_segments(place):
    serve_https(place)
    with place.recording():
        hello_by_hand(place, pieces_of(7))
    expect(place)


@scenario("tls-hello-in-40-segments", "A ClientHello in forty segments: more than a bounded reassembly needs to bear; "
          "the name may be missed, but nothing else may be seen.",
          "Python's ssl module over a memory BIO, written in pieces with TCP_NODELAY")
def forty_segments(place):
    serve_https(place)
    with place.recording():
        hello_by_hand(place, pieces_of(40))
    place.expect("tcp", (SERVER, 443), may_claim=[("sni", NAME)])


@scenario("tls-hello-first-byte-alone", "A ClientHello whose first byte comes alone, as some clients do to pass filters.",
          "Python's ssl module over a memory BIO: one byte, then the rest")
def first_byte(place):
    def send(connection, data):
        connection.sendall(data[:1])
        time.sleep(0.02)
        connection.sendall(data[1:])
    serve_https(place)
    with place.recording():
        hello_by_hand(place, send)
    expect(place)


@scenario("tls-hello-in-many-records", "A ClientHello in many TLS records of 48 bytes each.",
          "Python's ssl module over a memory BIO, its first record cut into many")
def many_records(place):
    serve_https(place)
    with place.recording():
        hello_by_hand(place, in_records(48))
    expect(place)


@scenario("tls-hello-large", "A ClientHello of 3 KB over three segments of the path's size.",
          "Python's ssl module with many long ALPN names")
def large(place):
    serve_https(place)
    with place.recording():
        hello_by_hand(place, lambda connection, data: connection.sendall(data),
                      alpn=["http/1.1", *(f"protocol-{number:03}-{'x' * 80}" for number in range(30))])
    expect(place)


@scenario("tls-hello-reordered", "A ClientHello in seven segments that come in another order.",
          "tls-hello-in-7-segments made again; the seven frames' order was then changed in the file")
def reordered(place):
    seven_segments(place)
    pcap.reorder(place.capture, with_payload_to(443), [2, 0, 1, 6, 4, 3, 5])


@scenario("tls-hello-last-first", "A ClientHello in seven segments, the last first.",
          "tls-hello-in-7-segments made again; the seven frames' order was then changed in the file")
def last_first(place):
    seven_segments(place)
    pcap.reorder(place.capture, with_payload_to(443), [6, 5, 4, 3, 2, 1, 0])


@scenario("tls-hello-duplicated", "A ClientHello in three segments, each of which is seen twice.",
          "Python's ssl module over a memory BIO, written in three pieces; frames were then doubled in the file")
def duplicated(place):
    serve_https(place)
    with place.recording():
        hello_by_hand(place, pieces_of(3))
    pcap.double(place.capture, with_payload_to(443), 3)
    expect(place)


@scenario("tls-hello-retransmitted", "A ClientHello in three segments; the first is lost behind the recorder and seen twice.",
          "Python's ssl module, written in pieces; the server's packet filter drops the first once, Linux sends it again")
def retransmitted(place):
    def rules(text):
        run("ip", "netns", "exec", place.names["server"], "nft", text)

    def send(connection, data):
        size = -(-len(data) // 3)
        rules("add table ip lossy; add chain ip lossy drops { type filter hook input priority 0; }; "
              "add rule ip lossy drops tcp dport 443 meta length > 100 drop")
        connection.sendall(data[:size])
        time.sleep(0.02)
        rules("delete table ip lossy")
        for start in (size, 2 * size):
            connection.sendall(data[start:start + size])
            time.sleep(0.004)
    serve_https(place)
    with place.recording():
        hello_by_hand(place, send)
    expect(place)


@scenario("tls-hello-lost-first", "A ClientHello in three segments; the first is lost before the recorder, and first seen "
          "when it is sent again, after the second.",
          "tls-hello-retransmitted made again; the first of its two sendings was then taken out of the file")
def lost_first(place):
    retransmitted(place)
    pcap.remove(place.capture, with_payload_to(443))


def with_payload_to(port):
    """Chooses the frames that bring TCP payload to a port (Ethernet, IPv4)."""
    def chosen(frame):
        inner = (frame[14] & 15) * 4
        total, there = int.from_bytes(frame[16:18], "big"), 14 + inner
        return (frame[23] == 6 and int.from_bytes(frame[there + 2:there + 4], "big") == port
                and total > inner + (frame[there + 12] >> 4) * 4)
    return chosen
