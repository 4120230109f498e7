"""What must hold after each step, and what in quiet moments, beside what each log and each answer shows.

Checkers here: `projection` and `snapshot` (equal to the fold of the log at their position), `live` (so is the
writer's own state), `leases` (together within the firm's limit).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from actors.roles.engine_files import capacity_of
from actors.roles.projector import Projector
from actors.roles.snapshots import Snapshots
from engine.client.transport import REFERENCE
from engine.kernel.kernel import Kernel
from tests.properties import lease_checks
from tests.simulation.processes import PartitionProcess, ProjectorProcess, SnapshotterProcess
from tests.simulation.violation import Violation

if TYPE_CHECKING:
    from tests.simulation.world import World


def check_followers(world: World) -> None:
    """Every projector that has moved, and every new snapshot, is the fold of its log."""
    for process in world.processes:
        if isinstance(process, ProjectorProcess):
            _check_projector(world, process)
        elif isinstance(process, SnapshotterProcess):
            _check_snapshotter(world, process)


def _check_projector(world: World, process: ProjectorProcess) -> None:
    if process.loop is None or process.loop.projector.applied_offset == process.checked_offset:
        return
    projector = process.loop.projector
    if projector.applied_offset < process.checked_offset:
        raise Violation("projection", f"{process.name} has gone back to {projector.applied_offset}")
    process.checked_offset = projector.applied_offset
    world.watches[process.number].check_digest(
        "projection", process.name, projector.applied_offset + 1, projector.digest()
    )


def _check_snapshotter(world: World, process: SnapshotterProcess) -> None:
    snapshotter = process.snapshotter
    if snapshotter is None or snapshotter.written == process.checked_snapshots:
        return
    process.checked_snapshots = snapshotter.written
    watch, kernel = (
        world.watches[process.number],
        Kernel(capacity_of(world.config, process.number), process.number),
    )
    found = Snapshots(process.path, watch.reader).fill(kernel.tables)
    watch.check_digest("snapshot", f"{process.name}'s newest", found.next_offset, kernel.digest())
    if found.next_offset != snapshotter.kernel.next_offset:
        raise Violation("snapshot", f"{process.name} wrote one, and the newest is of {found.next_offset}")


def check_quiet(world: World) -> None:
    """All that must be so where nothing is under way."""
    for watch in world.watches.values():
        watch.check_kept()
        watch.check_chain()
    for client in world.clients:
        client.check()
    for process in world.owners.values():
        if isinstance(process, PartitionProcess) and process.loop is not None:
            kernel = process.loop.partition.kernel
            watch = world.watches[process.number]
            watch.check_digest("live", process.name, kernel.next_offset, kernel.digest())
        elif isinstance(process, ProjectorProcess) and process.loop is not None:
            _check_books(world, process, process.loop.projector)
    _check_leases(world)


def _check_books(world: World, process: ProjectorProcess, live: Projector) -> None:
    """A projector that begins now and folds everything has the same state and the same books."""
    reader = world.watches[process.number].reader
    fresh = Projector(
        reader, capacity_of(world.config, process.number), partition=process.number, clock=process.clock
    )
    fresh.step()
    if (fresh.digest(), fresh.books_digest()) != (live.digest(), live.books_digest()):
        raise Violation("projection", f"{process.name} differs from a new one at {fresh.applied_offset}")


def _check_leases(world: World) -> None:
    """Leases keep within the limit at every prefix, and what was returned was there to be returned."""
    try:
        lease_checks.check_limit(world.watches[REFERENCE].log)
        lease_checks.check_returns(world.watches)
    except lease_checks.Exceeded as error:
        raise Violation("leases", str(error)) from error


def check_use_of_leases(world: World) -> None:
    """Every order found room in its partition's lease; folds row by row, so only once a history."""
    try:
        for number in lease_checks.PARTITIONS:
            lease_checks.check_partition(world.watches[number])
    except lease_checks.Exceeded as error:
        raise Violation("leases", str(error)) from error
