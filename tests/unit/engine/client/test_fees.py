"""Fees: summed as venues state them, in the currencies in which they state them, and no part of profit."""

from decimal import Decimal
from typing import Any

import pytest

from engine.answers import Ack
from engine.errors import BadRequest
from engine.vocabulary import AnswerCode
from tests.unit.engine.client.conftest import Desk

MOST = 10**10
"""The largest commission of one report, in whole units of its currency."""


def traded(desk: Desk, exec_id: str, order: Ack, **stated: Any) -> Ack:
    """The answer to a report of one share at 100.00."""
    return desk.feed.report(order, "TRADE", exec_id=exec_id, last_qty=1, last_px="100.00", **stated)


def fees_of(desk: Desk, **group: Any) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    """By currency: what was realised, the fees, and what is left of it."""
    return {row.currency: (row.realized, row.fees, row.net) for row in desk.client.pnl(**group)}


def test_fees_are_summed_by_position_and_currency_and_realized_stays_as_it_was(desk: Desk) -> None:
    bought = desk.buy(qty=10)
    traded(desk, "E1", bought, commission="1.25")
    traded(desk, "E2", bought, commission="-0.30", commission_currency="USD")
    traded(desk, "E3", bought, commission="0.00000001", commission_currency="GBP")
    traded(desk, "E4", bought)
    sold = desk.buy(side="SELL", qty=1)
    desk.feed.report(sold, "TRADE", exec_id="E5", last_qty=1, last_px="103.00", commission="0.05")

    wanted = {
        "USD": (Decimal("3.00"), Decimal("1.00"), Decimal("2.00")),
        "GBP": (Decimal(0), Decimal("0.00000001"), Decimal("-0.00000001")),
    }
    assert fees_of(desk, account="ACC-1") == wanted
    assert fees_of(desk, strategy="S1") == wanted
    assert fees_of(desk, by="firm") == wanted
    assert fees_of(desk, account="ACC-2") == {}
    assert [(row.currency, row.lines) for row in desk.client.pnl(account="ACC-1")] == [("USD", 1), ("GBP", 0)]


def test_a_report_that_comes_again_is_charged_once_and_another_fee_is_other_content(desk: Desk) -> None:
    order = desk.buy()
    traded(desk, "E1", order, commission="1.25")

    assert traded(desk, "E1", order, commission="1.25").code == AnswerCode.DUPLICATE
    assert traded(desk, "E1", order, commission="1.26").code == AnswerCode.CONFLICT
    assert traded(desk, "E1", order, commission="1.25", commission_currency="EUR").code == AnswerCode.CONFLICT
    assert fees_of(desk, account="ACC-1")["USD"][1] == Decimal("1.25")


def test_the_largest_fees_are_added_up_exactly(desk: Desk) -> None:
    """Ten of them pass 64 bits."""
    order = desk.buy()
    for number in range(10):
        traded(desk, f"E{number}", order, commission=MOST)
    traded(desk, "E10", order, commission="-0.00000001")

    assert fees_of(desk, account="ACC-1")["USD"][1] == 10 * MOST - Decimal("0.00000001")


@pytest.mark.parametrize(
    ("stated", "complaint"),
    [
        ({"commission": MOST + 1}, "commission=10000000001 is past the bound of 10000000000"),
        ({"commission": "-10000000000.00000001"}, "is past the bound of"),
        ({"commission": "0.000000001"}, "more than 8 decimal places"),
        ({"commission": 0.5}, "float"),
        ({"commission": 1, "commission_currency": "EURO"}, "is no currency"),
        ({"commission_currency": "EUR"}, "commission_currency='EUR' without commission="),
    ],
)
def test_a_fee_that_makes_no_sense_is_not_sent(desk: Desk, stated: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadRequest, match=complaint):
        traded(desk, "E1", desk.buy(), **stated)


def test_only_a_trade_has_a_fee(desk: Desk) -> None:
    with pytest.raises(BadRequest, match="a report of NEW has no commission"):
        desk.feed.report(desk.buy(), "NEW", exec_id="E1", commission=1)
