"""What is swapped under the roles: threads and time of the loops, failures and free space of the disk.

All of a simulation's processes live in one: so each environment is open once, for all of them, writable.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from actors import partition_loop, projector_loop
from storage import checkpoints, event_log, lmdb_environment, segment_writer, snapshots
from tests.simulation.disk import Disk
from tests.simulation.fibers import Threads, Time
from tests.simulation.world import World

MAP_BYTES = 2**28
"""Address space of one environment: more than any history fills."""

_open = lmdb_environment._open


def _open_writable(path: Path, *, create: bool, **_: Any) -> Any:
    return _open(path, writer=True, create=create, map_size_bytes=MAP_BYTES)


def _shared(path: Path, *, writer: bool) -> Any:
    """The environment at a path, if any of the processes has it open; several may write, as in earnest."""
    del writer
    return lmdb_environment._registry.get(lmdb_environment._place(path))


@contextmanager
def swapped(world: World) -> Iterator[None]:
    """Run the roles of a world on its threads, its time and its disk, for as long as the context lasts."""
    disk: Disk = world.disk
    time = Time(world.seconds)
    swaps: list[tuple[Any, str, Any]] = [
        (partition_loop, "threading", Threads),
        (partition_loop, "time", time),
        (projector_loop, "threading", Threads),
        (projector_loop, "time", time),
        (lmdb_environment, "_open", _open_writable),
        (lmdb_environment, "_known", _shared),
        (event_log, "append_block", disk.append_block),
        (event_log, "claim_segment", disk.claim_segment),
        (event_log, "create_segment", disk.create_segment),
        (event_log, "free_bytes", disk.free_bytes),
        (segment_writer, "free_bytes", disk.free_bytes),
        (snapshots, "free_bytes", disk.free_bytes),
        (checkpoints, "write_whole", disk.write_whole),
    ]
    with ExitStack() as stack:
        for module, name, substitute in swaps:
            stack.enter_context(patch.object(module, name, substitute))
        yield
