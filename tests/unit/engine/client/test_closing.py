"""What only closes is judged by the strategy's own position: one strategy's is no room for another's."""

import pytest

from engine.answers import Ack
from engine.vocabulary import Check, Reason
from tests.unit.engine.client.conftest import Desk

WIDE = 10**9


@pytest.fixture
def held(desk: Desk) -> Desk:
    """A desk where strategy S1 has bought 100 at 100."""
    fill(desk, desk.buy(qty=100), 100)
    return desk


def fill(desk: Desk, ack: Ack, qty: int) -> None:
    """An order is traded as far as this."""
    assert ack.is_accepted, ack
    desk.feed.report(ack, "TRADE", exec_id=f"T{ack.position}", last_qty=qty, last_px="100.00")


def credit_limit(desk: Desk, credit: int) -> None:
    desk.admin.set_exposure_limits(
        "ACC-1",
        currency="USD",
        max_gross=WIDE,
        max_net=WIDE,
        max_credit=credit,
        max_working_notional=WIDE,
        max_loss=WIDE,
    )


def test_a_sale_of_another_strategy_uses_credit_though_the_account_is_long(held: Desk) -> None:
    credit_limit(held, 10_000)

    opening = held.buy(side="SELL", strategy="S2", qty=100)
    closing = held.buy(side="SELL", strategy="S1", qty=100)

    assert (opening.check, opening.reason) == (Check.CREDIT, Reason.CREDIT_EXCEEDED)
    assert closing.is_accepted


def test_what_a_firm_may_use_is_not_passed_by_the_other_side_of_an_account(held: Desk) -> None:
    held.admin.set_firm_limit("USD", 15_000)
    held.admin.grant_lease(0, "USD", 15_000, ttl_ms=3_600_000)

    opening = held.buy(side="SELL", strategy="S2", qty=100)
    closing = held.buy(side="SELL", strategy="S1", qty=100)

    assert (opening.check, opening.reason) == (Check.FIRM_BUDGET, Reason.FIRM_BUDGET)
    assert closing.is_accepted


def test_a_strategy_that_may_only_reduce_opens_nothing_against_another(held: Desk) -> None:
    held.admin.set_trading_state("REDUCING", "STRATEGY", strategy="S2")

    ack = held.buy(side="SELL", strategy="S2", qty=60)

    assert ack.reason == Reason.TRADING_REDUCING


def test_two_strategies_of_opposite_positions_can_each_close_theirs(held: Desk) -> None:
    fill(held, held.buy(side="SELL", strategy="S2", qty=100), 100)
    credit_limit(held, 0)
    held.admin.set_trading_state("REDUCING", "ACCOUNT", account="ACC-1")

    assert held.buy(strategy="S2", qty=100).is_accepted
    assert held.buy(side="SELL", strategy="S1", qty=100).is_accepted
    assert held.buy(side="SELL", strategy="S1", qty=1).reason == Reason.TRADING_REDUCING
