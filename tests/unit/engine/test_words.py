"""What a refusal says: a sentence for people, and FIX's number for machines."""

from engine.fix_reasons import FIX_REASON
from engine.refusals import REASONS
from engine.vocabulary import Reason

MALFORMED = {reason for reason in Reason if Reason.BAD_KIND <= reason <= Reason.UNKNOWN_VENUE} | {
    Reason.BAD_TIME,
    Reason.NOT_PENDING,
}
"""Answered INVALID: nothing an order could be refused for."""
EXPLAINED = {Reason.BAD_TIME, Reason.NOT_PENDING, Reason.UNKNOWN_INSTRUMENT}
"""Malformed too, but the name of the field does not say what to do."""
OURS = {
    Reason.ORDERS_FULL,
    Reason.TABLE_FULL,
    Reason.IMMUTABLE,
    Reason.REASON_NEEDED,
    Reason.APPROVER_NEEDED,
}
"""No order was looked at, so FIX has no number for it."""
REMARKS = {reason for reason in Reason if Reason.LATE_REPORT <= reason <= Reason.PENDING_UNASKED}
"""What is odd about a report that was accepted."""


def test_every_reason_has_a_sentence_unless_it_names_a_malformed_field() -> None:
    assert set(REASONS) == set(Reason) - (MALFORMED - EXPLAINED) - {Reason.NONE}


def test_every_reason_to_refuse_an_order_has_a_number_of_fix() -> None:
    assert set(FIX_REASON) == set(Reason) - MALFORMED - OURS - REMARKS - {Reason.NONE}
