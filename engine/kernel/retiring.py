"""Closed orders leave memory: which, in how large a slice, and what goes with them.

The slots that one OrdersRetired event names are few enough for a slice of at most a millisecond. Which orders
among them go follows from the tables alone, so live and in every fold the same ones go. Whoever keeps closed
orders on disk copies them before the event is folded: `retired_slots` names them.
"""

import numpy as np

from engine.kernel.free_rows import give_alias, give_execution, give_order, give_terms
from engine.kernel.index import remove
from engine.kernel.jit import entry, rule
from engine.kernel.order_facts import working_qty
from engine.kernel.quantity_breaks import HAS_GAP
from engine.rows.schema import newest_versions
from engine.vocabulary import EventKind, Lane

SLICE_STEPS_MAX = 1_024
"""Rows that one slice looks at or takes out: some 0.3 µs each, most of it waiting for memory."""

EXECUTIONS_RETIRED_MAX = 512
"""Most reports of an order that leaves memory: one with more stays, so that a slice stays small."""

_NEWEST = np.array(newest_versions(), np.uint8)
_32 = np.uint64(32)


@rule
def is_retirable(tables, order):
    """Whether nothing more is expected of an order: its days are over, nothing is left, pending or unsure."""
    if order["account"] == 0 or order["is_canceling"] or order["is_replacing"] or working_qty(order) != 0:
        return False
    if order["in_doubt"] or order["breaks"] & np.uint8(HAS_GAP):
        return False
    if order["is_corrected"]:
        # Reports of its family may be another order's, and they point at rows of this one.
        return False
    if not _are_days_over(tables, order):
        return False
    return _executions_of(tables, order) <= EXECUTIONS_RETIRED_MAX


@rule
def _are_days_over(tables, order):
    """Whether an order and its reports are of trading days before its venue's own.

    Where it was replaced no other venue may have such a day either: nobody remembers those ClOrdIDs after it.
    """
    venue = tables.venues[tables.instruments[order["instrument"]]["venue"]]
    if order["last_offset"] > venue["day_offset"]:
        return False
    if order["last_alias"] != 0 and venue["date_before"] >= tables.firm[0]["oldest_date"]:
        return False
    trade_date = np.int64(venue["trade_date"])
    return np.int64(order["key_hi"] >> _32) < trade_date and np.int64(order["report_date"]) < trade_date


@rule
def _executions_of(tables, order):
    """How many reports an order has, counted as far as it matters."""
    count = np.int64(0)
    at = np.int64(order["last_execution"])
    while at != 0 and count <= EXECUTIONS_RETIRED_MAX:
        at = np.int64(tables.executions[at]["prev_of_order"])
        count += 1
    return count


@entry
def slice_end(tables, first):
    """The last slot of the slice that begins at `first`; below `first` where no slot is left."""
    used = np.int64(tables.firm[0]["orders"])
    steps = np.int64(0)
    slot = np.int64(first)
    while slot <= used and steps < SLICE_STEPS_MAX:
        order = tables.orders[slot]
        steps += 1
        if is_retirable(tables, order):
            steps += _executions_of(tables, order)
        slot += 1
    return slot - 1


@entry
def retired_slots(tables, first, last, orders, executions):
    """How many orders of the slots from `first` to `last` go, and how many reports with them.

    Their slots are written to `orders` and `executions`, int64 arrays, as far as there is room.
    """
    going = np.int64(0)
    reports = np.int64(0)
    for slot in range(first, last + 1):
        if not is_retirable(tables, tables.orders[slot]):
            continue
        if going < len(orders):
            orders[going] = slot
        going += 1
        at = np.int64(tables.orders[slot]["last_execution"])
        while at != 0:
            if reports < len(executions):
                executions[reports] = at
            reports += 1
            at = np.int64(tables.executions[at]["prev_of_order"])
    return going, reports


@entry
def write_retired(views, at, tables, first, last, now):
    """Write OrdersRetired for the slots from `first` to `last` at row `at`; evolve is the caller's."""
    views.head[at] = views.head[len(views.head) - 1]
    head = views.head[at]
    head["prev_offset"] = -1
    head["causation"] = -1
    head["kind"] = EventKind.ORDERS_RETIRED
    head["schema"] = _NEWEST[EventKind.ORDERS_RETIRED]
    head["lane"] = Lane.ENGINE
    head["ts_event"] = now
    row = views.retirement[at]
    row["first_slot"] = first
    row["last_slot"] = last


@rule
def evolve_retired(row, tables):
    """Take out the closed orders among the slots, with their reports, ClOrdIDs and special terms."""
    firm = tables.firm[0]
    firm["retirements"] += 1
    firm["retired_next"] = firm["next_offset"]
    for slot in range(row["first_slot"], row["last_slot"] + 1):
        order = tables.orders[slot]
        if is_retirable(tables, order):
            firm["retired_date"] = max(np.int64(firm["retired_date"]), np.int64(order["key_hi"] >> _32))
            _retire(tables, slot)


@rule
def _retire(tables, slot):
    order = tables.orders[slot]
    at = np.int64(order["last_execution"])
    while at != 0:
        before = np.int64(tables.executions[at]["prev_of_order"])
        remove(tables.execution_index, tables.executions, at)
        give_execution(tables, at)
        at = before
    at = np.int64(order["last_alias"])
    while at != 0:
        before = np.int64(tables.aliases[at]["prev_of_order"])
        remove(tables.alias_index, tables.aliases, at)
        give_alias(tables, at)
        at = before
    if order["terms"] != 0:
        give_terms(tables, np.int64(order["terms"]))
    remove(tables.order_index, tables.orders, slot)
    give_order(tables, slot)
