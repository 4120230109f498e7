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
from actors.roles.projection_checkpoint import (
    PROJECTION,
    ProjectionCheckpoint,
    checkpoint_path,
    rebuilt_path,
)
from actors.roles.projection_switch import Verdict, doubt_of
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
        self._doubt = ""
        self._checkpoint_told: list[str] = []
        threading.Thread(target=self._open, name="opener", daemon=True).start()

    def _open(self) -> None:
        """Open the log, once its partition has made it, and begin to fold."""
        try:
            identity = identity_of(read_manifest(self._directory), self._number)
            self._log = wait_for_log(self._directory, self._number, identity)
            rebuilt_path(self._directory, self._number).unlink(missing_ok=True)
            checkpoint = ProjectionCheckpoint(checkpoint_path(self._directory, self._number), self._log)
            projector = self._new_projector(checkpoint)
            self._checkpoint_told = [checkpoint.told] if checkpoint.told else []
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

    def _new_projector(self, checkpoint: ProjectionCheckpoint, *, is_beside: bool = False) -> Projector:
        """A projector that begins from a checkpoint, in place of the live one or beside it."""
        projector = Projector(
            self._log,
            capacity_of(self._config, self._number),
            partition=self._number,
            view_path=default_view_path(self._log.log_uuid, self._number),
            checkpoint=checkpoint,
            is_beside=is_beside,
        )
        reserve([*projector.tables, *projector.books])
        return projector

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

    async def settings(self) -> bytes:
        """The configuration that this engine runs with, as MessagePack."""
        return msgspec.msgpack.encode(self._config)

    async def switch(self) -> bytes:
        """Compare with what a rebuild has left, at one offset, and let that take over if it is equal.

        Gives the `Verdict` as MessagePack. Raises NotReady if nothing was compared, and then nothing changed.
        """
        loop = self._loop
        if loop is None:
            raise NotReady(f"the projector of partition {self._number} is opening its log: ask again")
        rebuilt = await asyncio.to_thread(self._load_rebuilt)
        verdict: Verdict | None = await outcome(lambda deliver: loop.switch_to(rebuilt, deliver))
        if verdict is None:
            raise NotReady(
                f"the projector of partition {self._number} is ending, or is being switched already"
            )
        await asyncio.to_thread(self._keep, verdict)
        return msgspec.msgpack.encode(verdict)

    def _load_rebuilt(self) -> Projector:
        """What a rebuild has left, as a projector beside this one."""
        checkpoint = ProjectionCheckpoint(rebuilt_path(self._directory, self._number), self._log)
        rebuilt = self._new_projector(checkpoint, is_beside=True)
        if rebuilt.applied_offset < 0:
            rebuilt.abandon()
            raise NotReady(f"there is no rebuilt projection to switch to ({checkpoint.told or 'no file'})")
        return rebuilt

    def _keep(self, verdict: Verdict) -> None:
        """Keep the rebuilt file as the checkpoint if it proved right; else trust no checkpoint at all."""
        assert self._loop is not None, "a loop has given the verdict"
        projector, rebuilt = self._loop.projector, rebuilt_path(self._directory, self._number)
        checkpoint = ProjectionCheckpoint(checkpoint_path(self._directory, self._number), self._log)
        self._doubt = doubt_of(f"{log_name(self._number)}-{PROJECTION}", verdict)
        if self._doubt:
            projector.checkpoint = None
            checkpoint.distrust()
            rebuilt.unlink(missing_ok=True)
        else:
            projector.checkpoint = checkpoint
            rebuilt.replace(checkpoint_path(self._directory, self._number))

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
            "doubt": self._doubt,
            "checkpoint_told": self._checkpoint_told,
        }

    async def stop(self) -> None:
        """Answer what waits, tell readers of the view that no more will come, and end."""
        if self._loop is not None:
            await asyncio.to_thread(self._loop.stop)
            self._loop.projector.close()
