#!/usr/bin/env python3
"""netmonitor on a live link beside tcpdump, idle, and its memory. Needs root.

usage: live.py [load] [idle] [memory] [--gate] [--anyway]

Everything happens in a network namespace of its own, on a veth pair on which nothing else speaks.
load    200,000 packets a second of 66 bytes over 10,000 flows, rounds of netmonitor, of tcpdump
        (`-w /dev/null`) and of neither: drops, CPU of the process, CPU of the whole host
idle    a quiet link: CPU and wake-ups (voluntary context switches of all threads) a second
memory  resident memory after minutes of load and at 100,000 live flows; the kernel's capture
        rings, which are mapped and so counted by the kernel, are told apart and not counted
--gate: end with 1 if a goal is missed.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from common import BUSY, HERE, between, end, field, judge, load, machine, quiet, save, spread, tool, version

SENDER, WATCHED, PORT = "nmxa", "nmxb", 7500
INSIDE = "NETMONITOR_PERF_INSIDE"
TICKS = os.sysconf("SC_CLK_TCK")
GOALS = {"process_ratio": 2.0, "idle_cpu_percent": 0.1, "idle_wakeups": 4.0, "load_mib": 40.0, "flows_mib": 100.0}


def enter():
    """Runs this script again inside a namespace with a veth pair, and takes that down afterwards."""
    name = f"nmx-perf-{os.getpid()}"
    ip = lambda *words: subprocess.run(["ip", *words], check=True)
    ip("netns", "add", name)
    try:
        off = [f"net.ipv6.conf.{which}.disable_ipv6=1" for which in ("all", "default")]
        subprocess.run(["ip", "netns", "exec", name, "sysctl", "-qw", *off], check=True)
        ip("-n", name, "link", "add", SENDER, "type", "veth", "peer", "name", WATCHED)
        for link in ("lo", SENDER, WATCHED):
            ip("-n", name, "link", "set", link, "up")
        environment = {**os.environ, INSIDE: "1"}
        command = ["ip", "netns", "exec", name, sys.executable, __file__, *sys.argv[1:]]
        return subprocess.run(command, env=environment, check=False).returncode
    finally:
        ip("netns", "del", name)


class Netmonitor:
    """`netmonitor run` on the watched end, with a data folder of its own."""

    name = "netmonitor"

    def __init__(self, binary, *more):
        self.folder = tempfile.mkdtemp(prefix="netmonitor-perf-")
        self.report, self.binary = f"{self.folder}/report.json", binary
        self.child = subprocess.Popen([binary, "run", "--interface", WATCHED, "--data-dir", self.folder, "--port", str(PORT),
                                       "--report", self.report, *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid = self.child.pid
        until(lambda: self.get("/health"), "netmonitor answers")
        token = subprocess.run([binary, "token", "--data-dir", self.folder], capture_output=True, text=True, check=True)
        self.token = token.stdout.strip()

    def get(self, path):
        headers = {"Authorization": f"Bearer {self.token}"} if hasattr(self, "token") else {}
        try:
            with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", headers=headers), timeout=5) as reply:
                return json.load(reply)
        except OSError:
            if self.child.poll() is not None:
                sys.exit(f"netmonitor ended with {self.child.returncode}")
            return {}

    def stop(self):
        """Counted and lost, by the history that it left."""
        status = end(self.child)
        if status != 0:
            sys.exit(f"netmonitor ended with {status}")
        held = next(one for one in json.loads(pathlib.Path(self.report).read_text())["interfaces"] if one["name"] == WATCHED)
        shutil.rmtree(self.folder)
        return held["packets"], held["ring_dropped_packets"] + held["kernel_dropped"] + held["interface_dropped"]


class Tcpdump:
    name = "tcpdump"

    def __init__(self, kib):
        self.child = subprocess.Popen(["tcpdump", "-ni", WATCHED, "-w", "/dev/null", "-B", str(kib)],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.child.stderr.readline()  # "listening on ..."
        self.pid = self.child.pid

    def stop(self):
        self.child.send_signal(signal.SIGINT)
        said = self.child.communicate(timeout=30)[1]
        number = lambda what: int(re.search(rf"(\d+) packets? {what}", said)[1])
        return number("captured"), number("dropped by kernel")


def until(holds, what, patience=60):
    limit = time.monotonic() + patience
    while not holds():
        if time.monotonic() > limit:
            sys.exit(f"waited {patience} s in vain until {what}")
        time.sleep(0.05)


def threads(pid):
    return list(pathlib.Path(f"/proc/{pid}/task").iterdir())


def process_seconds(pid):
    """CPU time of all threads, from the scheduler in nanoseconds."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in threads(pid)) / 1e9


def wakeups(pid):
    return sum(field(task / "status", "voluntary_ctxt_switches") for task in threads(pid))


def host_seconds():
    """Time that the whole host was busy: user, nice, system, irq, softirq."""
    numbers = list(map(int, pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:]))
    return sum(numbers[index] for index in (0, 1, 2, 5, 6)) / TICKS


def resident(pid):
    """Resident MiB without and of the mapped capture rings."""
    rings = whole = 0
    mapping = ""
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            mapping = line
        elif line.startswith("Rss:"):
            size = int(line.split()[1])
            whole += size
            rings += size if "socket:[" in mapping else 0
    return (whole - rings) / 1024, rings / 1024


def send(packets, length, flows, rate):
    words = [tool("send"), SENDER, packets, length, flows, rate]
    return json.loads(subprocess.run(list(map(str, words)), capture_output=True, check=True).stdout)


def one_load(make, options):
    """One round: what was sent, counted and lost, and what it cost from the first frame until all
    is read."""
    watcher = make() if make else None
    time.sleep(2)
    host, own = host_seconds(), process_seconds(watcher.pid) if watcher else 0
    sent = send(options.rate * options.seconds, 66, 10_000, options.rate)
    time.sleep(2)
    run = {"sent": sent["packets"], "host_s": host_seconds() - host, "sender_s": sent["seconds"]}
    if watcher:
        run["process_s"] = process_seconds(watcher.pid) - own
        run["counted"], run["lost"] = watcher.stop()
    return run


def measure_load(options):
    kinds = {"none": None, "netmonitor": lambda: Netmonitor(options.netmonitor), "tcpdump": lambda: Tcpdump(options.ring_kib)}
    runs = {name: [] for name in kinds}
    for number in range(options.rounds):
        order = list(kinds)
        for name in order[number % 3:] + order[:number % 3]:
            runs[name].append(one_load(kinds[name], options))
        print(f"load: round {number + 1} of {options.rounds}, load {load():.2f}", file=sys.stderr)
    pairs = list(zip(runs["netmonitor"], runs["tcpdump"]))
    packets = options.rate * options.seconds
    return {
        "rate": options.rate, "seconds": options.seconds, "runs": runs,
        "process_ns": {name: spread([run["process_s"] / packets * 1e9 for run in runs[name]]) for name in ("netmonitor", "tcpdump")},
        "host_ns": {name: spread([(run["host_s"] - none["host_s"]) / packets * 1e9 for run, none in zip(runs[name], runs["none"])])
                    for name in ("netmonitor", "tcpdump")},
        "process_ratio": spread([mine["process_s"] / its["process_s"] for mine, its in pairs]),
        "lost": {name: sum(run["lost"] for run in runs[name]) for name in ("netmonitor", "tcpdump")},
        "unaccounted": {name: sum(run["sent"] - run["counted"] - run["lost"] for run in runs[name]) for name in ("netmonitor", "tcpdump")},
    }


def measure_idle(options):
    watcher = Netmonitor(options.netmonitor)
    time.sleep(10)
    before = process_seconds(watcher.pid), wakeups(watcher.pid), time.monotonic()
    time.sleep(options.idle_seconds)
    width = time.monotonic() - before[2]
    result = {"seconds": round(width, 1), "cpu_percent": (process_seconds(watcher.pid) - before[0]) / width * 100,
              "wakeups_per_s": (wakeups(watcher.pid) - before[1]) / width,
              "threads": sorted((task / "comm").read_text().strip() for task in threads(watcher.pid))}
    result["resident_mib"], result["rings_mib"] = resident(watcher.pid)
    watcher.stop()
    return result


def measure_memory(options):
    """Resident memory over time, first with 10,000 flows, then with 100,000 in a fresh process."""
    result = {}
    for name, flows, seconds in (("load", 10_000, options.minutes * 60), ("flows", 100_000, options.flow_seconds)):
        watcher = Netmonitor(options.netmonitor)
        sender = subprocess.Popen([tool("send"), SENDER, "0", "0", str(flows), str(options.memory_rate)], stdout=subprocess.PIPE)
        began, series, most = time.monotonic(), [], 0
        while time.monotonic() - began < seconds:
            time.sleep(min(5, seconds))
            own, rings = resident(watcher.pid)
            most = max(most, watcher.get("/api/config/daemon/status").get("flows", {}).get("live", 0))
            series.append([round(time.monotonic() - began, 1), round(own, 2), round(rings, 2)])
        sender.terminate()
        sent = json.loads(sender.communicate()[0])["packets"]
        counted, lost = watcher.stop()
        result[name] = {"flows": flows, "live_flows": most, "packets_per_s": options.memory_rate, "series": series,
                        "resident_mib": series[-1][1], "most_mib": max(row[1] for row in series), "rings_mib": series[-1][2],
                        "sent": sent, "counted": counted, "lost": lost}
    return result


def checks(result):
    goal = lambda text, met, said: {"goal": text, "met": bool(met), "said": said}
    if "load" in result:
        part = result["load"]
        yield goal(f"load: no drops at {part['rate']:,} packets/s", part["lost"]["netmonitor"] == 0, f"{part['lost']['netmonitor']} lost")
        yield goal("load: sent = counted + lost", part["unaccounted"]["netmonitor"] == 0, f"difference {part['unaccounted']['netmonitor']}")
        yield goal(f"load: process CPU <= {GOALS['process_ratio']}x tcpdump", part["process_ratio"]["median"] <= GOALS["process_ratio"],
                   between(part["process_ratio"]))
    if "idle" in result:
        part = result["idle"]
        yield goal(f"idle: CPU <= {GOALS['idle_cpu_percent']} % of a core", part["cpu_percent"] <= GOALS["idle_cpu_percent"],
                   f"{part['cpu_percent']:.4f} %")
        yield goal(f"idle: <= {GOALS['idle_wakeups']:.0f} wake-ups/s", part["wakeups_per_s"] <= GOALS["idle_wakeups"],
                   f"{part['wakeups_per_s']:.2f}")
    for name in ("load", "flows"):
        if "memory" in result:
            part, most = result["memory"][name], GOALS[f"{name}_mib"]
            yield goal(f"memory: <= {most:.0f} MiB with {part['flows']:,} flows", part["most_mib"] <= most,
                       f"{part['most_mib']:.1f} MiB, {part['live_flows']:,} flows live, rings {part['rings_mib']:.1f} MiB not counted")


def page(result):
    facts = result["machine"]
    lines = ["# netmonitor on a live link", "",
             f"{facts['processor']}, {facts['cores']} cores, {facts['memory_gib']} GiB, {facts['system']}; load {result['load_average'][0]:.2f} "
             f"before, {result['load_average'][1]:.2f} after" + ("" if result["quiet"] else " - **busy: read the ratios, not the times**") + ".",
             "Versions: " + ", ".join(f"{name} {text}" for name, text in result["versions"].items()) + ".", ""]
    if "load" in result:
        part = result["load"]
        lines += [f"## Load: {part['rate']:,} packets/s of 66 bytes for {part['seconds']} s, {len(part['runs']['none'])} rounds", "",
                  "| | process CPU ns a packet | host CPU added, ns a packet | lost | not accounted for |", "| --- | --- | --- | --- | --- |"]
        lines += [f"| {name} | {between(part['process_ns'][name], 0)} | {between(part['host_ns'][name], 0)} | {part['lost'][name]} | "
                  f"{part['unaccounted'][name]} |" for name in ("netmonitor", "tcpdump")] + [""]
    if "idle" in result:
        part = result["idle"]
        lines += [f"## Idle for {part['seconds']:.0f} s", "", f"CPU {part['cpu_percent']:.4f} % of a core, {part['wakeups_per_s']:.2f} wake-ups/s over "
                  f"{len(part['threads'])} threads, {part['resident_mib']:.1f} MiB resident and {part['rings_mib']:.1f} MiB of rings.", ""]
    if "memory" in result:
        lines += ["## Memory", "", "| flows | live | packets/s | s | resident MiB, last | most | rings MiB |", "| --- | --- | --- | --- | --- | --- | --- |"]
        lines += [f"| {part['flows']:,} | {part['live_flows']:,} | {part['packets_per_s']:,} | {part['series'][-1][0]:.0f} | {part['resident_mib']:.1f} | "
                  f"{part['most_mib']:.1f} | {part['rings_mib']:.1f} |" for part in result["memory"].values()] + [""]
    lines += [f"- {'met' if check['met'] else '**missed**'}: {check['goal']}: {check['said']}" for check in result["goals"]]
    return "\n".join(lines) + "\n"


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("parts", nargs="*", help="load, idle, memory; all of them if none is named")
    words.add_argument("--netmonitor", default=str(HERE.parent / "target" / "release" / "netmonitor"))
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--rate", type=int, default=200_000, help="packets a second of the load")
    words.add_argument("--seconds", type=int, default=10, help="length of a round of load")
    words.add_argument("--ring-kib", type=int, default=16_384, help="tcpdump's capture ring: as large as an uplink's")
    words.add_argument("--idle-seconds", type=float, default=120)
    words.add_argument("--minutes", type=float, default=10, help="how long the load of `memory` lasts")
    words.add_argument("--flow-seconds", type=float, default=60, help="how long the 100,000 flows last")
    words.add_argument("--memory-rate", type=int, default=50_000, help="packets a second of `memory`")
    words.add_argument("--load", type=float, default=BUSY, help="the load above which nothing is measured")
    words.add_argument("--patience", type=float, default=0, help="seconds to wait for a quiet machine")
    words.add_argument("--anyway", action="store_true", help="measure on a busy machine too, and say so")
    words.add_argument("--gate", action="store_true", help="end with 1 if a goal is missed")
    options = words.parse_args()
    parts = {"load": measure_load, "idle": measure_idle, "memory": measure_memory}
    wanted = options.parts or list(parts)
    if unknown := set(wanted) - set(parts):
        sys.exit(f"unknown part: {', '.join(unknown)}; there are {', '.join(parts)}")
    if os.geteuid() != 0:
        sys.exit("live.py needs root: it makes a network namespace and captures")
    tool("send")
    if not os.environ.get(INSIDE):
        sys.exit(enter())
    was_quiet, before = quiet(options.anyway, options.load, options.patience), load()
    result = {"kind": "live", "machine": machine(), "quiet": was_quiet,
              "versions": {"netmonitor": version([options.netmonitor, "version"]), "tcpdump": version(["tcpdump", "--version"])}}
    result.update({name: parts[name](options) for name in parts if name in wanted})
    result["load_average"] = [before, load()]
    result["goals"] = list(checks(result))
    save("live", result, page(result))
    judge(result["goals"], options.gate)


if __name__ == "__main__":
    main()
