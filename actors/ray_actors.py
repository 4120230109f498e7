"""The actors of an engine in Ray: their names, how they are made, found and asked."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from actors.partition_actor import PartitionActor
from actors.projector_actor import ProjectorActor
from actors.ray_runtime import ray
from actors.rebuilder_actor import RebuilderActor
from actors.snapshotter_actor import SNAPSHOTTER, SnapshotterActor
from engine.config import Config
from engine.errors import Unavailable
from storage.log_directory import log_name
from storage.log_identity import REFERENCE_PARTITION

Actors = dict[str, Any]
"""Handles by name, partitions first."""

Status = dict[str, Any]
"""What an actor says of itself."""


def projector_name(partition: int) -> str:
    """The name of a partition's projector; a partition has the name of its log."""
    return f"projector-{log_name(partition)}"


def rebuilder_name(partition: int) -> str:
    """The name of what rebuilds a partition's projection: there is at most one at a time."""
    return f"rebuilder-{log_name(partition)}"


def actor_names(partitions: int) -> list[str]:
    """The names of all actors of an engine."""
    numbers = range(partitions)
    logs = [*numbers, REFERENCE_PARTITION]
    return [*map(log_name, logs), *map(projector_name, numbers), SNAPSHOTTER]


def make_actors(directory: Path, partitions: int, config: Config) -> Actors:
    """Start every actor of an engine; they open their logs side by side, each waiting for what it follows."""
    place, packed = str(directory), msgspec.msgpack.encode(config)
    actors: Actors = {}
    for number in range(partitions):
        name = projector_name(number)
        actors[name] = _actor(ProjectorActor, name).remote(place, number, packed)
    for number in [*range(partitions), REFERENCE_PARTITION]:
        name = log_name(number)
        projector = "" if number == REFERENCE_PARTITION else projector_name(number)
        actors[name] = _actor(PartitionActor, name).remote(place, number, packed, projector)
    actors[SNAPSHOTTER] = _actor(SnapshotterActor, SNAPSHOTTER).remote(place, partitions, packed)
    return {name: actors[name] for name in actor_names(partitions)}


def make_rebuilder(directory: Path, partition: int, config: bytes) -> Any:
    """Start a rebuilder for a partition's projection; it ends with this process, and never starts again.

    Unavailable if there is one.
    """
    rebuilder = _actor(RebuilderActor, rebuilder_name(partition), restarts_max=0)
    try:
        return rebuilder.remote(str(directory), partition, config)
    except ValueError as error:
        raise Unavailable(
            f"somebody rebuilds the projection of partition {partition} already: wait for the end of that"
        ) from error


def find_actors(partitions: int) -> Actors:
    """The handles of every actor of the engine that this process has joined; Unavailable if one lacks."""
    try:
        return {name: ray.get_actor(name) for name in actor_names(partitions)}
    except ValueError as error:
        raise Unavailable(f"the engine lacks an actor, it is starting or stopping: {error}") from error


def _actor(role: type, name: str, restarts_max: int = -1) -> Any:
    """An actor class with the options of every actor here: it restarts by itself, its calls never do."""
    return ray.remote(role).options(
        name=name,
        num_cpus=0,
        max_restarts=restarts_max,
        max_task_retries=0,
        enable_task_events=False,
    )


class Roll:
    """Calls the roll: asks every actor how it is, without waiting for those that don't answer.

    An actor that still owes an answer is not asked again, so one that hangs collects no questions.

    Attributes:
        deaths: how often each actor died instead of answering.
    """

    def __init__(self, actors: Mapping[str, Any]) -> None:
        self._actors = actors
        self._owed: dict[str, Any] = {}
        self.deaths: Counter[str] = Counter()

    def call(self, within_s: float) -> dict[str, Status | None]:
        """Each actor's status; None of one that has not answered in time, or has just died."""
        for name, actor in self._actors.items():
            if name not in self._owed:
                self._owed[name] = actor.status.remote()
        answers = list(self._owed.values())
        ray.wait(answers, num_returns=len(answers), timeout=within_s)
        return {name: self._take(name) for name in self._actors}

    def _take(self, name: str) -> Status | None:
        try:
            status = {"actor": name, **ray.get(self._owed[name], timeout=0)}
        except ray.exceptions.GetTimeoutError:
            return None
        except ray.exceptions.RayError:
            self.deaths[name] += 1
            status = None
        del self._owed[name]
        return status


def restart(actor: Any) -> None:
    """End an actor's process; Ray starts another."""
    ray.kill(actor, no_restart=False)
