"""How a partition comes by its state: from which snapshot, what it folds behind that, how far it is."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from actors.roles.closed_archive import ClosedArchive
from engine.limits import NS_PER_SECOND


class Recovery(NamedTuple):
    """What a recovery has done.

    Attributes:
        begun_at: the first event that was folded; 0 without a snapshot.
        events: how many were folded.
        elapsed_ns: time that all of it took, ns.
        told: why snapshots were not taken, a sentence each.
    """

    begun_at: int = 0
    events: int = 0
    elapsed_ns: int = 0
    told: tuple[str, ...] = ()

    def status(self) -> dict[str, Any]:
        """The same, as a partition's status says it."""
        return {
            "recovered_from": self.begun_at,
            "recovered_events": self.events,
            "recovered_s": self.elapsed_ns / NS_PER_SECOND,
            "recovery_told": list(self.told),
        }


class Progress:
    """How far a recovery is. One thread notes it, any may ask: offsets are written one by one, never back."""

    def __init__(self) -> None:
        self._begun_at = self._reached = self._end = 0
        self._began_ns = 0

    def begin(self, begun_at: int, end: int, now_ns: int) -> None:
        """Note that the events from `begun_at` up to `end` are to be folded."""
        self._begun_at = self._reached = begun_at
        self._end = end
        self._began_ns = now_ns

    def reach(self, offset: int) -> None:
        """Note that all events before `offset` are folded."""
        self._reached = offset

    def remaining_s(self, now_ns: int) -> float:
        """How long the rest takes if it goes on as it went, s; 0 as long as nobody can tell."""
        folded = self._reached - self._begun_at
        if folded <= 0:
            return 0.0
        return (now_ns - self._began_ns) / NS_PER_SECOND / folded * (self._end - self._reached)

    def status(self, now_ns: int) -> dict[str, Any]:
        """The same, as a partition's status says it while it is not ready."""
        return {
            "recovery_offset": self._reached,
            "recovery_end": self._end,
            "recovery_remaining_s": self.remaining_s(now_ns),
        }


def folding(status: Mapping[str, Any]) -> str:
    """What such a status tells a person."""
    reached, end = status["recovery_offset"], status["recovery_end"]
    return f"folding its log: {reached:,} of {end:,} events, some {status['recovery_remaining_s']:.0f} s left"


def lack_of_archive(archive: ClosedArchive, firm: np.void) -> str | None:
    """What of the closed orders a fold from a state with this firm row would not keep again; None if nothing.

    A fold keeps what leaves memory on its way, so what left before its beginning must be on disk already.
    """
    kept, left = archive.next_offset, int(firm["retired_next"])
    if kept >= left:
        return None
    return (
        f"orders left memory up to offset {left}, the archive has those before {kept}: a fold keeps them anew"
    )
