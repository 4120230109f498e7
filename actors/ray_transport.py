"""The Ray transport: frames and questions as actor calls, from any process here that has the token."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from actors.config_file import load_config
from actors.delivery import Delivery, Heard
from actors.engine_record import running_record, why_gone
from actors.fresh_id import fresh_id
from actors.mapped_view import MappedView
from actors.parcels import Delivered
from actors.ray_actors import Actors, find_actors, projector_name
from actors.ray_cluster import join_ray, leave_ray
from actors.ray_runtime import ray
from actors.view_writer import view_paths
from engine.client.session import Session
from engine.client.transport import REFERENCE, Clock
from engine.config import Config
from engine.errors import NotReady, Unavailable
from storage.log_directory import log_name
from storage.manifest import read_manifest

R = TypeVar("R")

NS_PER_MS = 10**6

ASK_AGAIN_AFTER_S = 0.05
"""Pause before a question is put again to an actor that is being restarted."""


def connect(target: str, *, config: Config | None = None, clock: Clock | None = None) -> "RayTransport":
    """Join the running engine of directory `target`; Unavailable if there is none."""
    return RayTransport(Path(target).expanduser(), config or load_config(), clock or time.time_ns)


class RayTransport:
    """A client's way to the actors of one engine; any thread may use it."""

    def __init__(self, directory: Path, config: Config, clock: Clock) -> None:
        record = running_record(directory)
        manifest = read_manifest(directory)
        self.config = config
        self.slots = np.array(manifest.slots, np.int64)
        self._clock = clock
        join_ray(directory, record, config)
        try:
            self._actors: Actors = find_actors(record.partitions)
        except BaseException:
            leave_ray()
            raise
        self._directory, self._record = directory, record
        self._end: Unavailable | None = None
        self._is_closed = False
        self._partitions = range(record.partitions)
        self._view_paths = view_paths(manifest)
        self._deliveries = {
            number: Delivery(Session(self.new_id(), number), partial(self._carry, number), config.client)
            for number in [*self._partitions, REFERENCE]
        }

    def declare(self, principal: int) -> None:
        """Say which principal sends from now on."""
        for delivery in self._deliveries.values():
            delivery.declare(principal)

    def deliver(self, partition: int, commands: np.ndarray) -> Delivered:
        """Send command rows as frames, several under way at once, and wait for every answer."""
        delivered = self._deliveries[partition].deliver(commands)
        if partition == REFERENCE:
            self._follow(delivered[1])
        return delivered

    async def deliver_async(self, partition: int, commands: np.ndarray) -> Delivered:
        """The same, awaited."""
        delivered = await self._deliveries[partition].deliver_async(commands)
        if partition == REFERENCE:
            # Definitions are rare, so a thread may wait for them.
            await asyncio.to_thread(self._follow, delivered[1])
        return delivered

    def _carry(self, partition: int, frame: np.ndarray, heard: Heard) -> None:
        """Call the partition with a frame; what comes back, or that nothing does, goes to `heard`."""
        try:
            answer = self._actors[log_name(partition)].submit.remote(frame.tobytes()).future()
        except ray.exceptions.RayError:
            heard(None)
            return
        answer.add_done_callback(partial(self._take_answer, heard))

    def _take_answer(self, heard: Heard, call: Any) -> None:
        if call.exception() is None:
            heard(call.result())
            return
        # A call that failed is made again, as long as there is somebody to call.
        self._look_for_engine()
        heard(None)

    def _look_for_engine(self) -> None:
        """End every delivery if the engine that this client joined is not there any more."""
        why = why_gone(self._directory, self._record)
        if why and self._end is None:
            self._end_all(Unavailable(f"{why}: connect again once it runs"))

    def _end_all(self, reason: Unavailable) -> None:
        self._end = reason
        for delivery in self._deliveries.values():
            delivery.end(reason)

    def _follow(self, position: int) -> None:
        """Wait until every partition has copied the reference log up to a position."""
        for number in self._partitions:
            follow = self._actors[log_name(number)].follow
            copied = -1
            deadline = self._deadline()
            while copied < position:
                copied = self._call(partial(follow.remote, position), deadline)
                if copied < position:
                    self._pause(deadline, f"partition {number} is opening its log")

    def ask(self, partition: int, question: bytes) -> bytes:
        """Ask the partition's projector and wait for its answer; BadRequest or NotReady as it says."""
        self._require_engine()
        projector = self._actors[projector_name(partition)]
        try:
            answer: bytes = self._call(lambda: projector.ask.remote(question), self._deadline())
        except NotReady:
            # Who asks until it is ready, as a subscription does, must not ask a thousand times a second.
            time.sleep(ASK_AGAIN_AFTER_S)
            raise
        return answer

    async def ask_async(self, partition: int, question: bytes) -> bytes:
        """The same, awaited."""
        self._require_engine()
        projector = self._actors[projector_name(partition)]
        deadline = self._deadline()
        while True:
            try:
                answer: bytes = await projector.ask.remote(question)
            except ray.exceptions.RayTaskError as error:
                if isinstance(error.cause, NotReady):
                    await asyncio.sleep(ASK_AGAIN_AFTER_S)
                raise error.cause from None
            except ray.exceptions.RayError as error:
                self._check(deadline, f"the projector of partition {partition} is gone: {error}")
                await asyncio.sleep(ASK_AGAIN_AFTER_S)
            else:
                return answer

    def view(self, partition: int) -> MappedView:
        """A fresh view of what a partition's projector publishes on this host, for one thread; StaleView."""
        self._require_engine()
        return MappedView.open(
            self._view_paths[partition], stale_after_ns=self.config.projection.stale_after_ms * NS_PER_MS
        )

    def _call(self, begin: Callable[[], Any], deadline: float) -> Any:
        """The result of a call that may be made twice, tried again while the actor is being restarted."""
        while True:
            try:
                return ray.get(begin(), timeout=max(deadline - time.monotonic(), 0.001))
            except ray.exceptions.RayTaskError as error:
                raise error.cause from None
            except ray.exceptions.RayError as error:
                self._pause(deadline, str(error))

    def _pause(self, deadline: float, why: str) -> None:
        self._check(deadline, why)
        time.sleep(ASK_AGAIN_AFTER_S)

    def _require_engine(self) -> None:
        if self._end is not None:
            raise self._end

    def _check(self, deadline: float, why: str) -> None:
        self._look_for_engine()
        self._require_engine()
        if time.monotonic() + ASK_AGAIN_AFTER_S > deadline:
            raise Unavailable(f"no answer until the deadline: {why}")

    def _deadline(self) -> float:
        return time.monotonic() + self.config.client.deadline_ms / 1000

    def new_id(self) -> tuple[int, int]:
        """A fresh random 128-bit id, as two words."""
        return fresh_id()

    def now_ns(self) -> int:
        """The client's time, UTC nanoseconds."""
        return self._clock()

    def close(self) -> None:
        """Leave Ray, as the last client of this process does; an engine that it hosts goes on."""
        if not self._is_closed:
            self._is_closed = True
            self._end_all(Unavailable("this client is closed: connect again"))
            leave_ray()
