"""From an event row to the answer: the same for a fresh event and for one found in the log."""

from engine.kernel.jit import rule
from engine.kernel.kinds import is_naming, is_reference
from engine.vocabulary import AnswerCode, EventKind

NEEDS_PAST = -1
"""Decide can't answer without an old event: the caller fetches it from the log and comes again."""


@rule
def outcome_of(kind):
    """Whether an event of this kind says yes or no to the command that made it."""
    if (
        kind == EventKind.ORDER_DENIED
        or kind == EventKind.REPLACE_DENIED
        or kind == EventKind.CANCEL_DENIED
        or kind == EventKind.ORPHAN_REPORTED
    ):
        return AnswerCode.REJECTED
    return AnswerCode.ACCEPTED


@rule
def answer_event(views, at, offset, answer):
    """Fill an answer from the event at row `at`, which lies at `offset` of the log."""
    head = views.head[at]
    kind = head["kind"]
    answer["code"] = outcome_of(kind)
    answer["offset"] = offset
    answer["version"] = head["version"]
    answer["status"] = head["status"]
    answer["reason"] = head["reason"]
    answer["check"] = head["check"]
    if not is_reference(kind) and kind != EventKind.ORDER_DENIED:
        answer["cum_qty"] = views.order[at]["cum_qty"]
        answer["leaves_qty"] = views.order[at]["leaves_qty"]
    if kind == EventKind.ORDER_DENIED:
        _answer_denial(views.denial[at], answer)
        answer["violations"] = views.order_denial[at]["violations"]
    elif kind == EventKind.REPLACE_DENIED:
        _answer_denial(views.denial[at], answer)
        if head["schema"] > 1:
            answer["violations"] = views.replace_denial[at]["violations"]
    elif kind == EventKind.ORDER_SUBMITTED or kind == EventKind.REPLACE_REQUESTED:
        if kind == EventKind.ORDER_SUBMITTED:
            _answer_new_order(views.order[at], answer)
        answer["mark"] = views.order[at]["mark"]
        answer["limits_version"] = views.order[at]["limits_version"]
        answer["violations"] = views.submitted[at]["warnings"]
    elif is_naming(kind):
        _answer_definition(views, at, kind, answer)


@rule
def _answer_new_order(row, answer):
    """Nothing of a new order is filled: its event says other things in the bytes of these quantities."""
    answer["cum_qty"] = 0
    answer["leaves_qty"] = row["order_qty"]


@rule
def _answer_denial(denial, answer):
    answer["limit"] = denial["limit"]
    answer["observed"] = denial["observed"]
    answer["mark"] = denial["mark"]
    answer["limits_version"] = denial["limits_version"]


@rule
def _answer_definition(views, at, kind, answer):
    if kind == EventKind.INSTRUMENT_DEFINED:
        answer["handle"] = views.head[at]["instrument"]
    else:
        answer["handle"] = views.name[at]["handle"]


@rule
def answer_duplicate(views, at, offset, answer):
    """Fill an answer with the original outcome, marked as a repetition."""
    answer_event(views, at, offset, answer)
    answer["original_code"] = answer["code"]
    answer["code"] = AnswerCode.DUPLICATE


@rule
def answer_original(views, base, past, past_state, answer, offset):
    """Repeat the outcome of the event at `offset`: 0 events, or NEEDS_PAST where it is not at hand.

    A fetched row carries its own offset as `causation`, which no event that answers a command uses.
    """
    if offset >= base:
        answer_duplicate(views, offset - base, offset, answer)
        return 0
    if past_state == 0 or past.head[past_state - 1]["causation"] != offset:
        return NEEDS_PAST
    answer_duplicate(past, past_state - 1, offset, answer)
    return 0


@rule
def refuse(answer, code, reason):
    """Fill an answer that leaves nothing behind: no event, no number consumed. Returns 0 events."""
    answer["code"] = code
    answer["reason"] = reason
    answer["offset"] = -1
    return 0


@rule
def invalid(answer, reason):
    """Malformed: it goes to the dead letters and is not remembered. Returns 0 events."""
    return refuse(answer, AnswerCode.INVALID, reason)
