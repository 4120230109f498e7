"""The partition as an actor: opens its log on a thread of its own, then answers frames as they are durable."""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from actors.partition_loop import PartitionLoop
from actors.roles.answer_frames import refusal_of
from actors.roles.partition import Batch, Partition
from actors.roles.reference_follower import follow_reference
from engine.codec.frames import FRAME_HEADER
from engine.config import Config
from engine.vocabulary import AnswerCode
from storage.log_directory import log_name
from storage.log_identity import REFERENCE_PARTITION
from storage.log_reader import LogReader
from storage.manifest import read_manifest

SWITCH_INTERVAL_S = 0.0005
"""How long one Python thread may keep another waiting: the committer must not wait 5 ms for the writer."""

NOT_READY_RETRY_MS = 100


class PartitionActor:
    """One partition in a process of its own. Any failure ends the process; its successor folds the log."""

    def __init__(self, directory: str, number: int, config: bytes, push: Callable[[int], Any] | None) -> None:
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        assert os.nice(0) == 0, "an actor runs at normal priority: start Ray with RAY_worker_niceness=0"
        self._directory = Path(directory)
        self._number = number
        self._config = msgspec.msgpack.decode(config, type=Config)
        self._push = push
        self._loop: PartitionLoop | None = None
        self._is_ready = False
        self._reference: LogReader | None = None
        self._pushed = threading.Event()
        threading.Thread(target=self._open, name="opener", daemon=True).start()

    def _open(self) -> None:
        """Claim and fold the log, then begin to serve."""
        try:
            manifest = read_manifest(self._directory)
            self._reference = LogReader.open(self._directory / log_name(REFERENCE_PARTITION))
            partition = Partition.open(
                self._directory, manifest, self._number, self._config, time.time_ns
            )
            loop = PartitionLoop(
                partition, self._config, on_commit=lambda _: self._pushed.set(), on_failure=_end_process
            )
            self._loop = loop
            loop.start()
            loop.run(self._follow_first)
            threading.Thread(target=self._push_positions, name="pusher", daemon=True).start()
        except BaseException as error:  # noqa: BLE001 - an actor that can't open its log must not live on
            _end_process(error)

    def _follow_first(self, batch: Batch) -> None:
        """Copy the reference log before the first command is decided; from then on the partition is ready."""
        self._follow(batch)
        self._is_ready = True

    def _follow(self, batch: Batch) -> None:
        """Copy new reference events; come again if the block was full."""
        assert self._loop is not None and self._reference is not None
        if not follow_reference(self._loop.partition, self._reference, batch):
            self._loop.run(self._follow)

    def _push_positions(self) -> None:
        """Tell the projector how far the log is, one push at a time, always the newest position."""
        assert self._loop is not None
        while self._push is not None:
            self._pushed.wait()
            self._pushed.clear()
            self._push(self._loop.partition.log.tip.next_offset)

    async def submit(self, data: bytes | np.ndarray) -> bytes:
        """Decide a frame; gives its answer frame once every event it caused is durable."""
        if self._loop is None or not self._is_ready:
            header = np.frombuffer(data, np.uint8)[: FRAME_HEADER.itemsize].copy().view(FRAME_HEADER)[0]
            return refusal_of(header, AnswerCode.NOT_READY, 0, NOT_READY_RETRY_MS)
        event_loop = asyncio.get_running_loop()
        answered: asyncio.Future[bytes] = event_loop.create_future()

        def deliver(answer: bytes) -> None:
            event_loop.call_soon_threadsafe(_resolve, answered, answer)

        self._loop.submit(data, deliver)
        return await answered

    async def follow(self) -> int:
        """Copy what is new in the reference log; gives the position up to which it is copied and durable."""
        if self._loop is None:
            return -1
        done = threading.Event()

        def errand(batch: Batch) -> None:
            self._follow(batch)
            done.set()

        self._loop.run(errand)
        await asyncio.to_thread(done.wait)
        return self._loop.partition.kernel.reference_next

    async def status(self) -> dict[str, Any]:
        """What an operator asks of a partition: readiness, pid, epoch, position, queue."""
        if self._loop is None or not self._is_ready:
            return {"partition": self._number, "pid": os.getpid(), "ready": False}
        log = self._loop.partition.log
        return {
            "partition": self._number,
            "pid": os.getpid(),
            "ready": True,
            "epoch": log.epoch,
            "next_offset": log.tip.next_offset,
            **self._loop.statistics(),
        }

    async def stop(self) -> None:
        """Answer what waits, then close the log."""
        if self._loop is not None:
            await asyncio.to_thread(self._loop.stop)
            self._loop.partition.log.close()


def _resolve(answered: "asyncio.Future[bytes]", answer: bytes) -> None:
    if not answered.done():
        answered.set_result(answer)


def _end_process(error: BaseException) -> None:
    """End this process at once: after a failed commit nothing it knows can be trusted."""
    print(f"partition stopped: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
    os._exit(1)
