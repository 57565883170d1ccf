"""What a tool said against what the peer counted. Knows no tool and starts nothing.

Owner: `right` if at least 99 % of a program's bytes have it as their owner and none has another,
`wrong` if one byte has another, else `unknown`. Of tools that look once a second it is not asked
that they know the first: theirs is right if the larger part of what they counted is. Where the process is told too, it must be the
right one, for short-lived processes by local port. A scenario of several programs has the worst.
Bytes: the larger error of both directions and their sum, as a part of the larger of the two truths;
of loopback, where nobody is outside, the sum's.
"""
import re

WORST = ("right", "unknown", "wrong")


def names(flow, program):
    """Whether a flow's owner is this program: its name, or a path that ends with it."""
    return program in re.split(r"[^\w.-]+", flow.owner)


def owner(flow, run, pids):
    """right, unknown or wrong."""
    if flow.owner is None:
        return "unknown"
    if not names(flow, run.name):
        return "wrong"
    allowed = [pid for port, pid in pids.items() if port in flow.ports] if isinstance(pids, dict) else [pids]
    return "right" if flow.pid is None or flow.pid in allowed else "wrong"


def error(told, truth, kind):
    """The larger error of up, down and both, as a part of the larger direction."""
    pairs = [(sum(told), sum(truth))] if kind == "lo" else [(told[0], truth[0]), (told[1], truth[1]), (sum(told), sum(truth))]
    whole = max(sum(truth) if kind == "lo" else max(truth), 1)
    return max(abs(mine - its) for mine, its in pairs) / whole


def one(run, flows, truth, pids, strict, by_program):
    """The verdict on one program."""
    mine = [flow for flow in flows if (flow.owner and names(flow, run.name) if by_program else run.mine(flow.protocol, flow.ports))]
    bytes_of = {verdict: 0 for verdict in WORST}
    for flow in mine:
        bytes_of[owner(flow, run, pids)] += flow.up + flow.down
    told, real = (sum(flow.up for flow in mine), sum(flow.down for flow in mine)), (truth["up"]["bytes"], truth["down"]["bytes"])
    enough = 0.99 * sum(real) if strict else 0.5 * sum(told)
    verdict = "wrong" if bytes_of["wrong"] else "right" if bytes_of["right"] >= max(enough, 1) else "unknown"
    return {"program": run.name, "owner": verdict, "bytes": bytes_of, "flows": len(mine), "up": [told[0], real[0]], "down": [told[1], real[1]],
            "error": error(told, real, run.kind), "sources": sorted({flow.source for flow in mine if flow.source}),
            "others": sorted({flow.owner for flow in mine if owner(flow, run, pids) == "wrong"})}


def scenario(parts):
    """The verdict on a scenario: of several programs the worst."""
    return {"owner": max((part["owner"] for part in parts), key=WORST.index), "error": max(part["error"] for part in parts), "programs": parts}
