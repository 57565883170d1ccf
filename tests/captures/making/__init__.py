"""What `make.py` makes captures with; each module says what it owns."""
from .registry import SCENARIOS
from . import tls, mail, web, dns, quic, other, tunnels, links, browser  # each adds its scenarios

__all__ = ["SCENARIOS"]
