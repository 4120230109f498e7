"""Sums of money in one currency: through explicit rates, rounded once, and never through a rate of one."""

from decimal import Decimal
from typing import Any

import pytest

from engine.answers import Ack
from engine.errors import BadRequest
from engine.vocabulary import AnswerCode, Reason
from tests.unit.engine.client.conftest import Desk

SECOND_NS = 10**9


@pytest.fixture
def euros(desk: Desk) -> Desk:
    """A share in dollars bought at 100.00 and one in euros bought at 50.00, with a fee in pounds."""
    desk.admin.set_instrument("SAP", venue="XNAS", currency="EUR")
    desk.admin.set_mark("SAP", "51.00")
    desk.admin.set_mark("AAPL", "101.00")
    for instrument, price in (("AAPL", "100.00"), ("SAP", "50.00")):
        order = desk.buy(instrument=instrument, price=price, qty=10)
        desk.feed.report(
            order, "TRADE", exec_id=f"T-{instrument}", last_qty=10, last_px=price, **FEES[instrument]
        )
    return desk


FEES: dict[str, dict[str, Any]] = {"AAPL": {}, "SAP": {"commission": "3", "commission_currency": "GBP"}}


def test_each_currency_stands_for_itself_where_none_is_asked_for(euros: Desk) -> None:
    profit = {row.currency: (row.unrealized, row.fees) for row in euros.client.pnl(by="firm")}

    assert profit == {"USD": (10, 0), "EUR": (10, 0), "GBP": (0, 3)}


def test_sums_are_in_one_currency_through_the_rates(euros: Desk) -> None:
    euros.admin.set_fx("EUR", "USD", "1.0850").raise_for_refusal()
    euros.admin.set_fx("USD", "GBP", "0.8").raise_for_refusal()

    (firm,) = euros.client.pnl(by="firm", currency="USD")
    (account,) = euros.client.exposure(account="ACC-1", currency="USD")

    assert (firm.currency, firm.unrealized, firm.unpriced) == ("USD", Decimal("20.85"), 0)
    assert (firm.fees, firm.net) == (Decimal("3.75"), Decimal("-3.75"))
    assert account.gross == Decimal("1010.00") + Decimal("510.00") * Decimal("1.085")
    assert euros.client.pnl(by="firm", currency="USD").unpriced == ()


def test_what_has_no_rate_is_listed_and_in_no_sum(euros: Desk) -> None:
    euros.admin.set_fx("EUR", "USD", "1.0850")

    table = euros.client.pnl(by="firm", currency="USD")

    assert table.unpriced == ("GBP",)
    assert (table["unrealized"], table["fees"]) == ([Decimal("20.85")], [Decimal(0)])
    assert euros.client.exposure(by="firm", currency="JPY").unpriced == ("EUR", "USD")
    assert euros.client.exposure(by="firm", currency="JPY")["gross"] == [Decimal(0)]
    assert euros.client.exposure(by="firm", currency="JPY")["unpriced"] == [2]


def test_a_rate_that_is_too_old_is_none(euros: Desk) -> None:
    euros.admin.set_fx("EUR", "USD", "1.0850")
    euros.transport.clock_ns += 100 * SECOND_NS
    euros.admin.set_mark("SAP", "51.00")
    euros.admin.set_mark("AAPL", "101.00")
    euros.admin.set_fx("GBP", "USD", 1)

    table = euros.client.pnl(by="firm", currency="USD", stale_after_s=50)

    assert table.unpriced == ("EUR",)
    assert (table["unrealized"], table["fees"]) == ([Decimal(10)], [Decimal(3)])


@pytest.mark.parametrize(
    ("rate", "wanted"),
    [
        ("0.000000001", "0.00000001"),  # 10 EUR x 10^-9: a unit of 10^-8, exactly
        ("0.0000000005", "0"),  # half a unit, to the even zero
        ("0.0000000015", "0.00000002"),  # one and a half, to the even two
        ("0.0000000025", "0.00000002"),  # two and a half, to the even two
    ],
)
def test_an_amount_is_rounded_once_half_to_even(euros: Desk, rate: str, wanted: str) -> None:
    euros.admin.set_fx("EUR", "JPY", rate).raise_for_refusal()

    (row,) = euros.client.pnl(instrument="SAP", currency="JPY")

    assert row.unrealized == Decimal(wanted)


def test_a_loss_is_rounded_as_a_profit_is(euros: Desk) -> None:
    euros.admin.set_mark("SAP", "49.00")
    euros.admin.set_fx("EUR", "JPY", "0.0000000015")

    (row,) = euros.client.pnl(instrument="SAP", currency="JPY")

    assert row.unrealized == Decimal("-0.00000002")


def test_a_rate_goes_forward_in_time_and_is_recognised_when_it_comes_again(desk: Desk) -> None:
    now_ns = desk.transport.clock_ns
    first = desk.admin.set_fx("EUR", "USD", "1.1", ts_event=now_ns, request_id=7)
    again = desk.admin.set_fx("EUR", "USD", "1.1", ts_event=now_ns, request_id=7)
    earlier = desk.admin.set_fx("EUR", "USD", "1.2", ts_event=now_ns - 1)
    later = desk.admin.set_fx("EUR", "USD", "1.3", ts_event=now_ns + 1)
    ahead = desk.admin.set_fx("EUR", "USD", "1.4", ts_event=now_ns + 100 * SECOND_NS)

    assert [one.code for one in (first, again, earlier, later)] == [
        AnswerCode.ACCEPTED,
        AnswerCode.DUPLICATE,
        AnswerCode.DUPLICATE,
        AnswerCode.ACCEPTED,
    ]
    assert earlier.position == first.position
    assert (ahead.code, ahead.reason) == (AnswerCode.INVALID, Reason.BAD_TIME)
    assert str(later).startswith("ACCEPTED EUR/USD")


@pytest.mark.parametrize(
    ("pair", "rate", "complaint"),
    [
        (("EURO", "USD"), "1", "is no currency"),
        (("EUR", ""), "1", "settl_currency is empty"),
        (("EUR", "USD"), 1.1, "float"),
        (("EUR", "USD"), 0, "rate=0 is not above zero"),
        (("EUR", "USD"), "-1", "rate=-1 is not above zero"),
        (("EUR", "USD"), "1000000000000001", "has too many digits"),
        (("EUR", "USD"), "1.0000000000000001", "more than 15 decimal places"),
    ],
)
def test_a_rate_that_makes_no_sense_is_not_sent(
    desk: Desk, pair: tuple[str, str], rate: str, complaint: str
) -> None:
    with pytest.raises(BadRequest, match=complaint):
        desk.admin.set_fx(*pair, rate)


def test_a_currency_is_no_rate_of_itself(desk: Desk) -> None:
    ack: Ack = desk.admin.set_fx("USD", "USD", 1)

    assert (ack.code, ack.reason) == (AnswerCode.INVALID, Reason.BAD_NAME)


@pytest.mark.parametrize(
    ("by", "currency", "complaint"),
    [
        ("currency", "USD", "sums by currency are each in their own"),
        ("firm", "DOLLAR", "is no currency"),
    ],
)
def test_a_currency_that_makes_no_sense_is_refused(
    desk: Desk, by: Any, currency: str, complaint: str
) -> None:
    with pytest.raises(BadRequest, match=complaint):
        desk.client.pnl(by=by, currency=currency)
