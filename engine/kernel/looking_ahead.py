"""Asks for the rows that coming commands need, so that they are in the caches when it is their turn.

Which rows those are shows step by step: the place in an index, the order there, then what that order fills
and works. Each step is taken some commands ahead of the next one, so that the misses of a dozen commands run
side by side instead of one after the other. What is asked for is a guess: nothing but time depends on it.
"""

import numpy as np

from engine.kernel.index import account_instrument_key, find, first_probe, position_key
from engine.kernel.jit import IS_NATIVE, rule
from engine.kernel.keys import report_key, reported_key
from engine.kernel.prefetch import prefetch
from engine.vocabulary import Lane

STEP = 4
"""Rows between two steps: to decide that many takes 1 us, in which some ten misses can be waited for."""


@rule
def look_ahead_of_command(commands, at, tables):
    """Ask for what the commands behind the one at row `at` need."""
    if not IS_NATIVE:
        return
    _call(commands.order, at, tables)
    if at + 2 * STEP < len(commands.order):
        command = commands.order[at + 2 * STEP]
        if command["lane"] == Lane.VENUE:
            hi, lo = report_key(command)
            _call_place(tables.execution_index, hi, lo)


@rule
def look_ahead_of_event(views, at, tables):
    """Ask for what the events behind the one at row `at` need."""
    if not IS_NATIVE:
        return
    _call(views.head, at, tables)
    if at + 2 * STEP < len(views.head) and views.head[at + 2 * STEP]["lane"] == Lane.VENUE:
        hi, lo = reported_key(views.report[at + 2 * STEP])
        _call_place(tables.execution_index, hi, lo)


@rule
def _call(rows, at, tables):
    """The three steps to an order; commands and events name it, and what it trades, alike."""
    if at + 3 * STEP < len(rows):
        row = rows[at + 3 * STEP]
        _call_place(tables.order_index, row["order_id_hi"], row["order_id_lo"])
    if at + 2 * STEP < len(rows):
        _call_order(rows[at + 2 * STEP], tables)
    if at + STEP < len(rows):
        _call_sums(rows[at + STEP], tables)


@rule
def _call_order(row, tables):
    """The order, or the places of what a new one will fill and work."""
    slot = _guess(tables.order_index, row["order_id_hi"], row["order_id_lo"])
    if slot != 0:
        prefetch(tables.orders, slot)
        return
    hi, lo = position_key(row["account"], row["strategy"], row["instrument"])
    _call_place(tables.position_index, hi, lo)
    hi, lo = account_instrument_key(row["account"], row["instrument"])
    _call_place(tables.holding_index, hi, lo)


@rule
def _call_sums(row, tables):
    """Position and holding, those of the order or those of a new one."""
    slot = find(tables.order_index, tables.orders, row["order_id_hi"], row["order_id_lo"])
    if slot != 0:
        prefetch(tables.positions, np.int64(tables.orders[slot]["position"]))
        prefetch(tables.holdings, np.int64(tables.orders[slot]["holding"]))
        return
    hi, lo = position_key(row["account"], row["strategy"], row["instrument"])
    prefetch(tables.positions, _guess(tables.position_index, hi, lo))
    hi, lo = account_instrument_key(row["account"], row["instrument"])
    prefetch(tables.holdings, _guess(tables.holding_index, hi, lo))


@rule
def _call_place(index, hi, lo):
    """The place in an index at which the search for a key begins."""
    prefetch(index, np.int64(first_probe(index, hi, lo)))


@rule
def _guess(index, hi, lo):
    """The row that a key most likely has: nobody looks whether it is another's."""
    return np.int64(index[first_probe(index, hi, lo)])
