"""TLS over TCP: versions, kinds of handshake, DNS inside of it."""
import ssl

from .place import CLIENT6, RESOLVER, SERVER, SERVER6, run
from .registry import scenario

NAME = "www.site.example"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"


def certificate(place, name=NAME):
    """A throwaway certificate and its key, as paths."""
    pem, key = place.folder / "cert.pem", place.folder / "key.pem"
    if not pem.exists():
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", key, "-out", pem, "-days", "3650", "-subj", f"/CN={name}",
            "-addext", f"subjectAltName=DNS:{name},DNS:*.site.example")
    return pem, key


def context(place, old=False):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if old:
        made.minimum_version = ssl.TLSVersion.TLSv1
        made.set_ciphers("ALL:@SECLEVEL=0")
    made.load_cert_chain(*certificate(place))
    return made


def head(connection):
    """Everything up to the empty line."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(4096)
        if not more:
            break
        data += more
    return data


def serve_https(place, address=SERVER, port=443, old=False, answer=lambda request: ANSWER):
    made = context(place, old)

    def serve(connection):
        with made.wrap_socket(connection, server_side=True) as safe:
            safe.sendall(answer(head(safe)))
    place.listen(address, port, serve)


def curl(place, *words, name=NAME, address=SERVER, port=443, path="/"):
    at = f"[{address}]" if ":" in address else address
    place.client("curl", "-sS", "-k", "--resolve", f"{name}:{port}:{at}", *words,
                 f"https://{name}:{port}{path}")


def expect(place, server=(SERVER, 443), name=NAME, **rest):
    rest.setdefault("site", ("sni", name))
    rest.setdefault("protocol", "tls")
    place.expect("tcp", server, claims=[("sni", name)], **rest)


@scenario("tls13-curl", "A TLS 1.3 handshake over IPv4: the name is in the ClientHello's server_name.",
          "curl to Python's ssl module, both OpenSSL 3.0")
def tls13(place):
    serve_https(place)
    with place.recording():
        curl(place, "--tlsv1.3")
    expect(place)


@scenario("tls13-curl-ipv6", "A TLS 1.3 handshake over IPv6.", "curl to Python's ssl module, both OpenSSL 3.0")
def tls13_ipv6(place):
    serve_https(place, SERVER6)
    with place.recording():
        curl(place, "--tlsv1.3", address=SERVER6)
    expect(place, (SERVER6, 443), client=CLIENT6)


@scenario("tls12-curl", "A TLS 1.2 handshake.", "curl --tls-max 1.2 to Python's ssl module, both OpenSSL 3.0")
def tls12(place):
    serve_https(place)
    with place.recording():
        curl(place, "--tls-max", "1.2")
    expect(place)


def old_version(place, option):
    serve_https(place, old=True)
    with place.recording():
        place.client("openssl", "s_client", option, "-cipher", "ALL:@SECLEVEL=0", "-connect",
                     f"{SERVER}:443", "-servername", NAME, text="GET / HTTP/1.0\r\n\r\n")
    expect(place)


@scenario("tls11-openssl", "A TLS 1.1 handshake.", "openssl s_client -tls1_1 to Python's ssl module, security level 0")
def tls11(place):
    old_version(place, "-tls1_1")


@scenario("tls10-openssl", "A TLS 1.0 handshake.", "openssl s_client -tls1 to Python's ssl module, security level 0")
def tls10(place):
    old_version(place, "-tls1")


@scenario("tls13-gnutls", "A ClientHello of GnuTLS: other extensions in another order.",
          "gnutls-cli to Python's ssl module")
def gnutls(place):
    serve_https(place, port=8443)
    with place.recording():
        place.client("gnutls-cli", "--insecure", "--sni-hostname", NAME, "-p", "8443", SERVER,
                     text="GET / HTTP/1.0\r\n\r\n", check=False)
    expect(place, (SERVER, 8443))
    return ["-d", "tcp.port==8443,tls"]


@scenario("tls-h2-nghttpd", "HTTP/2 chosen by ALPN inside of TLS: :authority is not to be seen, server_name is.",
          "curl --http2 to nghttpd")
def alpn(place):
    pem, key = certificate(place)
    place.start("server", "nghttpd", "-a", SERVER, "-d", place.folder, "443", key, pem)
    with place.recording():
        curl(place, "--http2", path="/none")
    expect(place)


@scenario("tls-no-sni", "A client that connects to an address: a ClientHello without a name, a flow without a claim.",
          "curl https://192.0.2.20/")
def no_sni(place):
    serve_https(place)
    with place.recording():
        place.client("curl", "-sS", "-k", f"https://{SERVER}/")
    place.expect("tcp", (SERVER, 443), site=("address", SERVER), protocol="tls")


@scenario("tls-hello-retry", "HelloRetryRequest: the server refuses the offered group, a second ClientHello follows.",
          "openssl s_client -groups X25519:P-384 to openssl s_server -groups P-384")
def hello_retry(place):
    pem, key = certificate(place)
    place.start("server", "openssl", "s_server", "-accept", f"{SERVER}:443", "-cert", pem, "-key", key,
                "-groups", "P-384", "-www", "-naccept", "1")
    with place.recording():
        place.client("openssl", "s_client", "-groups", "X25519:P-384", "-connect", f"{SERVER}:443",
                     "-servername", NAME, text="GET / HTTP/1.0\r\n\r\n")
    expect(place)


@scenario("tls-resumed", "A session that is resumed: the second ClientHello has a pre-shared key, and the name again.",
          "openssl s_client -sess_out, then -sess_in, to openssl s_server")
def resumed(place):
    pem, key = certificate(place)
    place.start("server", "openssl", "s_server", "-accept", f"{SERVER}:443", "-cert", pem, "-key", key, "-www")
    session = place.folder / "session"
    with place.recording():
        for option in ("-sess_out", "-sess_in"):
            place.client("openssl", "s_client", "-ign_eof", option, session, "-connect", f"{SERVER}:443",
                         "-servername", NAME, text="GET / HTTP/1.0\r\n\r\n")
    expect(place)
    expect(place)


@scenario("tls-dot-kdig", "DNS over TLS on port 853: the resolver's name is in the ClientHello, the question is not seen.",
          "kdig +tls to a small resolver")
def dot(place):
    from . import dns
    made = context(place)

    def serve(connection):
        with made.wrap_socket(connection, server_side=True) as safe:
            dns.over_stream(safe)
    place.listen(RESOLVER, 853, serve)
    with place.recording():
        place.client("kdig", f"@{RESOLVER}", "+tls", "+tls-sni=dns.site.example", "www.site.example", "A")
    expect(place, (RESOLVER, 853), "dns.site.example")


@scenario("tls-doh-curl", "DNS over HTTPS, then the connection that it was for: two names in two flows, no question seen.",
          "curl --doh-url to a small resolver")
def doh(place):
    from . import dns

    def answer(request):
        length = int(next(line.split(b":")[1] for line in request.split(b"\r\n")
                          if line.lower().startswith(b"content-length")))
        body = dns.reply(request.split(b"\r\n\r\n", 1)[1][:length])
        return (b"HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\nContent-Length: %d\r\n"
                b"Connection: close\r\n\r\n" % len(body)) + body

    made = context(place)

    def serve(connection):
        with made.wrap_socket(connection, server_side=True) as safe:
            request = head(safe)
            wanted = int(next(line.split(b":")[1] for line in request.split(b"\r\n")
                              if line.lower().startswith(b"content-length")))
            while len(request.split(b"\r\n\r\n", 1)[1]) < wanted:
                request += safe.recv(4096)
            safe.sendall(answer(request))
    place.listen(RESOLVER, 443, serve)
    serve_https(place)
    with place.recording():
        place.client("curl", "-sS", "-k", "--doh-insecure", "--doh-url", "https://dns.site.example/dns-query",
                     "--resolve", f"dns.site.example:443:{RESOLVER}", f"https://{NAME}/")
    expect(place, (RESOLVER, 443), "dns.site.example", many=True)
    expect(place)
