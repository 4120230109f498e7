"""The whole engine in this process: the same roles, called one after the other, no threads.

For tests, replays and tools. Every frame is durable before `deliver` returns, and the projectors have folded it.
"""

import threading
import time
import uuid
from pathlib import Path

import numpy as np

from actors.config_file import load_config
from actors.roles.admission import admit
from actors.roles.engine_files import open_manifest
from actors.roles.partition import Clock, FrameTask, Partition, run_frame
from actors.roles.reference_follower import follow_reference
from engine.client.session import Session
from engine.client.transport import REFERENCE
from engine.codec.frames import decode_answers
from engine.config import Config
from engine.rows.answers import ANSWER
from engine.rows.layout import joined


def connect(target: str, *, config: Config | None = None, clock: Clock | None = None) -> "LocalTransport":
    """Open (or make) the engine in directory `target` in this process; `clock` gives UTC nanoseconds."""
    return LocalTransport(Path(target), config or load_config(), clock or time.time_ns)


class LocalTransport:
    """An engine in this process; `close` gives its directory back."""

    def __init__(
        self, directory: Path, config: Config, clock: Clock, *, allow_volatile: bool = False
    ) -> None:
        self.config = config
        self._clock = clock
        self._turn = threading.RLock()
        manifest = open_manifest(directory, config.engine.partitions, lambda: uuid.uuid4().bytes)
        self.slots = np.array(manifest.slots, np.int64)
        numbers = [REFERENCE, *range(manifest.partitions)]
        self.partitions = {
            number: Partition.open(directory, manifest, number, config, clock, allow_volatile=allow_volatile)
            for number in numbers
        }
        self._sessions = {number: Session(self.new_id(), number) for number in numbers}
        self._copy_reference()

    def deliver(self, partition: int, commands: np.ndarray) -> tuple[np.ndarray, int]:
        """Decide, commit and answer command rows now: one ANSWER row a command, and the next offset."""
        with self._turn:
            rows_max = self.config.partition.frame_rows_max
            parts = [
                self._deliver_frame(partition, commands[start : start + rows_max])
                for start in range(0, len(commands), rows_max)
            ]
            if partition == REFERENCE:
                self._copy_reference()
            answers = joined(parts) if parts else np.zeros(0, ANSWER)
            return answers, self.partitions[partition].log.tip.next_offset

    def _deliver_frame(self, partition: int, commands: np.ndarray) -> np.ndarray:
        session = self._sessions[partition]
        number = session.put(commands)
        frame = admit(session.frame(number), len(commands), is_reference=partition == REFERENCE)
        replies: list[bytes] = []
        run_frame(self.partitions[partition], FrameTask(frame, replies.append))
        session.settle(number)
        return decode_answers(replies[0]).answers

    def _copy_reference(self) -> None:
        """Bring what is new in the reference log into every partition."""
        reference = self.partitions[REFERENCE].log
        for number, partition in self.partitions.items():
            while number != REFERENCE and partition.kernel.reference_next < reference.tip.next_offset:
                batch = partition.begin()
                follow_reference(partition, reference, batch)
                partition.commit(batch)
                partition.release(batch)

    async def deliver_async(self, partition: int, commands: np.ndarray) -> tuple[np.ndarray, int]:
        """The same as `deliver`; it does not give way meanwhile, since the engine runs right here."""
        return self.deliver(partition, commands)

    def declare(self, principal: int) -> None:
        """Say which principal sends from now on."""
        for session in self._sessions.values():
            session.principal = principal

    def new_id(self) -> tuple[int, int]:
        """A fresh random 128-bit id, as two words."""
        fresh = uuid.uuid4().int
        return fresh >> 64, fresh & (2**64 - 1)

    def now_ns(self) -> int:
        """The engine's time, UTC nanoseconds."""
        return self._clock()

    def close(self) -> None:
        """Close every log."""
        for partition in self.partitions.values():
            partition.log.close()
