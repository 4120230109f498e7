"""A closed order comes back: a command that names what has left memory waits until it is here again.

Whoever keeps closed orders is asked for the order's id, for the key of a report, or for that of a report that
is corrected. What is there comes back as one event for the order and one for each of its reports; then the
command is decided as for any other order, by the same rules. An order that is back is as it was: only the
replace ids that it had are gone, which belong to trading days that are over.

Until the last of its reports is back no command is decided, so nobody meets half an order; whoever finds it
so, in a next block or after a crash, goes on where the events end.
"""

import numpy as np

from engine.kernel.evolving_orders import new_order, open_books
from engine.kernel.free_rows import take_execution
from engine.kernel.index import find, insert
from engine.kernel.jit import entry, rule
from engine.kernel.keeping_terms import keep_terms
from engine.kernel.keys import report_key
from engine.kernel.kinds import is_correction, is_owners, is_venues
from engine.kernel.order_facts import ord_status
from engine.kernel.quantity_breaks import IS_STATED
from engine.kernel.replacing import alias_key
from engine.kernel.reported_facts import event_said
from engine.kernel.writing import begin_follow_up
from engine.vocabulary import CommandKind, EventKind

NO_ROOM = -1
"""In place of what was looked up for a command: its order is there, and the tables have no row for it."""

ORDER_ID, CL_ORD_ID, REPORT, CORRECTED_REPORT = range(4)
"""What a command may name that has left memory."""

NAMES = 4
"""How many such things there are."""

_32 = np.uint64(32)


@rule
def names_closed(commands, i, tables):
    """Whether a command names an order or a report that is not in memory and may have left it."""
    for name in range(NAMES):
        is_missing, _, _ = _missing(commands, i, tables, name)
        if is_missing:
            return True
    return False


@rule
def _missing(commands, i, tables, name):
    """(whether what a command names is not in memory and may have left it, its key)."""
    if name == ORDER_ID:
        return _missing_order(commands.order[i], tables)
    if name == CL_ORD_ID:
        return _missing_cl_ord_id(commands.order[i], tables)
    if name == REPORT:
        return _missing_report(commands.order[i], tables)
    return _missing_corrected(commands, i, tables)


@rule
def _missing_order(command, tables):
    """No order has left memory whose id has a later trade date than the latest that did."""
    hi = command["order_id_hi"]
    lo = command["order_id_lo"]
    if np.int64(hi >> _32) > np.int64(tables.firm[0]["retired_date"]) or not _is_about_order(command["kind"]):
        return False, hi, lo
    return find(tables.order_index, tables.orders, hi, lo) == 0, hi, lo


@rule
def _is_about_order(kind):
    if is_owners(kind) or is_venues(kind):
        return True
    return kind == CommandKind.MARK_IN_DOUBT or kind == CommandKind.RESOLVE_IN_DOUBT


@rule
def _missing_cl_ord_id(command, tables):
    """A replace may take no ClOrdID of its day: also not of an order at a venue that is a day ahead."""
    none = np.uint64(0)
    slot = np.int64(0)
    if command["kind"] == CommandKind.REPLACE_ORDER:
        slot = find(tables.order_index, tables.orders, command["order_id_hi"], command["order_id_lo"])
    order = tables.orders[slot]
    venue = tables.venues[tables.instruments[order["instrument"]]["venue"]]
    if slot == 0 or venue["trade_date"] > tables.firm[0]["retired_date"]:
        return False, none, none
    hi, lo = alias_key(tables, order, command["text_w0"], command["text_w1"], command["text_w2"])
    return find(tables.order_index, tables.orders, hi, lo) == 0, hi, lo


@rule
def _missing_report(command, tables):
    """No report has left memory whose trade date is not over at its venue."""
    none = np.uint64(0)
    venue = np.int64(command["venue"])
    if not is_venues(command["kind"]) or venue >= len(tables.venues):
        return False, none, none
    if command["trade_date"] >= tables.venues[venue]["trade_date"]:
        return False, none, none
    hi, lo = report_key(command)
    return find(tables.execution_index, tables.executions, hi, lo) == 0, hi, lo


@rule
def _missing_corrected(commands, i, tables):
    """A correction, a venue's or an operator's, may be about a report of any day."""
    report = commands.report[i]
    hi = report["exec_ref_hi"]
    lo = report["exec_ref_lo"]
    kind = report["kind"]
    if kind == CommandKind.BUST_TRADE or kind == CommandKind.CORRECT_TRADE:
        hi = commands.correction[i]["exec_ref_hi"]
        lo = commands.correction[i]["exec_ref_lo"]
    elif kind != CommandKind.EXECUTION_REPORT or not is_correction(event_said(report)):
        return False, hi, lo
    return find(tables.execution_index, tables.executions, hi, lo) == 0, hi, lo


@entry
def missing_names(commands, start, tables, places, keys):
    """What the commands from `start` on name that may have left memory; gives how much that is.

    `places` (int64, shape (n, 2)) gets the command and which of its names it is, `keys` (uint64, the same
    shape) the key; both have room for all names of all commands.
    """
    count = np.int64(0)
    for i in range(start, len(commands.order)):
        for name in range(NAMES):
            is_missing, hi, lo = _missing(commands, i, tables, name)
            if is_missing:
                places[count, 0] = i
                places[count, 1] = name
                keys[count, 0] = hi
                keys[count, 1] = lo
                count += 1
    return count


# ---- decide


@entry
def write_recalled_order(views, at, closed, executions, now):
    """Write OrderRecalled at row `at`, of `closed[0]` (CLOSED_ORDER) with so many reports."""
    order = closed[0]
    head = begin_follow_up(views, at, EventKind.ORDER_RECALLED, np.int64(-1), now)
    head["order_id_hi"] = order["key_hi"]
    head["order_id_lo"] = order["key_lo"]
    head["account"] = order["account"]
    head["instrument"] = order["instrument"]
    head["strategy"] = order["strategy"]
    head["prev_offset"] = order["last_offset"]
    head["version"] = order["version"]
    head["seq"] = order["last_seq"]
    head["status"] = ord_status(
        order["life"], False, False, order["notices"], order["order_qty"], order["cum_qty"]
    )
    row = views.recalled_order[at]
    row["cum_qty"] = order["cum_qty"]
    row["order_qty"] = order["order_qty"]
    row["price"] = order["price"]
    row["cum_value_hi"] = order["cum_value_hi"]
    row["cum_value_lo"] = order["cum_value_lo"]
    row["venue_cum_ns"] = order["venue_cum_ns"]
    row["life"] = order["life"]
    row["notices"] = order["notices"]
    row["side"] = order["side"]
    row["ord_type"] = order["ord_type"]
    row["time_in_force"] = order["time_in_force"]
    row["breaks"] = order["breaks"]
    row["has_conflict"] = order["has_conflict"]
    row["has_books"] = np.uint8(order["position"] != 0)
    row["executions"] = executions
    row["exec_inst"] = order["exec_inst"]
    row["stop_px"] = order["stop_px"]
    row["min_qty"] = order["min_qty"]
    row["display_qty"] = order["display_qty"]
    row["expire_s"] = order["expire_s"]


@entry
def write_recalled_execution(views, at, closed, executions, nth, now):
    """Write ExecutionRecalled at row `at`, of `executions[nth]` (EXECUTION), a report on `closed[0]`."""
    order = closed[0]
    execution = executions[nth]
    head = begin_follow_up(views, at, EventKind.EXECUTION_RECALLED, np.int64(-1), now)
    head["order_id_hi"] = order["key_hi"]
    head["order_id_lo"] = order["key_lo"]
    head["account"] = order["account"]
    head["instrument"] = order["instrument"]
    head["strategy"] = order["strategy"]
    head["fingerprint"] = execution["fingerprint"]
    row = views.recalled_execution[at]
    row["exec_key_hi"] = execution["key_hi"]
    row["exec_key_lo"] = execution["key_lo"]
    row["report_offset"] = execution["offset"]
    row["fill"] = execution["fill"]
    row["has_conflict"] = execution["has_conflict"]
    row["exec_type"] = execution["exec_type"]


# ---- evolve


@rule
def evolve_recalled_order(row, tables, offset):
    """The order is in memory again; its reports are owed."""
    slot = new_order(row, tables, offset, row["life"])
    order = tables.orders[slot]
    order["cum_qty"] = row["cum_qty"]
    order["cum_value_hi"] = row["cum_value_hi"]
    order["cum_value_lo"] = row["cum_value_lo"]
    order["notices"] = row["notices"]
    order["has_conflict"] = row["has_conflict"]
    _state_quantities(row, order)
    keep_terms(row, tables, order, slot)
    if row["has_books"]:
        open_books(tables, order)
    tables.firm[0]["recall_slot"] = slot
    tables.firm[0]["recall_left"] = row["executions"]


@rule
def _state_quantities(row, order):
    """What the venue has stated of an order's CumQty: none with an open gap leaves, so it is our own."""
    order["breaks"] = row["breaks"]
    order["venue_cum_ns"] = row["venue_cum_ns"]
    if row["breaks"] & np.uint8(IS_STATED):
        order["venue_cum_qty"] = row["cum_qty"]


@rule
def evolve_recalled_execution(row, tables):
    """One more of its reports is in memory again, the earliest first."""
    firm = tables.firm[0]
    slot = np.int64(firm["recall_slot"])
    at = take_execution(tables)
    insert(tables.execution_index, tables.executions, row["exec_key_hi"], row["exec_key_lo"], at)
    execution = tables.executions[at]
    execution["fingerprint"] = row["fingerprint"]
    execution["offset"] = row["report_offset"]
    execution["order"] = slot
    execution["fill"] = row["fill"]
    execution["exec_type"] = row["exec_type"]
    execution["has_conflict"] = row["has_conflict"]
    execution["prev_of_order"] = tables.orders[slot]["last_execution"]
    tables.orders[slot]["last_execution"] = at
    firm["recall_left"] -= 1
