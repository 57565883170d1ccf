"""A browser: post-quantum key shares over two segments and several Initials, GREASE and real ECH."""
import time

import dnslib
from aioquic.h3.connection import H3_ALPN

from . import dns, quic, tls
from .place import RESOLVER, SERVER
from .registry import scenario

NAME = "www.site.example"
WORDS = ("chromium --headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
         "--disable-component-update --disable-sync --disable-default-apps --disable-extensions --disable-domain-reliability "
         "--no-pings --metrics-recording-only --disable-client-side-phishing-detection --ignore-certificate-errors "
         "--disable-features=MediaRouter,OptimizationHints,Translate,CertificateTransparencyComponentUpdater "
         "--no-proxy-server").split()


def chromium(place, *words, path="/"):
    place.client("timeout", "-k", "2", "14", *WORDS, f"--user-data-dir={place.folder}/profile", *words, "--dump-dom",
                 f"https://{NAME}{path}", check=False, timeout=30)


def resolved(rule=f"MAP {NAME} {SERVER}"):
    return f"--host-resolver-rules={rule}, MAP * ~NOTFOUND"


@scenario("chromium-post-quantum", "A ClientHello of a browser: X25519MLKEM768 makes it longer than a segment, "
          "and what looks like ECH is GREASE.", "Chromium, headless, to Python's ssl module")
def post_quantum(place):
    tls.serve_https(place)
    with place.recording():
        chromium(place, resolved())
    place.expect("tcp", (SERVER, 443), claims=[("sni", NAME)], site=("sni", NAME), protocol="tls", many=True)


@scenario("chromium-quic", "The same over QUIC: a post-quantum ClientHello over several Initials, its CRYPTO frames in an "
          "order of the browser's own.", "Chromium, headless, --origin-to-force-quic-on, to aioquic")
def over_quic(place):
    quic.server(place, alpn=H3_ALPN)
    with place.recording(settle=1):
        chromium(place, resolved(), f"--origin-to-force-quic-on={NAME}:443")
    place.expect("udp", (SERVER, 443), claims=[("quic-sni", NAME)], site=("quic-sni", NAME), protocol="quic", many=True)


def ech_list(public_name):
    """An ECHConfigList with one key (RFC 9849, 4): X25519, HKDF-SHA256, AES-128-GCM."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    public = X25519PrivateKey.generate().public_key().public_bytes_raw()
    name = public_name.encode()
    body = (b"\x07" + b"\x00\x20" + len(public).to_bytes(2, "big") + public + b"\x00\x04" + b"\x00\x01\x00\x01"
            + b"\x40" + bytes([len(name)]) + name + b"\x00\x00")
    config = b"\xfe\x0d" + len(body).to_bytes(2, "big") + body
    return len(config).to_bytes(2, "big") + config


OUTER, HIDDEN = "outer.provider.example", "hidden.site.example"
ECH_MADE = ("Chromium, headless, its own resolver and a small DNS server with an HTTPS record that has an ech key; the "
            "server accepts and says nothing, since it could not decrypt")


def hidden(place, **recording):
    keys = ech_list(OUTER)
    record = b"\x00\x01\x00" + b"\x00\x05" + len(keys).to_bytes(2, "big") + keys  # RFC 9460, 2.2: priority, target, ech
    dns.ZONE[HIDDEN, "HTTPS"] = [dnslib.RR(HIDDEN, 65, ttl=60, rdata=dnslib.RD(record))]
    dns.ZONE[HIDDEN, "A"] = [f"{HIDDEN}. 60 IN A {SERVER}"]
    dns.ZONE[HIDDEN, "AAAA"] = []
    dns.resolver(place)
    place.listen(SERVER, 443, lambda connection: time.sleep(8))
    with place.recording(**recording):
        place.client("timeout", "-k", "2", "12", *WORDS, f"--user-data-dir={place.folder}/profile",
                     "--enable-features=AsyncDns,UseDnsHttpsSvcb,EncryptedClientHello",
                     f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {HIDDEN}", "--dump-dom",
                     f"https://{HIDDEN}/", check=False, timeout=30)


@scenario("chromium-ech", "Encrypted ClientHello after a look-up in the clear: server_name has the provider's name, the "
          "look-up's answer the site's own, which is preferred.", ECH_MADE, resolver=RESOLVER)
def ech(place):
    hidden(place)
    place.expect("udp", (RESOLVER, 53), claims=[("dns", HIDDEN)], site=("dns", HIDDEN), protocol="dns", many=True)
    place.expect("tcp", (SERVER, 443), claims=[("sni", OUTER)], site=("dns-answer", HIDDEN), protocol="tls", many=True)


@scenario("chromium-ech-alone", "Encrypted ClientHello without the look-up before it: there is the provider's name alone, "
          "marked as such.", ECH_MADE + "; port 443 alone was recorded", resolver=RESOLVER)
def ech_alone(place):
    hidden(place, only="tcp port 443")
    place.expect("tcp", (SERVER, 443), claims=[("sni", OUTER)], site=("sni", OUTER), marks=["ech-outer"], protocol="tls",
                 many=True)
