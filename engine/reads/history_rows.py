"""Events as answers: those of one order, by its own chain through the log, and those of a stretch of it."""

from collections.abc import Callable

import numpy as np

from engine.kernel.tables import Tables
from engine.projections.lookups import find_orders
from engine.reads.event_rows import event_rows_of
from engine.reads.order_rows import id_rows
from engine.reads.questions import ROWS_MAX, ReadEvents
from engine.reads.rows import EVENT_ROW
from engine.rows.events import HEAD

RowsAt = Callable[[np.ndarray], np.ndarray]
"""From offsets to rows of the log, uint8 of shape (n, row bytes)."""


def history_rows(tables: Tables, order_id: bytes, rows_at: RowsAt) -> np.ndarray:
    """EVENT_ROW rows of an order's events, oldest first; none if the order is unknown."""
    ids, slots = id_rows(order_id), np.zeros(1, np.int64)
    find_orders(ids, tables.order_index, tables.orders, slots)
    if slots[0] == 0:
        return np.zeros(0, EVENT_ROW)
    offsets, events = walk_back(int(tables.orders[slots[0]]["last_offset"]), rows_at)
    return event_rows_of(tables, offsets, events)


def walk_back(offset: int, rows_at: RowsAt) -> tuple[np.ndarray, np.ndarray]:
    """The offsets and events of a chain that ends at `offset`, oldest first; the newest ROWS_MAX at most."""
    offsets: list[int] = []
    found: list[bytes] = []
    while offset >= 0 and len(found) < ROWS_MAX:
        row = rows_at(np.array([offset], np.int64)).tobytes()
        offsets.append(offset)
        found.append(row)
        previous = int(np.frombuffer(row, HEAD)["prev_offset"][0])
        assert previous < offset, f"event {offset} names {previous} as the one before: run orderfold verify"
        offset = previous
    return np.array(offsets[::-1], np.int64), np.frombuffer(b"".join(found[::-1]), HEAD)


def stretch_rows(tables: Tables, question: ReadEvents, rows_at: RowsAt) -> np.ndarray:
    """EVENT_ROW rows of the events that match among the `limit` from `start` on that are folded."""
    end = min(question.start + question.limit, int(tables.firm["next_offset"][0]))
    if question.start >= end:
        return np.zeros(0, EVENT_ROW)
    offsets = np.arange(question.start, end)
    events = rows_at(offsets).view(HEAD).reshape(-1)
    is_wanted = np.ones(len(events), bool)
    for name in ("account", "strategy", "instrument"):
        handle = getattr(question, name)
        is_wanted &= (handle == 0) | (events[name] == handle)
    return event_rows_of(tables, offsets[is_wanted], events[is_wanted])
