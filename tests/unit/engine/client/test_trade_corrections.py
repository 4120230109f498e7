"""Trades taken back or corrected by operators: with a reason, and with somebody else's approval."""

from decimal import Decimal
from typing import Any

import pytest

from engine import Admin
from engine.answers import Ack
from engine.errors import BadRequest
from engine.rows.lifecycle_events import OPERATORS_CORRECTION_EVENT
from engine.vocabulary import AnswerCode, EventKind, Lane, OrdStatus, Reason
from tests.unit.engine.client.conftest import Desk, connected

ASKED: dict[str, Any] = {"text": "by phone", "approver": "risk"}


@pytest.fixture
def filled(desk: Desk) -> Ack:
    """An order of 100 that is filled at 100.00 in one trade, T1; "risk" may approve."""
    connected(desk.transport, "risk")
    connected(desk.transport, "quant")
    ack = desk.buy()
    desk.feed.report(ack, "TRADE", exec_id="T1", last_qty=100, last_px=100)
    return ack


def position(desk: Desk) -> tuple[int, int]:
    """(quantity, version) of the one position."""
    row = desk.transport.logs[0].kernel.tables.positions[1]
    return int(row["qty"]), int(row["version"])


def test_a_bust_takes_the_trade_out_of_order_and_position(desk: Desk, filled: Ack) -> None:
    ack = desk.admin.bust_trade(filled, "T1", **ASKED)

    assert (ack.code, ack.status, ack.cum_qty, ack.leaves_qty) == (
        AnswerCode.ACCEPTED,
        OrdStatus.NEW,
        Decimal(0),
        Decimal(100),
    )
    assert position(desk) == (0, 1)


def test_a_correction_counts_as_the_trade_really_was(desk: Desk, filled: Ack) -> None:
    ack = desk.admin.correct_trade(filled, "T1", last_qty=60, last_px="99.5", **ASKED)

    assert (ack.status, ack.cum_qty, ack.leaves_qty) == (OrdStatus.PARTIALLY_FILLED, Decimal(60), Decimal(40))
    assert position(desk) == (60, 1)
    (held,) = desk.client.positions(min_position=ack)
    assert (held.qty, held.average_price) == (60, Decimal("99.5"))


def test_the_event_keeps_the_reason_and_who_approved(desk: Desk, filled: Ack) -> None:
    ack = desk.admin.correct_trade(filled, "T1", last_qty=60, last_px="99.5", **ASKED)

    row = desk.transport.logs[0].rows.view(OPERATORS_CORRECTION_EVENT)[ack.position]
    assert (row["kind"], row["lane"]) == (EventKind.TRADE_CORRECTED, Lane.OPERATOR)
    assert (row["note"], row["last_qty"], row["last_px"]) == (b"by phone", 60, 9950)
    approver = desk.client.connection.catalog.principal("risk").handle
    assert row["approver"] == approver != row["principal"]


def test_the_same_request_counts_once_and_another_content_is_a_conflict(desk: Desk, filled: Ack) -> None:
    first = desk.admin.bust_trade(filled, "T1", request_id=7, **ASKED)
    again = desk.admin.bust_trade(filled, "T1", request_id=7, **ASKED)
    other = desk.admin.bust_trade(filled, "T1", request_id=7, text="by mail", approver="risk")

    assert (again.code, again.position) == (AnswerCode.DUPLICATE, first.position)
    assert other.code == AnswerCode.CONFLICT
    assert position(desk) == (0, 1)


def test_an_operators_correction_is_corrected_by_its_ack_and_by_the_venue_no_more(
    desk: Desk, filled: Ack
) -> None:
    first = desk.admin.correct_trade(filled, "T1", last_qty=60, last_px=100, **ASKED)
    stale = desk.admin.correct_trade(filled, "T1", last_qty=70, last_px=100, **ASKED)
    second = desk.admin.correct_trade(filled, first, last_qty=70, last_px=100, **ASKED)
    venues = desk.feed.report(
        filled, "TRADE_CORRECT", exec_id="C1", exec_ref_id="T1", last_qty=10, last_px=100, ts_event=1
    )

    assert (stale.code, stale.reason) == (AnswerCode.INVALID, Reason.SECOND_CORRECTION)
    assert (second.code, second.cum_qty) == (AnswerCode.ACCEPTED, Decimal(70))
    assert (venues.reason, venues.cum_qty) == (Reason.SECOND_CORRECTION, Decimal(70))


REFUSED: list[tuple[dict[str, Any], Reason]] = [
    ({"exec_ref_id": "T9"}, Reason.CORRECTION_AWAITED),
    ({"approver": "quant"}, Reason.APPROVER_NEEDED),
    ({"exec_ref_trade_date": 20261119}, Reason.CORRECTION_AWAITED),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSED)
def test_what_is_not_so_is_refused_and_changes_nothing(
    desk: Desk, filled: Ack, changes: dict[str, Any], reason: Reason
) -> None:
    ack = desk.admin.bust_trade(filled, **{"exec_ref_id": "T1", **ASKED, **changes})

    assert (ack.code, ack.reason) == (AnswerCode.INVALID, reason)
    assert position(desk) == (100, 0)


def test_a_trade_that_is_void_is_not_taken_back_again(desk: Desk, filled: Ack) -> None:
    desk.feed.report(filled, "TRADE_CANCEL", exec_id="B1", exec_ref_id="T1")

    ack = desk.admin.bust_trade(filled, "T1", **ASKED)

    assert (ack.code, ack.reason) == (AnswerCode.INVALID, Reason.BUST_OF_BUST)


def test_a_trade_of_another_order_is_not_meant(desk: Desk, filled: Ack) -> None:
    ack = desk.admin.bust_trade(desk.buy(qty=1), "T1", **ASKED)

    assert (ack.code, ack.reason) == (AnswerCode.INVALID, Reason.UNKNOWN_ORDER)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"text": ""}, "text is empty"),
    ({"text": "seventeen letters"}, "at most 16"),
    ({"approver": "nobody"}, "unknown principal 'nobody'"),
    ({"exec_ref_id": ""}, "exec_ref_id"),
    ({"last_qty": 0}, "last_qty"),
]


@pytest.mark.parametrize(("changes", "said"), WRONG)
def test_what_could_never_be_right_is_not_sent(
    desk: Desk, filled: Ack, changes: dict[str, Any], said: str
) -> None:
    sent = len(desk.transport.sent)
    with pytest.raises(BadRequest, match=said):
        Admin.on(desk.client).correct_trade(
            filled, **{"exec_ref_id": "T1", "last_qty": 1, "last_px": 1, **ASKED, **changes}
        )
    kinds = [int(rows["kind"][0]) for _, rows in desk.transport.sent[sent:]]
    assert 26 not in kinds
