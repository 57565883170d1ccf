#!/usr/bin/env python3
"""netmonitor beside its peers, reading the same captures in one run.

usage: peers.py [--capture NAME ...] [--rounds 7] [--only PEER ...] [--gate] [--anyway]

Captures: `mix` (2,000,000 packets of ordinary lengths, 10,000 flows), `small` (4,000,000 of 66 bytes,
10,000 flows) and `flows1m` (the same, 1,000,000 flows) are made here; `real` is 1.2 GB of public
traffic, made where the corpus is found; anything else is taken for a file. The page cache is warm,
every round runs every tool once, and a ratio is taken within its round: what counts is the median.
If netmonitor's totals do not agree with the capture's, all is void; a peer that miscounts is told. --gate: end with 1 if a goal is missed.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from common import (BUSY, HERE, OUT, between, corpus, judge, load, machine, measured, quiet, save, spread, tool,
                    version)

MADE = {"mix": (2_000_000, 0, 10_000), "small": (4_000_000, 66, 10_000), "flows1m": (4_000_000, 66, 1_000_000)}
REAL_MEGABYTES = "1200"
# Capture -> peer -> the most that netmonitor's user + system time may be of the peer's.
GOALS = {
    "mix": {"tcpdump": 1.00, "nfpcapd": 0.55, "softflowd": 0.45, "darkstat": 0.40},
    "small": {"tcpdump": 1.15, "nfpcapd": 0.55, "softflowd": 0.45, "darkstat": 0.40},
    "flows1m": {"nfpcapd": 0.50},
    # With names on: what looking for them adds, and beside a tool that does little else.
    "real": {"tcpdump": 1.20, "nameless": 1.10, "ndpiReader": 0.20},
}
# Capture -> the most MiB that netmonitor may take.
PEAK_GOALS = {"real": 100}
WALL_GOALS = {"mix": {"tcpdump": 0.80}, "small": {"tcpdump": 0.80}}
FLOW_MAX = 2_000_000


def peers(netmonitor, scratch):
    """Name -> its version, its command for a file, and where its output tells its packets."""
    return {
        "netmonitor": Peer(version([netmonitor, "version"]),
                           lambda file: [netmonitor, "replay", file, "--summary"], r"(?m)^packets\s+(\d+)"),
        # The same without looking for names.
        "nameless": Peer(version([netmonitor, "version"]),
                         lambda file: ["env", "NETMONITOR_NAMES_ENABLED=false", netmonitor, "replay", file, "--summary"],
                         r"(?m)^packets\s+(\d+)"),
        "tcpdump": Peer(version(["tcpdump", "--version"]), lambda file: ["tcpdump", "-nr", file, "-w", "/dev/null"]),
        "nfpcapd": Peer(version(["nfpcapd", "-V"]), lambda file: ["nfpcapd", "-r", file, "-w", scratch],
                        r"Total: Processed: (\d+)"),
        # Without `-c none` it waits for ever for a client of its control socket.
        "softflowd": Peer(version(["softflowd", "-h"], r"version (\S+[^.\s])"),
                          lambda file: ["softflowd", "-r", file, "-n", "127.0.0.1:9", "-m", FLOW_MAX, "-d",
                                        "-p", f"{scratch}/softflowd.pid", "-c", "none"],
                          r"Packets processed: (\d+)[^$]*?Ignored packets: (\d+)"),
        "darkstat": Peer(version(["darkstat", "--version"]),
                         lambda file: ["darkstat", "-r", file, "--no-dns", "--no-daemon", "-b", "127.0.0.1", "-p", "0",
                                       "--chroot", scratch, "--user", "root"]),
        "ndpiReader": Peer(version(["ndpiReader", "-h"], r"[nN]DPI[^\d]*([\d.]+\S*)"),
                           lambda file: ["ndpiReader", "-q", "-i", file]),
        "argus": Peer(version(["argus", "-h"]), lambda file: ["argus", "-X", "-r", file, "-w", "/dev/null"]),
    }


class Peer:
    def __init__(self, version, command, packets=None):
        self.version, self.command, self.packets = version, command, packets

    def counted(self, output):
        """How many packets it says it read, if it says so."""
        found = self.packets and re.search(self.packets, output)
        return sum(map(int, found.groups())) if found else None


def capture(name):
    """The file of a capture, made if it is not there, and what it holds."""
    OUT.mkdir(exist_ok=True)
    file = OUT / f"{name}.pcap"
    if name in MADE and not file.exists():
        subprocess.run([tool("capture"), *map(str, MADE[name]), file], check=True, stdout=subprocess.DEVNULL)
    elif name == "real" and not file.exists():
        folder = corpus()
        if not folder:
            sys.exit("real: no public captures at NETMONITOR_CORPUS or ../shared/corpus")
        subprocess.run([folder / "throughput" / "make_big.sh", file, REAL_MEGABYTES, "seq"], check=True,
                       stdout=subprocess.DEVNULL)
    elif not file.exists():
        file = pathlib.Path(name)
    return file, contents(file)


def contents(file):
    """Packets and bytes on the wire of a classic capture, by walking it here: this also warms the
    page cache. tcpdump's count must agree."""
    data = file.read_bytes()
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\xa1\xb2\x3c\x4d": ">"}[data[:4]]
    lengths = struct.Struct(order + "II").unpack_from
    at, packets, total = 24, 0, 0
    while at + 16 <= len(data):
        captured, length = lengths(data, at + 8)
        at, packets, total = at + 16 + captured, packets + 1, total + length
    said = subprocess.run(["tcpdump", "-nr", file, "--count"], capture_output=True, text=True, check=True).stdout
    if int(said.split()[0]) != packets:
        sys.exit(f"{file}: tcpdump counts {said.strip()}, we {packets}")
    return {"packets": packets, "bytes": total}


def one_run(name, peer, file, holds, scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    log = OUT / f"{name}.log"
    run = measured(peer.command(str(file)), log)
    output = log.read_text(errors="replace")
    run["packets"] = peer.counted(output)
    agrees = run["packets"] == holds["packets"] if peer.packets else None
    if name == "netmonitor":
        agrees = agrees and re.search(rf"(?m)^bytes\s+{holds['bytes']}\b", output) is not None
    run["agrees"] = agrees
    if run["status"] or (agrees is False and name == "netmonitor"):
        sys.exit(f"{name} on {file}: status {run['status']}, {run['packets']} of {holds['packets']} packets: void\n{output[-2000:]}")
    return run


def rounds_of(name, tools, count, scratch):
    """Every tool once a round, the order turning from round to round."""
    file, holds = capture(name)
    if name == "flows1m":  # its flows shall not be evicted
        os.environ["NETMONITOR_FLOW_MAX"] = str(FLOW_MAX)
    else:
        os.environ.pop("NETMONITOR_FLOW_MAX", None)
    runs = {peer: [] for peer in tools}
    for number in range(count):
        order = list(tools)
        order = order[number % len(order):] + order[:number % len(order)]
        for peer in order:
            runs[peer].append(one_run(peer, tools[peer], file, holds, scratch))
        print(f"{name}: round {number + 1} of {count}, load {load():.2f}", file=sys.stderr)
    return {**holds, "file_bytes": file.stat().st_size, "runs": runs, "figures": figures(runs, holds["packets"])}


def figures(runs, packets):
    ours, table = runs["netmonitor"], {}
    for peer, theirs in runs.items():
        ratio = lambda key: spread([mine[key] / max(its[key], 1e-9) for mine, its in zip(ours, theirs)])
        table[peer] = {
            "ns_per_packet": spread([run["cpu_s"] / packets * 1e9 for run in theirs]),
            "wall_s": spread([run["wall_s"] for run in theirs]),
            "miscounts": sum(run["agrees"] is False for run in theirs),
            "peak_mib": spread([run["peak_kib"] / 1024 for run in theirs]),
            "cpu_ratio": ratio("cpu_s"),
            "wall_ratio": ratio("wall_s"),
        }
    return table


def checks(captures):
    for name, result in captures.items():
        for kind, goals in (("cpu_ratio", GOALS), ("wall_ratio", WALL_GOALS)):
            for peer, most in goals.get(name, {}).items():
                figure = result["figures"].get(peer)
                if figure:
                    met = figure[kind]["median"] <= most
                    yield {"goal": f"{name}: {kind[:-6]} <= {most:.2f}x {peer}", "met": met, "said": between(figure[kind])}


    for name, most in PEAK_GOALS.items():
        if name in captures:
            figure = captures[name]["figures"]["netmonitor"]["peak_mib"]
            yield {"goal": f"{name}: peak <= {most} MiB", "met": figure["median"] <= most, "said": between(figure)}


def page(result):
    facts = result["machine"]
    lines = [f"# netmonitor beside its peers, {result['rounds']} rounds, interleaved", "",
             f"{facts['processor']}, {facts['cores']} cores, {facts['memory_gib']} GiB, {facts['system']}; "
             f"load {result['load'][0]:.2f} before, {result['load'][1]:.2f} after"
             + ("" if result["quiet"] else " - **busy: read the ratios, not the times**") + ".",
             "Versions: " + ", ".join(f"{name} {text}" for name, text in result["versions"].items()) + ".",
             "CPU is user + system; a ratio is netmonitor's over the peer's in the same round; median (least-most).", ""]
    for name, capture_ in result["captures"].items():
        lines += [f"## {name}: {capture_['packets']:,} packets, {capture_['bytes']:,} bytes", "",
                  "| tool | CPU ns a packet | wall s | peak MiB | netmonitor's CPU | netmonitor's wall |",
                  "| --- | --- | --- | --- | --- | --- |"]
        for peer, row in capture_["figures"].items():
            ratios = ("", "") if peer == "netmonitor" else (between(row["cpu_ratio"]) + "x", between(row["wall_ratio"]) + "x")
            name_ = peer + (" (does not count all)" if row["miscounts"] else "")
            lines.append(f"| {name_} | {between(row['ns_per_packet'], 0)} | {between(row['wall_s'])} | "
                         f"{row['peak_mib']['median']:.1f} | {ratios[0]} | {ratios[1]} |")
        lines.append("")
    lines += [f"- {'met' if check['met'] else '**missed**'}: {check['goal']}: {check['said']}" for check in result["goals"]]
    return "\n".join(lines) + "\n"


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--netmonitor", default=str(HERE.parent / "target" / "release" / "netmonitor"))
    words.add_argument("--capture", action="append", help="mix, small, flows1m, real, or a file; repeatable")
    words.add_argument("--rounds", type=int, default=7)
    words.add_argument("--only", action="append", default=[], help="this peer only; repeatable")
    words.add_argument("--load", type=float, default=BUSY, help="the load above which nothing is measured")
    words.add_argument("--patience", type=float, default=0, help="seconds to wait for a quiet machine")
    words.add_argument("--anyway", action="store_true", help="measure on a busy machine too, and say so")
    words.add_argument("--gate", action="store_true", help="end with 1 if a goal is missed")
    options = words.parse_args()
    scratch = str(OUT / "scratch")
    tools = {name: peer for name, peer in peers(options.netmonitor, scratch).items()
             if name == "netmonitor" or ((not options.only or name in options.only) and (name == "nameless" or shutil.which(name)))}
    for absent in sorted(set(options.only) - set(tools)):
        sys.exit(f"{absent} is not installed")
    was_quiet, before = quiet(options.anyway, options.load, options.patience), load()
    captures = {pathlib.Path(name).stem: rounds_of(name, tools, options.rounds, scratch)
                for name in options.capture or ["mix", "small", "flows1m"]}
    result = {"kind": "peers", "machine": machine(), "rounds": options.rounds, "quiet": was_quiet,
              "load": [before, load()], "versions": {name: peer.version for name, peer in tools.items()},
              "commands": {name: peer.command("FILE") for name, peer in tools.items()}, "captures": captures}
    result["goals"] = list(checks(captures))
    for command in result["commands"].values():
        command[:] = [str(word).replace(str(HERE.parent) + "/", "") for word in command]
    save("peers", result, page(result))
    judge(result["goals"], options.gate)


if __name__ == "__main__":
    main()
