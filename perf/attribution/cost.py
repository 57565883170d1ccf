#!/usr/bin/env python3
"""What knowing the owners costs: CPU of the whole host, rounds with and without. Needs root.

usage: cost.py [sends] [hooks] [flows] [idle] [--rounds N] [--seconds S] [--gate] [--anyway]

sends  100,000 UDP datagrams a second over 1,000 sockets of one program: kernel rung on against off
hooks  the same datagrams in one run: what the programs that see each of them add, taken away and put
       back in turn, so that what drifts on a shared machine is in both
flows  1,000 new UDP sockets a second while 500 processes do nothing: the sock_diag rung against no
       owners at all, in CPU of one core
idle   CPU of netmonitor and its helper while nothing is sent: kernel rung on against no owners
The generator uses sockets: frames that are injected would pass the hooks by. What is counted is all
that the harness starts, both ends of the traffic, and the kernel's threads that handle packets.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]
import hooks
import places
import scenarios
from attribution import built, default_program, programs
from common import BUSY, between, judge, load, machine, quiet, save, spread, version
from parts import goal, helper_of
from tools import Netmonitor

OFF = "[owners]\nenabled = false\n"
WINDOW, SETTLE = 0.2, 0.03
# enum bpf_attach_type: packets in, packets out, datagrams received on IPv4 and IPv6.
EACH_DATAGRAM = (0, 1, 19, 20)
GOALS = {"sends": 5.0, "hooks": 5.0, "flows": 5.0, "idle": 0.05}


def process_seconds(pid):
    """CPU time of all threads."""
    return sum(map(places.thread_seconds, pathlib.Path(f"/proc/{pid}/task").iterdir()))


def monitor(options, kind):
    """`kernel`, `sock_diag`, or `none`: no owners."""
    return Netmonitor(options.program, kind, more=OFF if kind == "none" else "")


def one(options, kind, run, folder):
    """One round: CPU while a program runs and until all of it is read."""
    tool = monitor(options, kind)
    time.sleep(1)
    before, began = options.group.seconds(), time.monotonic()
    scenarios.play([run], folder)
    wall = time.monotonic() - began
    time.sleep(2)
    result = {"host_s": options.group.seconds() - before, "wall_s": wall, "losses": tool.losses()}
    tool.stop()
    return result


def rounds(options, kinds, run, folder):
    runs = {kind: [] for kind in kinds}
    for number in range(options.rounds):
        for kind in (kinds if number % 2 == 0 else kinds[::-1]):
            runs[kind].append(one(options, kind, run, folder))
        print(f"{run.name}: round {number + 1} of {options.rounds}, load {load():.2f}", file=sys.stderr)
    return runs


def sends(options, folder):
    run = scenarios.udp("nma-cost-sends", "udp-spread", 21200, options.rate * options.seconds, more=str(options.rate))
    runs = rounds(options, ["kernel", "sock_diag"], run, folder)
    added = [(on["host_s"] / off["host_s"] - 1) * 100 for on, off in zip(runs["kernel"], runs["sock_diag"])]
    return {"runs": runs, "added_percent": spread(added)}


def hooked(options, folder):
    """CPU in windows with and without the programs, in the order off, on, on, off."""
    others = set(hooks.links())
    tool = monitor(options, "kernel")
    length = options.windows * (WINDOW + SETTLE) * 1.5 + 5
    run = scenarios.udp("nma-cost-sends", "udp-spread", 21200, int(options.rate * length), more=str(options.rate))
    child = subprocess.Popen(run.words(folder))
    time.sleep(2)
    seen = [(hooks.program(program), place, link) for link, program, place in hooks.cgroup_links()
            if place in EACH_DATAGRAM and link not in others]
    hooks.take_away([link for _, _, link in seen])
    group, used = os.open(places.CGROUP, os.O_RDONLY), {False: [], True: []}
    for number in range(options.windows):
        on = number % 4 in (1, 2)
        put = [hooks.put(program, group, place) for program, place, _ in seen if on]
        time.sleep(SETTLE)
        before, began = options.group.seconds(), time.monotonic()
        time.sleep(WINDOW)
        ended, after = time.monotonic(), options.group.seconds()
        used[on].append((after - before) / (ended - began))
        for link in put:
            os.close(link)
    if child.poll() is not None:
        sys.exit("the traffic ended before the last window")
    child.kill()
    child.wait()
    tool.stop()
    added = [(on / off - 1) * 100 for on, off in zip(used[True], used[False])]
    return {"programs": len(seen), "cores": {"without": spread(used[False]), "with": spread(used[True])}, "added_percent": spread(added),
            "mean_percent": statistics.mean(added), "standard_error": statistics.stdev(added) / len(added) ** 0.5}


def flows(options, folder):
    run = scenarios.udp("nma-cost-flows", "udp-new", 21200, 1_000 * options.seconds, more="1000")
    sleepers = [subprocess.Popen([folder / "nma-cost-idle", "idle", places.PEER, "21200", "3600"]) for _ in range(500)]
    try:
        runs = rounds(options, ["sock_diag", "none"], run, folder)
    finally:
        for child in sleepers:
            child.kill()
            child.wait()
    added = [(on["host_s"] - off["host_s"]) / options.seconds * 100 for on, off in zip(runs["sock_diag"], runs["none"])]
    return {"runs": runs, "added_percent": spread(added)}


def idle(options, _folder):
    runs = {kind: [] for kind in ("kernel", "none")}
    for number in range(options.idle_rounds):
        for kind in (list(runs) if number % 2 == 0 else list(runs)[::-1]):
            runs[kind].append(resting(options, kind))
    added = [on["percent"] - off["percent"] for on, off in zip(runs["kernel"], runs["none"])]
    return {"seconds": options.idle_seconds, "runs": runs, "added_percent": spread(added)}


def resting(options, kind):
    """What netmonitor and its helper use of a core while nothing is sent."""
    tool = monitor(options, kind)
    time.sleep(5)
    helper = helper_of(tool.child.pid)
    pids = [pid for pid in (tool.child.pid, helper) if pid]
    before, began = {pid: process_seconds(pid) for pid in pids}, time.monotonic()
    time.sleep(options.idle_seconds)
    wall = time.monotonic() - began
    used = {pid: (process_seconds(pid) - before[pid]) / wall * 100 for pid in pids}
    tool.stop()
    return {"percent": sum(used.values()), "helper_percent": used.get(helper, 0)}


PARTS = {"sends": sends, "hooks": hooked, "flows": flows, "idle": idle}
SAID = {"sends": "kernel rung at 100,000 UDP sends/s over 1,000 sockets: CPU of the whole host added, in percent of what it is without",
        "hooks": "of these the programs that see each datagram, taken away and put back in turn: CPU added, in percent",
        "flows": "sock_diag rung at 1,000 new flows/s beside 500 processes: percent of a core",
        "idle": "kernel rung while nothing is sent: percent of a core added, netmonitor and its helper"}


def page(result):
    facts = result["machine"]
    lines = ["# What knowing the owners costs", "", f"netmonitor {result['version']}; {facts['processor']}, {facts['cores']} cores, {facts['system']}; load "
             f"{result['load_average'][0]:.2f} before, {result['load_average'][1]:.2f} after" + ("." if result["quiet"] else " - **busy: not to be relied on**."),
             "", "| | median (least-most) | goal |", "| --- | --- | --- |"]
    lines += [f"| {SAID[name]} | {between(result[name]['added_percent'])} | <= {GOALS[name]} |" for name in PARTS if name in result]
    return "\n".join(lines) + "\n"


def words():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help="sends, hooks, flows, idle; all of them if none is named")
    parser.add_argument("--program", default=default_program("netmonitor"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rate", type=int, default=100_000, help="datagrams a second of `sends`")
    parser.add_argument("--seconds", type=int, default=20, help="length of a round: what was saved up for looking is spent in the first seconds")
    parser.add_argument("--windows", type=int, default=240, help="of `hooks`")
    parser.add_argument("--idle-seconds", type=float, default=60)
    parser.add_argument("--idle-rounds", type=int, default=3)
    parser.add_argument("--load", type=float, default=BUSY, help="the load above which nothing is measured")
    parser.add_argument("--patience", type=float, default=0, help="seconds to wait for a quiet machine")
    parser.add_argument("--anyway", action="store_true", help="measure on a busy machine too, and say so")
    parser.add_argument("--gate", action="store_true", help="end with 1 if a goal is missed")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        sys.exit(f"unknown part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return options


def main():
    options = words()
    if os.geteuid() != 0:
        sys.exit("cost.py needs root: it makes network namespaces and captures")
    for name in ("gen", "peer", "spawn"):
        built(name)
    if not os.environ.get(places.INSIDE):
        sys.exit(places.enter(__file__))
    places.settle()
    result = {"kind": "attribution-cost", "machine": machine(), "version": version([options.program, "version"]),
              "quiet": quiet(options.anyway, options.load, options.patience), "load_average": [load()]}
    with tempfile.TemporaryDirectory(prefix="nma-") as folder:
        folder = pathlib.Path(folder)
        programs(folder, ["nma-cost-sends", "nma-cost-flows", "nma-cost-idle"])
        options.group = places.Group()
        peer = places.Peer(folder / "peer", ["udp:21200"])
        result.update({name: PARTS[name](options, folder) for name in options.parts or PARTS})
        peer.stop()
        options.group.leave()
    result["load_average"].append(load())
    result["goals"] = [goal(SAID[name], result[name]["added_percent"]["median"] <= most, between(result[name]["added_percent"]))
                       for name, most in GOALS.items() if name in result]
    save("attribution-cost", result, page(result))
    judge(result["goals"], options.gate)


if __name__ == "__main__":
    main()
