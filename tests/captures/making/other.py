"""Protocols that bear no site's name but can be told by their content: SSH, WireGuard, STUN and others."""
import os
import socket
import struct
import subprocess
import time

from . import tls
from .place import PROXY, SERVER, run
from .registry import scenario


def address(place, *server, proto="udp", **rest):
    place.expect(proto, server, site=("address", server[0]), **rest)


# -- DTLS ---------------------------------------------------------------------------------------

def dtls(place, *server_words, client_words=()):
    pem, key = tls.certificate(place)
    place.start("server", "openssl", "s_server", "-dtls1_2", "-accept", f"{SERVER}:4433", "-cert", pem, "-key", key,
                *server_words, stdin=subprocess.PIPE)  # it ends with its input
    with place.recording():
        place.client("openssl", "s_client", "-dtls1_2", "-connect", f"{SERVER}:4433", "-servername", tls.NAME,
                     *client_words, text="Q\n", check=False)
    place.expect("udp", (SERVER, 4433), claims=[("sni", tls.NAME)], site=("sni", tls.NAME), protocol="dtls")
    return ["-d", "udp.port==4433,dtls"]


@scenario("dtls12-openssl", "DTLS 1.2: server_name in a ClientHello over UDP.", "openssl s_client to s_server, -dtls1_2")
def dtls12(place):
    return dtls(place)


@scenario("dtls12-cookie", "DTLS 1.2 with HelloVerifyRequest: the ClientHello comes twice.",
          "openssl s_client to s_server -listen, -dtls1_2")
def dtls_cookie(place):
    return dtls(place, "-listen")


@scenario("dtls12-fragments", "DTLS 1.2 whose ClientHello comes in handshake fragments (RFC 6347, 4.2.3).",
          "openssl s_client -mtu 300 to s_server, -dtls1_2")
def dtls_fragments(place):
    return dtls(place, client_words=("-mtu", "300", "-alpn", ",".join(letter * 60 for letter in "abcdef")))


# -- told by their content ----------------------------------------------------------------------

def sshd(place):
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", place.folder / "host_key")
    os.makedirs("/run/sshd", exist_ok=True)
    place.start("server", "/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-h", place.folder / "host_key", "-p", "22",
                "-o", f"ListenAddress={SERVER}", "-o", "PidFile=none", wait=0.6)


@scenario("ssh", "SSH on its port: told by both sides' version lines.", "ssh to sshd, OpenSSH 9.2")
def ssh(place):
    sshd(place)
    with place.recording():
        place.client("ssh", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                     f"someone@{SERVER}", check=False)
    address(place, SERVER, 22, proto="tcp", protocol="ssh")


@scenario("ssh-other-port", "SSH on port 443: the content says what it is, not the port.", "ssh -p 443 to sshd, OpenSSH 9.2")
def ssh_other_port(place):
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", place.folder / "host_key")
    os.makedirs("/run/sshd", exist_ok=True)
    place.start("server", "/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-h", place.folder / "host_key", "-p", "443",
                "-o", f"ListenAddress={SERVER}", "-o", "PidFile=none", wait=0.6)
    with place.recording():
        place.client("ssh", "-p", "443", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o",
                     "UserKnownHostsFile=/dev/null", f"someone@{SERVER}", check=False)
    address(place, SERVER, 443, proto="tcp", protocol="ssh")
    return ["-d", "tcp.port==443,ssh"]


@scenario("wireguard", "WireGuard: handshake, then a ping that is not to be seen inside.",
          "wireguard-go at both ends (this kernel has no WireGuard)")
def wireguard(place):
    keys = {}
    for side in ("client", "server"):
        private = run("wg", "genkey").stdout.strip()
        (place.folder / f"{side}.key").write_text(private)
        keys[side] = run("wg", "pubkey", input=private).stdout.strip()
    for side, device, mine, peer, port in (("client", "wgc", "198.51.100.1", "server", 40000),
                                           ("server", "wgs", "198.51.100.2", "client", 51820)):
        place.start(side, "wireguard-go", "-f", device, wait=0.8)
        name = place.names[side]
        end = ["endpoint", f"{SERVER}:51820"] if side == "client" else []
        run("ip", "netns", "exec", name, "wg", "set", device, "private-key", place.folder / f"{side}.key", "listen-port", port,
            "peer", keys[peer], "allowed-ips", "198.51.100.0/24", *end)
        run("ip", "-n", name, "addr", "add", f"{mine}/24", "dev", device)
        run("ip", "-n", name, "link", "set", device, "up")
    with place.recording():
        place.client("ping", "-c", "2", "-i", "0.2", "198.51.100.2")
    address(place, SERVER, 51820, protocol="wireguard", layer="wg")


@scenario("stun", "STUN: binding requests and responses with the magic cookie.", "coturn's turnutils_stunclient to a small server")
def stun(place):
    def answer(data):
        kind, _, cookie = struct.unpack("!HHI", data[:8])
        if kind != 1 or cookie != 0x2112A442:
            return None
        mapped = struct.pack("!HHBBHI", 0x20, 8, 0, 1, 40000 ^ 0x2112, 0xC000020A ^ 0x2112A442)
        return struct.pack("!HHI", 0x101, len(mapped), cookie) + data[8:20] + mapped
    place.datagrams(SERVER, 3478, answer)
    with place.recording():
        place.client("turnutils_stunclient", SERVER, check=False)
    address(place, SERVER, 3478, protocol="stun", many=True)


@scenario("stun-turn", "TURN over UDP: an allocation that is refused without credentials.", "coturn's turnutils_uclient to turnserver")
def turn(place):
    place.start("server", "turnserver", "-n", "-L", SERVER, "--no-cli", "--no-tls", "--no-dtls", "--lt-cred-mech",
                "--realm", "site.example", "--log-file", "stdout", "--simple-log", "--pidfile", place.folder / "pid", wait=1)
    with place.recording():
        place.client("timeout", "3", "turnutils_uclient", "-y", "-n", "1", "-u", "nobody", "-w", "none", SERVER, check=False)
    address(place, SERVER, 3478, protocol="stun", many=True)


def openvpn(place, proto):
    ca, key = tls.certificate(place)
    if proto == "udp":
        place.datagrams(SERVER, 1194, lambda data: None)
    else:
        place.listen(SERVER, 1194, lambda connection: time.sleep(4))
    with place.recording():
        place.client("timeout", "4", "openvpn", "--client", "--dev", "null", "--nobind", "--remote", SERVER, "1194",
                     f"{proto}4", "--ca", ca, "--cert", ca, "--key", key, "--connect-retry-max", "1", check=False)
    address(place, SERVER, 1194, proto=proto, protocol="openvpn")


@scenario("openvpn-udp", "OpenVPN over UDP: hard resets that nobody answers.", "openvpn 2.6 to a port where nobody answers")
def openvpn_udp(place):
    openvpn(place, "udp")


@scenario("openvpn-tcp", "OpenVPN over TCP: a hard reset that nobody answers.", "openvpn 2.6 to a port where nobody answers")
def openvpn_tcp(place):
    openvpn(place, "tcp")


@scenario("ike-v2", "IKEv2's first message: IPsec begins.", "ike-scan --ikev2 to a port where nobody answers")
def ike2(place):
    place.datagrams(SERVER, 500, lambda data: None)
    with place.recording():
        place.client("ike-scan", "--ikev2", "-r", "1", "-t", "200", SERVER, check=False)
    address(place, SERVER, 500, protocol="ipsec", layer="isakmp")


@scenario("ike-v1", "IKEv1 main mode's first message.", "ike-scan to a port where nobody answers")
def ike1(place):
    place.datagrams(SERVER, 500, lambda data: None)
    with place.recording():
        place.client("ike-scan", "-r", "1", "-t", "200", SERVER, check=False)
    address(place, SERVER, 500, protocol="ipsec", layer="isakmp")


@scenario("dhcp", "A lease: discover, offer, request, acknowledgement, by broadcast and without an address.",
          "BusyBox's udhcpc to a small server")
def dhcp(place):
    def answer(data):
        kind = data[data.index(b"\x63\x82\x53\x63") + 4:]
        options = {}
        while kind and kind[0] != 255:
            options[kind[0]] = kind[2:2 + kind[1]]
            kind = kind[2 + kind[1]:]
        word = {1: 2, 3: 5}.get(options[53][0])
        if not word:
            return None
        mine = socket.inet_aton(SERVER)
        out = bytes([2]) + data[1:4] + data[4:8] + bytes(4) + bytes(4) + socket.inet_aton("192.0.2.99") + mine + bytes(4)
        out += data[28:44] + bytes(192) + b"\x63\x82\x53\x63" + bytes([53, 1, word, 54, 4]) + mine
        return out + bytes([51, 4, 0, 0, 14, 16, 1, 4, 255, 255, 255, 0, 255])

    with place.inside("server"):
        door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"s0")
    door.bind(("", 67))
    place.sockets.append(door)

    def loop():
        while True:
            reply = answer(door.recv(1500))
            if reply:
                door.sendto(reply, ("255.255.255.255", 68))
    place.thread("server", loop)
    run("ip", "-n", place.names["client"], "addr", "flush", "dev", "c0", "scope", "global")
    with place.recording():
        place.client("udhcpc", "-i", "c0", "-n", "-q", "-f", "-s", "/bin/true", "-t", "3", "-T", "1")
    place.expect("udp", ("255.255.255.255", 67), client="0.0.0.0", protocol="dhcp")
    place.expect("udp", ("255.255.255.255", 68), client=SERVER, protocol="dhcp")


@scenario("no-name-tcp", "A connection of no known protocol and without a name: its site is its address.",
          "two sockets of Python")
def nothing(place):
    from . import dns
    with place.recording():
        dns.greet(place, PROXY, 40123)
    address(place, PROXY, 40123, proto="tcp")
