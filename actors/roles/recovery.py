"""How a partition came by its state: which snapshot it began from, and what it folded behind that."""

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
