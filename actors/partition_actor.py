"""The partition as an actor: opens its log on a thread of its own, then answers frames as they are durable.

The reference log is a partition too: it decides definitions, follows nobody and has no projector.
"""

import asyncio
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from actors.actor_process import ActorProcess, failure_of, outcome, wait_for_log
from actors.fresh_id import fresh_id
from actors.partition_loop import PartitionLoop
from actors.projector_loop import LOOKS_FOR_S
from actors.ray_runtime import ray
from actors.roles.admission import header_of
from actors.roles.answer_frames import refusal_of
from actors.roles.lease_keeper import LeaseKeeper, Wishes
from actors.roles.log_identity import identity_of
from actors.roles.memory import reserve
from actors.roles.partition import Batch, Partition
from actors.roles.recovery import Progress
from actors.roles.reference_follower import follow_reference, require_all_copied
from engine.client.session import Session
from engine.config import Config
from engine.errors import OrderfoldError
from engine.vocabulary import AnswerCode
from storage.errors import StorageError
from storage.log_directory import log_name
from storage.log_identity import REFERENCE_PARTITION
from storage.log_reader import LogReader
from storage.manifest import Manifest, read_manifest

NOT_READY_RETRY_MS = 50
"""When to try a partition again that opens its log and can't say how long: most need far less than 1 s."""

PUSH_EVERY_S = LOOKS_FOR_S / 2
"""A push is a call to another process and costs more than an order; meanwhile the projector looks itself."""

ROUND_EVERY_S = 0.25
"""How often the steward looks around when nobody calls it: how long a lost word costs at most."""


class PartitionActor:
    """One partition in a process of its own. Any failure ends the process; its successor folds the log.

    `projector` names the actor that is told each new position, empty for the reference log. It is no handle:
    Ray keeps what an actor is made from for its successors, and a handle would be an object to lose.
    """

    def __init__(self, directory: str, number: int, config: bytes, projector: str) -> None:
        self._directory = Path(directory)
        self._process = ActorProcess(self._directory, log_name(number))
        self._number = number
        self._is_reference = number == REFERENCE_PARTITION
        self._config = msgspec.msgpack.decode(config, type=Config)
        self._projector = ray.get_actor(projector) if projector else None
        self._loop: PartitionLoop | None = None
        self._reference: LogReader | None = None
        self._failure: dict[str, Any] | None = None
        self._keeper: LeaseKeeper | None = None
        self._wishes: Wishes | None = None
        self._sessions: dict[int, Session] = {}
        self._progress = Progress()
        self._is_ready = False
        self._push_again_s = 0.0
        self._is_push_due = False
        self._is_pushing = False
        self._called = threading.Event()
        threading.Thread(target=self._open, name="opener", daemon=True).start()

    def _open(self) -> None:
        """Claim and fold the log, then begin to serve."""
        try:
            manifest = read_manifest(self._directory)
            partition = Partition.open(
                self._directory,
                manifest,
                self._number,
                self._config,
                time.time_ns,
                progress=self._progress,
            )
            reserve(partition.kernel.tables)
            loop = PartitionLoop(
                partition,
                self._config,
                on_commit=self._note_commit,
                on_failure=self._process.end,
            )
            loop.start()
            self._loop = loop
            self._follow_first(manifest, loop)
            self._is_ready = True
            threading.Thread(target=self._attend, args=(loop,), name="steward", daemon=True).start()
        except (StorageError, OrderfoldError, OSError) as error:
            self._failure = failure_of(error)
        except BaseException as error:
            self._process.end(error)

    def _follow_first(self, manifest: Manifest, loop: PartitionLoop) -> None:
        """Copy the reference log before the first command is taken."""
        if self._is_reference:
            return
        identity = identity_of(manifest, REFERENCE_PARTITION)
        self._reference = wait_for_log(self._directory, REFERENCE_PARTITION, identity)
        require_all_copied(loop.partition, self._reference.tip_offset())
        self._keeper = LeaseKeeper(manifest.partitions, self._config.leases)
        copied = threading.Event()
        self._copy_reference(loop, copied)
        copied.wait()

    def _copy_reference(self, loop: PartitionLoop, copied: threading.Event) -> None:
        """Let the writer copy what is new in the reference log."""
        reference = self._reference
        assert reference is not None, "the reference log follows nobody"

        def errand(batch: Batch) -> bool:
            is_done = follow_reference(loop.partition, reference, batch)
            if is_done:
                copied.set()
            return is_done

        loop.run(errand)

    def _note_commit(self) -> None:
        """Wake the steward to push, unless the projector heard of us just now and looks by itself."""
        if time.monotonic() >= self._push_again_s:
            self._push_again_s = time.monotonic() + PUSH_EVERY_S
            self._is_push_due = True
            self._called.set()

    def _attend(self, loop: PartitionLoop) -> None:
        """The steward: tells the projector, asks for leases, copies reference events, keeps dead letters."""
        next_round_s = 0.0
        try:
            while True:
                self._called.wait(ROUND_EVERY_S)
                self._called.clear()
                self._push(loop)
                self._send_wishes(loop)
                if time.monotonic() >= next_round_s:
                    next_round_s = time.monotonic() + ROUND_EVERY_S
                    self._look_around(loop)
        except BaseException as error:
            self._process.end(error)

    def _push(self, loop: PartitionLoop) -> None:
        """Tell the projector how far the log is: one push under way at a time, always the newest position."""
        if self._projector is None or self._is_pushing or not self._is_push_due:
            return
        self._is_pushing, self._is_push_due = True, False
        pushed = self._projector.tell.remote(loop.partition.log.tip.next_offset)
        pushed.future().add_done_callback(self._note_pushed)

    def _note_pushed(self, _: Any) -> None:
        self._is_pushing = False
        self._called.set()

    def _look_around(self, loop: PartitionLoop) -> None:
        partition = loop.partition
        if self._reference is not None and partition.kernel.reference_next < self._reference.tip_offset():
            self._copy_reference(loop, threading.Event())
        partition.letters.empty(self._directory, self._config.partition.dead_letters_max)
        self._keep_leases(loop)

    def _keep_leases(self, loop: PartitionLoop) -> None:
        """Let the writer, who owns the tables, look what is needed of the firm's limits, if there are any."""
        keeper = self._keeper
        if keeper is None or not loop.partition.kernel.tables.firm["budgets"][0]:
            return

        def look(_: Batch) -> bool:
            partition = loop.partition
            tip = partition.log.tip.next_offset
            self._wishes = keeper.look(partition.kernel.tables, tip, time.time_ns())
            self._called.set()
            return True

        loop.run(look)

    def _send_wishes(self, loop: PartitionLoop) -> None:
        """Send commands about leases and wait for no answer: what was lost is wished for again."""
        wishes, self._wishes = self._wishes, None
        if wishes is None or wishes.is_empty:
            return
        if len(wishes.of_partition):
            loop.submit(self._frame(self._number, wishes.of_partition), lambda _: None)
        if len(wishes.of_reference):
            with suppress(ValueError, ray.exceptions.RayError):
                reference = ray.get_actor(log_name(REFERENCE_PARTITION))
                frame = self._frame(REFERENCE_PARTITION, wishes.of_reference).tobytes()
                answer = reference.submit.remote(frame).future()
                answer.add_done_callback(lambda _: self._copy_reference(loop, threading.Event()))

    def _frame(self, partition: int, commands: np.ndarray) -> np.ndarray:
        session = self._sessions.setdefault(partition, Session(fresh_id(), partition))
        number = session.put(commands)
        frame = session.frame(number)
        session.settle(number)
        return frame

    async def submit(self, data: bytes | np.ndarray) -> bytes:
        """Decide a frame; gives its answer frame once every event it caused is durable."""
        loop = self._loop
        if loop is None or not self._is_ready:
            remaining_ms = int(self._progress.remaining_s(time.time_ns()) * 1000)
            retry_after_ms = max(NOT_READY_RETRY_MS, remaining_ms)
            return refusal_of(header_of(data), AnswerCode.NOT_READY, 0, retry_after_ms)
        return await outcome(lambda deliver: loop.submit(data, deliver))

    async def follow(self, position: int) -> int:
        """Copy the reference log up to `position`; gives the next offset not copied yet, -1 if not ready."""
        loop = self._loop
        if loop is None or not self._is_ready:
            return -1
        if loop.partition.kernel.reference_next < position:
            copied = threading.Event()
            self._copy_reference(loop, copied)
            await asyncio.to_thread(copied.wait)
        return loop.partition.kernel.reference_next

    async def status(self) -> dict[str, Any]:
        """What an operator asks of a partition: readiness, pid, epoch, position, queue, counts."""
        status = {"partition": self._number, **self._process.status()}
        if self._failure is not None:
            return {**status, "failure": self._failure}
        if self._loop is None or not self._is_ready:
            return {**status, **self._progress.status(time.time_ns())}
        partition = self._loop.partition
        return {
            **status,
            "ready": True,
            "epoch": partition.log.epoch,
            "next_offset": partition.log.tip.next_offset,
            "is_space_low": partition.is_space_low,
            "crowded_tables": partition.crowded_tables(),
            "dead_letters_kept": partition.letters.kept,
            "dead_letters_lost": partition.letters.lost,
            **partition.recovery.status(),
            **self._loop.statistics(),
        }

    async def stop(self) -> None:
        """Answer what waits, then close the log."""
        if self._loop is None:
            return
        await asyncio.to_thread(self._loop.stop)
        partition = self._loop.partition
        partition.letters.empty(self._directory, self._config.partition.dead_letters_max)
        partition.close()
