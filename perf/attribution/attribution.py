#!/usr/bin/env python3
"""Whose bytes, and how many: 24 kinds of traffic, each judged against the peer's own counters.

usage: attribution.py [scenarios | brief | reuse | helper | hooked | user] [--tool netmonitor|bandwhich|nethogs|rustnet] [--rung auto|kernel|sock_diag|none]
                      [--trials N] [--scale F]
                      [--only NAME ...] [--processes N] [--json FILE] [--gate]

Everything happens in network namespaces of its own (`places.py` says which, and what is counted);
needs root. The other parts are netmonitor's alone: `parts.py` says what they are. `--rung none` is for a netmonitor that knows no owners. `--gate` ends with 1
unless no owner is wrong and every byte count is within 1 %, or unless a part meets its goals.
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
import parts
import places
import scenarios
from common import judge as decide
from common import OUT, machine, save, version
from tools import TOOLS



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
    for name in ("gen", "peer", "spawn"):
        scenarios.install(built(name), folder, [name])


def trial(options, wanted, folder):
    """All scenarios once, one after the other, seen by one run of the tool."""
    played = {name: [run.scaled(options.scale) for run in scenarios.SCENARIOS[name]] for name in wanted}
    runs = [run for name in wanted for run in played[name]]
    peer = places.Peer(folder / "peer", sorted({service for run in runs for service in run.services()}))
    truth = places.Truth({run.counter(): run.rules() for run in runs})
    tool = TOOLS[options.tool](options.program, options.rung)
    pids, took = {}, {}
    for name in wanted:
        began = time.monotonic()
        pids.update(scenarios.play(played[name], folder))
        took[name] = round(time.monotonic() - began, 2)
    counted = truth.still()
    flows = tool.flows()
    losses = tool.losses()
    tool.stop()
    peer.stop()
    by_program = getattr(tool, "by_program", False)
    verdict = lambda run: judge.one(run, flows, counted[run.counter()], pids[run.name], tool.strict, by_program)
    return {"scenarios": {name: {**judge.scenario([verdict(run) for run in played[name]]), "seconds": took[name]} for name in wanted},
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
    parser.add_argument("part", nargs="?", choices=["scenarios", *parts.PARTS], default="scenarios")
    parser.add_argument("--tool", choices=list(TOOLS), default="netmonitor")
    parser.add_argument("--program", help="the tool's binary")
    parser.add_argument("--rung", choices=["auto", "kernel", "sock_diag", "none"], default="auto")
    parser.add_argument("--trials", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1, help="so much more traffic of each scenario, and so much longer")
    parser.add_argument("--processes", type=int, default=1000, help="how many `brief` and `reuse` start")
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
    with tempfile.TemporaryDirectory(prefix="nma-") as folder:
        run_part(options, pathlib.Path(folder))


def run_part(options, folder):
    """One part, kept and judged."""
    result = {"kind": "attribution", "part": options.part, "tool": options.tool, "version": version(told(options)), "rung": options.rung, "machine": machine()}
    if options.part == "scenarios":
        result.update(all_trials(options, folder))
    else:
        programs(folder, [])
        result.update(parts.PARTS[options.part](options, folder))
    text = page(result) if options.part == "scenarios" else part_page(result)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")
        print(text)
    else:
        save("attribution", result, text)
    decide(result["goals"], options.gate)


def told(options):
    return [options.program, {"netmonitor": "version", "nethogs": "-V"}.get(options.tool, "--version")]


def all_trials(options, folder):
    wanted = options.only or list(scenarios.SCENARIOS)
    absent = {name: why for name in wanted if (why := scenarios.not_applicable(name))}
    wanted = [name for name in wanted if name not in absent]
    programs(folder, [run.name for name in wanted for run in scenarios.SCENARIOS[name]])
    result = {"not_applicable": absent, "trials": [trial(options, wanted, folder) for _ in range(options.trials)]}
    total = result["sums"] = sums(result)
    result["goals"] = [parts.goal("no owner is wrong", total["wrong"] == 0, f"{total['wrong']} scenarios"),
                       parts.goal("every byte count is within 1 %", total["within_1"] == len(wanted), f"{total['within_1']} of {len(wanted)}")]
    return result


def part_page(result):
    facts = result["machine"]
    lines = [f"# Attribution, {result['part']}: {result['tool']} {result['version']}, rung {result['rung']}", "",
             f"{facts['processor']}, {facts['cores']} cores, {facts['system']}.", ""]
    shown = {key: value for key, value in result.items() if key not in ("kind", "part", "tool", "version", "rung", "machine", "goals", "programs", "said")}
    lines += [f"- {key}: {value}" for key, value in shown.items()]
    lines += [f"- {one['program']}: owner {one['owner']} ({', '.join(one['sources'])}), error {one['error']:.2%}" for one in result.get("programs", [])]
    lines += [f"- {'met' if one['met'] else '**missed**'}: {one['goal']}" for one in result["goals"]]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
