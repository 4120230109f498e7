"""Trades orders and fills a part of each; run by itself, it prints the resident bytes that one of them takes.

It is a process of its own that measures, because memory that another test gives back meanwhile, or has given
back before, would be taken for less.
"""

import os
from pathlib import Path

import numpy as np

from engine.kernel.kernel import FrameInWork, Kernel, StagedBlock
from engine.kernel.keys import fill_order_ids
from engine.kernel.tables import Capacity
from engine.rows.commands import command_rows
from engine.vocabulary import CommandKind, ExecType, Lane, OrdType, Side, TimeInForce
from tests.model.commands import SetLimits
from tests.properties.choices import DAY_1
from tests.properties.draws import Draws
from tests.properties.flow import open_trading
from tests.properties.side_by_side import ROOMY, START_NS, SideBySide
from tests.properties.translation import rows_of

ORDERS = 1_000_000
"""So many that whole pages, some of 2 MiB, hardly count."""
FRAME = 10_000
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


def bytes_of_an_order() -> float:
    """What each of a million open orders takes, with its index and one execution."""
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
    return bytes_each


if __name__ == "__main__":
    print(bytes_of_an_order())
