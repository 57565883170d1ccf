"""Where the traffic goes: a namespace `host` that is watched, a peer behind a veth pair whose
nftables counters are the truth, a container routed through the host. Knows no tool.

    container 10.77.1.2 -- 10.77.1.1 host 10.77.0.1, fd77::1 -- 10.77.0.2, fd77::2 peer
              eth0         nmac          nmav0                  nmav1

`ip netns exec` gives every program that it starts a mount namespace with a fresh /sys; cgroup v2 is
mounted there anew, at its usual place.

What both sides count: the peer's hooks see an IP packet with all that was joined to it (a veth pair
hands segments of up to 64 KiB through in one piece), and so does a capture on the host's end, with
14 bytes of Ethernet more and no VLAN. IP bytes of the two are therefore the same to the byte.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import time

WATCHED, FAR = "nmav0", "nmav1"
HOST, PEER, INNER = "10.77.0.1", "10.77.0.2", "10.77.1.2"
HOST6, PEER6 = "fd77::1", "fd77::2"
LOCAL_PORTS = 45000  # from here on the kernel gives them out
INSIDE = "NETMONITOR_ATTRIBUTION"
CGROUP = pathlib.Path("/sys/fs/cgroup")
HOST_MAC, PEER_MAC = "02:00:00:00:00:0b", "02:00:00:00:00:0a"


def run(*words, **more):
    return subprocess.run([str(word) for word in words], check=True, **more)


def ip(*words):
    run("ip", *words)


def enter(script):
    """Makes the namespaces, runs `script` again inside `host`, and takes all down afterwards."""
    stem = f"nma-{os.getpid()}"
    names = [f"{stem}-{which}" for which in ("host", "peer", "box")]
    try:
        for name in names:
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        link(*names)
        environment = {**os.environ, INSIDE: stem}
        return subprocess.run(["ip", "netns", "exec", names[0], sys.executable, script, *sys.argv[1:]], env=environment, check=False).returncode
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, stderr=subprocess.DEVNULL)


def link(host, peer, box):
    ip("-n", host, "link", "add", WATCHED, "address", HOST_MAC, "type", "veth", "peer", "name", FAR, "address", PEER_MAC, "netns", peer)
    ip("-n", host, "link", "add", "nmac", "type", "veth", "peer", "name", "eth0", "netns", box)
    for name, interface, addresses in ((host, WATCHED, (f"{HOST}/24", f"{HOST6}/64")), (peer, FAR, (f"{PEER}/24", f"{PEER6}/64")),
                                       (host, "nmac", ("10.77.1.1/24",)), (box, "eth0", (f"{INNER}/24",))):
        for address in addresses:
            ip("-n", name, "addr", "add", address, "dev", interface, *(["nodad"] if ":" in address else []))
        ip("-n", name, "link", "set", interface, "up")
    for name, gateway in ((host, PEER), (peer, HOST), (box, "10.77.1.1")):
        ip("-n", name, "route", "add", "default", "via", gateway)
    run("ip", "netns", "exec", host, "sysctl", "-qw", "net.ipv4.ip_forward=1", f"net.ipv4.ip_local_port_range={LOCAL_PORTS} 60999")


def namespace(which):
    return f"{os.environ[INSIDE]}-{which}"


def settle():
    """Once inside: cgroup v2 where it usually is."""
    if not (CGROUP / "cgroup.procs").exists():
        run("mount", "-t", "cgroup2", "none", CGROUP)


class Box:
    """A control group such as a container has: named as Docker names them under systemd."""

    def __init__(self):
        self.path = CGROUP / f"{os.environ[INSIDE]}.slice" / f"docker-{'c0ffee' * 10}beef.scope"
        self.path.mkdir(parents=True, exist_ok=True)

    def join(self):
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self):
        for path in (self.path, self.path.parent):
            for _ in range(100):
                try:
                    path.rmdir()
                    break
                except OSError:
                    time.sleep(0.02)


class Group:
    """A control group for this program and all that it starts: the kernel adds up what they use, to
    the nanosecond and with what has ended; /proc/stat guesses by samples, and what runs by the same
    clock as the samples is missed or hit each time."""

    def __init__(self):
        self.path = CGROUP / f"{os.environ[INSIDE]}.cost"
        self.path.mkdir()
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def seconds(self):
        """CPU time until now, with that of the kernel's threads that handle packets."""
        used = re.search(r"usage_usec (\d+)", (self.path / "cpu.stat").read_text())
        return int(used[1]) / 1e6 + sum(map(thread_seconds, packet_threads()))

    def leave(self):
        (CGROUP / "cgroup.procs").write_text(str(os.getpid()))
        self.path.rmdir()


def packet_threads():
    """ksoftirqd of each processor: they last, so that their times can be subtracted."""
    return [path for path in pathlib.Path("/proc").glob("[0-9]*") if read(path / "comm").startswith("ksoftirqd/")]


def thread_seconds(path):
    """CPU time of a process's first thread, or of a thread, from the scheduler in nanoseconds."""
    return int((read(path / "schedstat") or "0").split()[0]) / 1e9


def read(path):
    try:
        return path.read_text()
    except OSError:
        return ""


class Peer:
    """The other side, with a service a port."""

    def __init__(self, program, services):
        self.child = subprocess.Popen(["ip", "netns", "exec", namespace("peer"), program, *services],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.child.stdout.readline() != "ready\n":
            sys.exit("the peer did not start")

    def stop(self):
        self.child.stdin.close()
        self.child.wait(10)


class Truth:
    """Counters of IP bytes and packets, for each name: what came to the peer and what it sent. Of
    loopback, what the host sent to itself."""

    def __init__(self, rules):
        """`rules`: name -> list of (where, match), where `where` is `peer` or `lo`, and `{to}` in a
        match stands for the port that belongs to the peer or the server."""
        for where, place, ways in (("peer", "peer", (("up", "input", "dport"), ("down", "output", "sport"))),
                                   ("lo", "host", (("up", "input", "dport"), ("down", "input", "sport")))):
            of = {name: [match for at, match in all if at == where] for name, all in rules.items()}
            self.load(place, {name: all for name, all in of.items() if all}, ways)

    def load(self, place, rules, ways):
        lines = [f"counter {name}_{way} {{}}" for name in rules for way, _, _ in ways]
        for hook in sorted({hook for _, hook, _ in ways}):
            lines.append(f"chain {hook} {{ type filter hook {hook} priority 0;")
            lines += [f"{match.format(to=to)} counter name {name}_{way}" for way, at, to in ways if at == hook
                      for name, all in rules.items() for match in all]
            lines.append("}")
        text = "table inet truth\ndelete table inet truth\ntable inet truth {\n" + "\n".join(lines) + "\n}\n"
        run("ip", "netns", "exec", namespace(place), "nft", "-f", "-", input=text, text=True)

    def read(self):
        """name -> up and down, each bytes and packets."""
        all = {}
        for where in ("peer", "host"):
            done = run("ip", "netns", "exec", namespace(where), "nft", "-j", "list", "counters", "table", "inet", "truth", capture_output=True, text=True)
            for item in json.loads(done.stdout)["nftables"]:
                if "counter" in item:
                    name, way = item["counter"]["name"].rsplit("_", 1)
                    all.setdefault(name, {})[way] = {"bytes": item["counter"]["bytes"], "packets": item["counter"]["packets"]}
        return all

    def still(self):
        """The counters when they have stopped growing."""
        before = self.read()
        for _ in range(50):
            time.sleep(0.15)
            after = self.read()
            if after == before:
                return after
            before = after
        sys.exit("the traffic does not end")
