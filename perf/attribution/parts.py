"""What is asked of netmonitor beside the scenarios: processes that live for milliseconds, process
ids that are used again, a helper that is killed or whose programs are taken from the kernel, a user who is not root. Each gives its figures and
a list of goals; nothing is judged by a time.
"""
import os
import pathlib
import random
import shutil
import subprocess
import time

import hooks
import judge
import places
import scenarios
from scenarios import Run, udp
from tools import Netmonitor, until

NOBODY = 65534


def goal(text, met, said):
    return {"goal": text, "met": bool(met), "said": said}


def watched(options, services, folder):
    """A peer and a netmonitor."""
    return places.Peer(folder / "peer", services), Netmonitor(options.program, options.rung)


# ---- processes that are gone ----

def spawned(words, folder):
    """What `spawn` says of each process it started: port, protocol, pid, program, microseconds."""
    done = subprocess.run([str(folder / "spawn"), *map(str, words)], check=True, capture_output=True, text=True)
    rows = (line.split() for line in done.stdout.splitlines())
    return {(protocol, int(port)): (int(pid), pathlib.Path(program).name, int(micros)) for port, protocol, pid, program, micros in rows}, done.stderr


def each(processes, flows):
    """The verdict on each process: its flow is the one of its protocol and local port."""
    of = {(flow.protocol, port): flow for flow in flows for port in flow.ports if port < places.LOCAL_PORTS}
    counts, examples = dict.fromkeys((*judge.WORST, "missing"), 0), []
    for key, (pid, program, _) in processes.items():
        flow = of.get(key)
        verdict = judge.owner(flow, Run(program, "", key[1], 0), pid) if flow else "missing"
        counts[verdict] += 1
        if verdict == "wrong" and len(examples) < 10:
            examples.append(f"{key}: {program} {pid} was told as {flow.owner} {flow.pid} ({flow.source})")
    return counts, examples


def lives(processes):
    micros = sorted(micros for _, _, micros in processes.values())
    return {"median_ms": micros[len(micros) // 2] / 1000, "most_ms": micros[-1] / 1000, "at_most_5_ms": sum(value <= 5000 for value in micros)}


def vanishing(options, folder, words, names):
    scenarios.install(folder / "gen", folder, names)
    peer, tool = watched(options, ["udp:21100", "tcp:21100"], folder)
    processes, complaints = spawned([*words, *(folder / name for name in names)], folder)
    counts, wrong = each(processes, tool.flows())
    losses = tool.losses()
    tool.stop()
    peer.stop()
    return {"processes": len(processes), **counts, "examples": wrong, "lives": lives(processes), "losses": losses, "complaints": complaints[:500],
            "goals": [goal("no process is given another's bytes", counts["wrong"] == 0, f"{counts} {wrong}"),
                      goal("every process has its flow", counts["missing"] == 0, str(counts))]}


def brief(options, folder):
    """Processes that live for some milliseconds, each with one exchange."""
    result = vanishing(options, folder, ["brief", options.processes, 30000, places.PEER, 21100], ["nma-brief-a", "nma-brief-b", "nma-brief-c"])
    if options.rung in ("auto", "kernel"):
        result["goals"].append(goal("the kernel rung knows every one", result["right"] == result["processes"], f"{result['right']} of {result['processes']}"))
    return result


def free_pid():
    """A process id that nobody has, far from those that are given out next."""
    last = int(pathlib.Path("/proc/loadavg").read_text().split()[-1])
    most = int(pathlib.Path("/proc/sys/kernel/pid_max").read_text())
    for _ in range(1000):
        pid = random.randrange(500, most)
        if abs(pid - last) > 3000 and not pathlib.Path(f"/proc/{pid}").exists():
            return pid
    raise RuntimeError("no process id is free")


def reuse(options, folder):
    """One process id again and again, under eight executables in turn."""
    return vanishing(options, folder, ["reuse", options.processes, 30000, places.PEER, 21100, free_pid()], [f"nma-reuse-{n}" for n in range(8)])


# ---- a helper that is killed ----

def helper_of(pid):
    """The process id of netmonitor's helper, or None."""
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == pid and b"owners-helper" in (path / "cmdline").read_bytes():
                return int(path.name)
        except OSError:
            continue
    return None


def helper(options, folder):
    """kill -9 of the helper, twice, while traffic runs: counting goes on, and it comes again."""
    steady, later = udp("nma-steady", "udp-connected", 21101, 60_000), Run("nma-later", "tcp-up", 21102, 1 << 20)
    scenarios.install(folder / "gen", folder, [steady.name, later.name])
    truth = places.Truth({run.counter(): run.rules() for run in (steady, later)})
    peer, tool = watched(options, ["udp:21101", "tcp:21102"], folder)
    first = until(lambda: helper_of(tool.child.pid), "there is a helper", 10)
    child = subprocess.Popen(steady.words(folder))
    killed = []
    for _ in range(2):
        time.sleep(1)
        pid = until(lambda: (found := helper_of(tool.child.pid)) not in killed and found, "the helper comes again")
        os.kill(pid, 9)
        killed.append(pid)
    child.wait()
    last = until(lambda: (found := helper_of(tool.child.pid)) not in killed and found, "the helper comes again")
    time.sleep(1)
    pids = scenarios.play([later], folder)
    counted, flows = truth.still(), tool.flows()
    verdicts = [judge.one(run, flows, counted[run.counter()], {**pids, steady.name: child.pid}[run.name], True, False) for run in (steady, later)]
    losses, status = tool.losses(), tool.get("/api/config/daemon/status")
    tool.stop()
    peer.stop()
    return {"helpers": [first, *killed, last], "programs": verdicts, "losses": losses, "owners": status.get("owners"), "goals": [
        goal("what is counted while there is no helper is exact", all(one["error"] == 0 for one in verdicts), str([one["error"] for one in verdicts])),
        goal("no owner is wrong", all(one["owner"] != "wrong" for one in verdicts), str([one["owner"] for one in verdicts])),
        goal("what begins after it came again has its owner", verdicts[1]["owner"] == "right", str(verdicts[1]))]}


# ---- programs that are taken away ----

def hooked(options, folder):
    """The helper's programs are taken away from the kernel while traffic runs: it says so, looks
    sockets up from then on, and counting goes on."""
    steady, later = udp("nma-steady", "udp-connected", 21101, 60_000), Run("nma-later", "tcp-up", 21102, 48 << 20)
    scenarios.install(folder / "gen", folder, [steady.name, later.name])
    truth = places.Truth({run.counter(): run.rules() for run in (steady, later)})
    before = set(hooks.links())
    peer, tool = watched(options, ["udp:21101", "tcp:21102"], folder)
    until(lambda: tool.get("/api/owners").get("rung") == "kernel", "the kernel rung works", 30)
    child = subprocess.Popen(steady.words(folder))
    taken = hooks.take_away(set(hooks.links()) - before)
    until(lambda: tool.get("/api/owners").get("rung") == "sockets", "it steps down", 60)
    pids = scenarios.play([later], folder)
    child.wait()
    counted, flows = truth.still(), tool.flows()
    verdicts = [judge.one(run, flows, counted[run.counter()], {**pids, steady.name: child.pid}[run.name], True, False) for run in (steady, later)]
    status, said = tool.get("/api/owners"), tool.log.read_text()
    tool.stop()
    peer.stop()
    return {"taken": taken, "programs": verdicts, "owners": status, "goals": [
        goal("the bytes are exact", all(one["error"] == 0 for one in verdicts), str([one["error"] for one in verdicts])),
        goal("no owner is wrong", all(one["owner"] != "wrong" for one in verdicts), str([one["owner"] for one in verdicts])),
        goal("what begins after it stepped down has its owner", verdicts[1]["owner"] == "right", str(verdicts[1])),
        goal("it says so", "taken away" in said and "taken away" in str(status["rungs"]), said[-400:])]}


# ---- not root ----

def user(options, folder):
    """An ordinary user with CAP_NET_RAW and nothing else: own processes are known, others' are not
    told wrong."""
    as_user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    runs = [Run("nma-own", "tcp-both", 21103, 4 << 20), udp("nma-own-udp", "udp-bulk", 21104, 2_000), Run("nma-other", "tcp-both", 21105, 4 << 20)]
    scenarios.install(folder / "gen", folder, [run.name for run in runs])
    shutil.copy(options.program, folder / "netmonitor")
    truth = places.Truth({run.counter(): run.rules() for run in runs})
    peer = places.Peer(folder / "peer", ["tcp:21103", "udp:21104", "tcp:21105"])
    tool = Netmonitor(folder / "netmonitor", options.rung, before=[*as_user, "--inh-caps=+net_raw", "--ambient-caps=+net_raw", "--bounding-set=-all,+net_raw"])
    pids = {}
    for run in runs:
        child = subprocess.Popen([*(as_user if "own" in run.name else []), *run.words(folder)])
        if child.wait(60):
            raise RuntimeError(f"{run.name} ended with {child.returncode}")
        pids[run.name] = child.pid
    counted, flows = truth.still(), tool.flows()
    verdicts = [judge.one(run, flows, counted[run.counter()], pids[run.name], True, False) for run in runs]
    said = tool.log.read_text()
    tool.stop()
    peer.stop()
    return {"programs": verdicts, "said": said[-4000:], "goals": [
        goal("the bytes are exact", all(one["error"] == 0 for one in verdicts), str([one["error"] for one in verdicts])),
        goal("own processes are known", all(one["owner"] == "right" for one in verdicts[:2]), str(verdicts[:2])),
        goal("nobody is told wrong", all(one["owner"] != "wrong" for one in verdicts), str(verdicts[2]))]}


PARTS = {"brief": brief, "reuse": reuse, "helper": helper, "hooked": hooked, "user": user}
