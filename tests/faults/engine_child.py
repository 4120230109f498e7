"""An engine in one process that sends itself frames, says what they were answered, and dies when it is told.

Frames are numbered, and so are the answers that it says: one JSON list a frame, its number and the offsets.
"""

import json
import os
import random
import signal
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from actors.bench.flow import Flow
from actors.local_transport import LocalTransport
from actors.roles.snapshots import Snapshots, snapshot_path
from actors.roles.snapshotter import Snapshotter
from engine.client.transport import REFERENCE
from engine.config import SnapshotConfig
from engine.vocabulary import AnswerCode
from storage.event_log import EventLog
from storage.log_directory import log_name
from storage.log_reader import LogReader
from tests.integration.storage.snapshot_place import SMALL

FRAMES_A_LIFE = 12
"""Within so many a child that kills itself has done so; another waits for its end after twice as many."""

ORDERS_A_FRAME = 4
"""Some twenty commands: a frame is decided and committed in a millisecond."""

DEFINED_EVERY = 5
"""Frames between two that define names and limits."""

MARKET = 2
"""Frames that are sent before anything is killed: a mark that is sent again is a new one."""

START_NS = 1_767_312_000 * 10**9
FRAME_NS = 10**6
"""The clock goes on by so much a frame, whoever sends it: kills don't change what time anything happens."""

CONFIG = msgspec.structs.replace(SMALL, snapshot=SnapshotConfig(events=50, verify_every=3))
"""Small tables; a snapshot after every third frame."""


class Instant(StrEnum):
    """When a child dies; but for the last it kills itself."""

    AFTER_COMMIT = "between a commit and its answers"
    BEFORE_COMMIT = "before a commit"
    IN_SNAPSHOT = "in a snapshot"
    ANY = "at any time"


class Sent(NamedTuple):
    """A frame: whom it is for, its COMMAND rows, and the AnswerCode of each."""

    partition: int
    rows: np.ndarray
    codes: np.ndarray


def made_frames(seed: int, count: int) -> list[Sent]:
    """The first frames of a seed: definitions and the market, then orders through their whole lives.

    Every few frames names and limits are defined once more, which is recorded in another log and copied.
    """
    flow = Flow(seed=seed, accounts=4, instruments=4)
    frames = [_accepted(REFERENCE, flow.definitions()), _accepted(0, flow.market())]
    while len(frames) < count:
        is_definition = len(frames) % DEFINED_EVERY == 0
        frames.append(_accepted(REFERENCE, flow.definitions()) if is_definition else _wave(flow))
    return frames


def _accepted(partition: int, rows: np.ndarray) -> Sent:
    return Sent(partition, rows, np.full(len(rows), AnswerCode.ACCEPTED, np.uint8))


def _wave(flow: Flow) -> Sent:
    return Sent(0, *flow.wave(ORDERS_A_FRAME))


class Engine:
    """The engine in a directory, its clock, and a snapshotter that follows whenever it is told."""

    def __init__(self, directory: Path, frame: int) -> None:
        self._frame = frame
        self.transport = LocalTransport(directory, CONFIG, self._clock, allow_volatile=True)
        self._reader = LogReader.open(directory / log_name(0))
        snapshots = Snapshots(snapshot_path(directory, 0), self._reader)
        self._snapshotter = Snapshotter(self._reader, snapshots, CONFIG, partition=0, clock=self._clock)

    def send(self, number: int, frame: Sent) -> np.ndarray:
        """Send a frame; gives its ANSWER rows, once they are durable."""
        self._frame = max(self._frame, number)
        return self.transport.deliver(frame.partition, frame.rows)[0]

    def follow(self) -> None:
        """Let the snapshotter go to the end of the log."""
        while self._snapshotter.step():
            pass

    def _clock(self) -> int:
        return START_NS + self._frame * FRAME_NS

    def close(self) -> None:
        """End it in order."""
        self._reader.close()
        self.transport.close()


def live(directory: Path, acks: int, frames: list[Sent], resume: int, dying: Callable[[], None]) -> None:
    """Send frames from number `resume` on and say what each was answered; `dying` says when to die."""
    engine = Engine(directory, resume)
    dying()
    for number in range(resume, resume + 2 * FRAMES_A_LIFE):
        say(acks, number, engine.send(number, frames[number]))
        engine.follow()
    signal.pause()


def say(acks: int, number: int, answers: np.ndarray) -> None:
    """Say what a frame was answered."""
    os.write(acks, (json.dumps([number, answers["offset"].tolist()]) + "\n").encode())


def dying_at(instant: Instant, chance: random.Random) -> Callable[[], None]:
    """What lets a process kill itself at the n-th such instant from when it is called; n is drawn."""
    left = chance.randrange(FRAMES_A_LIFE)

    def tick() -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    match instant:
        case Instant.AFTER_COMMIT:
            return lambda: _wrap(EventLog, "append", after=tick)
        case Instant.BEFORE_COMMIT:
            return lambda: _wrap(EventLog, "append", before=tick)
        case Instant.IN_SNAPSHOT:
            # Nothing else calls it here: LMDB has a flush of its own.
            return lambda: _wrap(os, "fsync", before=tick, after=tick)
    return nothing


def nothing() -> None:
    """Do nothing."""


def _wrap(
    owner: Any, name: str, before: Callable[[], None] = nothing, after: Callable[[], None] = nothing
) -> None:
    """Do something before and after each call of a function, in this process and for the rest of its life."""
    function = getattr(owner, name)

    def wrapped(*arguments: Any) -> Any:
        before()
        given = function(*arguments)
        after()
        return given

    setattr(owner, name, wrapped)
