"""Claims: what was reported on an order before it appeared, written as events of the order behind its first.

Each is the event that the report would have made now, in the order in which the reports came, and names the
event that kept it as its cause. A report that is not the order's after all is let go, with a reason.
"""

import numpy as np

from engine.kernel.correcting import corrected_slot, is_booked, top_of, unbooked_reason
from engine.kernel.fees import no_room_for_fee, state_commission
from engine.kernel.jit import rule
from engine.kernel.kinds import is_correction
from engine.kernel.orphans import next_claim
from engine.kernel.reported_facts import event_on, event_said
from engine.kernel.reporting import malformed_report, write_correction, write_orphan, write_report
from engine.kernel.writing import begin_follow_up
from engine.vocabulary import EventKind, Reason


@rule
def decide_claim(tables, views, at, now):
    """Write the first report that is held for the order at `due_slot` to row `at`."""
    slot = np.int64(tables.firm[0]["due_slot"])
    order = tables.orders[slot]
    orphan = tables.orphans[next_claim(tables, order)]
    known = np.int64(orphan["execution"])
    said = event_said(orphan)
    kind = event_on(said, order)
    _begin_claim(views, at, kind, orphan, tables.executions[known], now)
    reason = _unclaimable(orphan, tables, slot, kind)
    if reason != Reason.NONE:
        write_orphan(orphan, views, at, reason)
    elif is_correction(kind):
        _write_correction(orphan, tables, views, at, slot, known)
        state_commission(views.correction[at], orphan)
    else:
        awaiting = known if tables.executions[known]["latest"] != 0 else np.int64(0)
        write_report(orphan, tables, order, views, at, awaiting)
    if kind == EventKind.TRADE_EXECUTED:
        state_commission(views.trade[at], orphan)


@rule
def _begin_claim(views, at, kind, orphan, execution, now):
    """Begin the event with what the report's own said of its sender, and with that event as its cause."""
    head = begin_follow_up(views, at, kind, execution["offset"], now)
    head["ts_event"] = orphan["ts_event"]
    head["correlation_hi"] = orphan["correlation_hi"]
    head["correlation_lo"] = orphan["correlation_lo"]
    head["principal"] = orphan["principal"]
    head["auth_method"] = orphan["auth_method"]
    head["fingerprint"] = execution["fingerprint"]
    head["subject_ref"] = orphan["subject_ref"]


@rule
def _unclaimable(orphan, tables, slot, kind):
    """Why a report that was held is not booked for the order that has appeared, or NONE.

    There is room for its books, or the order itself would have had to wait.
    """
    if tables.instruments[tables.orders[slot]["instrument"]]["venue"] != orphan["venue"]:
        return Reason.UNKNOWN_ORDER
    if is_correction(kind) and corrected_slot(tables, orphan, slot) != slot:
        return Reason.UNKNOWN_ORDER
    reason = malformed_report(orphan, tables, slot, kind)
    if reason == Reason.NONE and (kind == EventKind.TRADE_EXECUTED or is_correction(kind)):
        reason = no_room_for_fee(orphan, tables, slot)
    return reason


@rule
def _write_correction(orphan, tables, views, at, slot, known):
    """A bust or correction has been in its family since it came; its trade may still be missing."""
    execution = tables.executions[known]
    unlinked = np.int64(0) if execution["refers_to"] != 0 else known
    top = top_of(tables, known)
    reason = np.int64(Reason.NONE) if is_booked(tables, top) else unbooked_reason(tables, top, unlinked)
    hi = execution["key_hi"]
    lo = execution["key_lo"]
    write_correction(orphan, tables, views, at, slot, unlinked, hi, lo, reason)
