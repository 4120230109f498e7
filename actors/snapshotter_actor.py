"""The snapshotters as an actor: in their own process, at the lowest priority, woken by time alone."""

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import msgspec

from actors.actor_process import ActorProcess, failure_of, wait_for_log
from actors.roles.log_identity import identity_of
from actors.roles.memory import reserve
from actors.roles.snapshots import Snapshots, snapshot_path
from actors.roles.snapshotter import Snapshotter
from engine.config import Config
from engine.errors import OrderfoldError
from storage.errors import StorageError
from storage.log_directory import log_name
from storage.log_identity import REFERENCE_PARTITION
from storage.manifest import read_manifest

SNAPSHOTTER = "snapshotter"
"""The name of the actor: one an engine, because each process takes memory and a second of every start."""

LOOK_EVERY_S = 1.0
"""Time between two looks at the log: what came meanwhile is folded in one burst, and nobody waits for it."""

STOP_WITHIN_S = 1.0
"""How long the end of a step is waited for: a proof takes longer, and is not worth it."""


class SnapshotterActor:
    """The snapshotters of all logs of an engine, in a process of their own, one thread each.

    Killed at any time, its successors begin from the newest snapshots. Where a proof fails that log's stops,
    says so, and writes no more: its partition goes on without it.
    """

    def __init__(self, directory: str, partitions: int, config: bytes) -> None:
        self._process = ActorProcess(Path(directory), SNAPSHOTTER)
        settings = msgspec.msgpack.decode(config, type=Config)
        numbers = [*range(partitions), REFERENCE_PARTITION]
        self._threads = [_Thread(self._process, Path(directory), number, settings) for number in numbers]
        for thread in self._threads:
            thread.start()

    async def status(self) -> dict[str, Any]:
        """What an operator asks of it: of each log how far it is, where its newest snapshot is and how old.

        It is ready as soon as it runs: nobody waits for what it does.
        """
        failures = [thread.failure for thread in self._threads if thread.failure is not None]
        logs = {thread.name: thread.snapshotter.status() for thread in self._threads if thread.snapshotter}
        status = self._process.status() | {"ready": not failures, "snapshots": logs}
        return {**status, "failure": failures[0]} if failures else status

    async def stop(self) -> None:
        """End between two steps, or in the middle of a long one: the logs have everything."""
        for thread in self._threads:
            thread.over.set()
        for thread in self._threads:
            await asyncio.to_thread(thread.join, STOP_WITHIN_S)


class _Thread(threading.Thread):
    """The thread of one log's snapshotter.

    Attributes:
        snapshotter: once its log is there.
        failure: why it has ended, if it has.
        over: set to end it between two steps.
    """

    def __init__(self, process: ActorProcess, directory: Path, number: int, config: Config) -> None:
        super().__init__(name=log_name(number), daemon=True)
        self._process = process
        self._directory = directory
        self._number = number
        self._config = config
        self.snapshotter: Snapshotter | None = None
        self.failure: dict[str, Any] | None = None
        self.over = threading.Event()

    def run(self) -> None:
        """Fold what has come, and look again."""
        # Of this thread alone: questions are answered as ever. Unlike the lowest niceness this makes way
        # the moment that a partition or a projector wakes up.
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        try:
            snapshotter = self.snapshotter = self._open()
            while not self.over.is_set():
                if not snapshotter.step():
                    self.over.wait(LOOK_EVERY_S)
        except (StorageError, OrderfoldError, OSError) as error:
            self.failure = failure_of(error)
        except BaseException as error:
            self._process.end(error)

    def _open(self) -> Snapshotter:
        """Open the log, once its partition has made it, and begin from the newest snapshot."""
        identity = identity_of(read_manifest(self._directory), self._number)
        log = wait_for_log(self._directory, self._number, identity)
        snapshots = Snapshots(snapshot_path(self._directory, self._number), log)
        snapshotter = Snapshotter(log, snapshots, self._config, partition=self._number)
        reserve(snapshotter.kernel.tables)
        return snapshotter
