"""HTTP in the clear: Host, absolute-form targets, CONNECT, HTTP/2 with prior knowledge."""
import socket
import threading
import time

from . import tls
from .place import PROXY, SERVER
from .registry import scenario

NAME = "www.site.example"


def serve_http(place, address=SERVER, port=80):
    def serve(connection):
        while tls.head(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n")
    place.listen(address, port, serve)


def pump(one, other):
    try:
        while data := one.recv(16384):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve_tunnels(place, port=3128):
    """A proxy that knows CONNECT, to the one server that there is."""
    def serve(connection):
        target = int(tls.head(connection).split()[1].rsplit(b":", 1)[1])
        with place.inside("server"):
            there = socket.create_connection((SERVER, target))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=pump, args=(there, connection), daemon=True)
        back.start()
        pump(connection, there)
        back.join(5)
    place.listen(PROXY, port, serve)


def plain(place, server=(SERVER, 80), name=NAME, **rest):
    place.expect("tcp", server, claims=[("http-host", name)], site=("http-host", name), protocol="http", **rest)


@scenario("http-curl", "A request of HTTP/1.1: Host.", "curl to a small server")
def curl(place):
    serve_http(place)
    with place.recording():
        place.client("curl", "-sS", "--resolve", f"{NAME}:80:{SERVER}", f"http://{NAME}/")
    plain(place)


@scenario("http-host-port", "Host with a port, on a port that is not HTTP's: the name is without it, the content says what it is.",
          "curl to a small server")
def host_port(place):
    serve_http(place, port=8888)
    with place.recording():
        place.client("curl", "-sS", "--resolve", f"{NAME}:8888:{SERVER}", f"http://{NAME}:8888/")
    plain(place, (SERVER, 8888))
    return ["-d", "tcp.port==8888,http"]


@scenario("http-by-address", "A request to an address: Host is that address, which is no name.", "curl to a small server")
def by_address(place):
    serve_http(place)
    with place.recording():
        place.client("curl", "-sS", f"http://{SERVER}/")
    place.expect("tcp", (SERVER, 80), may_claim=[("http-host", SERVER)], protocol="http")


@scenario("http-host-late", "Host in the second segment of a long head.", "a client of Python: a cookie of 2,000 bytes before Host")
def host_late(place):
    serve_http(place)
    with place.recording():
        with place.connect(SERVER, 80) as one:
            one.sendall(b"GET / HTTP/1.1\r\nCookie: " + b"a" * 2000 + b"\r\nHost: " + NAME.encode() + b"\r\n\r\n")
            one.recv(1000)
    plain(place)


@scenario("http-in-pieces", "A request in six pieces.", "a client of Python, written in pieces with TCP_NODELAY")
def in_pieces(place):
    serve_http(place)
    with place.recording():
        with place.connect(SERVER, 80) as one:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in (b"GE", b"T / HT", b"TP/1.1\r\nHo", b"st: www.si", b"te.example", b"\r\n\r\n"):
                one.sendall(piece)
                time.sleep(0.004)
            one.recv(1000)
    plain(place)


@scenario("http-proxy-absolute", "A request through a proxy: Host, and the host of the target in absolute form.",
          "curl -x http://... to a small proxy")
def absolute(place):
    serve_http(place, PROXY, 3128)
    with place.recording():
        place.client("curl", "-sS", "-x", f"http://{PROXY}:3128", f"http://{NAME}/secret/path?query=1")
    place.expect("tcp", (PROXY, 3128), claims=[("http-host", NAME), ("http-target", NAME)],
                 site=("http-host", NAME), protocol="http")


@scenario("http-proxy-two-sites", "Two requests to two sites over one connection to a proxy: the first names the flow, "
          "the second may be seen.", "curl -x http://... with two addresses")
def two_sites(place):
    serve_http(place, PROXY, 3128)
    other = "other.site.example"
    with place.recording():
        place.client("curl", "-sS", "-x", f"http://{PROXY}:3128", f"http://{NAME}/", f"http://{other}/")
    place.expect("tcp", (PROXY, 3128), claims=[("http-host", NAME), ("http-target", NAME)],
                 may_claim=[("http-host", other), ("http-target", other)], protocol="http")


@scenario("http-connect", "TLS through a proxy's CONNECT: the name in the request, and in the ClientHello after it.",
          "curl -x http://... https://... to a small proxy")
def connect(place):
    tls.serve_https(place)
    serve_tunnels(place)
    with place.recording():
        place.client("curl", "-sS", "-k", "-x", f"http://{PROXY}:3128", f"https://{NAME}/")
    place.expect("tcp", (PROXY, 3128), claims=[("connect", NAME), ("sni", NAME)],
                 may_claim=[("http-host", NAME)], site=("sni", NAME), layer="tls")


@scenario("http-connect-other-name", "CONNECT to one name, a ClientHello with another: the ClientHello's is nearer.",
          "openssl s_client -proxy to a small proxy")
def connect_other(place):
    tls.serve_https(place)
    serve_tunnels(place)
    with place.recording():
        place.client("openssl", "s_client", "-proxy", f"{PROXY}:3128", "-connect", "front.site.example:443",
                     "-servername", NAME, text="GET / HTTP/1.0\r\n\r\n")
    place.expect("tcp", (PROXY, 3128), claims=[("connect", "front.site.example"), ("sni", NAME)],
                 may_claim=[("http-host", "front.site.example")], site=("sni", NAME), layer="tls")


@scenario("http2-prior-knowledge", "HTTP/2 without TLS or upgrade: :authority.", "curl --http2-prior-knowledge to nghttpd")
def prior_knowledge(place):
    place.start("server", "nghttpd", "--no-tls", "-a", SERVER, "-d", place.folder, "80")
    with place.recording():
        place.client("curl", "-sS", "--http2-prior-knowledge", "--resolve", f"{NAME}:80:{SERVER}", f"http://{NAME}/none")
    place.expect("tcp", (SERVER, 80), claims=[("h2-authority", NAME)], site=("h2-authority", NAME), protocol="http2", layer="http2")


@scenario("http2-prior-knowledge-nghttp", "The same from another client: other settings, other header compression.",
          "nghttp to nghttpd on port 8080")
def prior_knowledge_nghttp(place):
    place.start("server", "nghttpd", "--no-tls", "-a", SERVER, "-d", place.folder, "8080")
    with place.recording():
        place.client("nghttp", "-n", "-H", f":authority: {NAME}", f"http://{SERVER}:8080/none")
    place.expect("tcp", (SERVER, 8080), claims=[("h2-authority", NAME)], site=("h2-authority", NAME), protocol="http2", layer="http2")
    return ["-d", "tcp.port==8080,http2"]
