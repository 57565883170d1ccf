"""Two network namespaces joined by a veth pair: a client and a server that are all the world there is.

Owns the namespaces, the recording, and everything started in them. Addresses are those of RFC 5737
and RFC 3849, hardware addresses are locally administered: nothing of the machine is in a capture.
Knows nothing of what a capture shows.
"""
import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

CLIENT, SERVER, PROXY, RESOLVER = "192.0.2.10", "192.0.2.20", "192.0.2.30", "192.0.2.53"
CLIENT6, SERVER6 = "2001:db8::10", "2001:db8::20"
SERVER_ADDRESSES = [SERVER, PROXY, RESOLVER, "192.0.2.21", "192.0.2.22"]

# Neighbours' and multicast listeners' talk is in every network and in no scenario.
QUIET = "not arp and not ip6 proto 0 and not (icmp6 and ip6[40] >= 130) and not igmp"

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000


def run(*words, check=True, **options):
    """Runs a command to its end; what it said is in the error if it fails."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          errors="replace", **options)
    if check and done.returncode:
        raise RuntimeError(f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def enter(descriptor):
    if libc.setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


class Place:
    """One fresh pair of namespaces; a context manager that takes everything down again."""

    def __init__(self, resolver=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="captures-"))
        self.capture = self.folder / "capture.pcap"
        self.names = {side: f"cap{os.getpid()}{side}" for side in ("client", "server")}
        self.resolver = resolver
        self.children, self.sockets = [], []
        self.flows, self.left_out = [], []

    # -- the two sides ------------------------------------------------------------------------

    def __enter__(self):
        for name in self.names.values():
            run("ip", "netns", "add", name)
            self.sysctl(name, "net.ipv6.conf.all.disable_ipv6=0")
            self.sysctl(name, "net.ipv6.conf.default.disable_ipv6=0")
            self.sysctl(name, "net.ipv6.conf.default.router_solicitations=0")
            run("ip", "-n", name, "link", "set", "lo", "up")
        client, server = self.names["client"], self.names["server"]
        run("ip", "-n", client, "link", "add", "c0", "address", "02:00:00:00:00:10", "type", "veth",
            "peer", "name", "s0", "address", "02:00:00:00:00:20", "netns", server)
        self.up("client", "c0", [CLIENT, CLIENT6])
        self.up("server", "s0", [*SERVER_ADDRESSES, SERVER6])
        time.sleep(0.1)
        return self

    def up(self, side, device, addresses):
        name = self.names[side]
        for address in addresses:
            width = "/64" if ":" in address else "/24"
            run("ip", "-n", name, "addr", "add", address + width, "dev", device,
                *(["nodad"] if ":" in address else []))
        run("ip", "netns", "exec", name, "ethtool", "-K", device, "tso", "off", "gso", "off", "gro",
            "off", "tx", "off", check=False)
        run("ip", "-n", name, "link", "set", device, "up")
        run("ip", "-n", name, "route", "add", "224.0.0.0/4", "dev", device, check=False)

    def sysctl(self, name, setting):
        run("ip", "netns", "exec", name, "sysctl", "-q", "-w", setting)

    def __exit__(self, *_):
        for child in reversed(self.children):
            self.stop(child)
        for one in self.sockets:
            with contextlib.suppress(OSError):
                one.close()
        for name in self.names.values():
            run("ip", "netns", "del", name, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def inside(self, side):
        """This thread is in that namespace: sockets made here stay there."""
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{self.names[side]}", os.O_RDONLY)
        try:
            enter(there)
            yield
        finally:
            enter(here)
            os.close(here)
            os.close(there)

    # -- programs -----------------------------------------------------------------------------

    def words(self, side, words):
        """The command in that namespace, with a resolv.conf of the scenario's own."""
        conf = self.folder / "resolv.conf"
        conf.write_text(f"nameserver {self.resolver}\noptions timeout:1 attempts:1\n" if self.resolver
                        else "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        hosts = self.folder / "hosts"
        hosts.write_text("127.0.0.1 localhost\n")
        script = (f'mount --bind {conf} "$(realpath /etc/resolv.conf)" && '
                  f'mount --bind {hosts} /etc/hosts && exec "$@"')
        return ["nsenter", f"--net=/run/netns/{self.names[side]}", "unshare", "--mount", "--uts",
                "sh", "-c", "hostname host.example; " + script, "sh", *map(str, words)]

    def client(self, *words, check=True, timeout=20, text="", **options):
        return run(*self.words("client", words), check=check, timeout=timeout, input=text,
                   cwd=self.folder, **options)

    def start(self, side, *words, wait=0.3, stdin=subprocess.DEVNULL):
        child = subprocess.Popen(self.words(side, words), cwd=self.folder, stdin=stdin,
                                 stdout=open(self.folder / "out", "ab"), stderr=subprocess.STDOUT,
                                 start_new_session=True)
        self.children.append(child)
        time.sleep(wait)
        return child

    def stop(self, child):
        if child.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGTERM)
            try:
                child.wait(3)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()

    # -- servers of this process --------------------------------------------------------------

    def thread(self, side, function, *arguments):
        def body():
            with self.inside(side):
                function(*arguments)
        worker = threading.Thread(target=body, daemon=True)
        worker.start()
        return worker

    def listen(self, address, port, serve, side="server"):
        """Each connection to that port is served by a call of its own."""
        with self.inside(side):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            door = socket.socket(family, socket.SOCK_STREAM)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((address, port))
        door.listen(16)
        self.sockets.append(door)

        def one(connection):
            with contextlib.suppress(OSError, ValueError):
                serve(connection)
            with contextlib.suppress(OSError):
                connection.close()

        def all_of_them():
            while True:
                try:
                    connection, _ = door.accept()
                except OSError:
                    return
                connection.settimeout(10)
                threading.Thread(target=one, args=(connection,), daemon=True).start()

        threading.Thread(target=all_of_them, daemon=True).start()

    def datagrams(self, address, port, answer, group=None, broadcast=False, side="server"):
        """Each datagram to that port is answered by what `answer(bytes)` gives, if anything."""
        with self.inside(side):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            door = socket.socket(family, socket.SOCK_DGRAM)
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if broadcast:
                door.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            door.bind((address, port))
            if group:
                door.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                                socket.inet_aton(group) + socket.inet_aton(SERVER))
        self.sockets.append(door)

        def loop():
            while True:
                try:
                    data, peer = door.recvfrom(65535)
                except OSError:
                    return
                try:
                    reply = answer(data)
                except Exception as error:  # the next one may be well-formed
                    print(f"no answer: {error!r}")
                    continue
                if reply:
                    door.sendto(reply, peer)

        threading.Thread(target=loop, daemon=True).start()

    def connect(self, address, port, timeout=5):
        with self.inside("client"):
            return socket.create_connection((address, port), timeout)

    # -- recording ----------------------------------------------------------------------------

    @contextlib.contextmanager
    def recording(self, side="client", device="c0", only=QUIET, settle=0.4, link=None):
        dump = subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{self.names[side]}", "tcpdump", "-i", device, "-Z", "root",
             "-s", "0", "-U", "--immediate-mode", "-n", *(["-y", link] if link else []), "-w", str(self.capture), only],
            stderr=subprocess.PIPE, text=True)
        while "listening on" not in (line := dump.stderr.readline()):
            if not line:
                raise RuntimeError("tcpdump did not start")
        try:
            yield
            time.sleep(settle)
        finally:
            dump.send_signal(signal.SIGINT)
            dump.wait()

    # -- what is expected ---------------------------------------------------------------------

    def expect(self, proto, server, client=CLIENT, claims=(), **rest):
        """A flow that the capture must show: `server` is an address, or (address, port)."""
        address, port = server if isinstance(server, tuple) else (server, None)
        self.flows.append(dict(proto=proto, client=client, server=address, port=port,
                               claims=[list(claim) for claim in claims], **rest))
