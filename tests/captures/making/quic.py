"""QUIC: both versions, Retry, 0-RTT, a ClientHello over several Initials, Initials out of order."""
import asyncio
import threading

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import serve
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.packet import QuicProtocolVersion

from . import pcap, tls
from .place import CLIENT6, SERVER, SERVER6
from .registry import scenario

NAME = "www.site.example"
V1, V2 = QuicProtocolVersion.VERSION_1, QuicProtocolVersion.VERSION_2
MADE = "aioquic to aioquic"


class Echo(QuicConnectionProtocol):
    def quic_event_received(self, event):
        if hasattr(event, "stream_id") and getattr(event, "end_stream", False):
            self._quic.send_stream_data(event.stream_id, event.data, end_stream=True)
            self.transmit()


def server(place, address=SERVER, retry=False, versions=(V1, V2), alpn=("echo",)):
    configuration = QuicConfiguration(is_client=False, alpn_protocols=list(alpn), supported_versions=list(versions))
    configuration.load_cert_chain(*tls.certificate(place))
    ready, tickets = threading.Event(), {}

    async def main():
        await serve(address, 443, configuration=configuration, create_protocol=Echo, retry=retry,
                    session_ticket_handler=lambda ticket: tickets.update({ticket.ticket: ticket}),
                    session_ticket_fetcher=lambda label: tickets.pop(label, None))
        ready.set()
        await asyncio.sleep(15)
    place.thread("server", lambda: asyncio.run(main()))
    if not ready.wait(5):
        raise RuntimeError("no QUIC server")


def client(place, address=SERVER, name=NAME, versions=(V1,), original=V1, alpn=("echo",), rounds=1):
    """So many connections, each with the session ticket of the one before."""
    configuration = QuicConfiguration(is_client=True, alpn_protocols=list(alpn), server_name=name,
                                      supported_versions=list(versions), original_version=original)
    configuration.verify_mode = 0

    def keep(ticket):
        configuration.session_ticket = ticket

    async def once(early):
        async with connect(address, 443, configuration=configuration, session_ticket_handler=keep,
                           wait_connected=not early) as one:
            reader, writer = await one.create_stream()
            writer.write(bytes(3000) if early else b"hello")
            writer.write_eof()
            await reader.read()
            await asyncio.sleep(0.1)

    def all_of_them():
        for number in range(rounds):
            asyncio.run(once(number > 0))
    failed = []

    def guarded():
        try:
            all_of_them()
        except Exception as error:
            failed.append(error)
    place.thread("client", guarded).join(15)
    if failed:
        raise failed[0]


def expect(place, server_=SERVER, **rest):
    place.expect("udp", (server_, 443), claims=[("quic-sni", NAME)], site=("quic-sni", NAME), protocol="quic", **rest)


@scenario("quic-v1", "QUIC version 1: the name in the CRYPTO frames of an Initial.", MADE)
def v1(place):
    server(place)
    with place.recording():
        client(place)
    expect(place)


@scenario("quic-v1-ipv6", "QUIC version 1 over IPv6.", MADE)
def v1_ipv6(place):
    server(place, SERVER6)
    with place.recording():
        client(place, SERVER6)
    expect(place, SERVER6, client=CLIENT6)


@scenario("quic-v2", "QUIC version 2: another salt, other labels, other packet types (RFC 9369).", MADE)
def v2(place):
    server(place)
    with place.recording():
        client(place, versions=(V2,), original=V2)
    expect(place)


@scenario("quic-v1-to-v2", "A connection that begins in version 1 and goes on in version 2 (RFC 9368).", MADE)
def v1_to_v2(place):
    server(place, versions=(V2, V1))
    with place.recording():
        client(place, versions=(V2, V1))
    expect(place)


@scenario("quic-version-negotiation", "A server that refuses version 2: Version Negotiation, then version 1.", MADE)
def version_negotiation(place):
    server(place, versions=(V1,))
    with place.recording():
        client(place, versions=(V2, V1), original=V2)
    expect(place)


@scenario("quic-retry", "A Retry: the second Initial has a token and is protected with the key of another connection id.", MADE)
def retry(place):
    server(place, retry=True)
    with place.recording():
        client(place)
    expect(place)


LONG = ["echo", *(f"protocol-{number:03}-{'y' * 80}" for number in range(30))]


@scenario("quic-several-initials", "A ClientHello of 3 KB over several Initials.", MADE + ", with many long ALPN names")
def several(place):
    server(place)
    with place.recording():
        client(place, alpn=LONG)
    expect(place)


@scenario("quic-initials-reordered", "The same with the Initials in another order.",
          MADE + ", with many long ALPN names; the frames' order was then changed in the file")
def reordered(place):
    several(place)
    pcap.reorder(place.capture, lambda frame: frame[23] == 17 and frame[36:38] == b"\x01\xbb", [2, 0, 1])


@scenario("quic-0rtt", "Two connections: the second resumes, with 0-RTT data in its Initial's datagram and in datagrams of their own.", MADE)
def zero(place):
    server(place)
    with place.recording():
        client(place, rounds=2)
    expect(place, many=True)


@scenario("quic-0rtt-first", "0-RTT before the Initial that belongs to it.",
          MADE + "; the two frames' order was then changed in the file")
def zero_first(place):
    zero(place)
    _, records = pcap.read(place.capture)
    ports = [frame[34:36] for _, _, frame in records]
    second = next(port for port in ports if port not in (ports[0], b"\x01\xbb"))
    pcap.reorder(place.capture, lambda frame: frame[34:36] == second, [1, 0])
