"""What leaves memory with an OrdersRetired event, and what is found again of it.

The rows go to whoever keeps them, beside the log; the kernel only says what they are and what it asks for.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

from engine.kernel.recalling import CL_ORD_ID, NAMES, NO_ROOM, ORDER_ID, missing_names
from engine.kernel.retiring import retired_slots
from engine.kernel.table_rows import ORDER, TERMS
from engine.kernel.tables import Tables, rows_used
from engine.kernel.views import CommandViews

_TERMS = ("stop_px", "min_qty", "display_qty", "expire_s")
"""What an order that nothing is pending of has beside its row."""

CLOSED_ORDER = np.dtype(ORDER.descr + [(name, TERMS[name].str) for name in _TERMS])
"""A closed order: its row in the order table, and the special terms that only some orders have."""


class RetiredRows(NamedTuple):
    """What an OrdersRetired event takes out of memory: CLOSED_ORDER and EXECUTION rows, copies.

    `counts` says how many of the executions each order has; they stand in the order of their orders, of one
    order the latest first.
    """

    orders: np.ndarray
    executions: np.ndarray
    counts: np.ndarray


Keep = Callable[[int, RetiredRows], None]
"""What keeps such rows: it gets the log offset of the event, and the rows."""


class Archive(Protocol):
    """What finds such rows again: all that has left memory and was not brought back since."""

    def find(self, hi: int, lo: int) -> RetiredRows | None:
        """The order with this id, alone, and its reports; None if it is not here."""

    def owner_of(self, hi: int, lo: int) -> tuple[int, int] | None:
        """The id of the order that a report with this key is about; None if it is not here."""


def retired_rows(tables: Tables, first: int, last: int) -> RetiredRows:
    """Copies of what an OrdersRetired event for these slots takes out, before it is folded."""
    slots, executions = np.zeros(0, np.int64), np.zeros(0, np.int64)
    counts = retired_slots(tables, first, last, slots, executions)
    slots, executions = (np.zeros(count, np.int64) for count in counts)
    retired_slots(tables, first, last, slots, executions)
    reports = tables.executions[executions]
    places = np.searchsorted(slots, reports["order"])
    return RetiredRows(_closed(tables, slots), reports, np.bincount(places, minlength=len(slots)))


def _closed(tables: Tables, slots: np.ndarray) -> np.ndarray:
    """The orders in these slots with their special terms."""
    rows = np.zeros(len(slots), CLOSED_ORDER)
    orders = tables.orders[slots]
    for name in ORDER.names or ():
        rows[name] = orders[name]
    for name in _TERMS:
        rows[name] = tables.terms[name][orders["terms"]]
    return rows


def closed_order(
    commands: CommandViews, start: int, looked_up: np.ndarray, tables: Tables, archive: Archive
) -> RetiredRows | None:
    """The closed order that the command at `start` waits for, or the one that is half back.

    None where it is not there, or has no room in the tables: `looked_up` says so. Many a command names
    nothing that was ever seen, so those behind it are looked up as well, up to the first that finds an order.
    """
    firm = tables.firm[0]
    if firm["recall_left"]:
        order = tables.orders[firm["recall_slot"]]
        rows = archive.find(int(order["key_hi"]), int(order["key_lo"]))
        assert rows is not None, "an order that comes back is where it was found"
        return rows
    at, rows = _first_found(commands, start, looked_up, tables, archive)
    if rows is None or at > start:
        return None
    if _has_room(tables, len(rows.executions)):
        return rows
    looked_up[at] = NO_ROOM
    return None


def _first_found(
    commands: CommandViews, start: int, looked_up: np.ndarray, tables: Tables, archive: Archive
) -> tuple[int, RetiredRows | None]:
    """The first command from `start` on that names a closed order, with it; others are noted as looked up."""
    room = NAMES * (len(commands.order) - start)
    places, keys = np.zeros((room, 2), np.int64), np.zeros((room, 2), np.uint64)
    count = int(missing_names(commands, start, tables, places, keys))
    retirements = int(tables.firm["retirements"][0])
    for (at, name), (hi, lo) in zip(places[:count].tolist(), keys[:count].tolist(), strict=True):
        rows = _find(archive, name, hi, lo)
        if rows is not None:
            looked_up[at] = 0
            return at, rows
        looked_up[at] = retirements
    return len(commands.order), None


def _find(archive: Archive, name: int, hi: int, lo: int) -> RetiredRows | None:
    if name in {ORDER_ID, CL_ORD_ID}:
        return archive.find(hi, lo)
    owner = archive.owner_of(hi, lo)
    return None if owner is None else archive.find(*owner)


def _has_room(tables: Tables, executions: int) -> bool:
    """Whether an order with so many reports has room in memory."""
    if rows_used(tables, "orders") + 1 >= len(tables.orders):
        return False
    return rows_used(tables, "executions") + executions < len(tables.executions)
