"""The reference log as an actor: decides definitions one frame at a time and hands out their handles."""

import os
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from actors.roles.admission import admit
from actors.roles.partition import FrameTask, Partition, run_frame
from engine.client.transport import REFERENCE
from engine.config import Config
from storage.manifest import read_manifest


class ReferenceActor:
    """The reference data of an engine in a process of its own; definitions are rare, so calls take turns."""

    def __init__(self, directory: str, config: bytes) -> None:
        self._config = msgspec.msgpack.decode(config, type=Config)
        path = Path(directory)
        self._partition = Partition.open(path, read_manifest(path), REFERENCE, self._config, time.time_ns)

    def submit(self, data: bytes | np.ndarray) -> bytes:
        """Decide a frame of definitions; gives its answer frame once they are durable."""
        frame = admit(data, self._config.partition.frame_rows_max, is_reference=True)
        answers: list[bytes] = []
        run_frame(self._partition, FrameTask(frame, answers.append))
        return answers[0]

    def status(self) -> dict[str, Any]:
        """Its pid and how far its log is."""
        return {"pid": os.getpid(), "next_offset": self._partition.log.tip.next_offset}
