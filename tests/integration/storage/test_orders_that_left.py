"""Orders that left memory are on disk with their reports, and again from the log alone if they are lost."""

import shutil
from pathlib import Path

import numpy as np

from engine.kernel.retired_rows import CLOSED_ORDER, RetiredRows
from engine.kernel.table_rows import EXECUTION
from engine.vocabulary import EventKind
from storage.closed_orders import Closed, ClosedOrders
from tests.properties.side_by_side import SideBySide
from tests.unit.engine.kernel.test_retiring import DAY_2, first_day, folded_into, retire_into

UUID = bytes(16)


def opened(path: Path, side: SideBySide) -> ClosedOrders:
    """The orders that left, of a log as long as it is."""
    end = len(side.logged.log)
    return ClosedOrders.open(path, UUID, CLOSED_ORDER, EXECUTION, log_end=end, allow_volatile=True)


def kept_in(closed: ClosedOrders, kept: list[RetiredRows], offset: int, rows: RetiredRows) -> None:
    """Keep what leaves memory, unless it is kept from before."""
    kept.append(rows)
    if offset >= closed.next_offset:
        closed.keep(Closed(*rows), date=DAY_2, next_offset=offset + 1)


def shown(closed: ClosedOrders, kept: list[RetiredRows]) -> list[tuple[bytes, bytes]]:
    """Every order that left, as the disk has it, with its reports."""
    keys = [(int(row["key_hi"]), int(row["key_lo"])) for rows in kept for row in rows.orders]
    found = [closed.find(*key) for key in keys]
    return [(one.orders.tobytes(), one.reports.tobytes()) for one in found if one is not None]


def test_what_left_memory_is_on_disk_and_can_be_made_again_from_the_log(tmp_path: Path) -> None:
    side = first_day()
    kept: list[RetiredRows] = []
    again: list[RetiredRows] = []
    with opened(tmp_path / "closed", side) as closed:
        retire_into(side, lambda offset, rows: kept_in(closed, kept, offset, rows))
        first = shown(closed, kept)
        owner = closed.owner_of(*_key(kept[0].executions[0]))
    shutil.rmtree(tmp_path / "closed")

    with opened(tmp_path / "closed", side) as closed:
        folded_into(side, lambda offset, rows: kept_in(closed, again, offset, rows))

        assert shown(closed, again) == first
        assert len(first) == sum(len(rows.orders) for rows in kept) > 0
        assert owner in {_key(row) for row in kept[0].orders}
        assert closed.next_offset == len(side.logged.log)


def _key(row: np.void) -> tuple[int, int]:
    return int(row["key_hi"]), int(row["key_lo"])


def test_a_fold_keeps_nothing_twice(tmp_path: Path) -> None:
    side = first_day()
    kept: list[RetiredRows] = []
    with opened(tmp_path / "closed", side) as closed:
        retire_into(side, lambda offset, rows: kept_in(closed, kept, offset, rows))
    with opened(tmp_path / "closed", side) as closed:
        before = closed.next_offset

        folded_into(side, lambda offset, rows: kept_in(closed, kept, offset, rows))

        assert closed.next_offset == before == len(side.logged.log)
        assert side.logged.log["kind"][before - 1] == EventKind.ORDERS_RETIRED
