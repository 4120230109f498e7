"""BustTrade and CorrectTrade: an operator takes a trade back, or says what it really was.

Where a venue says so by phone, or no more at all. Such a correction stands in its trade's family like a
venue's, which may refer to it, but it is no fact: it is refused where a venue's would be odd. It says why,
and somebody else than its sender has approved it.
"""

import numpy as np

from engine.kernel.answering import answer_event, invalid, refuse
from engine.kernel.correcting import claim_of, correction_reason, depth_below, top_of
from engine.kernel.halting import malformed_text
from engine.kernel.index import find
from engine.kernel.jit import rule
from engine.kernel.keys import operators_key
from engine.kernel.reporting import are_totals_full, write_corrected
from engine.kernel.room import no_room_for_report
from engine.kernel.scopes import unknown_handle
from engine.kernel.submitting import malformed_numbers
from engine.kernel.writing import begin_event
from engine.vocabulary import AnswerCode, CommandKind, EventKind, ExecType, Reason

_NOBODY = np.uint64(0)


@rule
def decide_correction(command, said, tables, views, base, at, answer, now):
    """Decide one bust or correction of an operator, `said` being the same row by its own fields; gives the
    events written.
    """
    target = find(tables.execution_index, tables.executions, said["exec_ref_hi"], said["exec_ref_lo"])
    slot = np.int64(tables.executions[top_of(tables, target)]["order"])
    reason = _malformed(command, said, tables, slot)
    if reason == Reason.NONE:
        reason = correction_reason(tables, target, np.int64(0))
    if reason != Reason.NONE:
        return invalid(answer, reason)
    kind = EventKind.TRADE_BUSTED
    if command["kind"] == CommandKind.CORRECT_TRADE:
        kind = EventKind.TRADE_CORRECTED
    reason = no_room_for_report(tables, slot, kind)
    if reason != Reason.NONE:
        return refuse(answer, AnswerCode.LOW_SPACE, reason)
    begin_event(views, at, command, kind, now)
    _write(command, said, tables, views, at, slot, target)
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _malformed(command, said, tables, slot):
    """What keeps an operator's correction from being judged, or NONE: reason, approver, order and numbers."""
    reason = malformed_text(command, True)
    if reason == Reason.NONE and command["text_w2"] != 0:
        reason = Reason.BAD_NAME
    if reason == Reason.NONE:
        reason = unknown_handle(tables.principals, said["approver"], Reason.APPROVER_NEEDED)
    if reason == Reason.NONE and said["approver"] == command["principal"]:
        reason = Reason.APPROVER_NEEDED
    if reason == Reason.NONE and slot != 0 and _is_anothers(command, tables.orders[slot]):
        reason = Reason.UNKNOWN_ORDER
    if reason != Reason.NONE:
        return reason
    return _malformed_numbers(command, said, tables, tables.orders[slot])


@rule
def _is_anothers(command, order):
    """Whether the command names another order than that of the trade; it may name none."""
    if command["order_id_hi"] == _NOBODY and command["order_id_lo"] == _NOBODY:
        return False
    return command["order_id_hi"] != order["key_hi"] or command["order_id_lo"] != order["key_lo"]


@rule
def _malformed_numbers(command, said, tables, order):
    """A correction has numbers as a trade has, a bust none."""
    if are_totals_full(order, tables):
        return Reason.BAD_QTY
    if command["kind"] == CommandKind.CORRECT_TRADE:
        factor = tables.instruments[order["instrument"]]["money_factor"]
        return malformed_numbers(said["price"], said["qty"], factor)
    if said["price"] != 0:
        return Reason.BAD_PRICE
    return Reason.NONE if said["qty"] == 0 else Reason.BAD_QTY


@rule
def _write(command, said, tables, views, at, slot, target):
    """What is claimed and by whom, and the order after it."""
    row = views.operators_correction[at]
    row["request_hi"] = command["request_hi"]
    row["request_lo"] = command["request_lo"]
    row["last_px"] = said["price"]
    row["last_qty"] = said["qty"]
    row["note_w0"] = command["text_w0"]
    row["note_w1"] = command["text_w1"]
    row["approver"] = said["approver"]
    row["exec_ref_hi"] = said["exec_ref_hi"]
    row["exec_ref_lo"] = said["exec_ref_lo"]
    exec_type = np.uint8(ExecType.TRADE_CANCEL)
    if command["kind"] == CommandKind.CORRECT_TRADE:
        exec_type = np.uint8(ExecType.TRADE_CORRECT)
    row["exec_type"] = exec_type
    hi, lo = operators_key(command["request_hi"], command["request_lo"])
    at_ns = row["ts_event"]
    depth = depth_below(tables, target)
    claim = claim_of(exec_type, depth, at_ns, hi, lo, said["qty"], said["price"], np.int64(0))
    awaiting = find(tables.execution_index, tables.executions, hi, lo)
    write_corrected(views, at, tables, tables.orders[slot], target, awaiting, claim)
