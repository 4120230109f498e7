"""What a refusal says: a sentence for people, and FIX's number for machines."""

from engine.fix_reasons import FIX_REASON
from engine.refusals import CODES, REASONS
from engine.remedies import REMARKS, REMEDIES
from engine.vocabulary import AnswerCode, Reason

MALFORMED = {reason for reason in Reason if Reason.BAD_KIND <= reason <= Reason.UNKNOWN_VENUE} | {
    Reason.BAD_TIME,
    Reason.NOT_PENDING,
}
"""Answered INVALID: nothing an order could be refused for."""
OURS = {
    Reason.ORDERS_FULL,
    Reason.TABLE_FULL,
    Reason.IMMUTABLE,
    Reason.REASON_NEEDED,
    Reason.APPROVER_NEEDED,
}
"""No order was looked at, so FIX has no number for it."""
WITH_REASONS = {AnswerCode.ACCEPTED, AnswerCode.REJECTED, AnswerCode.INVALID, AnswerCode.RATE_LIMIT}
"""Answers of which only the reason says anything; DUPLICATE says what the first answer said."""


def test_every_reason_and_every_answer_without_one_has_a_sentence() -> None:
    assert set(REASONS) == set(Reason) - {Reason.NONE}
    assert set(CODES) == set(AnswerCode) - WITH_REASONS - {AnswerCode.DUPLICATE}


def test_every_reason_to_refuse_an_order_has_a_number_of_fix() -> None:
    assert set(FIX_REASON) == set(Reason) - MALFORMED - OURS - REMARKS - {Reason.NONE}


def test_what_to_do_is_said_of_reasons_that_there_are() -> None:
    assert set(REMEDIES) <= set(REASONS)
    assert set(REASONS) >= REMARKS
