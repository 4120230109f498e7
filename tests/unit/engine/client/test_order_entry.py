"""Submit, replace and cancel: numbers, ids, answers, and what happens when an answer is missing."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from engine.answers import Ack
from engine.errors import NotReady, OutcomeUnknown, Overloaded, Refused
from engine.rows.events import HEAD
from engine.vocabulary import AnswerCode, Check, OrdStatus, Reason
from tests.unit.engine.client.conftest import TRADE_DATE, Desk, connected
from tests.unit.engine.client.kernel_transport import KernelTransport


def last_event(transport: KernelTransport, partition: int = 0) -> np.void:
    """The event at the end of a partition's log."""
    event: np.void = transport.logs[partition].rows.view(HEAD)[-1]
    return event


def fail_once(transport: KernelTransport, when: str, error: Exception) -> None:
    """Let the next delivery fail, `before` or `after` the engine has decided."""

    def fail(partition: int, rows: np.ndarray) -> None:
        setattr(transport, when, lambda partition, rows: None)
        raise error

    setattr(transport, when, fail)


def test_an_accepted_order_says_where_it_is_and_how_it_stands(desk: Desk) -> None:
    ack = desk.buy(cl_ord_id="mine", price="100.50")

    assert ack.is_accepted
    assert (ack.code, ack.status, ack.version) == (AnswerCode.ACCEPTED, OrdStatus.PENDING_NEW, 1)
    assert (ack.cum_qty, ack.leaves_qty, ack.mark) == (Decimal(0), Decimal(100), Decimal("100.00"))
    assert (ack.partition, ack.position) == (0, len(desk.transport.logs[0].rows) - 1)
    assert ack.order_id.startswith(f"{TRADE_DATE:08x}")
    assert ack.order_id_number == int(ack.order_id, 16)
    assert str(ack) == (
        f"ACCEPTED order {ack.order_id} PENDING_NEW leaves 100 at position {ack.position} of partition 0"
    )


def test_quantities_come_back_in_the_instruments_scale(desk: Desk) -> None:
    ack = desk.buy(instrument="BTC-USD", price="100000.5", qty="0.0120")
    desk.feed.report(ack, "NEW", exec_id="E1")

    filled = desk.feed.report(ack, "TRADE", exec_id="E2", last_qty="0.0050", last_px="99999.7")

    assert (filled.cum_qty, filled.leaves_qty) == (Decimal("0.0050"), Decimal("0.0070"))
    assert str(filled.leaves_qty) == "0.0070"


def test_every_event_names_the_principal(desk: Desk) -> None:
    desk.buy()

    assert last_event(desk.transport)["principal"] == desk.client.catalog.principal("quant").handle


def test_a_principal_that_connects_again_keeps_its_handle(desk: Desk) -> None:
    again = connected(desk.transport, "quant")
    other = connected(desk.transport, "risk")

    assert again.catalog.principal("quant") == desk.client.catalog.principal("quant")
    assert other.catalog.principal("risk").handle != again.catalog.principal("quant").handle


@pytest.mark.parametrize(
    ("terms", "check", "text"),
    [
        (
            {"price": "105.01"},
            Check.COLLAR,
            "REJECTED PRICE_COLLAR: price 105.01 is beyond 5 % of the mark 100.00 (limits version 1)",
        ),
        (
            {"qty": 100_001, "price": "1"},
            Check.ORDER_QTY,
            (
                "REJECTED ORDER_QTY_EXCEEDED: quantity 100001 is above the limit of 100000 an order"
                " (limits version 1); also refused by POSITION"
            ),
        ),
        (
            {"qty": 10_001, "price": "100"},
            Check.ORDER_NOTIONAL,
            (
                "REJECTED ORDER_NOTIONAL_EXCEEDED: notional 1000100 is above the limit of 1000000 an order"
                " (limits version 1)"
            ),
        ),
        (
            {"qty": 50_001, "price": "1"},
            Check.POSITION,
            "REJECTED POSITION_LIMIT: the position could reach 50001, its limit is 50000 (limits version 1)",
        ),
    ],
)
def test_a_refusal_names_check_limit_and_what_was_observed(
    desk: Desk, terms: dict[str, object], check: Check, text: str
) -> None:
    ack = desk.buy(**terms)

    assert not ack.is_accepted
    assert ack.check == check
    assert str(ack) == text


def test_all_that_is_wrong_with_an_order_is_named_in_the_order_of_the_checks(desk: Desk) -> None:
    ack = desk.buy(qty=100_001, price="106")

    assert ack.violations == (Check.ORDER_QTY, Check.ORDER_NOTIONAL, Check.COLLAR, Check.POSITION)
    assert ack.check == Check.ORDER_QTY
    assert ack.handle == 0
    assert str(ack).endswith("also refused by ORDER_NOTIONAL, COLLAR, POSITION")


def test_an_order_close_to_a_limit_is_accepted_with_a_warning(desk: Desk) -> None:
    desk.admin.set_limits(
        "ACC-1",
        max_order_qty=100,
        max_order_notional=10**6,
        max_long_qty=10**6,
        max_short_qty=0,
        soft_percent=80,
    )

    near, far = desk.buy(qty=81), desk.buy(qty=80)
    passive = desk.buy(qty=1, price="50")

    assert (near.is_accepted, near.warnings, near.violations) == (True, (Check.ORDER_QTY,), ())
    assert "close to the limit of ORDER_QTY" in str(near)
    assert (far.warnings, passive.warnings) == ((), (Check.COLLAR,))


def test_a_short_sale_needs_its_mark_and_its_locate_where_the_instrument_says_so(desk: Desk) -> None:
    desk.admin.set_instrument("LOCATE", venue="XNAS", needs_locate=True, min_qty=5)
    desk.admin.set_mark("LOCATE", "100")
    order: dict[str, Any] = {
        "account": "ACC-1",
        "strategy": "S1",
        "instrument": "LOCATE",
        "qty": 5,
        "price": "100",
    }

    plain = desk.client.submit(side="SELL", **order)
    marked = desk.client.submit(side="SELL_SHORT", **order)
    located = desk.client.submit(side="SELL_SHORT", has_locate=True, **order)
    too_small = desk.client.submit(side="BUY", **{**order, "qty": 4})

    assert [ack.reason for ack in (plain, marked)] == [Reason.SHORT_NOT_PERMITTED] * 2
    assert located.is_accepted
    assert (too_small.reason, too_small.limit) == (Reason.QTY_TOO_SMALL, 5)


def test_a_refusal_is_a_result_until_the_caller_wants_it_raised(desk: Desk) -> None:
    refused, accepted = desk.buy(price="105.01"), desk.buy()

    assert accepted.raise_for_refusal() is accepted
    with pytest.raises(Refused, match="PRICE_COLLAR") as caught:
        refused.raise_for_refusal()
    assert caught.value.ack is refused
    assert refused.fix_reason == 16
    assert refused.limit == Decimal("0.05")


def test_a_halted_account_is_told_so(desk: Desk) -> None:
    desk.admin.set_trading_state("CANCEL_ONLY", "ACCOUNT", account="ACC-1")

    refused = str(desk.buy())

    assert refused.startswith("REJECTED TRADING_HALTED: trading is halted, only cancels pass")
    assert "state CANCEL_ONLY" in refused


def test_submitting_again_is_a_duplicate_with_the_first_outcome(desk: Desk) -> None:
    first = desk.buy(cl_ord_id="once")
    digests = desk.transport.digests()

    again = desk.buy(cl_ord_id="once")

    assert again.is_duplicate
    assert again.is_accepted
    assert again.position == first.position
    assert desk.transport.digests() == digests
    assert str(again).startswith("DUPLICATE of ACCEPTED order")


def test_a_refused_order_submitted_again_is_a_duplicate_of_the_refusal(desk: Desk) -> None:
    first = desk.buy(cl_ord_id="once", price="105.01")

    again = desk.buy(cl_ord_id="once", price="105.01")

    assert again.is_duplicate
    assert not again.is_accepted
    assert (again.position, again.check, again.limit) == (first.position, first.check, first.limit)
    assert str(again).startswith("DUPLICATE of REJECTED PRICE_COLLAR: price 105.01 is beyond 5 %")


def test_the_same_cl_ord_id_for_another_order_is_a_conflict_that_says_what_the_first_one_is(
    desk: Desk,
) -> None:
    first = desk.buy(cl_ord_id="once")
    desk.feed.report(first, "TRADE", exec_id="E1", last_qty=40, last_px=100)

    others = [desk.buy(cl_ord_id="once", qty=qty) for qty in (7, 8)]

    for other in others:
        assert (other.code, other.fix_reason) == (AnswerCode.CONFLICT, 6)
        assert (other.status, int(other.cum_qty), int(other.leaves_qty)) == (
            OrdStatus.PARTIALLY_FILLED,
            40,
            60,
        )
        assert "nothing was executed" in str(other)


def test_made_up_cl_ord_ids_differ(desk: Desk) -> None:
    acks = [desk.buy(qty=1) for _ in range(5)]

    assert len({ack.cl_ord_id for ack in acks}) == 5
    assert {len(ack.cl_ord_id) for ack in acks} == {20}


def test_a_client_numbers_its_commands_by_itself(desk: Desk) -> None:
    ack = desk.buy()
    desk.feed.report(ack, "NEW", exec_id="E1")

    replaced = desk.client.replace(ack, qty=120, price="99.99")
    desk.feed.report(ack, "REPLACED", exec_id="E2")
    canceled = desk.client.cancel(ack)

    assert (replaced.status, canceled.status) == (OrdStatus.PENDING_REPLACE, OrdStatus.PENDING_CANCEL)
    assert canceled.leaves_qty == 120
    assert desk.client.last_seqs([ack]) == {ack.order_id: 3}


def test_an_order_goes_by_ack_by_text_and_by_number(desk: Desk) -> None:
    first, second, third = (desk.buy(qty=1) for _ in range(3))

    for order_id in (first, second.order_id, third.order_id_number):
        assert desk.client.cancel(order_id).is_accepted


def test_another_client_finds_an_order_and_its_next_number(wide_desk: Desk) -> None:
    ack = wide_desk.buy(account="ACC-2", strategy="T1")
    wide_desk.feed.report(ack, "NEW", exec_id="E1")
    other = connected(wide_desk.transport, "other")

    replaced = other.replace(ack.order_id, qty=90, price="99.00")

    assert replaced.is_accepted
    assert replaced.partition == ack.partition
    assert replaced.leaves_qty == 100
    assert other.last_seqs([ack.order_id, "0" * 31 + "1"]) == {ack.order_id: 2, "0" * 31 + "1": 0}


def test_asking_for_numbers_changes_nothing(wide_desk: Desk) -> None:
    ack = wide_desk.buy()
    digests = wide_desk.transport.digests()

    wide_desk.client.last_seqs([ack, 5])

    assert wide_desk.transport.digests() == digests


def test_a_number_that_somebody_else_used_is_asked_for_again(desk: Desk) -> None:
    ack = desk.buy()
    other = connected(desk.transport, "other")
    other.cancel(ack.order_id)

    same = desk.client.cancel(ack)
    third = desk.client.cancel(ack)

    assert (same.code, same.outcome) == (AnswerCode.DUPLICATE, AnswerCode.ACCEPTED)
    assert (third.code, third.reason) == (AnswerCode.REJECTED, Reason.ALREADY_PENDING)


def test_a_stale_expected_version_is_told_the_actual_one(desk: Desk) -> None:
    ack = desk.buy()
    desk.feed.report(ack, "NEW", exec_id="E1")
    digests = desk.transport.digests()

    stale = desk.client.replace(ack, qty=50, price="99.00", expected_version=ack.version)

    assert (stale.code, stale.version) == (AnswerCode.VERSION_CONFLICT, 2)
    assert desk.transport.digests() == digests
    assert str(stale) == "VERSION_CONFLICT: the order is at version 2; look at it and decide again"
    assert desk.client.replace(ack, qty=50, price="99.00", expected_version=2).is_accepted


def test_a_refusal_that_uses_no_number_leaves_the_next_command_in_order(desk: Desk) -> None:
    desk.admin.set_limits(
        "ACC-1",
        max_order_qty=1_000,
        max_order_notional=1_000_000,
        max_long_qty=5_000,
        max_short_qty=5_000,
        orders_per_second=1,
        burst=1,
    )
    ack = desk.buy()
    desk.feed.report(ack, "NEW", exec_id="E1")

    limited = desk.client.replace(ack, qty=90, price="99.00")
    canceled = desk.client.cancel(ack)

    assert limited.code == AnswerCode.RATE_LIMIT
    assert str(limited).startswith(
        "RATE_LIMIT RATE_EXCEEDED: account or strategy sends faster than its limit, wait 0.9"
    )
    assert canceled.is_accepted


def test_a_moved_trade_date_refuses_once_and_is_learned(desk: Desk) -> None:
    other = connected(desk.transport, "other")
    desk.admin.start_trading_day("XNAS", 20261123)
    order: dict[str, Any] = {
        "account": "ACC-1",
        "instrument": "AAPL",
        "strategy": "S1",
        "side": "BUY",
        "qty": 1,
        "price": 100,
    }

    stale = other.submit(**order)
    fresh = other.submit(**order)

    assert stale.code == AnswerCode.STALE_TRADE_DATE
    assert "nothing happened, submit again" in str(stale)
    assert fresh.is_accepted


def test_with_its_trade_date_an_order_is_known_again_on_a_later_day(desk: Desk) -> None:
    first = desk.buy(cl_ord_id="A", time_in_force="GTC")
    desk.admin.start_trading_day("XNAS", 20261123)

    again = desk.buy(cl_ord_id="A", time_in_force="GTC", trade_date="2026-11-20")
    never = desk.buy(cl_ord_id="B", time_in_force="GTC", trade_date=20261120)

    assert (again.code, again.position) == (AnswerCode.DUPLICATE, first.position)
    assert never.code == AnswerCode.STALE_TRADE_DATE


def test_each_cancel_has_a_cl_ord_id_of_its_own_so_that_each_can_be_rejected(desk: Desk) -> None:
    ack = desk.buy()
    desk.feed.report(ack, "NEW", exec_id="E1")
    for _ in range(2):
        desk.client.cancel(ack)
        asked = desk.client.history(ack)["text"][-1]
        assert asked
        assert desk.feed.reject_request(ack, "CANCEL", cl_ord_id=asked).is_accepted

    assert desk.client.cancel(ack).is_accepted


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_order_without_an_answer_executes_once(desk: Desk, when: str) -> None:
    fail_once(desk.transport, when, OutcomeUnknown("no answer in 30 s"))
    with pytest.raises(OutcomeUnknown) as caught:
        desk.buy(cl_ord_id="once")
    assert "ClOrdID 'once'" in caught.value.__notes__[0]

    ack = desk.buy(cl_ord_id="once")

    assert ack.is_accepted
    assert ack.is_duplicate == (when == "after")
    assert desk.transport.logs[0].kernel.tables.firm["orders"][0] == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_was_not_answered_can_be_sent_again_all_at_once(desk: Desk, when: str) -> None:
    ack = desk.buy()
    acts: list[Callable[[], Ack]] = [lambda: desk.buy(qty=3), lambda: desk.client.cancel(ack)]
    for act in acts:
        fail_once(desk.transport, when, OutcomeUnknown("no answer in 30 s"))
        with pytest.raises(OutcomeUnknown):
            act()

    acks = desk.client.resend_unanswered()

    assert [one.outcome for one in acks] == [AnswerCode.ACCEPTED, AnswerCode.ACCEPTED]
    assert {one.is_duplicate for one in acks} == {when == "after"}
    assert desk.client.resend_unanswered() == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_replace_without_an_answer_is_asked_about_by_the_same_call(desk: Desk, when: str) -> None:
    ack = desk.buy()
    desk.feed.report(ack, "NEW", exec_id="E1")
    fail_once(desk.transport, when, OutcomeUnknown("no answer in 30 s"))
    with pytest.raises(OutcomeUnknown):
        desk.client.replace(ack, qty=90, price="99.00")

    again = desk.client.replace(ack, qty=90, price="99.00")

    assert again.is_accepted
    assert again.is_duplicate == (when == "after")
    assert desk.client.last_seqs([ack]) == {ack.order_id: 2}


@pytest.mark.parametrize("when", ["before", "after"])
def test_another_command_first_settles_the_one_without_an_answer(desk: Desk, when: str) -> None:
    ack = desk.buy()
    desk.feed.report(ack, "NEW", exec_id="E1")
    fail_once(desk.transport, when, OutcomeUnknown("no answer in 30 s"))
    with pytest.raises(OutcomeUnknown):
        desk.client.replace(ack, qty=90, price="99.00")

    canceled = desk.client.cancel(ack)

    assert canceled.is_accepted
    assert canceled.status == OrdStatus.PENDING_CANCEL
    assert desk.client.last_seqs([ack]) == {ack.order_id: 3}


@pytest.mark.parametrize("error", [Overloaded("queue full", 0.2), NotReady("folding")])
def test_an_error_that_says_nothing_happened_leaves_nothing_open(desk: Desk, error: Exception) -> None:
    ack = desk.buy()
    fail_once(desk.transport, "before", error)
    with pytest.raises(type(error)):
        desk.client.cancel(ack)

    assert desk.client.resend_unanswered() == []
    assert desk.client.cancel(ack).is_accepted
    assert desk.client.last_seqs([ack]) == {ack.order_id: 2}


def test_a_resend_that_nobody_takes_leaves_the_question_open(desk: Desk) -> None:
    fail_once(desk.transport, "after", OutcomeUnknown("no answer in 30 s"))
    with pytest.raises(OutcomeUnknown):
        desk.buy(cl_ord_id="once")
    fail_once(desk.transport, "before", Overloaded("queue full"))
    with pytest.raises(Overloaded):
        desk.client.resend_unanswered()

    acks = desk.client.resend_unanswered()

    assert [ack.code for ack in acks] == [AnswerCode.DUPLICATE]


def test_an_ack_is_frozen() -> None:
    ack = Ack(code=AnswerCode.ACCEPTED, outcome=AnswerCode.ACCEPTED, partition=0, position=1)

    with pytest.raises(AttributeError):
        ack.position = 2  # type: ignore[misc]
