"""Reports on orders that nobody knows yet: held in the order in which they came, until their order appears.

A report may overtake its order: a feed is faster than the path of the order, or a successor of the process
that sent it starts behind. Whether a report is held follows from its event and from the tables. What nobody
has claimed when the venue's calendar passes the order's trade date is let go: from then on no such order can
be submitted.
"""

import numpy as np

from engine.kernel.following import CLAIMS, owe
from engine.kernel.free_rows import give_orphan, take_orphan
from engine.kernel.index import find, insert, remove
from engine.kernel.jit import rule
from engine.kernel.kinds import is_correction
from engine.kernel.scopes import unknown_handle
from engine.kernel.well_formed import is_date
from engine.vocabulary import CommandKind, ExecType, Lane, Reason

HELD_SINCE = 2
"""From this version on the event of a report that finds no order is held."""

_32 = np.uint64(32)


@rule
def first_orphan(tables, hi, lo):
    """The first report that is held for an order id, or 0."""
    return find(tables.orphan_index, tables.orphans, hi, lo)


@rule
def may_appear(tables, hi, lo, venue):
    """Whether an order that a venue has reported on can still be submitted: nobody has, and its day is not
    past.
    """
    trade_date = np.int64(hi >> _32)
    if not is_date(trade_date) or trade_date < np.int64(tables.venues[venue]["trade_date"]):
        return False
    return find(tables.order_index, tables.orders, hi, lo) == 0


@rule
def unheld_reason(report, tables):
    """Why a report that finds no order can't be held for it, or NONE; it is recorded in any case."""
    if report["instrument"] != 0:
        reason = unknown_handle(tables.instruments, report["instrument"], Reason.UNKNOWN_INSTRUMENT)
        if reason != Reason.NONE:
            return reason
    firm = tables.firm[0]
    if firm["orphans"] - firm["free_orphans"] + 1 < len(tables.orphans):
        return Reason.NONE
    if may_appear(tables, report["order_id_hi"], report["order_id_lo"], report["venue"]):
        return Reason.TABLE_FULL
    return Reason.NONE


@rule
def is_held(row, tables):
    """Whether the report of an event that names no known order is held for it."""
    if row["lane"] != Lane.VENUE or row["schema"] < HELD_SINCE:
        return False
    if row["reason"] == Reason.TABLE_FULL or row["reason"] == Reason.UNKNOWN_INSTRUMENT:
        return False
    return may_appear(tables, row["order_id_hi"], row["order_id_lo"], row["venue"])


@rule
def hold(views, at, tables, execution):
    """Hold the report at row `at`, whose execution has this slot, behind those on the same order."""
    slot = take_orphan(tables)
    orphan = tables.orphans[slot]
    head = views.head[at]
    _link(tables, slot, head["order_id_hi"], head["order_id_lo"])
    orphan["execution"] = execution
    _keep_sender(orphan, head)
    _keep_said(orphan, views.report[at])
    if is_correction(head["kind"]):
        _keep_correction(orphan, views.correction[at])
    elif orphan["exec_type"] == ExecType.TRADE:
        _keep_trade(orphan, views.trade[at])
    else:
        _keep_change(orphan, views.change[at])


@rule
def _link(tables, slot, hi, lo):
    """Put a row at the end of its order's ring."""
    first = first_orphan(tables, hi, lo)
    if first == 0:
        insert(tables.orphan_index, tables.orphans, hi, lo, slot)
        first = slot
        tables.orphans[slot]["prev"] = slot
    orphan = tables.orphans[slot]
    orphan["key_hi"] = hi
    orphan["key_lo"] = lo
    last = np.int64(tables.orphans[first]["prev"])
    orphan["prev"] = last
    orphan["next"] = first
    tables.orphans[last]["next"] = slot
    tables.orphans[first]["prev"] = slot


@rule
def _keep_sender(orphan, head):
    """Who reported, and when it happened."""
    orphan["ts_event"] = head["ts_event"]
    orphan["correlation_hi"] = head["correlation_hi"]
    orphan["correlation_lo"] = head["correlation_lo"]
    orphan["principal"] = head["principal"]
    orphan["auth_method"] = head["auth_method"]
    orphan["instrument"] = head["instrument"]


@rule
def _keep_said(orphan, row):
    """The report's own key, and the numbers that every report has."""
    orphan["kind"] = CommandKind.EXECUTION_REPORT
    if row["exec_type"] == 0:
        orphan["kind"] = CommandKind.CANCEL_REJECT
    orphan["exec_type"] = row["exec_type"]
    orphan["text_w0"] = row["exec_id_w0"]
    orphan["text_w1"] = row["exec_id_w1"]
    orphan["text_w2"] = row["exec_id_w2"]
    orphan["venue"] = row["venue"]
    orphan["trade_date"] = row["trade_date"]
    orphan["price"] = row["last_px"]
    orphan["qty"] = row["last_qty"]
    orphan["cum_qty"] = row["cum_qty"]
    orphan["leaves_qty"] = row["leaves_qty"]


@rule
def _keep_correction(orphan, row):
    """What only busts and corrections say."""
    orphan["exec_ref_hi"] = row["exec_ref_hi"]
    orphan["exec_ref_lo"] = row["exec_ref_lo"]
    orphan["commission"] = row["commission"]
    orphan["commission_currency"] = row["commission_currency"]


@rule
def _keep_trade(orphan, row):
    """What only trades say."""
    orphan["reject_reason"] = row["reject_reason"]
    orphan["liquidity"] = row["liquidity"]
    orphan["given"] = row["given"]
    orphan["commission"] = row["commission"]
    orphan["commission_currency"] = row["commission_currency"]


@rule
def _keep_change(orphan, row):
    """What all other reports say."""
    orphan["subject_ref"] = row["subject_ref"]
    orphan["reject_reason"] = row["reject_reason"]
    orphan["response_to"] = row["response_to"]
    orphan["given"] = row["given"]
    if orphan["exec_type"] == ExecType.ORDER_STATUS:
        orphan["ord_status"] = row["ord_status"]
    else:
        orphan["restatement_reason"] = row["restatement_reason"]


@rule
def next_claim(tables, order):
    """The report that an order claims next, or 0: the first that came."""
    return first_orphan(tables, order["key_hi"], order["key_lo"])


@rule
def owe_claims(tables, slot, offset):
    """Owe the order at `slot`, which has just appeared, what was reported on it before."""
    firm = tables.firm[0]
    if firm["orphans"] == firm["free_orphans"]:
        return
    if next_claim(tables, tables.orders[slot]) != 0:
        owe(firm, CLAIMS, slot, offset)


@rule
def take_claimed(tables):
    """Let go of the report that is claimed now; gives its row among the executions."""
    firm = tables.firm[0]
    order = tables.orders[firm["due_slot"]]
    slot = next_claim(tables, order)
    execution = np.int64(tables.orphans[slot]["execution"])
    _release(tables, slot)
    if next_claim(tables, order) == 0:
        firm["due"] = np.int64(firm["due"]) & ~CLAIMS
    return execution


@rule
def _release(tables, slot):
    """Take a row out of its order's ring."""
    orphan = tables.orphans[slot]
    hi = orphan["key_hi"]
    lo = orphan["key_lo"]
    after = np.int64(orphan["next"])
    before = np.int64(orphan["prev"])
    if first_orphan(tables, hi, lo) == slot:
        remove(tables.orphan_index, tables.orphans, slot)
        if after != slot:
            insert(tables.orphan_index, tables.orphans, hi, lo, after)
    tables.orphans[before]["next"] = after
    tables.orphans[after]["prev"] = before
    give_orphan(tables, slot)


@rule
def release_past(tables, venue):
    """Let go of a venue's reports on orders of trade dates that its calendar has passed.

    All rows that were ever used are looked at, once a day: some 10 ns each, so at most a millisecond.
    """
    today = np.int64(tables.venues[venue]["trade_date"])
    for slot in range(1, np.int64(tables.firm[0]["orphans"]) + 1):
        orphan = tables.orphans[slot]
        if orphan["venue"] == venue and np.int64(orphan["key_hi"] >> _32) < today:
            _release(tables, slot)
