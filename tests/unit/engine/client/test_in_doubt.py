"""Requests in doubt: flagged without a rejection, and resolved by what a venue or an operator knows."""

from decimal import Decimal
from typing import Any

import pytest

from engine.answers import Ack
from engine.errors import BadRequest
from engine.rows.lifecycle_events import IN_DOUBT_EVENT
from engine.vocabulary import AnswerCode, EventKind, OrdStatus, Reason
from tests.unit.engine.client.conftest import Desk


def acknowledged(desk: Desk) -> Ack:
    """An order that the venue has."""
    ack = desk.buy()
    desk.feed.report(ack, "NEW", exec_id="NEW")
    return ack


def in_doubt(desk: Desk) -> int:
    """The `InDoubt` bits of the first order."""
    return int(desk.transport.logs[0].kernel.tables.orders[1]["in_doubt"])


def test_a_doubt_changes_neither_status_nor_what_works(desk: Desk) -> None:
    ack = desk.buy()

    doubted = desk.admin.mark_in_doubt(ack, text="line is down")

    assert (doubted.code, doubted.status, doubted.leaves_qty) == (
        AnswerCode.ACCEPTED,
        OrdStatus.PENDING_NEW,
        Decimal(100),
    )
    assert in_doubt(desk) == 1
    assert desk.client.cancel(ack).status == OrdStatus.PENDING_CANCEL


def test_what_is_not_pending_cannot_be_in_doubt(desk: Desk) -> None:
    ack = acknowledged(desk)

    for refused in (desk.admin.mark_in_doubt(ack), desk.admin.mark_in_doubt(ack, requests=["CANCEL"])):
        assert (refused.code, refused.reason) == (AnswerCode.INVALID, Reason.NOT_PENDING)
    certain = desk.admin.resolve_in_doubt(ack, "ORDER_REJECTED", text="asked by phone")
    assert (certain.code, certain.reason) == (AnswerCode.INVALID, Reason.NOT_PENDING)


VENUES_WORDS: list[tuple[str, dict[str, Any], int]] = [
    ("NEW", {}, 6),
    ("TRADE", {"last_qty": 1, "last_px": 100}, 6),
    ("PENDING_CANCEL", {}, 4),
    ("PENDING_REPLACE", {}, 2),
    ("REPLACED", {}, 2),
    ("CANCELED", {}, 0),
]


@pytest.mark.parametrize(("word", "numbers", "left"), VENUES_WORDS)
def test_what_the_venue_reports_takes_away_the_doubt_that_it_answers(
    desk: Desk, word: str, numbers: dict[str, Any], left: int
) -> None:
    ack = acknowledged(desk)
    desk.client.replace(ack, qty=70, price="99.00", cl_ord_id="R")
    desk.client.cancel(ack, cl_ord_id="C")
    desk.admin.mark_in_doubt(ack)
    assert in_doubt(desk) == 6

    desk.feed.report(ack, word, exec_id="E1", **numbers)

    assert in_doubt(desk) == left


STATUSES = [("NEW", 6), ("PENDING_CANCEL", 4), ("PENDING_REPLACE", 2), ("FILLED", 0), ("CANCELED", 0)]


@pytest.mark.parametrize(("status", "left"), STATUSES)
def test_an_order_status_takes_away_every_doubt_that_its_state_answers(
    desk: Desk, status: str, left: int
) -> None:
    ack = acknowledged(desk)
    desk.client.replace(ack, qty=70, price="99.00", cl_ord_id="R")
    desk.client.cancel(ack, cl_ord_id="C")
    desk.admin.mark_in_doubt(ack)

    desk.feed.report(ack, "ORDER_STATUS", exec_id="E1", ord_status=status)

    assert in_doubt(desk) == left


def doubts(desk: Desk, partition: int = 0) -> list[int]:
    """The `InDoubt` bits of every order of a partition."""
    tables = desk.transport.logs[partition].kernel.tables
    bits: list[int] = tables.orders["in_doubt"][1 : int(tables.firm["orders"][0]) + 1].tolist()
    return bits


def test_a_broken_line_puts_all_in_doubt_that_its_venue_has_not_answered(wide_desk: Desk) -> None:
    wide_desk.admin.set_venue("XCME")
    wide_desk.admin.set_instrument("ES", venue="XCME", price_scale=2, qty_scale=0, tick="0.01", lot=1)
    wide_desk.admin.set_mark("ES", 100)
    wide_desk.admin.start_trading_day("XCME", 20261120)
    waits, answered, elsewhere = wide_desk.buy(), acknowledged(wide_desk), wide_desk.buy(instrument="ES")
    canceled = wide_desk.buy(account="ACC-2", strategy="T1")
    wide_desk.feed.report(canceled, "NEW", exec_id="N2")
    wide_desk.client.cancel(canceled)
    wide_desk.admin.mark_in_doubt(waits)

    acks = wide_desk.feed.line_lost(text="line is down", request_id=7)
    again = wide_desk.feed.line_lost(text="line is down", request_id=7)

    assert [ack.code for ack in acks] == [AnswerCode.ACCEPTED] * 3
    assert sum(ack.total_affected_orders or 0 for ack in acks) == 1
    assert [ack.code for ack in again] == [AnswerCode.DUPLICATE] * 3
    assert [ack.total_affected_orders for ack in again] == [ack.total_affected_orders for ack in acks]
    assert (waits.partition, answered.partition) == (elsewhere.partition, elsewhere.partition)
    assert doubts(wide_desk, waits.partition) == [1, 0, 0]
    assert doubts(wide_desk, canceled.partition) == [2]


def test_only_the_requests_that_are_named_are_in_doubt(desk: Desk) -> None:
    waits, replaced = desk.buy(), acknowledged(desk)
    desk.client.replace(replaced, qty=70, price="99.00", cl_ord_id="R")

    (ack,) = desk.admin.mark_venue_in_doubt("XNAS", requests=["REPLACE"])
    (rest,) = desk.admin.mark_venue_in_doubt("XNAS")
    (none,) = desk.admin.mark_venue_in_doubt("XNAS")

    assert waits.position < replaced.position
    assert doubts(desk) == [1, 4]
    assert [one.total_affected_orders for one in (ack, rest, none)] == [1, 1, 0]


def test_a_venues_no_answers_a_cancel_in_doubt(desk: Desk) -> None:
    ack = acknowledged(desk)
    desk.client.cancel(ack, cl_ord_id="C")
    desk.admin.mark_in_doubt(ack, requests=["CANCEL"])

    desk.feed.reject_request(ack, "CANCEL", cl_ord_id="C")

    assert in_doubt(desk) == 0


VERDICTS = [
    ("ORDER_ACCEPTED", OrdStatus.NEW, 100),
    ("ORDER_REJECTED", OrdStatus.REJECTED, 0),
]


@pytest.mark.parametrize(("verdict", "status", "leaves"), VERDICTS)
def test_an_operator_says_what_became_of_a_submit(
    desk: Desk, verdict: str, status: OrdStatus, leaves: int
) -> None:
    ack = desk.buy()
    desk.admin.mark_in_doubt(ack)

    resolved = desk.admin.resolve_in_doubt(ack, verdict, text="asked by phone", request_id=7)
    again = desk.admin.resolve_in_doubt(ack, verdict, text="asked by phone", request_id=7)

    assert (resolved.status, int(resolved.leaves_qty)) == (status, leaves)
    assert (again.code, again.position) == (AnswerCode.DUPLICATE, resolved.position)
    assert in_doubt(desk) == 0
    event = desk.transport.logs[0].rows.view(IN_DOUBT_EVENT)[resolved.position]
    assert (event["cl_ord_id"], event["verdict"]) == (b"asked by phone", EventKind[verdict])


CHANGES = [
    ("ORDER_CANCELED", OrdStatus.CANCELED, 0),
    ("CANCEL_REJECTED", OrdStatus.PENDING_REPLACE, 60),
    ("ORDER_REPLACED", OrdStatus.PENDING_CANCEL, 30),
    ("REPLACE_REJECTED", OrdStatus.PENDING_CANCEL, 60),
]


@pytest.mark.parametrize(("verdict", "status", "leaves"), CHANGES)
def test_an_operator_says_what_became_of_a_cancel_or_a_replace(
    desk: Desk, verdict: str, status: OrdStatus, leaves: int
) -> None:
    ack = acknowledged(desk)
    desk.feed.report(ack, "TRADE", exec_id="E1", last_qty=40, last_px=100)
    desk.client.replace(ack, qty=70, price="99.00", cl_ord_id="R")
    desk.client.cancel(ack, cl_ord_id="C")
    desk.admin.mark_in_doubt(ack)

    resolved = desk.admin.resolve_in_doubt(ack, verdict, text="asked by phone")

    assert (resolved.status, int(resolved.leaves_qty)) == (status, leaves)


def test_a_verdict_needs_evidence_and_is_one_of_six(desk: Desk) -> None:
    ack = desk.buy()
    desk.admin.mark_in_doubt(ack)

    with pytest.raises(BadRequest, match="say how it is known"):
        desk.admin.resolve_in_doubt(ack, "ORDER_REJECTED", text="")
    with pytest.raises(BadRequest, match="verdict='FILLED' is not one of ORDER_ACCEPTED"):
        desk.admin.resolve_in_doubt(ack, "FILLED", text="asked by phone")
