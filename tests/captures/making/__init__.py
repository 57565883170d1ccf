"""What `make.py` makes captures with; each module says what it owns."""
from .registry import SCENARIOS
from . import (tls, pieces, mail, web, dns, quic, other, tunnels, switch,  # noqa: F401 - each adds its scenarios
               fragments, links, browser)

__all__ = ["SCENARIOS"]
