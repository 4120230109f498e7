"""The projector as an actor: follows its partition's log, answers questions between slices of the fold."""

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import msgspec

from actors.actor_process import ActorProcess, failure_of, outcome, wait_for_log
from actors.projector_loop import ProjectorLoop
from actors.roles.engine_files import capacity_of
from actors.roles.log_identity import identity_of
from actors.roles.memory import reserve
from actors.roles.projection_checkpoint import ProjectionCheckpoint, checkpoint_path
from actors.roles.projector import Projector
from actors.view_writer import default_view_path
from engine.config import Config
from engine.errors import NotReady, OrderfoldError
from storage.errors import StorageError
from storage.log_directory import log_name
from storage.manifest import read_manifest


class ProjectorActor:
    """One partition's projection in a process of its own. Killed at any time, its successor folds the log."""

    def __init__(self, directory: str, number: int, config: bytes) -> None:
        self._directory = Path(directory)
        self._process = ActorProcess(self._directory, f"projector-{log_name(number)}")
        self._number = number
        self._config = msgspec.msgpack.decode(config, type=Config)
        self._loop: ProjectorLoop | None = None
        self._failure: dict[str, Any] | None = None
        threading.Thread(target=self._open, name="opener", daemon=True).start()

    def _open(self) -> None:
        """Open the log, once its partition has made it, and begin to fold."""
        try:
            identity = identity_of(read_manifest(self._directory), self._number)
            log = wait_for_log(self._directory, self._number, identity)
            projector = Projector(
                log,
                capacity_of(self._config, self._number),
                partition=self._number,
                view_path=default_view_path(log.log_uuid, self._number),
                checkpoint=ProjectionCheckpoint(checkpoint_path(self._directory, self._number), log),
            )
            reserve([*projector.tables, *projector.books])
            loop = ProjectorLoop(
                projector,
                look_every_s=self._config.projection.heartbeat_ms / 1000,
                on_failure=self._process.end,
            )
            loop.start()
            self._loop = loop
        except (StorageError, OrderfoldError, OSError) as error:
            self._failure = failure_of(error)
        except BaseException as error:
            self._process.end(error)

    async def tell(self, position: int) -> None:
        """The log's next offset, as the partition has just committed it."""
        if self._loop is not None:
            self._loop.tell(position)

    async def ask(self, question: bytes) -> bytes:
        """Answer a question; raises BadRequest, or NotReady if the position that it names is not reached."""
        loop = self._loop
        if loop is None:
            raise NotReady(f"the projector of partition {self._number} is opening its log: ask again")
        answer: bytes | OrderfoldError = await outcome(lambda deliver: loop.ask(question, deliver))
        if isinstance(answer, OrderfoldError):
            raise answer
        return answer

    async def status(self) -> dict[str, Any]:
        """What an operator asks of a projector: readiness, pid, how far it is, and how far behind."""
        status = {"partition": self._number, **self._process.status()}
        if self._failure is not None:
            return {**status, "failure": self._failure}
        if self._loop is None:
            return status
        projector = self._loop.projector
        return {
            **status,
            "ready": not self._loop.is_behind,
            "applied_offset": projector.applied_offset,
            "lag_events": projector.lag_events,
            "lag_seconds": projector.lag_seconds,
            "silent_s": time.monotonic() - self._loop.stepped_s,
        }

    async def stop(self) -> None:
        """Answer what waits, tell readers of the view that no more will come, and end."""
        if self._loop is not None:
            await asyncio.to_thread(self._loop.stop)
            self._loop.projector.close()
