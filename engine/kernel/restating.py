"""A position rolled back and played forward: fills count in the order of their time, not of their arrival.

The fills of a position are linked from the last to the first by `ts_event`, those of one time in the order of
the log. Each keeps the relief that it caused, so what is behind a fill can be taken out exactly, the fill
added or changed, and the rest booked again. A fill in order costs one comparison, any other twice what lies
behind it. Where something was booked behind it, the position as it was is kept until an event has told it.
"""

import numpy as np

from engine.kernel.jit import rule
from engine.kernel.positions import fill_position, unfill_position


@rule
def new_fill(tables, qty, price, ts_event):
    """Append the row of a fill that is in no position yet; gives its slot."""
    slot = tables.firm[0]["fills"] + 1
    tables.firm[0]["fills"] = slot
    fill = tables.fills[slot]
    fill["qty"] = qty
    fill["price"] = price
    fill["ts_event"] = ts_event
    return slot


@rule
def book_fill(tables, slot, position_slot, qty, price, factor):
    """Book a fill, `qty` signed, at its time; gives whether fills behind it had to be booked again."""
    position = tables.positions[position_slot]
    fill = tables.fills[slot]
    fill["position"] = position_slot
    fill["qty"] = qty
    fill["price"] = price
    is_last = position["last_fill"] == 0 or position["last_fill_ns"] <= fill["ts_event"]
    later = np.int64(0)
    if not is_last:
        _keep_before(tables.firm[0], position)
        later = _roll_back(tables, position, np.int64(position["last_fill"]), fill["ts_event"], factor)
    _link(tables, position, slot, later)
    _book(position, fill, factor)
    _play_forward(tables, position, later, factor)
    return not is_last


@rule
def change_fill(tables, slot, qty, price, factor):
    """Give a booked fill another quantity (signed, 0 for void) and price, and book all behind it again."""
    fill = tables.fills[slot]
    position = tables.positions[fill["position"]]
    _keep_before(tables.firm[0], position)
    later = np.int64(0)
    at = np.int64(position["last_fill"])
    while at != slot:
        at, later = _step_back(tables, position, at, later, factor)
    _unbook(position, fill, factor)
    fill["qty"] = qty
    fill["price"] = price
    _book(position, fill, factor)
    _play_forward(tables, position, later, factor)


@rule
def _keep_before(firm, position):
    """Keep what the position was, for the event that says what it became."""
    firm["qty_before"] = position["qty"]
    firm["cash_before_hi"] = position["cash_hi"]
    firm["cash_before_lo"] = position["cash_lo"]
    firm["realized_before_hi"] = position["realized_hi"]
    firm["realized_before_lo"] = position["realized_lo"]


@rule
def _roll_back(tables, position, at, ts_event, factor):
    """Take out every fill later than `ts_event`; gives the earliest of them."""
    later = np.int64(0)
    while at != 0 and tables.fills[at]["ts_event"] > ts_event:
        at, later = _step_back(tables, position, at, later, factor)
    return later


@rule
def _step_back(tables, position, at, later, factor):
    """Take out the fill `at`, which `later` follows; gives the one before it, and itself."""
    fill = tables.fills[at]
    _unbook(position, fill, factor)
    fill["next"] = later
    return np.int64(fill["prev"]), at


@rule
def _play_forward(tables, position, at, factor):
    """Book the fill `at`, which was taken out, and all that followed it."""
    while at != 0:
        fill = tables.fills[at]
        _book(position, fill, factor)
        at = np.int64(fill["next"])


@rule
def _link(tables, position, slot, later):
    """Link a fill in front of `later`, or behind all others where that is 0."""
    fill = tables.fills[slot]
    if later == 0:
        fill["prev"] = position["last_fill"]
        position["last_fill"] = slot
        position["last_fill_ns"] = fill["ts_event"]
        return
    fill["prev"] = tables.fills[later]["prev"]
    tables.fills[later]["prev"] = slot


@rule
def _book(position, fill, factor):
    if fill["qty"] == 0:
        return
    relief_hi, relief_lo = fill_position(position, fill["qty"], fill["price"], factor)
    fill["relief_hi"] = relief_hi
    fill["relief_lo"] = relief_lo


@rule
def _unbook(position, fill, factor):
    if fill["qty"] == 0:
        return
    unfill_position(position, fill["qty"], fill["price"], factor, fill["relief_hi"], fill["relief_lo"])
