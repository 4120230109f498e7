"""One thing that happens in a simulated world."""

from collections.abc import Callable
from typing import NamedTuple


class Move(NamedTuple):
    """A line for the trace, and what happens."""

    text: str
    happens: Callable[[], object]
