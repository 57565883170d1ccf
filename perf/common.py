"""What the harnesses share: the machine, a measured run of a program, figures over rounds.

Knows no tool and no gate. Standard library only.
"""
import datetime
import json
import os
import pathlib
import platform
import re
import signal
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
OUT = pathlib.Path(os.environ.get("NETMONITOR_PERF_OUT") or HERE / "out")
BUSY = 0.7


def tool(name):
    """A tool of perf/gen, compiled when its source is newer than its binary."""
    source, binary = HERE / "gen" / f"{name}.c", OUT / name
    newest = max(source.stat().st_mtime, (HERE / "gen" / "frame.h").stat().st_mtime)
    if not binary.exists() or binary.stat().st_mtime < newest:
        OUT.mkdir(exist_ok=True)
        subprocess.run(["cc", "-std=c11", "-O2", "-o", binary, source], check=True)
    return str(binary)


def corpus():
    """The folder of public captures, or None where it is absent."""
    folder = pathlib.Path(os.environ.get("NETMONITOR_CORPUS") or HERE.parent.parent / "shared" / "corpus")
    return folder if folder.is_dir() else None


def machine():
    """What a figure must be read with: processor, cores, memory, kernel."""
    text = pathlib.Path("/proc/cpuinfo").read_text() if os.path.exists("/proc/cpuinfo") else ""
    model = re.search(r"model name\s*: (.*)", text)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": model[1].strip() if model else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
    }


def version(command, pattern=r"(\d+\.\d+[\w.]*)"):
    """The first version number that a program says of itself."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(pattern, done.stdout + done.stderr)
    return found[1] if found else "unknown"


def load():
    return os.getloadavg()[0]


def quiet(anyway, limit=BUSY, patience=0):
    """Waits for a quiet machine; without one, warns where that is allowed, else ends."""
    until = time.monotonic() + patience
    while load() > limit and time.monotonic() < until:
        time.sleep(5)
    if load() <= limit:
        return True
    message = f"the machine is busy: load {load():.2f} > {limit}"
    if not anyway:
        sys.exit(f"{message}. Wait, raise --load, or measure all the same with --anyway.")
    print(f"warning: {message}; these figures are marked as busy", file=sys.stderr)
    return False


def measured(command, output, patience=600):
    """Runs a program to its end: user + system time by wait4, wall time, peak resident memory."""
    with open(output, "wb") as sink:
        began = time.monotonic()
        child = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=sink, stderr=sink)
        peak = Peak(child.pid)
        guard = threading.Timer(patience, child.kill)
        guard.start()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - began
        guard.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
    return {
        "status": child.returncode,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "user_s": usage.ru_utime,
        "system_s": usage.ru_stime,
        "wall_s": wall,
        "peak_kib": peak.stop(),
    }


class Peak:
    """The high-water mark of a program's resident memory. Read while it runs: what wait4 gives for
    a small program is the memory of the one that forked it."""

    def __init__(self, pid):
        self.path, self.kib, self.over = f"/proc/{pid}/status", 0, threading.Event()
        self.thread = threading.Thread(target=self.watch, name="peak", daemon=True)
        self.thread.start()

    def watch(self):
        while not self.over.wait(0.02):
            self.kib = max(self.kib, field(self.path, "VmHWM"))

    def stop(self):
        self.over.set()
        self.thread.join()
        return self.kib


def field(path, name):
    """A number of a /proc file of `Name: number` lines; 0 where there is none."""
    try:
        found = re.search(rf"^{name}:\s*(\d+)", pathlib.Path(path).read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def spread(values):
    """Median with least and most."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def between(figure, digits=2):
    return f"{figure['median']:.{digits}f} ({figure['min']:.{digits}f}-{figure['max']:.{digits}f})"


def save(kind, result, page):
    """Keeps a run under perf/runs/<date>-<machine>/ as JSON and as a page."""
    facts = result["machine"]
    name = re.sub(r"[^a-z0-9]+", "-", f"{facts['processor']}-{facts['cores']}-cores".lower()).strip("-")
    now = datetime.datetime.now(datetime.timezone.utc)
    folder = HERE / "runs" / f"{now:%Y-%m-%d}-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / f"{kind}-{now:%H%M%S}"
    stem.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
    stem.with_suffix(".md").write_text(page)
    print(page)
    print(f"kept in {stem.relative_to(HERE.parent)}.json and .md")


def judge(checks, gate):
    """Prints each goal with its verdict; ends with status 1 if one is missed and gates are on."""
    missed = [check for check in checks if not check["met"]]
    for check in checks:
        print(f"{'met   ' if check['met'] else 'MISSED'}  {check['goal']}: {check['said']}")
    if gate and missed:
        sys.exit(1)


def end(child, patience=30, how=signal.SIGTERM):
    """Asks a program to end; after too long it is killed and that is said."""
    child.send_signal(how)
    try:
        return child.wait(patience)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        return "hung"
