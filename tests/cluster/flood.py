"""Offers a partition more than it can take: `python -m tests.cluster.flood DIR ROWS.npy THREADS SECONDS`.

A few clients share the threads. Each sends frame after frame, and gives up and goes on after ATTEMPT_S.
It prints, as JSON, how many rows were offered a second, and what became of the frames.
"""

import json
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import numpy as np

from actors.ray_transport import RayTransport
from engine.config import ClientConfig, Config
from engine.errors import OrderfoldError
from engine.rows.commands import COMMAND

FRAME_ROWS = 4_000
CLIENTS = 2
"""Each has 16 frames of 640 KB under way at most, some 40 MiB in the partition with all copies of them."""
IMPATIENT = Config(client=ClientConfig(deadline_ms=400))
ATTEMPT_S = 0.9
"""The longest that a thread waits for an answer: the deadline, and half a second for what is under way."""


class Tally:
    """What became of the frames of all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.outcomes: Counter[str] = Counter()

    def note(self, error: OrderfoldError | None) -> None:
        """One more frame: answered, or what was raised."""
        with self._lock:
            self.outcomes[type(error).__name__ if error else "answered"] += 1


def main(directory: Path, rows: np.ndarray, threads_asked: int, seconds: float) -> None:
    """Flood it, then say what happened."""
    transports = [RayTransport(directory, IMPATIENT, time.time_ns) for _ in range(CLIENTS)]
    tally = Tally()
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_send, args=(transports[number % CLIENTS], rows, until, tally))
        for number in range(threads_asked)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for transport in transports:
        transport.close()
    offered = sum(tally.outcomes.values()) * FRAME_ROWS / seconds
    print(json.dumps({"offered": offered, "frames": dict(tally.outcomes)}))


def _send(transport: RayTransport, rows: np.ndarray, until: float, tally: Tally) -> None:
    at = 0
    while time.monotonic() < until:
        frame = rows[at : at + FRAME_ROWS]
        at = (at + FRAME_ROWS) % len(rows)
        try:
            transport.deliver(0, frame)
            tally.note(None)
        except OrderfoldError as error:
            tally.note(error)


if __name__ == "__main__":
    given, file, count, duration = sys.argv[1:]
    main(Path(given), np.load(file).view(COMMAND).reshape(-1), int(count), float(duration))
