"""The 24 scenarios: what runs, to which port, and how its packets are told from all others."""
import dataclasses
import pathlib
import socket
import subprocess

from places import HOST, INNER, PEER, PEER6, WATCHED, Box, namespace

MIB = 1 << 20


@dataclasses.dataclass
class Run:
    """One program: its name (at most 15 characters, what the kernel keeps), mode, port, amount."""

    name: str
    mode: str
    port: int
    amount: int
    host: str = PEER
    more: str = ""
    protocols: tuple = ("tcp",)
    kind: str = "plain"  # plain, box: in the container, lo: loopback, spawn: many short processes

    def words(self, folder):
        program = str(folder / self.name)
        if self.kind == "spawn":
            return [str(folder / "spawn"), "brief", str(self.amount), "34000", self.host, str(self.port), program]
        words = [program, self.mode, self.host, str(self.port), str(self.amount), *([self.more] if self.more else [])]
        return ["ip", "netns", "exec", namespace("box"), *words] if self.kind == "box" else words

    def scaled(self, factor):
        return dataclasses.replace(self, amount=max(1, int(self.amount * factor)))

    def counter(self):
        return self.name.replace("-", "_")

    def rules(self):
        """For the truth: where, and what matches."""
        where = "lo" if self.kind == "lo" else "peer"
        return [(where, f"meta l4proto {protocol}" if self.port == 0 else f"{protocol} {{to}} {self.port}") for protocol in self.protocols]

    def mine(self, protocol, ports):
        """Whether a flow of a tool's is of this program."""
        return protocol in self.names() and (self.port == 0 or self.port in ports)

    def names(self):
        return {{"253": "ip-253"}.get(protocol, protocol) for protocol in self.protocols}

    def services(self):
        if self.port == 0 or self.kind == "lo":
            return []
        return [f"{protocol}:{self.port}" for protocol in self.protocols]


def udp(name, mode, port, amount, **more):
    return Run(name, mode, port, amount, protocols=("udp",), **more)


# Each scenario is one program or several at the same time.
SCENARIOS = {
    "tcp-down": [Run("nma-tcp-down", "tcp-down", 21001, 48 * MIB)],
    "tcp-up": [Run("nma-tcp-up", "tcp-up", 21002, 48 * MIB)],
    "tcp-both": [Run("nma-tcp-both", "tcp-both", 21003, 32 * MIB)],
    "udp-bulk": [udp("nma-udp-bulk", "udp-bulk", 21004, 12_000)],
    "icmp-flood": [Run("nma-icmp", "icmp", 0, 12_000, protocols=("icmp",))],
    "udp-443": [udp("nma-udp-443", "udp-connected", 443, 12_000)],
    "ipv6-tcp": [Run("nma-tcp6", "tcp-both", 21007, 24 * MIB, host=PEER6)],
    "ipv6-udp": [udp("nma-udp6", "udp-connected", 21008, 12_000, host=PEER6)],
    "sctp": [Run("nma-sctp", "sctp", 21009, 4 * MIB, protocols=("sctp",))],
    "udp-53-small": [udp("nma-udp-53", "udp-small", 53, 12_000)],
    "raw-253": [Run("nma-raw-253", "raw", 0, 12_000, protocols=("253",))],
    "short-lived": [Run("nma-short-lived", "once", 21012, 200, protocols=("tcp", "udp"), kind="spawn")],
    "af-packet": [udp("nma-af-packet", "packet", 21013, 12_000, more=f"{WATCHED}/{HOST}")],
    "io_uring-send": [Run("nma-uring-send", "uring-send", 21014, 24 * MIB)],
    "io_uring-receive": [Run("nma-uring-recv", "uring-receive", 21015, 24 * MIB)],
    "sendfile": [Run("nma-sendfile", "sendfile", 21016, 24 * MIB)],
    "splice": [Run("nma-splice", "splice", 21017, 24 * MIB)],
    "sendmmsg": [udp("nma-sendmmsg", "sendmmsg", 21018, 12_000)],
    "recvmmsg": [udp("nma-recvmmsg", "recvmmsg", 21019, 12_000)],
    "loopback": [Run("nma-loopback", "loopback", 21020, 16 * MIB, host="127.0.0.1", kind="lo")],
    "container": [Run("nma-container", "tcp-both", 21021, 24 * MIB, kind="box")],
    "drip": [Run("nma-drip", "drip", 21022, 15, protocols=("tcp", "udp"))],
    "many-tcp": [Run("nma-many-tcp", "tcp-many", 21023, 300)],
    "burst": [
        Run("nma-burst-up", "tcp-up", 21024, 16 * MIB), Run("nma-burst-down", "tcp-down", 21025, 16 * MIB),
        Run("nma-burst-many", "tcp-parallel", 21026, 60), udp("nma-burst-udp", "udp-bulk", 21027, 3_000),
        udp("nma-burst-recv", "recvmmsg", 21028, 3_000), Run("nma-burst-file", "sendfile", 21029, 16 * MIB),
    ],
}


def has_sctp():
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132).close()
    except OSError:
        return False
    return True


def not_applicable(name):
    """Why a scenario cannot be had on this kernel, or None."""
    return "this kernel has no SCTP" if name == "sctp" and not has_sctp() else None


def play(runs, folder):
    """Runs a scenario's programs at the same time, to their end: name -> the process ids that are
    right, all of them or by local port."""
    box = Box() if any(run.kind == "box" for run in runs) else None
    children = [(run, subprocess.Popen(run.words(folder), stdout=subprocess.PIPE, text=True, preexec_fn=box.join if run.kind == "box" else None))
                for run in runs]
    pids = {}
    for run, child in children:
        said = child.communicate(timeout=60)[0]
        if child.returncode:
            raise RuntimeError(f"{run.name} ended with {child.returncode}")
        pids[run.name] = by_port(said) if run.kind == "spawn" else child.pid
    if box:
        box.remove()
    return pids


def by_port(said):
    """What `spawn` printed: local port -> process id."""
    lines = [line.split() for line in said.splitlines()]
    return {int(line[0]): int(line[2]) for line in lines}


def install(source, folder, names):
    """The generator under each of its names."""
    for name in names:
        path = pathlib.Path(folder) / name
        path.write_bytes(source.read_bytes())
        path.chmod(0o755)
