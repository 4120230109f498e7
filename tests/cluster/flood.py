"""Offers a partition far more than it can take: `python -m tests.cluster.flood DIR ROWS.npy RATE SECONDS`.

Frames leave at RATE command rows a second whether or not anybody answers. It prints, as JSON, how many rows
it offered, how many frames of which answer code came back, and the shortest time after which to try again.
"""

import json
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import numpy as np

from actors.config_file import load_config
from actors.ray_runtime import ray
from actors.ray_transport import RayTransport
from engine.codec.frames import decode_answers
from engine.rows.commands import COMMAND
from engine.vocabulary import AnswerCode
from tests.cluster.frames import frame_of

FRAME_ROWS = 4_000


class Tally:
    """What came back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.codes: Counter[str] = Counter()
        self.retry_after_ms: list[int] = []

    def hear(self, data: bytes) -> None:
        """Take in an answer frame."""
        header = decode_answers(data).header
        with self._lock:
            self.codes[AnswerCode(header["code"]).name] += 1
            if header["code"] == AnswerCode.OVERLOADED:
                self.retry_after_ms.append(int(header["retry_after_ms"]))


def main(directory: Path, rows: np.ndarray, rate: float, seconds: float) -> None:
    """Flood it, then say what happened."""
    transport = RayTransport(directory, load_config(), time.time_ns)
    submit = transport._actors["p0000"].submit
    frames = [rows[at : at + FRAME_ROWS] for at in range(0, len(rows), FRAME_ROWS)]
    stored = [ray.put(np.frombuffer(frame_of(frame), np.uint8)) for frame in frames]
    tally = Tally()
    offered = turned_away = 0
    began = time.perf_counter()
    while (elapsed := time.perf_counter() - began) < seconds:
        if offered * FRAME_ROWS > rate * elapsed:
            time.sleep(FRAME_ROWS / rate)
            continue
        try:
            future = submit.remote(stored[offered % len(stored)]).future()
            future.add_done_callback(lambda done: tally.hear(done.result()))
        except ray.exceptions.PendingCallsLimitExceeded:
            turned_away += 1
        offered += 1
    transport.close()
    print(
        json.dumps(
            {
                "offered_per_second": offered * FRAME_ROWS / elapsed,
                "turned_away": turned_away,
                "frames": dict(tally.codes),
                "retry_after_ms": min(tally.retry_after_ms, default=0),
            }
        )
    )


if __name__ == "__main__":
    given, file, per_second, duration = sys.argv[1:]
    main(Path(given), np.load(file).view(COMMAND).reshape(-1), float(per_second), float(duration))
