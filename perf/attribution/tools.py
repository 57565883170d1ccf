"""The programs that are judged, each started, read and ended in its own way, all giving flows.

netmonitor  every connection with its counts, its application and process, by its API
bandwhich   `--raw`: a line a connection and second with a rate; the rates are added up
nethogs     `-t -v 2 -C`: a line a process and second with its sums; it tells no connections
rustnet     `--headless --output jsonl`: a line a snapshot with every connection's sums, frames with
            their Ethernet header; the last of each is taken
"""
import dataclasses
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

from places import WATCHED

PORT, ETHERNET = 7500, 14


@dataclasses.dataclass
class Flow:
    """Bytes of IP, out and in as the watched host sees it; `owner` is None where none is told."""

    protocol: str
    ports: set
    up: int
    down: int
    owner: str | None
    pid: int | None = None
    source: str = ""


def until(holds, what, patience=60):
    limit = time.monotonic() + patience
    while not (held := holds()):
        if time.monotonic() > limit:
            sys.exit(f"waited {patience} s in vain until {what}")
        time.sleep(0.05)
    return held


class Netmonitor:
    """`netmonitor run` on the host's end and on loopback, with a data folder of its own."""

    name, strict = "netmonitor", True

    def __init__(self, program, rung="auto", before=(), interfaces=(WATCHED, "lo"), more=""):
        """`before`: the words of a program that becomes it. `rung`: auto, kernel, sock_diag, or none
        for a netmonitor that knows no owners."""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="netmonitor-attribution-"))
        self.folder.chmod(0o777)
        self.program, self.log = program, self.folder / "log"
        config = self.folder / "netmonitor.toml"
        kernel = {"sock_diag": "off"}.get(rung, "auto")
        config.write_text(more or ("" if rung == "none" else f'[owners]\nkernel = "{kernel}"\n'))
        self.command = [*before, program, "run", "--data-dir", self.folder / "data", "--config", config, "--port", str(PORT)]
        for interface in interfaces:
            self.command += ["--interface", interface]
        self.child = None
        self.start()

    def start(self):
        self.child = subprocess.Popen([str(word) for word in self.command], stdout=subprocess.DEVNULL, stderr=self.log.open("a"))
        until(lambda: self.get("/health"), "netmonitor answers")
        self.token = (self.folder / "data" / "token").read_text().strip()
        until(lambda: self.committed() > 0, "netmonitor has cut a second")

    def get(self, path):
        headers = {"Authorization": f"Bearer {self.token}"} if hasattr(self, "token") else {}
        try:
            with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", headers=headers), timeout=20) as reply:
                return json.load(reply)
        except OSError as error:
            if self.child.poll() is not None:
                sys.exit(f"netmonitor ended with {self.child.returncode}:\n{self.log.read_text()}")
            if hasattr(error, "code"):
                sys.exit(f"{path}: {error}: {error.read().decode()}")
            return {}

    def committed(self):
        """The last second that is in the history."""
        import datetime
        text = self.get("/health").get("committed_through")
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() if text else 0

    def connections(self):
        cursor, items = "", []
        while cursor is not None:
            page = self.get(f"/api/connections?interface={WATCHED}&interface=lo&limit=1000" + (f"&cursor={cursor}" if cursor else ""))
            items += page["items"]
            cursor = page["next"]
        return items

    def flows(self):
        """When the history has what has been sent until now, and late owners had their chance."""
        now = int(time.time())
        until(lambda: self.committed() > now, "netmonitor has written what was sent")
        time.sleep(1.5)
        return [flow_of(item) for item in self.connections()]

    def losses(self):
        """Packets that it says it missed."""
        loss = self.get(f"/api/stats?interface={WATCHED}&interface=lo")["loss"]
        return {key: value for key, value in loss.items() if value}

    def stop(self):
        self.child.terminate()
        if self.child.wait(60) != 0:
            sys.exit(f"netmonitor ended with {self.child.returncode}:\n{self.log.read_text()}")
        shutil.rmtree(self.folder)


def flow_of(item):
    application, process = item["application"], item.get("process") or {}
    told = " ".join(str(word) for word in (application, item.get("application_path"), process.get("via")) if word)
    unknown = application == "unknown" and item["owner_source"] == "unknown"
    return Flow(item["protocol"], {item["local"]["port"], item["remote"]["port"]} - {None},
                item["bytes_out"] - ETHERNET * item["packets_out"], item["bytes_in"] - ETHERNET * item["packets_in"],
                None if unknown else told, process.get("pid"), item["owner_source"])


class Printing:
    """A tool that prints what it sees for as long as it runs."""

    strict = False

    def __init__(self, *command):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="netmonitor-attribution-"))
        self.out = self.folder / "out"
        self.child = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=self.out.open("w"),
                                      stderr=subprocess.DEVNULL, cwd=self.folder)
        time.sleep(3)
        if self.child.poll() is not None:
            sys.exit(f"{command[0]} ended with {self.child.returncode}")

    def losses(self):
        return {}

    def text(self):
        """What it said until a while after the traffic, and it is over."""
        time.sleep(3)
        self.child.terminate()
        self.child.wait(10)
        return self.out.read_text(errors="replace")

    def stop(self):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        shutil.rmtree(self.folder)


class Bandwhich(Printing):
    name = "bandwhich"
    LINE = re.compile(r'^connection: <\d+> <(?P<interface>\S+)>:(?P<local>\d+) => .*:(?P<remote>\d+) \((?P<protocol>\w+)\) '
                      r'up/down Bps: (?P<up>\d+)/(?P<down>\d+) process: "(?P<owner>.*)"$')

    def __init__(self, program, _rung=""):
        super().__init__(program, "--raw", "--no-resolve", "--show-dns")

    def flows(self):
        found = filter(None, map(self.LINE.match, self.text().splitlines()))
        return [Flow(one["protocol"], {int(one["local"]), int(one["remote"])}, int(one["up"]), int(one["down"]),
                     None if one["owner"] in ("", "<UNKNOWN>") else one["owner"]) for one in found]


class Nethogs(Printing):
    """Rows are of processes: a scenario's bytes are those of its program."""

    name, by_program = "nethogs", True

    def __init__(self, program, _rung=""):
        super().__init__(program, "-t", "-v", "2", "-d", "1", "-C", "-a")

    def flows(self):
        rows = {}
        for line in self.text().splitlines():
            if found := re.match(r"^(.+)/(\d+)/\d+\t(\d+(?:\.\d+)?)\t(\d+(?:\.\d+)?)$", line):
                rows[found[1], int(found[2])] = int(float(found[3])), int(float(found[4]))
        return [Flow("", set(), up, down, None if name.startswith("unknown") else name, pid or None) for (name, pid), (up, down) in rows.items()]


class Rustnet(Printing):
    """Its snapshots hold a connection's sums; of each connection the largest are taken."""

    name = "rustnet"

    def __init__(self, program, _rung=""):
        super().__init__(program, "--headless", "--output", "jsonl", "--show-localhost", "--no-uid-drop", "--no-sandbox", "-i", WATCHED)

    def flows(self):
        last = {}
        for line in self.text().splitlines():
            for one in json.loads(line).get("connections", []) if line.endswith("}") else []:
                last[one["id"]] = one
        return [snapshot(one) for one in last.values()]


def snapshot(one):
    process, traffic = one["process"] or {}, one["traffic"]
    return Flow(one["protocol"].lower(), {one["local"]["port"], one["remote"]["port"]}, traffic["bytes_sent"] - ETHERNET * traffic["packets_sent"],
                traffic["bytes_received"] - ETHERNET * traffic["packets_received"], process.get("name"), process.get("pid"))


TOOLS = {tool.name: tool for tool in (Netmonitor, Bandwhich, Nethogs, Rustnet)}
