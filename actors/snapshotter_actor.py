"""The snapshotter as an actor: in its own process, at the lowest priority, woken by time alone."""

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import msgspec

from actors.actor_process import ActorProcess, failure_of, wait_for_log
from actors.roles.log_identity import identity_of
from actors.roles.snapshots import Snapshots, snapshot_path
from actors.roles.snapshotter import Snapshotter
from engine.config import Config
from engine.errors import OrderfoldError
from storage.errors import StorageError
from storage.log_directory import log_name
from storage.manifest import read_manifest

LOOK_EVERY_S = 1.0
"""Time between two looks at the log: what came meanwhile is folded in one burst, and nobody waits for it."""

STOP_WITHIN_S = 1.0
"""How long the end of a step is waited for: a proof takes longer, and is not worth it."""


class SnapshotterActor:
    """One log's snapshotter in a process of its own. Killed at any time, its successor begins from the newest
    snapshot. Where a proof fails it stops, says so, and writes no more: the partition goes on without it.
    """

    def __init__(self, directory: str, number: int, config: bytes) -> None:
        self._directory = Path(directory)
        self._process = ActorProcess(self._directory, f"snapshotter-{log_name(number)}")
        self._number = number
        self._config = msgspec.msgpack.decode(config, type=Config)
        self._snapshotter: Snapshotter | None = None
        self._failure: dict[str, Any] | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="snapshotter", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        # Of this thread alone: questions are answered as ever. Unlike the lowest niceness this makes way
        # the moment that a partition or a projector wakes up.
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        try:
            snapshotter = self._snapshotter = self._open()
            while not self._over.is_set():
                if not snapshotter.step():
                    self._over.wait(LOOK_EVERY_S)
        except (StorageError, OrderfoldError, OSError) as error:
            self._failure = failure_of(error)
        except BaseException as error:
            self._process.end(error)

    def _open(self) -> Snapshotter:
        """Open the log, once its partition has made it, and begin from the newest snapshot."""
        identity = identity_of(read_manifest(self._directory), self._number)
        log = wait_for_log(self._directory, self._number, identity)
        snapshots = Snapshots(snapshot_path(self._directory, self._number), log)
        return Snapshotter(log, snapshots, self._config, partition=self._number)

    async def status(self) -> dict[str, Any]:
        """What an operator asks of a snapshotter: how far it is, where its newest snapshot is and how old.

        It is ready as soon as it runs: nobody waits for what it does.
        """
        status = self._process.status(self._number) | {"ready": self._failure is None}
        if self._snapshotter is not None:
            status |= self._snapshotter.status()
        return status if self._failure is None else {**status, "failure": self._failure}

    async def stop(self) -> None:
        """End between two steps, or in the middle of a long one: the log has everything."""
        self._over.set()
        await asyncio.to_thread(self._thread.join, STOP_WITHIN_S)
