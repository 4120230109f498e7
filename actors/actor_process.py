"""What every actor's process does alike: how it begins, waits for a thread, fails, and leaves word why."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from engine.errors import IntegrityError
from storage.errors import IntegrityFault, LogNotFound
from storage.log_directory import log_name
from storage.log_identity import LogIdentity
from storage.log_reader import LogReader

T = TypeVar("T")

SWITCH_INTERVAL_S = 0.0005
"""How long one Python thread may keep another waiting: a flush can't wait Python's usual 5 ms to be heard."""

LOG_POLL_S = 0.02
"""How often to look for a log that another actor is just making."""


class ActorProcess:
    """The process of one actor: it has the priority of its engine, and its last words reach its successor.

    Attributes:
        last_words: why the predecessor ended itself, empty if it did not say.
    """

    def __init__(self, directory: Path, name: str) -> None:
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        host_niceness = os.getpriority(os.PRIO_PROCESS, os.getppid())
        assert os.nice(0) == host_niceness, "an actor has its host's priority: RAY_worker_niceness must be 0"
        self._note = _note_path(directory, name)
        self.last_words = last_words(directory, name)

    def end(self, error: BaseException) -> NoReturn:
        """End this process at once: after a failed commit or fold nothing that it knows can be trusted."""
        words = f"{type(error).__name__}: {error}"
        try:
            self._note.write_text(words, "utf-8")
        finally:
            sys.stderr.write(f"actor stopped: {words}\n")
            sys.stderr.flush()
            os._exit(1)

    def status(self) -> dict[str, Any]:
        """What every actor says of itself; it is not ready unless it says otherwise."""
        return {"pid": os.getpid(), "ready": False, "last_words": self.last_words}


def last_words(directory: Path, name: str) -> str:
    """Why the last process of this actor that ended itself did so; empty if none has."""
    path = _note_path(directory, name)
    return path.read_text("utf-8") if path.exists() else ""


def _note_path(directory: Path, name: str) -> Path:
    return directory / f"{name}.died"


def failure_of(error: Exception) -> dict[str, Any]:
    """Why an actor could not open its log, as its status says it."""
    return {
        "kind": type(error).__name__,
        "message": str(error),
        "is_integrity": isinstance(error, IntegrityFault | IntegrityError),
    }


def wait_for_log(directory: Path, partition: int, identity: LogIdentity) -> LogReader:
    """A reader of a partition's log, once its owner has made it."""
    while True:
        try:
            return LogReader.open(directory / log_name(partition), identity)
        except LogNotFound:
            time.sleep(LOG_POLL_S)


async def outcome(begin: Callable[[Callable[[T], None]], None]) -> T:
    """Wait for what another thread hands to the callback that `begin` is given."""
    event_loop = asyncio.get_running_loop()
    arrived: asyncio.Future[T] = event_loop.create_future()

    def resolve(result: T) -> None:
        if not arrived.done():
            arrived.set_result(result)

    def hand_over(result: T) -> None:
        event_loop.call_soon_threadsafe(resolve, result)

    begin(hand_over)
    return await arrived
