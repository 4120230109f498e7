"""The engine host: starts Ray and the actors of one directory, and stops exactly those."""

import fcntl
import os
import time
import uuid
from pathlib import Path
from typing import IO, Any

import msgspec

from actors.partition_actor import PartitionActor
from actors.ray_cluster import leave_ray, start_ray
from actors.ray_runtime import ray
from actors.reference_actor import ReferenceActor
from actors.roles.engine_files import open_manifest
from engine.config import Config
from engine.errors import Unavailable

HOST_FILE = "engine.json"
LOCK_FILE = "engine.lock"
READY_WITHIN_S = 120
"""How long actors may take to compile, open and fold before the start is called a failure."""


class HostRecord(msgspec.Struct, frozen=True):
    """Where a running engine is found: written by its host, read by whoever connects."""

    pid: int
    address: str
    partitions: int


class EngineHost:
    """Owns the processes of one engine; `stop` drains and ends them."""

    def __init__(self, directory: Path, config: Config) -> None:
        self.directory = directory.resolve()
        self.directory.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(self.directory)
        self.manifest = open_manifest(
            self.directory, config.engine.partitions, lambda: uuid.uuid4().bytes
        )
        self.address = start_ray(self.directory, config)
        self._start_actors(config)
        self._wait_until_ready()
        record = HostRecord(os.getpid(), self.address, self.manifest.partitions)
        (self.directory / HOST_FILE).write_bytes(msgspec.json.encode(record))

    def _start_actors(self, config: Config) -> None:
        packed = msgspec.msgpack.encode(config)
        where = str(self.directory)
        self.reference = _remote(ReferenceActor, "reference").remote(where, packed)
        ray.get(self.reference.status.remote())
        self.partitions = [
            _remote(PartitionActor, f"p{number:04d}").remote(where, number, packed, None)
            for number in range(self.manifest.partitions)
        ]

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            if all(status["ready"] for status in self.status()):
                return
            time.sleep(0.05)
        raise Unavailable(f"the partitions of {self.directory} did not get ready in {READY_WITHIN_S} s")

    def status(self) -> list[dict[str, Any]]:
        """One record a partition: pid, readiness, epoch, position, queue."""
        answers: list[dict[str, Any]] = ray.get([actor.status.remote() for actor in self.partitions])
        return answers

    def stop(self) -> None:
        """Drain the partitions, end every actor, leave Ray, and give the directory back."""
        ray.get([actor.stop.remote() for actor in self.partitions])
        leave_ray()
        (self.directory / HOST_FILE).unlink(missing_ok=True)
        self._lock.close()


def _remote(role: type, name: str) -> Any:
    """An actor class with the options of every actor here: it restarts by itself, its calls never do."""
    return ray.remote(role).options(
        name=name,
        num_cpus=0,
        max_restarts=-1,
        max_task_retries=0,
        enable_task_events=False,
    )


def _lock(directory: Path) -> IO[bytes]:
    """Hold the directory: one host at a time."""
    file = (directory / LOCK_FILE).open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise Unavailable(f"{directory} is in use by another engine: stop it first") from error
    return file
