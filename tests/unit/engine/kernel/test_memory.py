"""What an open order costs: its row, those of its index, and one execution report with its own."""

import os
from pathlib import Path

import numpy as np
import pytest

from engine.kernel.jit import IS_NATIVE
from engine.kernel.kernel import FrameInWork, Kernel, StagedBlock
from engine.kernel.keys import fill_order_ids
from engine.kernel.retiring import SLICE_STEPS_MAX
from engine.kernel.tables import Capacity, rows_used
from engine.rows.commands import command_rows
from engine.vocabulary import CommandKind, ExecType, Lane, OrdType, Side, TimeInForce
from tests.model.commands import SetLimits, StartTradingDay
from tests.properties.choices import DAY_1
from tests.properties.draws import Draws
from tests.properties.flow import open_trading
from tests.properties.side_by_side import ROOMY, START_NS, SideBySide
from tests.properties.translation import rows_of

ORDERS = 1_000_000
"""So many that whole pages, some of 2 MiB, hardly count."""
FRAME = 10_000
BYTES_MAX = 300
"""Of issue 3: an open order with index and one execution."""
NAME = np.dtype([("name_w0", "<u8"), ("name_w1", "<u8")])


def resident_bytes() -> int:
    """What this process has in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def opened(orders: int) -> Kernel:
    """A kernel with tables for so many orders, ready to trade; no page of them is touched yet."""
    side = SideBySide(ROOMY)
    open_trading(Draws(side))
    kernel = Kernel(Capacity(orders=orders, executions=orders, refuse_percent=100))
    limits = SetLimits(
        request_id=2**127,
        account=1,
        max_order_qty=10,
        max_order_notional=10**16,
        max_long_qty=10**9,
        max_short_qty=0,
        collar_ppm=10**6,
        orders_per_second=10**6,
        burst=10**6,
    )
    for rows in (side.sent[0].commands, rows_of([limits])):
        decide(kernel, rows)
    return kernel


def decide(kernel: Kernel, rows: np.ndarray) -> np.ndarray:
    """Decide a frame; gives the codes of its answers."""
    frame = FrameInWork(rows)
    assert kernel.decide(frame, StagedBlock(len(rows) + 8), START_NS, lambda _: np.zeros(0))
    codes: np.ndarray = frame.answers["code"]
    return codes


def submits(first: int, count: int, trade_date: int = DAY_1) -> np.ndarray:
    """New orders with ClOrdIDs from this number on."""
    rows = command_rows(count)
    rows["kind"], rows["lane"], rows["seq"] = CommandKind.SUBMIT_ORDER, Lane.OWNER, 1
    rows["trade_date"] = trade_date
    rows["account"], rows["instrument"], rows["strategy"] = 1, 1, 1
    rows["side"], rows["ord_type"], rows["time_in_force"] = Side.BUY, OrdType.LIMIT, TimeInForce.GTC
    rows["qty"], rows["price"] = 2, 100
    rows["text"] = [b"C%d" % number for number in range(first, first + count)]
    fill_order_ids(rows, np.repeat(np.array([b"ACC-1"], "S16").view(NAME), count))
    return rows


def fills(orders: np.ndarray, trade_date: int = DAY_1, qty: int = 1) -> np.ndarray:
    """So much of each order is filled: a part, unless more is said."""
    rows = command_rows(len(orders))
    rows["kind"], rows["lane"] = CommandKind.EXECUTION_REPORT, Lane.VENUE
    rows["exec_type"], rows["venue"], rows["trade_date"] = ExecType.TRADE, 1, trade_date
    rows["qty"], rows["price"] = qty, 100
    for name in ("order_id_hi", "order_id_lo", "text"):
        rows[name] = orders[name]
    return rows


def trade(kernel: Kernel, begin: int, end: int) -> None:
    """Submit the orders from one number to another, and fill a part of each."""
    for first in range(begin, end, FRAME):
        orders = submits(first, min(FRAME, end - first))
        assert (decide(kernel, orders) == 1).all()
        assert (decide(kernel, fills(orders)) == 1).all()


@pytest.mark.skipif(not IS_NATIVE, reason="as plain Python so many orders take minutes")
def test_an_open_order_with_its_execution_takes_300_bytes_at_most() -> None:
    # What the first orders load, compile and allocate is no order's. Their kernel is kept: memory that it
    # gave back would come again, and be resident already.
    first = opened(2 * FRAME)
    trade(first, 0, 2 * FRAME)
    kernel = opened(ORDERS)
    trade(kernel, 0, 1)
    before = resident_bytes()

    trade(kernel, 1, ORDERS)

    bytes_each = (resident_bytes() - before) / ORDERS
    assert [int(one.tables.firm["open_orders"][0]) for one in (first, kernel)] == [2 * FRAME, ORDERS]
    assert 150 < bytes_each <= BYTES_MAX


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
