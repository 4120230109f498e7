"""What only some orders have is kept in rows of its own, so that the others take no memory for it."""

from engine.kernel.free_rows import take_terms
from engine.kernel.jit import rule


@rule
def keep_terms(row, tables, order, slot):
    """Keep what OrderSubmitted says beyond type, quantity and price; most orders need no row for it."""
    order["exec_inst"] = row["exec_inst"]
    if row["stop_px"] == 0 and row["min_qty"] == 0 and row["display_qty"] == 0 and row["expire_s"] == 0:
        return
    terms = _terms_of(tables, order, slot)
    terms["stop_px"] = row["stop_px"]
    terms["min_qty"] = row["min_qty"]
    terms["display_qty"] = row["display_qty"]
    terms["expire_s"] = row["expire_s"]


@rule
def keep_pending_stop(row, tables, order, slot):
    """Keep the stop price that a replace asks for until the venue answers."""
    if order["terms"] == 0 and row["stop_px"] == 0:
        return
    _terms_of(tables, order, slot)["pending_stop_px"] = row["stop_px"]


@rule
def _terms_of(tables, order, slot):
    """The order's row of such terms; an order that was refused here, and accepted all the same, has none."""
    if order["terms"] == 0:
        at = take_terms(tables)
        order["terms"] = at
        tables.terms[at]["order"] = slot
    return tables.terms[order["terms"]]


@rule
def replace_terms(terms):
    """The venue has replaced the order: the stop price that was asked for holds from now on."""
    terms["stop_px"] = terms["pending_stop_px"]
