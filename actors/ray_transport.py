"""The Ray transport: frames as actor calls, the same bytes again after any unclear outcome."""

import asyncio
import threading
import time
import uuid
from collections import deque
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from actors.config_file import load_config
from actors.engine_host import HOST_FILE, HostRecord
from actors.ray_cluster import join_ray, leave_ray
from actors.ray_runtime import ray
from actors.roles.partition import Clock
from engine.client.session import Session
from engine.client.transport import REFERENCE
from engine.codec.frames import AnswerFrame, decode_answers
from engine.config import Config
from engine.errors import OutcomeUnknown, Unavailable
from engine.rows.answers import ANSWER
from engine.rows.layout import joined
from engine.vocabulary import AnswerCode
from storage.manifest import read_manifest

INLINE_BYTES_MAX = 96_000
"""Larger frames go through shared memory as an array; Ray inlines arguments up to 100 KB."""

RETRY_AFTER_S = 0.1
"""Pause before a call to an actor that is being restarted is tried again."""


def connect(target: str, *, config: Config | None = None, clock: Clock | None = None) -> "RayTransport":
    """Join the running engine of directory `target`; Unavailable if there is none."""
    directory = Path(target)
    settings = config or load_config()
    if not ray.is_initialized():
        try:
            record = msgspec.json.decode((directory / HOST_FILE).read_bytes(), type=HostRecord)
        except FileNotFoundError as error:
            raise Unavailable(f"no engine runs in {directory}: orderfold start {directory}") from error
        join_ray(directory, record.address, settings)
    return RayTransport(directory, settings, clock or time.time_ns)


class RayTransport:
    """A client's way to the actors of one engine."""

    def __init__(self, directory: Path, config: Config, clock: Clock) -> None:
        manifest = read_manifest(directory)
        self.config = config
        self.slots = np.array(manifest.slots, np.int64)
        self._clock = clock
        self._sending = threading.Lock()
        self._actors = {n: ray.get_actor(f"p{n:04d}") for n in range(manifest.partitions)}
        self._actors[REFERENCE] = ray.get_actor("reference")
        self._sessions = {number: Session(self.new_id(), number) for number in self._actors}

    def declare(self, principal: int) -> None:
        """Say which principal sends from now on."""
        for session in self._sessions.values():
            session.principal = principal

    def deliver(self, partition: int, commands: np.ndarray) -> tuple[np.ndarray, int]:
        """Send command rows as frames, several under way at once, and wait for every answer."""
        deadline = time.monotonic() + self.config.client.deadline_ms / 1000
        rows_max = self.config.client.frame_rows_max
        starts = deque(range(0, len(commands), rows_max))
        under_way: deque[tuple[int, Any]] = deque()
        answers: list[np.ndarray] = []
        tip = -1
        while starts or under_way:
            while starts and len(under_way) < self.config.client.window_frames:
                start = starts.popleft()
                under_way.append(self._send_first(partition, commands[start : start + rows_max]))
            frame = self._settle(partition, *under_way.popleft(), deadline)
            answers.append(frame.answers)
            tip = max(tip, int(frame.header["tip"]))
        if partition == REFERENCE:
            self._follow()
        return (joined(answers) if answers else np.zeros(0, ANSWER)), tip

    def _send_first(self, partition: int, commands: np.ndarray) -> tuple[int, Any]:
        """Number a frame, keep it in the outbox, and send it: (its number, the reply to wait for)."""
        with self._sending:
            number = self._sessions[partition].put(commands)
            return number, self._send(partition, number)

    def _send(self, partition: int, number: int) -> Any:
        frame = self._sessions[partition].frame(number)
        payload = frame.tobytes() if frame.nbytes <= INLINE_BYTES_MAX else frame
        return self._actors[partition].submit.remote(payload)

    def _settle(self, partition: int, number: int, reply: Any, deadline: float) -> AnswerFrame:
        """Wait for a frame's answer, sending it again after any unclear outcome, until the deadline."""
        session = self._sessions[partition]
        while True:
            frame, pause_s = self._answer(reply, deadline)
            if frame is not None and frame.header["code"] == AnswerCode.ACCEPTED:
                with self._sending:
                    session.epoch = int(frame.header["epoch"])
                    session.settle(number)
                return frame
            if time.monotonic() + pause_s > deadline:
                session.settle(number)
                raise OutcomeUnknown(
                    f"frame {number} of partition {partition} was sent and not answered in time: "
                    "send the same commands again, the answer is the truth"
                )
            time.sleep(pause_s)
            with self._sending:
                if frame is not None and frame.header["code"] == AnswerCode.FENCED:
                    session.epoch = int(frame.header["epoch"])
                reply = self._send(partition, number)

    def _answer(self, reply: Any, deadline: float) -> tuple[AnswerFrame | None, float]:
        """A reply's frame, if there is one, and how long to pause before trying again."""
        try:
            data = ray.get(reply, timeout=max(deadline - time.monotonic(), 0.001))
        except ray.exceptions.GetTimeoutError:
            return None, 0.0
        except ray.exceptions.RayError:
            return None, RETRY_AFTER_S
        frame = decode_answers(data)
        return frame, int(frame.header["retry_after_ms"]) / 1000

    def _follow(self) -> None:
        """Let every partition copy what is new in the reference log, and wait for it."""
        ray.get([actor.follow.remote() for n, actor in self._actors.items() if n != REFERENCE])

    async def deliver_async(self, partition: int, commands: np.ndarray) -> tuple[np.ndarray, int]:
        """The same as `deliver`, on a thread of its own."""
        return await asyncio.to_thread(self.deliver, partition, commands)

    def new_id(self) -> tuple[int, int]:
        """A fresh random 128-bit id, as two words."""
        fresh = uuid.uuid4().int
        return fresh >> 64, fresh & (2**64 - 1)

    def now_ns(self) -> int:
        """The client's time, UTC nanoseconds."""
        return self._clock()

    def close(self) -> None:
        """Leave Ray, unless this process hosts the engine."""
        leave_ray()
