"""All scenarios by name, in the order in which the modules say them."""
import dataclasses
from typing import Callable

SCENARIOS = {}


@dataclasses.dataclass
class Scenario:
    shows: str
    made: str
    make: Callable
    resolver: str | None


def scenario(name, shows, made, resolver=None):
    """Registers `make(place)`, which records and says what is expected."""
    def register(make):
        SCENARIOS[name] = Scenario(shows, made, make, resolver)
        return make
    return register
