"""Rows of closed orders are given back, and taken again before a table's first unused row.

Free rows are all zeros but for `key_lo`, which links each to the next; a table's first is in the firm's row.
So the table stays one piece, rows are handed out in the order of the log, and a fold gives the same bytes.
"""

import numpy as np

from engine.kernel.jit import rule


@rule
def take_order(tables):
    """A row for an order that comes into memory, linked as the newest; gives its slot."""
    firm = tables.firm[0]
    slot = np.int64(firm["free_order"])
    if slot == 0:
        firm["orders"] += 1
        slot = np.int64(firm["orders"])
    else:
        firm["free_order"] = np.int64(tables.orders[slot]["key_lo"])
        firm["free_orders"] -= 1
    older = np.int64(firm["newest_order"])
    tables.orders[slot]["older"] = older
    if older != 0:
        tables.orders[older]["newer"] = slot
    firm["newest_order"] = slot
    return slot


@rule
def give_order(tables, slot):
    """Take back the row of an order."""
    firm = tables.firm[0]
    older = np.int64(tables.orders[slot]["older"])
    newer = np.int64(tables.orders[slot]["newer"])
    if older != 0:
        tables.orders[older]["newer"] = newer
    if newer != 0:
        tables.orders[newer]["older"] = older
    else:
        firm["newest_order"] = older
    tables.orders[slot] = tables.orders[0]
    tables.orders[slot]["key_lo"] = np.uint64(firm["free_order"])
    firm["free_order"] = slot
    firm["free_orders"] += 1


@rule
def take_execution(tables):
    """A row for an execution report; gives its slot."""
    firm = tables.firm[0]
    slot = np.int64(firm["free_execution"])
    if slot == 0:
        firm["executions"] += 1
        return np.int64(firm["executions"])
    firm["free_execution"] = np.int64(tables.executions[slot]["key_lo"])
    firm["free_executions"] -= 1
    return slot


@rule
def give_execution(tables, slot):
    """Take back the row of an execution report."""
    firm = tables.firm[0]
    tables.executions[slot] = tables.executions[0]
    tables.executions[slot]["key_lo"] = np.uint64(firm["free_execution"])
    firm["free_execution"] = slot
    firm["free_executions"] += 1


@rule
def take_alias(tables):
    """A row for the ClOrdID of a replace; gives its slot."""
    firm = tables.firm[0]
    slot = np.int64(firm["free_alias"])
    if slot == 0:
        firm["aliases"] += 1
        return np.int64(firm["aliases"])
    firm["free_alias"] = np.int64(tables.aliases[slot]["key_lo"])
    firm["free_aliases"] -= 1
    return slot


@rule
def give_alias(tables, slot):
    """Take back the row of a replace's ClOrdID."""
    firm = tables.firm[0]
    tables.aliases[slot] = tables.aliases[0]
    tables.aliases[slot]["key_lo"] = np.uint64(firm["free_alias"])
    firm["free_alias"] = slot
    firm["free_aliases"] += 1


@rule
def take_orphan(tables):
    """A row for a report whose order nobody knows yet; gives its slot."""
    firm = tables.firm[0]
    slot = np.int64(firm["free_orphan"])
    if slot == 0:
        firm["orphans"] += 1
        return np.int64(firm["orphans"])
    firm["free_orphan"] = np.int64(tables.orphans[slot]["key_lo"])
    firm["free_orphans"] -= 1
    return slot


@rule
def give_orphan(tables, slot):
    """Take back the row of such a report."""
    firm = tables.firm[0]
    tables.orphans[slot] = tables.orphans[0]
    tables.orphans[slot]["key_lo"] = np.uint64(firm["free_orphan"])
    firm["free_orphan"] = slot
    firm["free_orphans"] += 1


@rule
def take_terms(tables):
    """A row for what only some orders have; gives its slot. Such rows have no key: `order` links them."""
    firm = tables.firm[0]
    slot = np.int64(firm["free_term"])
    if slot == 0:
        firm["terms"] += 1
        return np.int64(firm["terms"])
    firm["free_term"] = np.int64(tables.terms[slot]["order"])
    return slot


@rule
def give_terms(tables, slot):
    """Take back such a row."""
    firm = tables.firm[0]
    tables.terms[slot] = tables.terms[0]
    tables.terms[slot]["order"] = firm["free_term"]
    firm["free_term"] = slot
