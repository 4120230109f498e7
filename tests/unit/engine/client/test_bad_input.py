"""What a client can get wrong is refused before anything is sent, and nothing is kept of it."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from engine.answers import Ack
from engine.errors import BadRequest
from tests.unit.engine.client.conftest import Desk

FLOAT: Any = 1.5

BAD_TERMS = {
    "float price": ({"price": 100.5}, 'price=100.5 is a float; pass "100.50" or Decimal("100.50")'),
    "float between lots": (
        {"qty": 1.5},
        "qty=1.5 is a float, and has more than 0 decimal places; pass a str",
    ),
    "float qty": ({"qty": 100.0}, 'qty=100.0 is a float; pass "100" or Decimal("100")'),
    "NaN": ({"price": float("nan")}, "not a finite number"),
    "Decimal NaN": ({"price": Decimal("NaN")}, "not a finite number"),
    "negative": ({"price": "-1"}, "price=-1 is below zero"),
    "negative qty": ({"qty": -5}, "qty=-5 is below zero"),
    "zero": ({"qty": 0}, "qty=0 is not above zero"),
    "over-scale": ({"price": "100.001"}, "more than 2 decimal places"),
    "over-scale qty": ({"qty": "1.5"}, "more than 0 decimal places"),
    "off-tick": (
        {"instrument": "BTC-USD", "price": "100.3", "qty": 1},
        "price=100.3 is off the tick of 0.5",
    ),
    "off-lot": (
        {"instrument": "BTC-USD", "price": 100, "qty": "0.0015"},
        "qty=0.0015 is off the lot of 0.0010",
    ),
    "price past the bound": ({"price": 10**14}, "past the bound of 10000000000000.00"),
    "qty past the bound": ({"qty": 10**12 + 1}, "past the bound of 1000000000000"),
    "notional past the bound": (
        {"qty": 10**12, "price": 10**12},
        "is a notional of 1e+24, past the bound",
    ),
    "unknown account": ({"account": "ACC-9"}, "unknown account 'ACC-9': did you mean ACC-"),
    "account by number": ({"account": 1}, "account"),
    "unknown instrument": (
        {"instrument": "MSFT"},
        "unknown instrument 'MSFT': Admin.set_instrument defines it",
    ),
    "unknown strategy": ({"strategy": "S3"}, "unknown strategy 'S3': did you mean S"),
    "foreign strategy": ({"strategy": "T1"}, "strategy 'T1' belongs to account 'ACC-2', not 'ACC-1'"),
    "long ClOrdID": ({"cl_ord_id": "x" * 21}, "has 21 bytes, at most 20"),
    "non-ASCII ClOrdID": ({"cl_ord_id": "é"}, "not printable ASCII"),
    "empty ClOrdID": ({"cl_ord_id": ""}, "cl_ord_id is empty"),
    "side": ({"side": "HOLD"}, "side='HOLD' is not one of BUY, SELL"),
    "time in force": (
        {"time_in_force": "GTX"},
        "time_in_force='GTX' is not one of DAY, GTC, IOC, FOK, GTD",
    ),
}


def sends(desk: Desk) -> int:
    """Commands sent that could change anything; what asks for a number cannot."""
    return sum(int((rows["seq"] != 2**32 - 1).sum()) for _, rows in desk.transport.sent)


def assert_refused(desk: Desk, complaint: str, act: Callable[[], object]) -> None:
    """Acting raises BadRequest, sends nothing and leaves every state as it was."""
    sent, digests = sends(desk), desk.transport.digests()

    with pytest.raises(BadRequest, match=re.escape(complaint)):
        act()

    assert sends(desk) == sent
    assert desk.transport.digests() == digests


@pytest.mark.parametrize(("terms", "complaint"), BAD_TERMS.values(), ids=BAD_TERMS)
def test_a_bad_order_is_not_sent(desk: Desk, terms: dict[str, object], complaint: str) -> None:
    assert_refused(desk, complaint, lambda: desk.buy(**terms))


@pytest.mark.parametrize(("terms", "complaint"), BAD_TERMS.values(), ids=BAD_TERMS)
def test_a_table_with_one_bad_order_is_not_sent(desk: Desk, terms: dict[str, object], complaint: str) -> None:
    order = {
        "account": "ACC-1",
        "instrument": "AAPL",
        "strategy": "S1",
        "side": "BUY",
        "qty": 1,
        "price": "1.00",
    }
    good = {**order, "cl_ord_id": "good", "time_in_force": "DAY"}
    bad = {**good, "cl_ord_id": "bad", **terms}
    table = {name: np.array([good[name], bad[name]], object) for name in good}

    assert_refused(desk, complaint, lambda: desk.client.submit_many(table))
    assert_refused(desk, "row 1: ", lambda: desk.client.submit_many(table))


BAD_ACTS: dict[str, tuple[Callable[[Desk, Ack], object], str]] = {
    "replace by float": (lambda desk, ack: desk.client.replace(ack, qty=1, price=FLOAT), "is a float"),
    "no order id": (lambda desk, _: desk.client.cancel("nonsense"), "is not an id of 32 hex digits"),
    "unknown order": (lambda desk, _: desk.client.cancel("0" * 31 + "1"), "nobody has submitted it"),
    "unknown scope": (
        lambda desk, _: desk.client.mass_cancel("DESK"),
        "scope='DESK' is not one of ALL, VENUE, ACCOUNT",
    ),
    "scope without name": (
        lambda desk, _: desk.client.mass_cancel("ACCOUNT"),
        "goes with account=, found none",
    ),
    "scope with another name": (
        lambda desk, _: desk.client.mass_cancel("ACCOUNT", strategy="S1"),
        "goes with account=, found strategy",
    ),
    "scope ALL with a name": (
        lambda desk, _: desk.client.mass_cancel("ALL", account="ACC-1"),
        "goes with no name, found account",
    ),
    "request id": (
        lambda desk, _: desk.client.mass_cancel("ALL", request_id="12"),
        "request_id='12' is not an id",
    ),
    "long name": (lambda desk, _: desk.admin.set_account("x" * 17), "has 17 bytes, at most 16"),
    "non-ASCII strategy": (
        lambda desk, _: desk.admin.set_account("ACC-3", strategies=["é"]),
        "not printable ASCII",
    ),
    "strategies as one name": (
        lambda desk, _: desk.admin.set_account("ACC-3", strategies="U1"),
        "strategies='U1' is one name; pass a list, as ['U1']",
    ),
    "float tick": (lambda desk, _: desk.admin.set_instrument("X", venue="XNAS", tick=FLOAT), "is a float"),
    "unknown venue": (lambda desk, _: desk.admin.set_instrument("X", venue="XNYS"), "unknown venue 'XNYS'"),
    "scales": (
        lambda desk, _: desk.admin.set_instrument("X", venue="XNAS", price_scale=5, qty_scale=4),
        "qty_scale=4 is not a whole number from 0 to 3",
    ),
    "negative limit": (
        lambda desk, _: desk.admin.set_limits(
            "ACC-1", max_order_qty=-1, max_order_notional=1, max_long_qty=1, max_short_qty=1
        ),
        "max_order_qty=-1 is not between 0",
    ),
    "wide collar": (
        lambda desk, _: desk.admin.set_limits(
            "ACC-1",
            max_order_qty=1,
            max_order_notional=1,
            max_long_qty=1,
            max_short_qty=1,
            collar_ppm=2_000_000,
        ),
        "collar_ppm=2000000 is not a whole number from 0 to 1000000",
    ),
    "time of a mark": (
        lambda desk, _: desk.admin.set_mark("AAPL", 1, ts_event=1.9),  # type: ignore[arg-type]
        "ts_event=1.9 is of type float; pass an int",
    ),
    "float mark": (lambda desk, _: desk.admin.set_mark("AAPL", FLOAT), "mark=1.5 is a float"),
    "version of a million digits": (
        lambda desk, ack: desk.client.cancel(ack, expected_version=Decimal("1E+999999")),  # type: ignore[arg-type]
        "expected_version=Decimal('1E+999999') is of type Decimal; pass an int",
    ),
    "version below zero": (
        lambda desk, ack: desk.client.replace(ack, qty=1, price=100, expected_version=-1),
        "expected_version=-1 is not a whole number from 0 to 4294967295",
    ),
    "number as a ClOrdID": (
        lambda desk, ack: desk.client.cancel(ack, cl_ord_id=7),  # type: ignore[arg-type]
        "cl_ord_id is of type int; pass a str",
    ),
    "time of a report": (
        lambda desk, ack: desk.feed.report(ack, "NEW", exec_id="E", ts_event=2**63),
        "ts_event=9223372036854775808 is not a whole number from 0 to",
    ),
    "number as an instrument's name": (
        lambda desk, ack: desk.feed.report(ack, "NEW", exec_id="E", instrument=7),  # type: ignore[arg-type]
        "instrument=7 is of type int",
    ),
    "no date": (lambda desk, _: desk.admin.start_trading_day("XNAS", 20261340), "is not a date"),
    "trade without price": (
        lambda desk, _: desk.feed.report("0" * 31 + "1", "TRADE", exec_id="E", last_qty=1),
        "a report of TRADE needs last_px",
    ),
    "cancel report with price": (
        lambda desk, _: desk.feed.report("0" * 31 + "1", "CANCELED", exec_id="E", price=1),
        "a report of CANCELED has no price",
    ),
    "restatement to nothing": (
        lambda desk, ack: desk.feed.report(ack, "RESTATED", exec_id="E", price=1),
        "a report of RESTATED needs order_qty or leaves_qty",
    ),
    "status of a fill": (
        lambda desk, ack: desk.feed.report(ack, "NEW", exec_id="E", ord_status="NEW"),
        "a report of NEW has no ord_status: it follows from the order",
    ),
    "reject of a new order": (
        lambda desk, ack: desk.feed.reject_request(ack, "SUBMIT", cl_ord_id="C"),
        "response_to='SUBMIT' is not one of CANCEL, REPLACE",
    ),
    "reason that no byte holds": (
        lambda desk, ack: desk.feed.reject_request(ack, "CANCEL", cl_ord_id="C", cxl_rej_reason=256),
        "cxl_rej_reason is 256: FIX's numbers are 0 to 255",
    ),
    "long ExecID": (
        lambda desk, _: desk.feed.report("0" * 31 + "1", "NEW", exec_id="x" * 21),
        "exec_id='xxxxxxxxxxxxxxxxxxxxx' has 21 bytes, at most 20",
    ),
    "report on an unknown order": (
        lambda desk, _: desk.feed.report("0" * 31 + "1", "NEW", exec_id="E"),
        "to report on it all the same, pass account= and instrument=",
    ),
}


@pytest.mark.parametrize(("act", "complaint"), BAD_ACTS.values(), ids=BAD_ACTS)
def test_a_bad_command_is_not_sent(desk: Desk, act: Callable[[Desk, Ack], object], complaint: str) -> None:
    ack = desk.buy()

    assert_refused(desk, complaint, lambda: act(desk, ack))


def test_an_instrument_without_a_trade_date_takes_no_order(desk: Desk) -> None:
    desk.admin.set_venue("XNYS")
    desk.admin.set_instrument("IBM", venue="XNYS")

    assert_refused(
        desk,
        "venue 'XNYS' has no trade date yet: Admin.start_trading_day",
        lambda: desk.buy(instrument="IBM"),
    )


@pytest.mark.parametrize("currency", ["US", "usd", "???", "DOLLAR", ""])
def test_a_currency_is_three_capital_letters(desk: Desk, currency: str) -> None:
    """One that is mistyped would be limited, marked and priced for good, and no rate would ever reach it."""
    sent = len(desk.transport.sent)

    for act in (
        lambda: desk.admin.set_firm_limit(currency, 1),
        lambda: desk.admin.set_instrument("NEW", venue="XNAS", price_scale=2, tick="0.01", currency=currency),
        lambda: desk.admin.set_fx(currency, "USD", 1),
        lambda: desk.client.pnl(currency=currency),
    ):
        with pytest.raises(BadRequest, match="currency"):
            act()

    assert len(desk.transport.sent) == sent
