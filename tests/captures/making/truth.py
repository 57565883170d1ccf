"""What a capture must be taken for: a scenario file beside it, out of two sources that know nothing
of netmonitor. Names are what the maker asked its clients for; flows, ports, packets and bytes are
tshark's. Where tshark sees names too, it must see the same ones, or nothing is written.
"""
import collections
import json
import subprocess

FIELDS = ("frame.number frame.len frame.protocols ip.src ip.dst ip.proto ip.id ip.frag_offset ipv6.src ipv6.dst "
          "ipv6.fraghdr.ident ipv6.fraghdr.offset ipv6.fraghdr.nxt tcp.srcport tcp.dstport "
          "udp.srcport udp.dstport").split()
NAMES = {"sni": ["tls.handshake.extensions_server_name", "dtls.handshake.extensions_server_name"],
         "http-host": ["http.host"], "dns": ["dns.qry.name"], "h2-authority": ["http2.headers.authority"]}
NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmp6", "47": "gre", "50": "esp", "51": "ah"}
LAST = "\x1f"


def rows(capture, fields, *options):
    words = ["tshark", "-n", "-r", str(capture), *options, "-T", "fields", "-E", "separator=/t",
             "-E", f"aggregator={LAST}"]
    for field in fields:
        words += ["-e", field]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        cells = line.split("\t") + [""] * len(fields)
        yield {field: cell.split(LAST) if cell else [] for field, cell in zip(fields, cells)}


def layers(row):
    """The layers of a frame, without what an ICMP error quotes."""
    chain = row["frame.protocols"][0].split(":")
    for number, layer in enumerate(chain):
        if layer in ("icmp", "icmpv6"):
            return chain[:number + 1]
    return chain


def innermost(row, firsts):
    """(protocol, sender, receiver) of the innermost IP header; ends are (address, port or None)."""
    chain = layers(row)
    at = max((number for number, layer in enumerate(chain) if layer in ("ip", "ipv6")), default=None)
    if at is None:
        return None
    layer = chain[at]
    index = chain[:at + 1].count(layer) - 1
    source, target = row[f"{layer}.src"][index], row[f"{layer}.dst"][index]
    after = chain[at + 1:]
    fragment = None
    if layer == "ip":
        proto = NUMBERS.get(row["ip.proto"][index], row["ip.proto"][index])
        fragment, later = row["ip.id"][index], int(row["ip.frag_offset"][index]) > 0
    else:
        found = [one for one in after if one in ("tcp", "udp", "icmpv6", "gre", "esp", "ah")]
        proto = {"icmpv6": "icmp6"}.get(found[0], found[0]) if found else None
        later = False
        if row["ipv6.fraghdr.ident"]:
            fragment = row["ipv6.fraghdr.ident"][-1]
            later = int(row["ipv6.fraghdr.offset"][-1]) > 0
            proto = NUMBERS.get(row["ipv6.fraghdr.nxt"][-1], proto)
    ports = (None, None)
    if later:
        ports = firsts.get((source, target, fragment), ports)
    elif proto in ("tcp", "udp"):
        index = chain[:at].count(proto)
        ports = tuple(int(row[f"{proto}.{end}port"][index]) for end in ("src", "dst"))
        firsts[source, target, fragment] = ports
    return proto, (source, ports[0]), (target, ports[1])


def key(flow):
    proto, *ends = flow
    return proto, frozenset(ends)


def flows(capture, extra=()):
    """All flows as tshark has them, by key, in the order of their first frames; and each frame's key."""
    options = ["-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", *extra]
    firsts, found, frames, packets = {}, {}, {}, list(rows(capture, FIELDS, *options))
    for row in packets:  # a later fragment may come before the first
        innermost(row, firsts)
    for row in packets:
        flow = innermost(row, firsts)
        if flow is None:
            continue
        frames[row["frame.number"][0]] = key(flow)
        one = found.setdefault(key(flow), dict(flow=flow, packets=0, bytes=0, layers=set()))
        one["packets"] += 1
        one["bytes"] += int(row["frame.len"][0])
        one["layers"] |= set(layers(row))
    return found, frames


def names(capture, frames, options):
    """Names by flow as tshark has them, with reassembly."""
    fields = ["frame.number", "frame.protocols", *(field for group in NAMES.values() for field in group)]
    found = collections.defaultdict(set)
    for row in rows(capture, fields, "-o", "tcp.reassemble_out_of_order:TRUE", *options):
        at = frames.get(row["frame.number"][0])
        if len(layers(row)) < len(row["frame.protocols"][0].split(":")):
            continue  # what an ICMP error quotes is no word of its flow
        for source, group in NAMES.items():
            name_source = "quic-sni" if source == "sni" and "quic" in layers(row) else source
            for name in (name.lower() for field in group for name in row[field]):
                if source in ("http-host", "h2-authority"):
                    name = name.rsplit(":", 1)[0]
                found[at].add((name_source, name))
    return found


class Disagreement(Exception):
    pass


def bind(place, capture, options=()):
    """Every flow of tshark's with the one expectation that it meets, and the names compared."""
    seen, frames = flows(capture, options)
    named, bound, free = names(capture, frames, options), [], list(place.flows)
    for one_key, one in seen.items():
        proto, client, server = one["flow"]
        met = [want for want in free if meets(want, proto, client, server)]
        if not met:
            raise Disagreement(f"no expectation for {one['flow']} {sorted(one['layers'])}")
        want = met[0]
        want["met"] = True
        if not want.get("many"):
            free.remove(want)
        compare(want, one, named.get(one_key, set()))
        bound.append((want, one))
    unmet = [want for want in place.flows if not want.get("met")]
    if unmet:
        raise Disagreement(f"not in the capture: {unmet}; there: {[one['flow'] for one in seen.values()]}")
    return bound


def meets(want, proto, client, server):
    return (proto == want["proto"] and client[0] == want["client"] and server[0] == want["server"]
            and want["port"] in (None, server[1]))


def compare(want, one, names_there):
    judged = {*NAMES, "quic-sni"}
    asked = {tuple(claim) for claim in want["claims"] if claim[0] in judged}
    allowed = asked | {tuple(claim) for claim in want.get("may_claim", [])}
    if not (asked <= names_there <= allowed):
        raise Disagreement(f"{one['flow']}: asked for {asked}, tshark has {names_there}")
    layer = want.get("layer", want.get("protocol"))
    if layer and layer not in one["layers"]:
        raise Disagreement(f"{one['flow']}: no {layer} in {sorted(one['layers'])}")
    for layer in want.get("tunnel_layers", ()):
        if layer not in one["layers"]:
            raise Disagreement(f"{one['flow']}: no {layer} in {sorted(one['layers'])}")


# -- scenario files -----------------------------------------------------------------------------

def text(value):
    return json.dumps(value, ensure_ascii=False)


def end(end_):
    address, port = end_
    if port is None:
        return text(address)
    return text(f"[{address}]:{port}" if ":" in address else f"{address}:{port}")


def pairs(claims):
    return "[" + ", ".join(f"{{ source = {text(source)}, name = {text(name)} }}" for source, name in claims) + "]"


def scenario(file, shows, made, bound):
    lines = [f"capture = {text(file)}", f"shows = {text(shows)}", f"made = {text(made)}"]
    for want, one in bound:
        proto, client, server = one["flow"]
        lines += ["", "[[flow]]", f"proto = {text(proto)}", f"client = {end(client)}", f"server = {end(server)}",
                  f"packets = {one['packets']}", f"bytes = {one['bytes']}"]
        lines.append(f"claims = {pairs(want['claims'])}")
        if want.get("may_claim"):
            lines.append(f"may_claim = {pairs(want['may_claim'])}")
        if "site" in want:
            source, name = want["site"]
            lines.append(f"site = {{ name = {text(name)}, source = {text(source)} }}")
        for word in ("marks", "encapsulations"):
            if word in want:
                lines.append(f"{word} = {text(want[word])}")
        if "protocol" in want:
            lines.append(f"protocol = {text(want['protocol'])}")
    return "\n".join(lines) + "\n"
