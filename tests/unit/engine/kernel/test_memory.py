"""What an open order costs: its row, those of its index, and one execution report with its own."""

import subprocess
import sys

import pytest

from engine.kernel.jit import IS_NATIVE
from engine.kernel.kernel import Kernel, StagedBlock
from engine.kernel.retiring import SLICE_STEPS_MAX
from engine.kernel.tables import rows_used
from tests.model.commands import StartTradingDay
from tests.properties.choices import DAY_1
from tests.properties.side_by_side import START_NS
from tests.properties.translation import rows_of
from tests.unit.engine.kernel import open_orders
from tests.unit.engine.kernel.open_orders import FRAME, decide, fills, opened, submits

BYTES_MAX = 300
"""Of issue 3: an open order with index and one execution."""


@pytest.mark.skipif(not IS_NATIVE, reason="as plain Python so many orders take minutes")
def test_an_open_order_with_its_execution_takes_300_bytes_at_most() -> None:
    measure = [sys.executable, "-m", open_orders.__name__]
    done = subprocess.run(measure, stdout=subprocess.PIPE, text=True, check=True)

    assert 150 < float(done.stdout) <= BYTES_MAX


def test_a_days_closed_orders_leave_memory_to_the_next_days() -> None:
    """Rows that were given back are used again: a second day like the first needs no more of them."""
    orders = FRAME if IS_NATIVE else 200
    kernel = opened(2 * orders)
    used, slices = [], []
    for day in (DAY_1, DAY_1 + 1):
        new = submits(0, orders, day)
        assert (decide(kernel, new) == 1).all()
        assert (decide(kernel, fills(new, day, 2)) == 1).all()
        used.append([int(kernel.tables.firm[name][0]) for name in ("orders", "executions")])
        start_day(kernel, day + 1)
        slices.append(retired(kernel))

    assert used[0] == used[1] == [orders, orders]
    assert [sum(rows) for rows in slices] == [orders, orders]
    assert max(map(max, slices)) <= SLICE_STEPS_MAX
    assert rows_used(kernel.tables, "orders") == rows_used(kernel.tables, "executions") == 0


def start_day(kernel: Kernel, trade_date: int) -> None:
    """Begin a trading day at both venues."""
    days = [StartTradingDay(request_id=trade_date * 8 + n, venue=n, trade_date=trade_date) for n in (1, 2)]
    assert (decide(kernel, rows_of(list(days))) == 1).all()


def retired(kernel: Kernel) -> list[int]:
    """Let closed orders leave; gives how many did, slice by slice."""
    left: list[int] = []
    first, block = 1, StagedBlock(1_000)
    while first:
        first = kernel.retire(block, first, START_NS, lambda _, rows: left.append(len(rows.orders)))
    return left
