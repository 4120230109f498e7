"""Definitions, limits, states, trading days and kills: in force everywhere when answered, safe to repeat."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from engine import Admin
from engine.errors import BadRequest, OutcomeUnknown, Refused, Unavailable
from engine.vocabulary import AnswerCode, OrdStatus, Reason
from tests.unit.engine.client.conftest import TRADE_DATE, Desk, connected

LIMITS: dict[str, Any] = {
    "max_order_qty": 10,
    "max_order_notional": 10_000,
    "max_long_qty": 10,
    "max_short_qty": 10,
}


def test_what_is_defined_is_known_at_once_and_to_whoever_connects_later(wide_desk: Desk) -> None:
    wide_desk.admin.set_instrument(
        "IBM", venue="XNAS", price_scale=3, tick="0.005", multiplier=10, currency="EUR"
    )
    later = connected(wide_desk.transport, "later")

    mine, theirs = wide_desk.client.catalog.instrument("IBM"), later.catalog.instrument("IBM")

    assert mine == theirs
    assert (mine.handle, mine.tick, mine.multiplier, mine.currency) == (3, 5, 10, "EUR")
    assert later.catalog.account("ACC-2") == wide_desk.client.catalog.account("ACC-2")
    assert later.catalog.strategy("T1") == wide_desk.client.catalog.strategy("T1")
    assert later.catalog.venue("XNAS").trade_date == TRADE_DATE


def test_a_name_that_somebody_else_defined_is_looked_up_once(desk: Desk) -> None:
    early = connected(desk.transport, "early")
    desk.admin.set_account("ACC-3", strategies=["U1"])
    desk.admin.set_limits("ACC-3", **LIMITS)
    order: dict[str, Any] = {
        "account": "ACC-3",
        "instrument": "AAPL",
        "strategy": "U1",
        "side": "SELL",
        "qty": 1,
        "price": 100,
    }

    asked = len(desk.transport.asked)
    assert early.submit(**order).is_accepted
    assert early.submit(**order).is_accepted

    assert len(desk.transport.asked) == asked + 1


def test_a_name_defined_again_keeps_its_handle(desk: Desk) -> None:
    again = desk.admin.set_venue("XNAS")

    assert again.is_accepted
    assert (again.handle, again.version) == (desk.client.catalog.venue("XNAS").handle, 2)
    assert desk.client.catalog.venue("XNAS").trade_date == TRADE_DATE


def test_a_new_tick_is_in_force_and_a_new_scale_is_refused(desk: Desk) -> None:
    coarser = desk.admin.set_instrument("AAPL", venue="XNAS", tick="0.05")
    finer = desk.admin.set_instrument("AAPL", venue="XNAS", price_scale=4, tick="0.0001")

    assert coarser.is_accepted
    assert desk.client.catalog.instrument("AAPL").tick == 5
    assert (finer.code, finer.reason) == (AnswerCode.INVALID, Reason.IMMUTABLE)
    assert "are fixed for good" in str(finer)
    assert desk.client.catalog.instrument("AAPL").price_scale == 2


def test_a_strategy_stays_with_its_account(desk: Desk) -> None:
    acks = desk.admin.set_account("ACC-2", strategies=["S1", "T2"])

    assert [ack.reason for ack in acks] == [Reason.NONE, Reason.IMMUTABLE, Reason.NONE]
    assert desk.client.catalog.account_of(desk.client.catalog.strategy("S1")).name == "ACC-1"
    assert desk.client.catalog.account_of(desk.client.catalog.strategy("T2")).name == "ACC-2"


def test_a_request_sent_again_is_a_duplicate_and_another_one_a_conflict(desk: Desk) -> None:
    first = desk.admin.set_account("ACC-3", strategies=["U1", "U2"])
    request_id = first[0].request_id
    digests = desk.transport.digests()

    again = desk.admin.set_account("ACC-3", strategies=["U1", "U2"], request_id=request_id)

    assert [ack.code for ack in again] == [AnswerCode.DUPLICATE] * 3
    assert [ack.handle for ack in again] == [ack.handle for ack in first]
    assert desk.transport.digests() == digests
    assert desk.admin.set_venue("XNYS", request_id=request_id).code == AnswerCode.CONFLICT


def test_limits_of_an_instrument_outrank_those_of_its_account(desk: Desk) -> None:
    desk.admin.set_limits("ACC-1", instrument="BTC-USD", **{**LIMITS, "max_order_qty": "0.5"})

    crypto = desk.buy(instrument="BTC-USD", price=100_000, qty="0.6")
    shares = desk.buy(qty=100)

    assert str(crypto).startswith("REJECTED ORDER_QTY_EXCEEDED: quantity 0.6000 is above the limit of 0.5000")
    assert shares.is_accepted


@pytest.mark.parametrize("trade_date", [20261123, "2026-11-23", date(2026, 11, 23)])
def test_a_trading_day_starts_once_everywhere(wide_desk: Desk, trade_date: int) -> None:
    first = wide_desk.admin.start_trading_day("XNAS", trade_date)
    again = connected(wide_desk.transport, "other")
    repeated = Admin.on(again).start_trading_day("XNAS", 20261123)

    assert [ack.code for ack in first] == [AnswerCode.ACCEPTED] * 3
    assert [ack.code for ack in repeated] == [AnswerCode.DUPLICATE] * 3
    assert again.catalog.venue("XNAS").trade_date == 20261123


def test_a_trading_day_never_goes_back(desk: Desk) -> None:
    (ack,) = desk.admin.start_trading_day("XNAS", 20261119)

    assert (ack.code, ack.reason) == (AnswerCode.INVALID, Reason.BAD_TRADE_DATE)
    assert repr(ack) == "Ack(INVALID BAD_TRADE_DATE, not kept)"
    assert desk.client.catalog.venue("XNAS").trade_date == TRADE_DATE


def test_the_acks_of_one_call_raise_for_the_first_refusal(wide_desk: Desk) -> None:
    taken = wide_desk.admin.set_mark("AAPL", "101.00")
    refused = wide_desk.admin.start_trading_day("XNAS", 20261119)

    assert taken.raise_for_refusal() is taken
    assert (taken.all_accepted, refused.all_accepted) == (True, False)
    with pytest.raises(Refused, match="INVALID BAD_TRADE_DATE"):
        refused.raise_for_refusal()


def test_a_kill_reaches_every_partition_and_counts(wide_desk: Desk) -> None:
    orders = [wide_desk.buy(qty=1) for _ in range(3)]
    orders += [wide_desk.buy(account="ACC-2", strategy="T1", qty=1) for _ in range(2)]

    acks = wide_desk.client.mass_cancel("ALL")
    again = wide_desk.client.mass_cancel("ALL", request_id=acks[0].request_id)

    assert sum(ack.total_affected_orders or 0 for ack in acks) == 5
    assert sum(ack.total_affected_orders or 0 for ack in again) == 5
    assert "ACCEPTED cancel of 0 orders at position" in str(again[2])
    assert [ack.partition for ack in acks] == [0, 1, 2]
    assert {ack.code for ack in again} == {AnswerCode.DUPLICATE}
    for order in orders:
        assert wide_desk.client.cancel(order).status == OrdStatus.PENDING_CANCEL


@pytest.mark.parametrize(
    ("scope", "names", "count"),
    [
        ("ACCOUNT", {"account": "ACC-1"}, 3),
        ("STRATEGY", {"strategy": "S2"}, 1),
        ("instrument", {"instrument": "AAPL"}, 4),
    ],
)
def test_a_kill_keeps_to_its_scope(desk: Desk, scope: str, names: dict[str, str], count: int) -> None:
    for account, strategy in (("ACC-1", "S1"), ("ACC-1", "S1"), ("ACC-1", "S2"), ("ACC-2", "T1")):
        desk.buy(account=account, strategy=strategy, qty=1)

    (ack,) = desk.admin.mass_cancel(scope, **names)

    assert ack.total_affected_orders == count


def test_a_kill_reaches_the_others_when_one_partition_does_not_answer(wide_desk: Desk) -> None:
    wide_desk.buy(account="ACC-1", qty=1)

    def fail_first(partition: int, rows: np.ndarray) -> None:
        if partition == 0:
            raise Unavailable("nobody owns partition 0")

    wide_desk.transport.before = fail_first
    sent = len(wide_desk.transport.sent)
    with pytest.raises(Unavailable):
        wide_desk.client.mass_cancel("ALL", request_id=77)

    assert [partition for partition, _ in wide_desk.transport.sent[sent:]] == [1, 2]
    wide_desk.transport.before = lambda partition, rows: None
    acks = wide_desk.client.mass_cancel("ALL", request_id=77)
    assert [ack.code for ack in acks] == [AnswerCode.ACCEPTED, AnswerCode.DUPLICATE, AnswerCode.DUPLICATE]


def test_an_operator_cancels_without_the_owners_numbers(wide_desk: Desk) -> None:
    ack = wide_desk.buy(account="ACC-2", strategy="T1")
    operator = Admin.on(connected(wide_desk.transport, "desk-7"))

    canceled = operator.cancel_order(ack.order_id, request_id=5)
    again = operator.cancel_order(ack.order_id, request_id=5)

    assert (canceled.status, again.code) == (OrdStatus.PENDING_CANCEL, AnswerCode.DUPLICATE)
    assert wide_desk.client.last_seqs([ack]) == {ack.order_id: 1}


def test_a_request_without_an_answer_names_the_id_to_repeat(desk: Desk) -> None:
    def fail(partition: int, rows: np.ndarray) -> None:
        desk.transport.after = lambda partition, rows: None
        raise OutcomeUnknown("no answer")

    desk.transport.after = fail
    with pytest.raises(OutcomeUnknown) as caught:
        desk.admin.set_venue("XNYS", request_id=9)

    assert "request_id='00000000000000000000000000000009'" in caught.value.__notes__[0]
    assert desk.admin.set_venue("XNYS", request_id=9).code == AnswerCode.DUPLICATE


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("ALL", {}),
        ("VENUE", {"venue": "XNAS"}),
        ("ACCOUNT", {"account": "ACC-1"}),
        ("STRATEGY", {"strategy": "S1"}),
        ("INSTRUMENT", {"instrument": "AAPL"}),
    ],
)
def test_a_killed_scope_takes_nothing_new_until_its_halt_is_lifted(
    desk: Desk, scope: str, names: dict[str, str]
) -> None:
    working = desk.buy(qty=1)

    (killed,) = desk.admin.kill(scope, **names)
    refused = desk.buy(qty=1)
    canceled_again = desk.client.cancel(working)
    desk.admin.lift_halt(scope, text="looked at it", **names).raise_for_refusal()

    assert (killed.is_accepted, killed.total_affected_orders) == (True, 1)
    assert refused.reason == Reason.TRADING_HALTED
    assert canceled_again.reason == Reason.ALREADY_PENDING
    assert desk.buy(qty=1).is_accepted


def test_a_kill_is_safe_to_repeat(desk: Desk) -> None:
    desk.buy(qty=1)
    (first,) = desk.admin.kill("ALL", request_id=5)

    (again,) = desk.admin.kill("ALL", request_id=5)

    assert again.is_duplicate
    assert again.total_affected_orders == first.total_affected_orders == 1


def test_a_less_strict_state_needs_a_reason_a_stricter_one_does_not(desk: Desk) -> None:
    stricter = desk.admin.set_trading_state("REDUCING", "ALL")
    unexplained = desk.admin.set_trading_state("ACTIVE", "ALL")
    explained = desk.admin.set_trading_state("ACTIVE", "ALL", text="limits are back")

    assert stricter.is_accepted
    assert (unexplained.code, unexplained.reason) == (AnswerCode.INVALID, Reason.REASON_NEEDED)
    assert explained.is_accepted
    with pytest.raises(BadRequest, match="text is empty"):
        desk.admin.lift_halt("ALL", text="")


def test_throttles_of_an_account_and_of_a_strategy(desk: Desk) -> None:
    desk.admin.set_throttles(account="ACC-1", open_orders_max=1).raise_for_refusal()
    desk.admin.set_throttles(strategy="S2", orders_per_second=1, burst=1).raise_for_refusal()

    first, second = desk.buy(qty=1), desk.buy(qty=1)

    assert first.is_accepted
    assert (second.reason, second.limit, second.observed) == (Reason.TOO_MANY_ORDERS, 1, 1)


AT_STAKE: dict[str, Any] = {
    "max_gross": 5_000,
    "max_net": "5000",
    "max_credit": 5_000,
    "max_working_notional": "1000.50",
    "max_loss": 0,
}


def test_limits_of_what_an_account_has_at_stake(desk: Desk) -> None:
    desk.admin.set_exposure_limits("ACC-1", currency="USD", **AT_STAKE).raise_for_refusal()

    first, second = desk.buy(qty=10, price=100), desk.buy(qty=1, price=100)

    assert first.is_accepted
    assert (second.reason, second.limit, second.observed) == (
        Reason.WORKING_NOTIONAL,
        Decimal("1000.5"),
        Decimal(1100),
    )
    assert "working orders could reach 1100, their limit is 1000.5" in str(second)


def test_a_limit_on_drawdown_allows_nothing_at_zero_and_anything_where_it_is_left_out(desk: Desk) -> None:
    most: dict[str, Any] = dict.fromkeys(AT_STAKE, 10**9)
    desk.admin.set_exposure_limits("ACC-1", currency="USD", **most, max_drawdown=0).raise_for_refusal()
    desk.feed.report(desk.buy(), "TRADE", exec_id="E", last_qty=10, last_px="100")
    desk.admin.set_mark("AAPL", "99.00")
    desk.admin.lift_halt("ACCOUNT", account="ACC-1", text="looked at it")

    refused = desk.buy(qty=1, price=99)
    desk.admin.set_exposure_limits("ACC-1", currency="USD", **most).raise_for_refusal()

    assert (refused.reason, refused.limit, refused.observed) == (Reason.DRAWDOWN_LIMIT, 0, 10)
    assert "the day's profit is 10 below its highest, the limit is 0" in str(refused)
    assert desk.buy(qty=1, price=99).is_accepted


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"currency": "EURO"}, "is no currency"),
        ({"max_loss": -1}, "max_loss=-1 is not between 0, which allows nothing"),
        ({"max_drawdown": -1}, "max_drawdown=-1 is not between 0, which allows nothing"),
        ({"max_gross": 10**11}, "max_gross=100000000000 is not between"),
        ({"max_net": 1.5}, "float"),
        ({"soft_percent": 101}, "soft_percent=101"),
        ({"fx_age_s": -1}, "fx_age_s=-1"),
    ],
)
def test_limits_that_could_never_be_right_are_not_sent(
    desk: Desk, change: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(BadRequest, match=complaint):
        desk.admin.set_exposure_limits("ACC-1", **{"currency": "USD", **AT_STAKE, **change})


@pytest.mark.parametrize(
    ("throttles", "complaint"),
    [
        ({}, "pass account= or strategy="),
        ({"account": "ACC-1", "strategy": "S1"}, "pass account= or strategy="),
        ({"account": "ACC-1", "burst": 1}, "burst is no throttle here"),
        ({"strategy": "S1", "burst": 1}, "orders_per_second and burst go together"),
        ({"account": "ACC-1", "open_orders_max": -1}, "open_orders_max=-1 is not a whole number"),
    ],
)
def test_throttles_that_could_never_be_right_are_not_sent(
    desk: Desk, throttles: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(BadRequest, match=complaint):
        desk.admin.set_throttles(**throttles)
