"""Busts and corrections of trades: what a venue takes back, in whichever order it says so.

A correction names the report that it is about by that report's execution key (ExecRefID, 19), so reports form
families: a trade, its corrections, theirs. One that names a report nobody has seen leaves a row that awaits
it. What a trade counts for follows from the set of its family alone: a bust anywhere makes it void; else the
correction farthest from the trade stands, of several as far the latest by `ts_event`, then by key. Each
family's first row keeps which one stands.
"""

import numpy as np

from engine.kernel.index import find
from engine.kernel.jit import rule
from engine.vocabulary import ExecType, Reason

QTY, PRICE, SLOT = 5, 6, 7
"""Where a claim says what the trade counts for, and which report says so; before them is its rank."""


@rule
def corrected_slot(tables, report, slot):
    """The order that a correction is about: that of its trade, else the one that it names."""
    target = find(tables.execution_index, tables.executions, report["exec_ref_hi"], report["exec_ref_lo"])
    order = np.int64(tables.executions[top_of(tables, target)]["order"])
    return order if order != 0 else slot


@rule
def top_of(tables, slot):
    """The first report of a family, as far as it is known; 0 of nobody's."""
    while tables.executions[slot]["refers_to"] != 0:
        slot = np.int64(tables.executions[slot]["refers_to"])
    return np.int64(slot)


@rule
def is_booked(tables, slot):
    """Whether a report is a trade that its position counts."""
    return tables.fills[tables.executions[slot]["fill"]]["position"] != 0


@rule
def claim_of(exec_type, depth, ts_event, hi, lo, qty, price, slot):
    """What a correction claims: (bust, distance from the trade, time, key; quantity, price, its own row)."""
    if exec_type == ExecType.TRADE_CANCEL:
        return np.int64(1), depth, np.int64(0), hi, lo, np.int64(0), np.int64(0), slot
    return np.int64(0), depth, np.int64(ts_event), hi, lo, np.int64(qty), np.int64(price), slot


@rule
def awaited_numbers(tables, own, qty, price):
    """What a trade counts for at once, where corrections have come before it: (quantity, price)."""
    latest = np.int64(tables.executions[own]["latest"])
    if latest == 0:
        return np.int64(qty), np.int64(price)
    claim = _claim_at(tables, latest, np.int64(0))
    return claim[QTY], claim[PRICE]


@rule
def depth_below(tables, target):
    """How far from the first report of its family a correction of `target` is."""
    return _depth_of(tables, target) + 1


@rule
def standing(tables, top, own, claim):
    """The claim that stands in the family of `top` once `claim` is in it, with those that await row `own`."""
    stands = claim
    waiting = np.int64(tables.executions[own]["latest"])
    if waiting != 0:
        stands = _later(stands, _claim_at(tables, waiting, claim[1]))
    latest = np.int64(tables.executions[top]["latest"])
    if latest != 0:
        stands = _later(stands, _claim_at(tables, latest, np.int64(0)))
    return stands


@rule
def correction_reason(tables, target, own):
    """What is odd about a correction of the report at `target` (0: not seen), or NONE."""
    top = top_of(tables, target)
    if top == 0 or not is_booked(tables, top):
        return unbooked_reason(tables, top, own)
    latest = np.int64(tables.executions[top]["latest"])
    if tables.executions[latest]["exec_type"] == ExecType.TRADE_CANCEL:
        return np.int64(Reason.BUST_OF_BUST)
    if target != (latest if latest != 0 else top):
        return np.int64(Reason.SECOND_CORRECTION)
    return np.int64(Reason.NONE)


@rule
def unbooked_reason(tables, top, own):
    """The same where the family's trade is not known, or its first report is no trade."""
    if own != 0 and top == own:
        return np.int64(Reason.SECOND_CORRECTION)
    exec_type = tables.executions[top]["exec_type"]
    if exec_type == 0 or exec_type == ExecType.TRADE:
        return np.int64(Reason.CORRECTION_AWAITED)
    return np.int64(Reason.BUST_OF_BUST)


@rule
def link(tables, own, target, claim):
    """Put a correction into its target's family; gives the first row, whose `latest` is what stands now.

    One that leads back to itself is in no family but its own: 0.
    """
    top = top_of(tables, target)
    if top == own:
        return np.int64(0)
    stands = standing(tables, top, own, claim)
    tables.executions[own]["refers_to"] = target
    tables.executions[top]["latest"] = stands[SLOT]
    return top


@rule
def _depth_of(tables, slot):
    """How many steps a report is from the first of its family."""
    depth = np.int64(0)
    while tables.executions[slot]["refers_to"] != 0:
        slot = np.int64(tables.executions[slot]["refers_to"])
        depth += 1
    return depth


@rule
def _claim_at(tables, slot, above):
    """The claim of a correction that is in the tables, its first row being `above` steps from the trade."""
    execution = tables.executions[slot]
    fill = tables.fills[execution["fill"]]
    depth = above + _depth_of(tables, slot)
    return claim_of(
        execution["exec_type"],
        depth,
        fill["ts_event"],
        execution["key_hi"],
        execution["key_lo"],
        fill["qty"],
        fill["price"],
        np.int64(slot),
    )


@rule
def _later(a, b):
    """Of two claims the one that stands."""
    if a[0] != b[0]:
        return a if a[0] > b[0] else b
    if a[1] != b[1]:
        return a if a[1] > b[1] else b
    if a[2] != b[2]:
        return a if a[2] > b[2] else b
    if a[3] != b[3]:
        return a if a[3] > b[3] else b
    return a if a[4] >= b[4] else b
