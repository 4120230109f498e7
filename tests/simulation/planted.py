"""Mistakes planted into the roles: a simulation that did not find them would prove nothing.

Each names the checker that must see it first. `python -m tests.simulation.run --planted "NAME" --seeds 20`
shows the message and the step.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

from actors.roles import lease_keeper
from actors.roles.frame_order import Admitted, FrameOrder, Place
from actors.roles.lease_keeper import LeaseKeeper, Wishes
from actors.roles.partition import Batch, Partition
from actors.roles.projector import Projector
from actors.roles.recovery import Progress
from actors.roles.snapshots import Snapshots
from actors.roles.snapshotter import Snapshotter
from engine.kernel.kernel import Kernel
from engine.kernel.tables import Tables
from engine.reads.lease_rows import lease_rows
from engine.rows.commands import COMMAND
from engine.rows.events import HEAD
from engine.vocabulary import CommandKind, Lane
from storage import segment_writer
from storage.block import Block
from storage.errors import LogPoisoned
from tests.simulation.processes import SteppedPartition, SteppedProjector


class Planted(NamedTuple):
    """What is replaced where, and which checkers may be the first to see it."""

    checkers: tuple[str, ...]
    place: Any
    name: str
    substitute: Callable[..., Any]


def _answer_first(partition: SteppedPartition, batch: Batch) -> None:
    partition.answer(batch)
    Partition.commit(partition, batch)


def _forget_last(partition: SteppedPartition, work: Any, batch: Batch) -> bool:
    """Take the last number of an order for one that is still to come."""
    orders = partition.kernel.tables.orders
    for command in work.commands.order[work.next :]:
        if command["lane"] == Lane.OWNER:
            is_last = (orders["key_lo"] == command["order_id_lo"]) & (orders["last_seq"] == command["seq"])
            orders["last_seq"][is_last & (orders["last_seq"] > 1)] -= 1
    return Partition._decide(partition, work, batch)


def _skip(projector: Projector, block: Block, until: int) -> None:
    """Leave out one block in many, and count it as folded."""
    if block.header.block_hash[0] < 16:
        projector.tables.firm["next_offset"] = min(block.header.next_offset, until)
    else:
        Projector._fold_block(projector, block, until)


def _believe_the_disk(partition: SteppedPartition, batch: Batch) -> None:
    try:
        Partition.commit(partition, batch)
    except LogPoisoned:
        partition.log._poison = None


_look = LeaseKeeper.look


def _record_too_early(keeper: LeaseKeeper, tables: Tables, durable_next: int, now_ns: int) -> Wishes:
    """Tell the reference log of a return that the partition has not decided."""
    wishes = _look(keeper, tables, durable_next, now_ns)
    granted = [row for row in lease_rows(tables) if row["granted"] > row["returning"]]
    if not granted or granted[0]["serial"] > 5 or not wishes.is_empty:
        return wishes
    record = lease_keeper._command(granted[0], CommandKind.RETURN_LEASE, 1)
    record["source_offset"] = durable_next
    return Wishes(record.view(COMMAND), wishes.of_partition)


def _admit_at_once(_: FrameOrder[Any], place: Place, item: Any) -> Admitted[Any]:
    del place
    return Admitted([] if item is None else [item], [])


def _fold_less(snapshotter: Snapshotter, kernel: Kernel, until: int) -> None:
    """Fold, and leave out one block in some; the proof does the same, and so sees nothing."""
    with snapshotter._log.borrow(kernel.next_offset, until) as blocks:
        for block in blocks if kernel.next_offset < until else ():
            if block.header.block_hash[0] < 32:
                kernel.tables.firm["next_offset"] = block.header.next_offset
            else:
                kernel.fold(block.rows(HEAD).copy(), block.header.append_ts_last_ns)


def _recover_too_much(partition: SteppedPartition, snapshots: Snapshots, progress: Progress) -> None:
    """Recover, with one unit too much in every position."""
    Partition.recover(partition, snapshots, progress)
    positions = partition.kernel.tables.positions
    positions["qty"] += positions["qty"] != 0


PLANTED = {
    "an answer leaves before its commit": Planted(("lost",), SteppedPartition, "commit", _answer_first),
    "the last number of an order is forgotten": Planted(
        ("doubled", "lane"), SteppedPartition, "_decide", _forget_last
    ),
    "a projector skips a block": Planted(("projection",), SteppedProjector, "_fold_block", _skip),
    "no fence": Planted(("fence",), segment_writer, "require_epoch", lambda *_: None),
    "a commit that fails is believed": Planted(
        ("lost", "history", "roles"), SteppedPartition, "commit", _believe_the_disk
    ),
    "a lease is given back that nobody has returned": Planted(
        ("leases",), LeaseKeeper, "look", _record_too_early
    ),
    "frames overtake each other": Planted(("history",), FrameOrder, "admit", _admit_at_once),
    "a start gives every position a unit too much": Planted(
        ("recovery",), SteppedPartition, "recover", _recover_too_much
    ),
    "a snapshotter skips a block": Planted(("snapshot",), Snapshotter, "_fold", _fold_less),
}
"""By name. The first four are those that every change of this harness must go on finding."""


@contextmanager
def planted(name: str | None) -> Iterator[None]:
    """Run with a mistake, by its name, or without any."""
    with ExitStack() as stack:
        if name is not None:
            plant = PLANTED[name]
            stack.enter_context(patch.object(plant.place, plant.name, plant.substitute))
        yield
