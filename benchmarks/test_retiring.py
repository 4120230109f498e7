"""What a slice of closed orders costs: the writer takes it out of memory, the committer keeps it on disk."""

from pathlib import Path
from typing import Any

import pytest

from actors.bench.flow import TRADE_DATE
from actors.roles.closed_archive import ClosedArchive
from benchmarks.conftest import ROWS, Prepared
from engine.kernel.retired_rows import RetiredRows
from engine.rows.commands import command_rows
from engine.vocabulary import CommandKind, Lane

ROUNDS = 20
ORDERS = 60_000
"""More than all rounds look at."""
TODAY = TRADE_DATE + 1


@pytest.fixture
def closed(prepared: Prepared) -> Prepared:
    """A kernel that has many orders of the day before, most of them closed."""
    while int(prepared.kernel.tables.firm["orders"][0]) < ORDERS:
        prepared.decide(prepared.frame())
    day = command_rows(1)
    day["kind"], day["lane"], day["request_lo"] = CommandKind.START_TRADING_DAY, Lane.OPERATOR, 2**63
    day["venue"], day["trade_date"] = 1, TODAY
    prepared.decide(day)
    return prepared


class Slices:
    """One slice after the other; keeps what left memory last."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self.first = 1
        self.left: list[tuple[int, RetiredRows]] = []

    def take(self) -> None:
        """Take the next slice out of memory."""
        prepared = self.prepared
        prepared.block.used = 0
        self.first = prepared.kernel.retire(prepared.block, self.first, 1, self._keep)

    def _keep(self, offset: int, rows: RetiredRows) -> None:
        self.left.append((offset, rows))


def test_take_a_slice_out_of_memory(benchmark: Any, closed: Prepared) -> None:
    """What frames wait for at most: 1 ms is the bound."""
    slices = Slices(closed)
    benchmark.pedantic(slices.take, rounds=ROUNDS, warmup_rounds=2)
    assert sum(len(rows.orders) for _, rows in slices.left) > ROWS


def test_keep_a_slice_on_disk(benchmark: Any, closed: Prepared, tmp_path: Path) -> None:
    """With the flush that makes it durable, beside the log's own."""
    slices = Slices(closed)
    while len(slices.left) < ROUNDS + 2:
        slices.take()
    archive = ClosedArchive(tmp_path / "closed", bytes(16), log_end=0, window_days=30)

    def keep() -> None:
        offset, rows = slices.left.pop(0)
        archive.keep(offset, rows, TODAY)
        archive.commit(offset + 1)

    benchmark.pedantic(keep, rounds=ROUNDS, warmup_rounds=2)
    archive.close()
