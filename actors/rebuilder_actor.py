"""The rebuilder as an actor: folds one projection anew in a process of its own, at low priority, and ends.

It belongs to whoever asked for it: when that process leaves, Ray ends this one.
"""

import os
import threading
from pathlib import Path
from typing import Any

import msgspec

from actors.actor_process import ActorProcess, failure_of, wait_for_log
from actors.roles.engine_files import capacity_of
from actors.roles.log_identity import identity_of
from actors.roles.projection_checkpoint import ProjectionCheckpoint, rebuilt_path
from actors.roles.projection_rebuild import Rebuild
from engine.config import Config
from engine.errors import OrderfoldError
from storage.errors import StorageError
from storage.log_directory import log_name
from storage.manifest import read_manifest

NICENESS = 10
"""Of the thread that folds. It makes way for everybody, but not without end as the snapshotter does: somebody
waits for it, and on a machine that never rests he would wait for ever."""


class RebuilderActor:
    """One rebuild of one partition's projection. Killed at any time, it leaves a draft that nobody reads."""

    def __init__(self, directory: str, number: int, config: bytes) -> None:
        self._directory = Path(directory)
        self._process = ActorProcess(self._directory, f"rebuilder-{log_name(number)}")
        self._number = number
        self._config = msgspec.msgpack.decode(config, type=Config)
        self._rebuild: Rebuild | None = None
        self._failure: dict[str, Any] | None = None
        self._is_done = False
        threading.Thread(target=self._run, name="rebuilder", daemon=True).start()

    def _run(self) -> None:
        # On Linux a niceness is a thread's own: questions are answered as ever.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        try:
            identity = identity_of(read_manifest(self._directory), self._number)
            log = wait_for_log(self._directory, self._number, identity)
            rebuild = self._rebuild = Rebuild(log, capacity_of(self._config, self._number), self._number)
            while rebuild.step():
                pass
            rebuild.leave(ProjectionCheckpoint(rebuilt_path(self._directory, self._number), log))
            self._is_done = True
        except (StorageError, OrderfoldError, OSError) as error:
            self._failure = failure_of(error)
        except BaseException as error:
            self._process.end(error)

    async def status(self) -> dict[str, Any]:
        """How far it is: `ready` once the rebuilt projection lies in its file."""
        status = {"partition": self._number, **self._process.status(), "ready": self._is_done}
        if self._rebuild is not None:
            status |= self._rebuild.status()
        return status if self._failure is None else {**status, "failure": self._failure}
