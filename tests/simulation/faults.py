"""Everything that may go wrong in a simulated world, one function a kind.

Each gives the move that does it, or None where there is nothing to do it to just now.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from actors.roles.closed_archive import archive_path
from actors.roles.projection_checkpoint import checkpoint_path
from actors.roles.snapshots import snapshot_path
from storage.log_directory import log_name
from storage.snapshots import SnapshotFiles
from tests.simulation.disk import COMMIT_FAULTS, FILE_FAULTS, ROOMY_BYTES, TIGHT_BYTES
from tests.simulation.moves import Move
from tests.simulation.processes import PartitionProcess, ProjectorProcess

if TYPE_CHECKING:
    from tests.simulation.world import World

MILLISECOND_NS = 10**6
JUMPS_MS = [-500, -20, 30, 2_000]
WAITS_MS = [20, 100, 450, 1_600]


class Fault(NamedTuple):
    """A kind of fault: its name, and what prepares one of it."""

    name: str
    prepare: Callable[[World], Move | None]


def kill_process(world: World) -> Move | None:
    """Any process dies, wherever it is."""
    if not world.processes:
        return None
    process = world.random.choice(world.processes)
    return Move(f"kill -9 {process.name}", lambda: world.kill(process))


def kill_client(world: World) -> Move:
    """A client dies and comes back with another session."""
    client = world.random.choice(world.clients)
    return Move(f"kill -9 {client.name}", client.crash)


def stop_process(world: World) -> Move | None:
    """An operator ends a process in an orderly way."""
    stoppable = [process for process in world.processes if process.is_ready]
    if not stoppable:
        return None
    process = world.random.choice(stoppable)
    return Move(f"stop {process.name}", lambda: process.run("stopper", process.stop))


def supersede(world: World) -> Move | None:
    """A second owner of a log is started beside the first, which goes on until it finds out."""
    alive = [process for process in world.owners.values() if isinstance(process, PartitionProcess)]
    alive = [process for process in alive if process.is_ready]
    if not alive or world.zombies:
        return None
    process = world.random.choice(alive)
    return Move(f"start another {process.name}", lambda: world.start(process.name))


def cut_power(world: World) -> Move:
    """The machine loses power between two steps."""
    return Move("power cut", world.cut_power)


def lose_request(world: World) -> Move | None:
    """A request gets lost."""
    if not world.network.requests:
        return None
    call = world.network.take_request()
    return Move(f"{call} is lost", lambda: world.network.lose(call))


def lose_answer(world: World) -> Move | None:
    """An answer gets lost."""
    if not world.network.answers:
        return None
    call, _ = world.network.take_answer()
    return Move(f"the answer of {call} is lost", lambda: call.end(None))


def double_request(world: World) -> Move | None:
    """A request arrives twice, now and at any later time."""
    if not world.network.requests:
        return None
    call = world.network.double_request()
    return Move(f"{call} will arrive twice", lambda: None)


def break_commit(world: World) -> Move:
    """The next commit of any log fails in one of the ways there are."""
    fault = world.random.choice(COMMIT_FAULTS)

    def prepare() -> None:
        world.disk.commit_fault = fault

    return Move(f"the next commit {fault}", prepare)


def break_file(world: World) -> Move:
    """The next snapshot or checkpoint fails while it is written."""
    fault = world.random.choice(FILE_FAULTS)

    def prepare() -> None:
        world.disk.file_fault = fault

    return Move(f"the next file {fault}", prepare)


def fill_disk(world: World) -> Move:
    """The disk is nearly full, or has room again."""
    is_tight = world.disk.free != ROOMY_BYTES

    def fill() -> None:
        world.disk.free = ROOMY_BYTES if is_tight else TIGHT_BYTES

    return Move("the disk has room again" if is_tight else "the disk is nearly full", fill)


def jump_clock(world: World) -> Move | None:
    """The clock of one process is set."""
    if not world.processes:
        return None
    process, jump_ms = world.random.choice(world.processes), world.random.choice(JUMPS_MS)
    return Move(
        f"the clock of {process.name} jumps {jump_ms} ms", lambda: process.jump(jump_ms * MILLISECOND_NS)
    )


def wait(world: World) -> Move:
    """Nothing happens for a while: everybody sleeps."""
    wait_ms = world.random.choice(WAITS_MS)

    def sleep() -> None:
        world.now_ns += wait_ms * MILLISECOND_NS

    return Move(f"{wait_ms} ms pass", sleep)


def harm_cache(world: World) -> Move | None:
    """A snapshot or a checkpoint is deleted, cut, changed, or takes the place of another."""
    files = _cache_files(world)
    if not files:
        return None
    file, harm = world.random.choice(files), world.random.choice([_delete, _cut, _flip, _take_place])
    return Move(f"{harm.__name__.strip('_')} {file.relative_to(world.directory)}", lambda: harm(world, file))


def _cache_files(world: World) -> list[Path]:
    snapshots = [
        path
        for number in world.watches
        for _, path in SnapshotFiles(snapshot_path(world.directory, number)).newest_first()
    ]
    checkpoints = [checkpoint_path(world.directory, number) for number in world.watches]
    return snapshots + [path for path in checkpoints if path.exists()]


def _delete(_: World, file: Path) -> None:
    file.unlink()


def _cut(world: World, file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: world.random.randrange(len(data))] if data else b"")


def _flip(world: World, file: Path) -> None:
    data = bytearray(file.read_bytes())
    if data:
        data[world.random.randrange(len(data))] ^= 1 << world.random.randrange(8)
    file.write_bytes(data)


def _take_place(world: World, file: Path) -> None:
    """Another cache file is copied over this one, as a restore by hand may do."""
    file.write_bytes(world.random.choice(_cache_files(world)).read_bytes())


def delete_archive(world: World) -> Move | None:
    """What has left memory is deleted, while its partition is not there."""
    dead = [
        name
        for name in (log_name(number) for number in world.watches)
        if name in world.owners and not world.owners[name].is_alive
    ]
    if not dead or world.zombies:
        return None
    number = world.owners[world.random.choice(dead)].number
    path = archive_path(world.directory, number)
    return Move(
        f"delete {path.relative_to(world.directory)}", lambda: shutil.rmtree(path, ignore_errors=True)
    )


def stop_projector(world: World) -> Move | None:
    """A projector ends in an orderly way, which leaves a checkpoint."""
    ready = [process for process in world.processes if isinstance(process, ProjectorProcess)]
    ready = [process for process in ready if process.is_ready]
    if not ready:
        return None
    process = world.random.choice(ready)
    return Move(f"stop {process.name}", lambda: process.run("stopper", process.stop))


FAULTS = [
    Fault("process killed", kill_process),
    Fault("client killed", kill_client),
    Fault("process stopped", stop_process),
    Fault("projector stopped", stop_projector),
    Fault("owner superseded", supersede),
    Fault("power cut", cut_power),
    Fault("request lost", lose_request),
    Fault("answer lost", lose_answer),
    Fault("request doubled", double_request),
    Fault("commit broken", break_commit),
    Fault("file broken", break_file),
    Fault("disk filled", fill_disk),
    Fault("clock set", jump_clock),
    Fault("time passed", wait),
    Fault("cache harmed", harm_cache),
    Fault("archive deleted", delete_archive),
]
"""Every kind there is; a history draws its own from them."""
