"""The owner's lane: commands numbered 1, 2, 3 … per order, recognised by (order id, seq)."""

import numpy as np

from engine.kernel.answering import NEEDS_PAST, answer_duplicate, invalid, refuse
from engine.kernel.jit import rule
from engine.kernel.keys import fingerprint
from engine.kernel.order_facts import status_of
from engine.kernel.replacing import decide_cancel, decide_replace, malformed_cancel
from engine.kernel.submitting import decide_submit
from engine.kernel.writing import begin_event, follow_order, keep_quantities
from engine.vocabulary import AnswerCode, CommandKind, EventKind, Lane, Reason


@rule
def decide_owner(command, asked, tables, views, base, at, past, past_state, answer, now, slot):
    """Recognise, order and decide one owner command; gives the events written, or NEEDS_PAST.

    `asked` is the same row by what only orders have, `slot` the order's row or 0; `past[past_state - 1]` is
    the original event if it had to be fetched.
    """
    if slot == 0:
        return _decide_first(command, asked, tables, views, base, at, answer, now)
    order = tables.orders[slot]
    last_seq = np.int64(order["last_seq"])
    seq = np.int64(command["seq"])
    if seq == 0:
        return invalid(answer, Reason.BAD_SEQ)
    if seq <= last_seq:
        return _decide_again(command, order, views, base, at, past, past_state, answer, now)
    if seq > last_seq + 1:
        answer["expected_seq"] = last_seq + 1
        return refuse(answer, AnswerCode.GAP, Reason.NONE)
    if is_version_stale(command, order):
        return refuse_version(order, answer)
    if command["kind"] == CommandKind.REPLACE_ORDER:
        return decide_replace(command, asked, tables, views, base, at, answer, now, slot)
    if command["kind"] == CommandKind.SUBMIT_ORDER:
        return invalid(answer, Reason.BAD_SEQ)
    reason = malformed_cancel(command)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    return decide_cancel(command, tables, views, base, at, answer, now, slot)


@rule
def _decide_first(command, asked, tables, views, base, at, answer, now):
    """An order nobody has seen: only SubmitOrder with seq 1 may begin it."""
    if command["seq"] > 1:
        answer["expected_seq"] = 1
        return refuse(answer, AnswerCode.GAP, Reason.NONE)
    if command["seq"] == 0 or command["kind"] != CommandKind.SUBMIT_ORDER:
        return invalid(answer, Reason.BAD_SEQ)
    if command["expected_version"] != 0:
        return refuse(answer, AnswerCode.VERSION_CONFLICT, Reason.NONE)
    return decide_submit(command, asked, tables, views, base, at, answer, now)


@rule
def is_version_stale(command, order):
    """Whether the caller expected another version of the order; 0 expects nothing."""
    return command["expected_version"] != 0 and command["expected_version"] != order["version"]


@rule
def refuse_version(order, answer):
    """Say which version the order really has; the number is not consumed."""
    answer["version"] = order["version"]
    return refuse(answer, AnswerCode.VERSION_CONFLICT, Reason.NONE)


@rule
def _decide_again(command, order, views, base, at, past, past_state, answer, now):
    """A number that was used: the same content gets the original outcome, other content gets nothing."""
    print_of = fingerprint(command)
    row = find_staged(views, base, order["last_offset"], command["seq"])
    if row >= 0:
        original = views.head[row]
        if original["fingerprint"] == print_of:
            answer_duplicate(views, row, base + row, answer)
            return 0
    else:
        if past_state == 0:
            return NEEDS_PAST
        original = past.head[past_state - 1]
        if original["fingerprint"] == print_of:
            # A fetched row carries its own offset as `causation`.
            answer_duplicate(past, past_state - 1, original["causation"], answer)
            return 0
    if is_version_stale(command, order):
        return refuse_version(order, answer)
    return decide_conflict(command, order, views, base, at, answer, now)


@rule
def find_staged(views, base, offset, seq):
    """The row of the block under construction that consumed `seq` of an order's owner lane, or -1."""
    while offset >= base:
        row = offset - base
        head = views.head[row]
        if head["lane"] == Lane.OWNER and head["seq"] == seq and head["kind"] != EventKind.CONFLICT_DETECTED:
            return row
        offset = head["prev_offset"]
    return np.int64(-1)


@rule
def decide_conflict(command, order, views, base, at, answer, now):
    """The same number with other content: never executed; the first time an incident is recorded.

    The answer says what the order is that has the number (FIX appendix D, F.1.b).
    """
    reason = Reason.DUPLICATE_CL_ORD_ID
    if command["kind"] == CommandKind.SUBMIT_ORDER:
        reason = Reason.DUPLICATE_ORDER
    refuse(answer, AnswerCode.CONFLICT, reason)
    answer["version"] = order["version"]
    answer["status"] = status_of(order)
    keep_quantities(answer, order)
    if order["has_conflict"]:
        return 0
    head = begin_event(views, at, command, EventKind.CONFLICT_DETECTED, now)
    follow_order(head, order)
    head["version"] = order["version"]
    keep_quantities(views.request[at], order)
    answer["offset"] = base + at
    return 1
