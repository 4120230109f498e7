"""A partition on a log whose commits a test holds, and lets go or fails; its threads are the actor's."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from actors.partition_loop import PartitionLoop
from actors.roles.partition import Partition
from engine.codec.frames import AnswerFrame, decode_answers
from engine.config import Config
from storage.block import Block
from storage.errors import LogPoisoned
from storage.event_log import EventLog
from storage.manifest import read_manifest

HELD_AT_MOST_S = 30.0


class HeldLog:
    """An event log whose appends wait for `let_go`; `fail_before` and `fail_after` say how they end."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.is_appending = threading.Event()
        self.let_go = threading.Event()
        self.fail_before = False
        self.fail_after = False

    def append(self, block: Block) -> None:
        """Append a block, once it is let go; a failure leaves open whether it is in the log."""
        self.is_appending.set()
        assert self.let_go.wait(HELD_AT_MOST_S), "a test forgot to let its commit go"
        if not self.fail_before:
            self._log.append(block)
        if self.fail_before or self.fail_after:
            raise LogPoisoned("p0000", "the disk said no, by order of a test")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)


class Running:
    """A partition at work on its two threads, what it answered, and what it failed of."""

    def __init__(self, partition: Partition, config: Config) -> None:
        self.partition = partition
        self.answers: list[AnswerFrame] = []
        self.failures: list[BaseException] = []
        self.loop = PartitionLoop(partition, config, on_commit=lambda: None, on_failure=self.failures.append)
        self.loop.start()

    def submit(self, frame: bytes) -> None:
        """Hand in a frame; its answer comes to `answers`."""
        self.loop.submit(frame, self.hear)

    @property
    def hear(self) -> Callable[[bytes], None]:
        return lambda data: self.answers.append(decode_answers(data))


@contextmanager
def running_partition(directory: Path, config: Config, *, held: bool = False) -> Iterator[Running]:
    """Partition 0 of a directory, opened and folded as its actor does it."""
    partition = Partition.open(directory, read_manifest(directory), 0, config, lambda: 1)
    log = partition.log
    if held:
        partition.log = HeldLog(log)  # type: ignore[assignment]
    running = Running(partition, config)
    try:
        yield running
    finally:
        running.loop.stop()
        log.close()
