"""Finds the event at which something changes, by folding ever shorter parts of a log again."""

from collections.abc import Callable

import numpy as np

SAMPLES = 64
"""Positions looked at in one fold: four folds find one event of ten million."""

FlagsAt = Callable[[list[int]], np.ndarray]
"""Folds to each of these positions, ascending: which of some things are there, bool (positions, things)."""


def first_with(low: int, high: int, flags_at: FlagsAt) -> int:
    """The first position with any of the things; none is there at `low`, one is at `high`.

    Where they come and go, it is a position at which one comes.
    """
    while high - low > 1:
        positions = _between(low, high)
        is_there = flags_at(positions).any(axis=1)
        at = int(np.argmax(np.append(is_there, True)))
        low, high = _narrowed(low, positions, high, at)
    return high


def first_arrival(low: int, high: int, things: int, flags_at: FlagsAt) -> int:
    """The position at which the first of the things comes to stay; all of them are there at `high`.

    A thing comes to stay at its last arrival, as far as the positions looked at show it.
    """
    watched = np.arange(things)
    while high - low > 1:
        positions = _between(low, high)
        is_away = ~flags_at(positions)[:, watched]
        last_away = len(positions) - np.argmax(is_away[::-1], axis=0)
        arrivals = np.where(is_away.any(axis=0), last_away, 0)
        at = int(arrivals.min())
        # Those that come later may look, from here to there, as if they had never been away.
        watched = watched[arrivals == at]
        low, high = _narrowed(low, positions, high, at)
    return high


def _between(low: int, high: int) -> list[int]:
    """Some positions between two, evenly spread."""
    step = -(-(high - low) // SAMPLES)
    return list(range(low + step, high, step))


def _narrowed(low: int, positions: list[int], high: int, at: int) -> tuple[int, int]:
    """The part of the way number `at`: they lead from `low` over the positions to `high`."""
    ends = [low, *positions, high]
    return ends[at], ends[at + 1]
