"""The dead-letter tray: takes what no rule could take off the hot path, and keeps it when there is time.

Putting something in never waits and never fails; a full tray counts what it had to let fall. `empty` writes.
"""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.vocabulary import AnswerCode, Reason
from storage.dead_letters import DeadLetters
from storage.errors import StorageError
from storage.limits import DEAD_LETTER_BYTES_MAX

LETTERS_DIRECTORY = "dead-letters"
"""One environment for all partitions of an engine, beside their logs."""

TRAY_LETTERS_MAX = 1_000
"""Letters that wait to be written: some 64 MB at their longest, and far more than a study needs."""


class DeadLetterTray:
    """Letters of one partition, on their way to a durable place."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: list[tuple[str, bytes, int]] = []
        self.kept = 0
        self.lost = 0

    def put(self, reason: str, raw: bytes | np.ndarray) -> None:
        """Put in one letter, from any thread: its first bytes, and how many there were."""
        with self._lock:
            if len(self._waiting) < TRAY_LETTERS_MAX:
                self._waiting.append((reason, bytes(raw[:DEAD_LETTER_BYTES_MAX]), len(raw)))
            else:
                self.lost += 1

    def put_invalid(self, commands: np.ndarray, answers: np.ndarray) -> None:
        """Put in the command rows that were answered INVALID, each with its reason."""
        invalid = np.flatnonzero(answers["code"] == AnswerCode.INVALID)
        for at in invalid[:TRAY_LETTERS_MAX]:
            self.put(f"INVALID: {Reason(answers['reason'][at]).name}", commands[at].tobytes())
        self.lost += max(0, len(invalid) - TRAY_LETTERS_MAX)

    def empty(self, directory: Path, letters_max: int, *, allow_volatile: bool = False) -> None:
        """Keep what waits, in one synced write below an engine's directory; what can't be kept is counted."""
        with self._lock:
            letters, self._waiting = self._waiting, []
        if not letters:
            return
        try:
            # Opened for this write only: the trays of all partitions share the place, and letters are rare.
            path = directory / LETTERS_DIRECTORY
            with DeadLetters.open(
                path, writer=True, letters_max=letters_max, allow_volatile=allow_volatile
            ) as place:
                place.append(letters, at_ns=self._clock())
            self.kept += len(letters)
        except (StorageError, OSError):
            # A letter is for study only: trouble with it must not touch the log, so it is counted.
            self.lost += len(letters)
