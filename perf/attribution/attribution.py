#!/usr/bin/env python3
"""Whose bytes, and how many: 24 kinds of traffic, each judged against the peer's own counters.

usage: attribution.py [--tool netmonitor|bandwhich|nethogs|rustnet] [--rung auto|kernel|sock_diag|none]
                      [--trials N] [--only NAME ...] [--json FILE] [--gate]

Everything happens in network namespaces of its own (`places.py` says which, and what is counted);
needs root. `--rung none` is for a netmonitor that knows no owners. `--gate` ends with 1 unless no owner is
wrong and every byte count is within 1 %.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]
import judge
import places
import scenarios
from common import machine, save, version
from tools import TOOLS

OUT = HERE.parent / "out"


def built(name):
    """A generator, compiled when a source is newer than it."""
    binary = OUT / f"attribution-{name}"
    newest = max(path.stat().st_mtime for path in HERE.glob("*.[ch]"))
    if not binary.exists() or binary.stat().st_mtime < newest:
        OUT.mkdir(exist_ok=True)
        fresh = binary.with_suffix(f".{os.getpid()}")
        subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-O2", "-pthread", "-static", "-o", fresh, HERE / f"{name}.c"], check=True)
        fresh.rename(binary)
    return binary


def programs(folder, names):
    """Every program under its name in one folder, which all users may read."""
    folder.chmod(0o755)
    scenarios.install(built("gen"), folder, names)
    for name in ("peer", "spawn"):
        scenarios.install(built(name), folder, [name])


def trial(options, wanted, folder):
    """All scenarios once, one after the other, seen by one run of the tool."""
    runs = [run for name in wanted for run in scenarios.SCENARIOS[name]]
    peer = places.Peer(folder / "peer", sorted({service for run in runs for service in run.services()}))
    truth = places.Truth({run.counter(): run.rules() for run in runs})
    tool = TOOLS[options.tool](options.program, options.rung)
    pids, took = {}, {}
    for name in wanted:
        began = time.monotonic()
        pids.update(scenarios.play(scenarios.SCENARIOS[name], folder))
        took[name] = round(time.monotonic() - began, 2)
    counted = truth.still()
    flows = tool.flows()
    losses = tool.losses()
    tool.stop()
    peer.stop()
    by_program = getattr(tool, "by_program", False)
    verdict = lambda run: judge.one(run, flows, counted[run.counter()], pids[run.name], tool.strict, by_program)
    return {"scenarios": {name: {**judge.scenario([verdict(run) for run in scenarios.SCENARIOS[name]]), "seconds": took[name]} for name in wanted},
            "losses": losses}


def sums(result):
    """Scenarios that are right in all trials, and what is within 10 % and 1 % in all of them."""
    all = {name: [trial["scenarios"][name] for trial in result["trials"]] for name in result["trials"][0]["scenarios"]}
    every = lambda holds: sum(holds(trials) for trials in all.values())
    return {
        "applicable": len(all), "not_applicable": result["not_applicable"],
        "right": every(lambda trials: all_are(trials, "right")),
        "wrong": every(lambda trials: any(one["owner"] == "wrong" for one in trials)),
        "within_10": every(lambda trials: max(one["error"] for one in trials) <= 0.1),
        "within_1": every(lambda trials: max(one["error"] for one in trials) <= 0.01),
    }


def all_are(trials, verdict):
    return all(one["owner"] == verdict for one in trials)


def page(result):
    facts, total = result["machine"], result["sums"]
    lines = [f"# Attribution: {result['tool']} {result['version']}, rung {result['rung']}", "",
             f"{facts['processor']}, {facts['cores']} cores, {facts['system']}; {len(result['trials'])} trials a scenario, each in IP bytes against "
             "the peer's counters.", "",
             f"**{total['right']} of {total['applicable']} owners right, {total['wrong']} wrong; bytes within 10 %: {total['within_10']}, "
             f"within 1 %: {total['within_1']}.**", "", "| scenario | owner | how known | up, told / real | down, told / real | worst error |",
             "| --- | --- | --- | --- | --- | --- |"]
    for name in result["trials"][0]["scenarios"]:
        trials = [trial["scenarios"][name] for trial in result["trials"]]
        counts = " ".join(f"{word} {number}" for word in judge.WORST if (number := sum(one["owner"] == word for one in trials)))
        last = trials[-1]["programs"]
        way = lambda which: " / ".join(f"{sum(part[which][at] for part in last):,}" for at in (0, 1))
        sources = ", ".join(sorted({source for one in trials for part in one["programs"] for source in part["sources"]}))
        lines.append(f"| {name} | {counts} | {sources} | {way('up')} | {way('down')} | {max(one['error'] for one in trials):.2%} |")
    lines += [f"| {name} | not applicable: {why} | | | | |" for name, why in result["not_applicable"].items()]
    if losses := [trial["losses"] for trial in result["trials"] if trial["losses"]]:
        lines += ["", f"Losses that it told: {losses}"]
    return "\n".join(lines) + "\n"


def default_program(tool):
    if tool == "netmonitor":
        return str(HERE.parent.parent / "target" / "release" / "netmonitor")
    return shutil.which(tool) or str(HERE.parent.parent / "target" / "tools" / "bin" / tool)


def words():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", choices=list(TOOLS), default="netmonitor")
    parser.add_argument("--program", help="the tool's binary")
    parser.add_argument("--rung", choices=["auto", "kernel", "sock_diag", "none"], default="auto")
    parser.add_argument("--trials", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=list(scenarios.SCENARIOS), metavar="NAME")
    parser.add_argument("--json", type=pathlib.Path, help="write the result here and keep nothing under perf/runs")
    parser.add_argument("--gate", action="store_true", help="end with 1 if an owner is wrong or a byte count is not within 1 %%")
    options = parser.parse_args()
    options.program = options.program or default_program(options.tool)
    return options


def main():
    options = words()
    if os.geteuid() != 0:
        sys.exit("attribution.py needs root: it makes network namespaces and captures")
    built("gen"), built("peer"), built("spawn")
    if not os.environ.get(places.INSIDE):
        sys.exit(places.enter(__file__))
    places.settle()
    wanted = options.only or list(scenarios.SCENARIOS)
    absent = {name: why for name in wanted if (why := scenarios.not_applicable(name))}
    wanted = [name for name in wanted if name not in absent]
    with tempfile.TemporaryDirectory(prefix="nma-") as folder:
        folder = pathlib.Path(folder)
        programs(folder, [run.name for name in wanted for run in scenarios.SCENARIOS[name]])
        trials = [trial(options, wanted, folder) for _ in range(options.trials)]
    told = [options.program, "version" if options.tool == "netmonitor" else "-V" if options.tool == "nethogs" else "--version"]
    result = {"kind": "attribution", "tool": options.tool, "version": version(told), "rung": options.rung, "machine": machine(),
              "not_applicable": absent, "trials": trials}
    result["sums"] = sums(result)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")
        print(page(result))
    else:
        save("attribution", result, page(result))
    if options.gate and (result["sums"]["wrong"] or result["sums"]["within_1"] < len(wanted)):
        sys.exit(1)


if __name__ == "__main__":
    main()
