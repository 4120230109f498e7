"""What was acknowledged: every command that has its answer, and where its event is said to be."""

import threading
from dataclasses import dataclass

import numpy as np

from engine.client.command_rows import picked
from engine.rows.commands import COMMAND
from engine.rows.layout import joined


@dataclass(frozen=True, eq=False)
class Acked:
    """Acknowledged commands: COMMAND rows, the offsets of their events (int64), and seconds into the demo."""

    commands: np.ndarray
    offsets: np.ndarray
    at_s: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets)

    def where(self, is_wanted: np.ndarray) -> "Acked":
        """Those that a boolean a command names."""
        return Acked(picked(self.commands, is_wanted), self.offsets[is_wanted], self.at_s[is_wanted])

    def last(self, count: int) -> "Acked":
        """The last so many."""
        start = max(len(self) - count, 0)
        return Acked(self.commands[start:], self.offsets[start:], self.at_s[start:])

    def joined(self, later: "Acked") -> "Acked":
        """These and those."""
        return Acked(
            joined([self.commands, later.commands]),
            np.concatenate([self.offsets, later.offsets]),
            np.concatenate([self.at_s, later.at_s]),
        )


class AckedSet:
    """Grows with every answered frame, from any thread; frames are kept as they came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frames: list[tuple[np.ndarray, np.ndarray, float]] = []
        self._count = 0

    def add(self, commands: np.ndarray, offsets: np.ndarray, at_s: float) -> None:
        """Take in one frame whose answers are here."""
        with self._lock:
            self._frames.append((commands, offsets, at_s))
            self._count += len(commands)

    def __len__(self) -> int:
        return self._count

    def all(self) -> Acked:
        """Every command acknowledged so far, in the order in which the frames were answered."""
        with self._lock:
            frames = list(self._frames)
        if not frames:
            return Acked(np.zeros(0, COMMAND), np.zeros(0, np.int64), np.zeros(0))
        return Acked(
            joined([commands for commands, _, _ in frames]),
            np.concatenate([offsets for _, offsets, _ in frames]),
            np.repeat([at_s for _, _, at_s in frames], [len(offsets) for _, offsets, _ in frames]),
        )
