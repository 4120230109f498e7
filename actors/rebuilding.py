"""How a rebuild is run on a running engine: start the rebuilder, watch it, let the projector switch."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from actors.ray_actors import make_rebuilder, projector_name
from actors.ray_runtime import ray
from actors.roles.projection_checkpoint import PROJECTION
from actors.roles.projection_switch import Verdict
from engine.errors import BadRequest, IntegrityError, Unavailable
from storage.log_directory import log_name

POLL_S = 0.1
"""How often the rebuilder is asked how far it is."""

STATUS_WITHIN_S = 60.0
"""How long a call may take that needs no more than a living process; a new one imports everything first."""

SWITCH_WITHIN_S = 600.0
"""How long loading, catching up, comparing and switching may take: some seconds for a million open orders."""

Show = Callable[[float, float], None]
"""Is told how many events are folded, and of how many."""


def projection_names(partitions: int) -> dict[str, int]:
    """The projections of an engine and whose partition each is of."""
    return {f"{log_name(number)}-{PROJECTION}": number for number in range(partitions)}


def chosen(name: str, partitions: int) -> dict[str, int]:
    """The projections that a name means: one, or that of every partition; BadRequest if none."""
    names = projection_names(partitions)
    if name == PROJECTION:
        return names
    if name not in names:
        raise BadRequest(
            f"there is no projection {name}: there are {', '.join(names)}; {PROJECTION} means all of them"
        )
    return {name: names[name]}


def rebuild(directory: Path, partition: int, show: Show) -> Verdict:
    """Rebuild the projection of a partition of the engine that this process has joined, and switch to it.

    Where the verdict names differences nothing was switched. Raises Unavailable, NotReady or IntegrityError
    if it came to no verdict, and then nothing changed either.
    """
    projector = _found(projector_name(partition))
    settings = _answer(projector.settings.remote(), STATUS_WITHIN_S)
    rebuilder = make_rebuilder(directory, partition, settings)
    try:
        _wait_until_done(rebuilder, show)
        verdict = _answer(projector.switch.remote(), SWITCH_WITHIN_S)
    finally:
        ray.kill(rebuilder)
    return msgspec.msgpack.decode(verdict, type=Verdict)


def _found(name: str) -> Any:
    try:
        return ray.get_actor(name)
    except ValueError as error:
        raise Unavailable(f"the engine lacks {name}, it is starting or stopping: {error}") from error


def _wait_until_done(rebuilder: Any, show: Show) -> None:
    while True:
        status = _answer(rebuilder.status.remote(), STATUS_WITHIN_S)
        failure = status.get("failure")
        if failure is not None:
            message = f"the rebuild can't go on: {failure['message']}"
            raise IntegrityError(message) if failure["is_integrity"] else Unavailable(message)
        show(status.get("applied_offset", -1) + 1, status.get("log_end") or 1)
        if status["ready"]:
            return
        time.sleep(POLL_S)


def _answer(call: Any, within_s: float) -> Any:
    """What an actor answers; its own error, or Unavailable if it ended or says nothing."""
    try:
        return ray.get(call, timeout=within_s)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from None
    except ray.exceptions.RayError as error:
        # Ray goes on for many lines about what may end a process.
        why = str(error).partition("\n")[0]
        raise Unavailable(f"the rebuild came to no verdict, and reads go on; run it again: {why}") from error
