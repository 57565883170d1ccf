#!/usr/bin/env python3
"""Makes asn.mmdb and city.mmdb beside itself: databases of documentation and private ranges only.

Needs `mmdb-writer` and `netaddr` from PyPI.
"""

from pathlib import Path

from mmdb_writer import MMDBWriter
from netaddr import IPSet

NETWORKS = {
    "192.0.2.0/24": (64496, "Example Networks"),
    "2001:db8::/32": (64511, "Example Six"),
    # What an unfriendly database may hold: letters that reorder, a line break, and no end.
    "198.51.100.0/24": (4294967295, "Evil\u202e\nCorp " + "x" * 500),
    "10.0.0.0/8": (64512, "Our own"),
}
CITIES = {
    "192.0.2.0/24": ("DE", "Berlin"),
    "2001:db8::/32": ("JP", "Kyoto"),
    "198.51.100.0/24": ("<b", "\u2066Nowhere"),
    "8.8.8.0/24": ("CH", "Zurich"),
    "203.0.113.0/24": (None, None),
}


def write(name: str, kind: str, rows: dict) -> None:
    writer = MMDBWriter(
        ip_version=6,
        ipv4_compatible=True,
        database_type=kind,
        languages=["en"],
        description="Made for tests: documentation ranges",
        int_type="u32",
    )
    for network, record in rows.items():
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(Path(__file__).parent / name))


def network(number: int, holder: str) -> dict:
    return {"autonomous_system_number": number, "autonomous_system_organization": holder}


def city(country: str | None, name: str | None) -> dict:
    if country is None:
        return {"location": {"time_zone": "Etc/UTC"}}
    return {"country": {"iso_code": country}, "city": {"names": {"en": name, "de": "anders"}}}


if __name__ == "__main__":
    write("asn.mmdb", "Test-ASN", {net: network(*row) for net, row in NETWORKS.items()})
    write("city.mmdb", "Test-City", {net: city(*row) for net, row in CITIES.items()})
