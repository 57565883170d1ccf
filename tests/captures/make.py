#!/usr/bin/env python3
"""Makes the captures beside it again, each with the scenario file that says what must be seen in it.

Real programs talk to each other in network namespaces that are made for it; tcpdump records; tshark
agrees with what was asked for, or nothing is written. Needs root, and what README.md beside it lists.

usage: make.py [--list] [NAME...]        without a name: all
"""
import gzip
import pathlib
import sys
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from making import SCENARIOS, truth  # noqa: E402
from making.place import Place  # noqa: E402

PLAIN = 20_000  # what is larger is kept compressed


def make(name, scenario):
    with Place(resolver=scenario.resolver) as place:
        options = scenario.make(place) or ()
        bound = truth.bind(place, place.capture, options)
        data = place.capture.read_bytes()
    for old in HERE.glob(f"{name}.pcap*"):
        old.unlink()
    ending = "pcapng" if data.startswith(b"\x0a\x0d\x0d\x0a") else "pcap"
    file = f"{name}.{ending}"
    if len(data) > PLAIN:
        file, data = file + ".gz", gzip.compress(data, 9, mtime=0)
    (HERE / file).write_bytes(data)
    (HERE / f"{name}.toml").write_text(truth.scenario(file, scenario.shows, scenario.made, bound))
    print(f"{name}: {len(data)} bytes, {len(bound)} flows")


def main():
    words = sys.argv[1:]
    if words == ["--list"]:
        print(*SCENARIOS, sep="\n")
        return 0
    failed = []
    for name in words or SCENARIOS:
        try:
            make(name, SCENARIOS[name])
        except Exception:  # one that fails does not stop the others
            failed.append(name)
            traceback.print_exc()
    print(f"failed: {' '.join(failed)}" if failed else "all made")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
