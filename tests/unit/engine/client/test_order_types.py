"""Orders of every type through the client: what is sent, what comes back, and what is refused unsent."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine import ExecInst
from engine.answers import Ack
from engine.errors import BadRequest
from engine.vocabulary import AnswerCode, Check, Reason
from tests.unit.engine.client.conftest import Desk

NS = 10**9
EXPIRES = datetime(2030, 1, 2, 21, 0, tzinfo=UTC)


def row_of(desk: Desk, ack: Ack) -> dict[str, Any]:
    """The order as `orders` shows it."""
    table = desk.client.orders([ack], min_position=ack.position)
    return {name: table[name][0] for name in table.columns}


CAPS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "market buy": (
        {"ord_type": "MARKET", "price": None},
        {"ord_type": "MARKET", "price": Decimal("105.00"), "stop_px": None},
    ),
    "market sell": (
        {"ord_type": "MARKET", "price": None, "side": "SELL"},
        {"ord_type": "MARKET", "price": Decimal("95.00")},
    ),
    "stop buy": (
        {"ord_type": "STOP", "price": None, "stop_px": "120.00"},
        {"ord_type": "STOP", "price": Decimal("126.00"), "stop_px": Decimal("120.00")},
    ),
    "stop limit, its price outside the mark's collar": (
        {"ord_type": "STOP_LIMIT", "price": "121.00", "stop_px": "120.00"},
        {"ord_type": "STOP_LIMIT", "price": Decimal("121.00"), "stop_px": Decimal("120.00")},
    ),
    "fill or kill": ({"time_in_force": "FOK"}, {"time_in_force": "FOK", "price": Decimal("100.00")}),
    "good till date": (
        {"time_in_force": "GTD", "expire_time": EXPIRES},
        {"time_in_force": "GTD", "expire_time": int(EXPIRES.timestamp()) * NS},
    ),
    "good till ns": (
        {"time_in_force": "GTD", "expire_time": 1_900_000_000 * NS},
        {"expire_time": 1_900_000_000 * NS},
    ),
    "iceberg": (
        {"min_qty": 10, "display_qty": 20, "exec_inst": "6 G"},
        {"min_qty": Decimal(10), "display_qty": Decimal(20), "exec_inst": "6 G"},
    ),
    "iceberg in older words": ({"max_floor": 20}, {"display_qty": Decimal(20), "min_qty": None}),
    "several instructions": (
        {"exec_inst": ExecInst.PARTICIPATE_DONT_INITIATE | ExecInst.ALL_OR_NONE},
        {"exec_inst": "6 G"},
    ),
}


@pytest.mark.parametrize(("terms", "shown"), CAPS.values(), ids=CAPS)
def test_an_order_keeps_its_type_and_works_at_the_cap(
    desk: Desk, terms: dict[str, Any], shown: dict[str, Any]
) -> None:
    ack = desk.buy(**terms)

    assert (ack.code, ack.cum_qty, ack.leaves_qty) == (AnswerCode.ACCEPTED, Decimal(0), Decimal(100))
    found = row_of(desk, ack)
    assert {name: found[name] for name in shown} == shown


def test_history_shows_type_price_and_stop(desk: Desk) -> None:
    ack = desk.buy(ord_type="STOP_LIMIT", price="101.00", stop_px="100.00")
    desk.feed.report(ack, "NEW", exec_id="E1")
    desk.client.replace(ack, qty=120, price="102.00", stop_px="101.00")

    events = desk.client.history(ack)

    assert events["ord_type"] == ["STOP_LIMIT", None, "STOP_LIMIT"]
    assert events["stop_px"] == [Decimal("100.00"), None, Decimal("101.00")]
    assert (events["cum_qty"][0], events["leaves_qty"][0]) == (Decimal(0), Decimal(100))


def test_a_replaced_stop_holds_only_once_the_venue_has_replaced_it(desk: Desk) -> None:
    ack = desk.buy(ord_type="STOP_LIMIT", price="101.00", stop_px="100.00")
    desk.feed.report(ack, "NEW", exec_id="E1")
    asked = desk.client.replace(ack, qty=120, price="102.00", stop_px="101.00")
    before = row_of(desk, asked)

    done = desk.feed.report(ack, "REPLACED", exec_id="E2")

    after = row_of(desk, done)
    assert (before["stop_px"], before["pending_stop_px"]) == (Decimal("100.00"), Decimal("101.00"))
    assert (after["stop_px"], after["price"], after["order_qty"]) == (
        Decimal("101.00"),
        Decimal("102.00"),
        Decimal(120),
    )
    assert after["pending_stop_px"] is None


def test_a_replaced_market_order_is_capped_by_the_mark_of_then(desk: Desk) -> None:
    ack = desk.buy(ord_type="MARKET", price=None)
    desk.feed.report(ack, "NEW", exec_id="E1")
    was = row_of(desk, ack)["price"]
    desk.admin.set_mark("AAPL", "102.00")

    asked = desk.client.replace(ack, qty=50)

    assert row_of(desk, asked)["pending_price"] == was * Decimal("1.02")


def test_only_what_has_a_limit_rests_in_the_book_and_a_stop_once_it_is_triggered(desk: Desk) -> None:
    orders = [
        desk.buy(price="99.00"),
        desk.buy(ord_type="MARKET", price=None),
        desk.buy(ord_type="STOP", price=None, stop_px="101.00"),
        desk.buy(ord_type="STOP_LIMIT", price="98.00", stop_px="101.00"),
    ]
    for number, order in enumerate(orders):
        desk.feed.report(order, "NEW", exec_id=f"E{number}")
    waiting = desk.client.book("AAPL")["price"]

    desk.feed.report(orders[3], "TRIGGERED", exec_id="E9")

    assert waiting == [Decimal("99.00")]
    assert desk.client.book("AAPL")["price"] == [Decimal("99.00"), Decimal("98.00")]


def test_what_only_reduces_is_held_to_it(desk: Desk) -> None:
    ack = desk.buy(exec_inst="E")

    assert (ack.code, ack.check, ack.reason) == (
        AnswerCode.REJECTED,
        Check.TRADING_STATE,
        Reason.TRADING_REDUCING,
    )


def test_a_market_order_needs_a_mark(desk: Desk) -> None:
    desk.admin.set_instrument("NEW", venue="XNAS", price_scale=2, qty_scale=0, tick="0.01", lot=1)

    ack = desk.buy(instrument="NEW", ord_type="MARKET", price=None)

    assert (ack.code, ack.reason) == (AnswerCode.REJECTED, Reason.MARK_NOT_AVAILABLE)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "market with price": ({"ord_type": "MARKET"}, "a MARKET order has no price"),
    "limit without price": ({"price": None}, "a LIMIT order needs price"),
    "limit with stop": ({"stop_px": 100}, "a LIMIT order has no stop_px"),
    "stop without stop": ({"ord_type": "STOP", "price": None}, "a STOP order needs stop_px"),
    "off-tick stop": (
        {"ord_type": "STOP_LIMIT", "stop_px": "100.3", "instrument": "BTC-USD", "qty": 1, "price": 100},
        "stop_px=100.3 is off the tick",
    ),
    "unknown type": ({"ord_type": "PEGGED"}, "ord_type='PEGGED' is not one of MARKET, LIMIT, STOP"),
    "GTD without end": ({"time_in_force": "GTD"}, "time_in_force GTD and expire_time go together"),
    "end without GTD": ({"expire_time": EXPIRES}, "time_in_force GTD and expire_time go together"),
    "end without zone": (
        {"time_in_force": "GTD", "expire_time": datetime(2030, 1, 1)},  # noqa: DTZ001 - that is the point
        "has no time zone",
    ),
    "end between seconds": (
        {"time_in_force": "GTD", "expire_time": EXPIRES.replace(microsecond=1)},
        "is no whole second",
    ),
    "shows more than it has": ({"display_qty": 101}, "display_qty=101 is more than the order's 100"),
    "both names": ({"display_qty": 1, "max_floor": 1}, "two names of one thing"),
    "odd instruction": ({"exec_inst": "6 Z"}, "Z is not one of 6, E, G"),
    "odd bits": ({"exec_inst": 8}, "exec_inst=8 is not a whole number from 0 to 7"),
}


@pytest.mark.parametrize(("terms", "complaint"), BAD.values(), ids=BAD)
def test_what_does_not_go_together_is_not_sent(desk: Desk, terms: dict[str, Any], complaint: str) -> None:
    sent = len(desk.transport.sent)

    with pytest.raises(BadRequest, match=complaint):
        desk.buy(**terms)

    assert len(desk.transport.sent) == sent


WHO = {"account": "ACC-1", "instrument": "AAPL", "strategy": "S1"}
ROWS: list[dict[str, Any]] = [
    {"ord_type": "LIMIT", "price": 100, "exec_inst": "6"},
    {"ord_type": "MARKET", "display_qty": 10},
    {"ord_type": "STOP", "stop_px": 101},
    {"ord_type": "STOP_LIMIT", "stop_px": 101, "price": 102, "min_qty": 5},
    {"price": 99, "time_in_force": "GTD", "expire_time": 1_900_000_000 * NS},
]


def test_a_table_sends_the_very_rows_that_single_orders_do(desk: Desk) -> None:
    usual: dict[str, Any] = {**WHO, "side": "BUY", "qty": 100}
    for number, terms in enumerate(ROWS):
        desk.client.submit(**usual, cl_ord_id=f"C{number}", **terms)
    single = [rows.tobytes() for _, rows in desk.transport.sent[-len(ROWS) :]]
    none = {
        "ord_type": "LIMIT",
        "price": 0,
        "stop_px": 0,
        "min_qty": 0,
        "display_qty": 0,
        "time_in_force": "DAY",
        "expire_time": 0,
        "exec_inst": "",
    }
    full = [{**usual, **none, **terms, "cl_ord_id": f"C{n}"} for n, terms in enumerate(ROWS)]
    table = {name: [row[name] for row in full] for name in full[0]}

    rows = desk.client.order_rows(table)

    assert [row.tobytes() for row in rows.reshape(-1, 1)] == single


BAD_COLUMNS: dict[str, tuple[dict[str, Any], str]] = {
    "a price too many": ({"ord_type": "MARKET"}, "row 1: a MARKET order has no price"),
    "a stop too few": ({"ord_type": "STOP_LIMIT"}, "row 1: a STOP_LIMIT order needs stop_px"),
    "shows too much": ({"display_qty": 1000}, "row 1: display_qty is more than qty"),
    "no end": ({"time_in_force": "GTD"}, "row 1: time_in_force GTD and expire_time go together"),
    "between seconds": (
        {"time_in_force": "GTD", "expire_time": 1},
        "row 1: expire_time=1 ns is no whole",
    ),
    "odd bits": ({"exec_inst": 9}, "row 1: exec_inst=9 is not a whole number"),
}


@pytest.mark.parametrize(("terms", "complaint"), BAD_COLUMNS.values(), ids=BAD_COLUMNS)
def test_a_table_with_one_odd_order_names_its_row(desk: Desk, terms: dict[str, Any], complaint: str) -> None:
    good = {
        **WHO,
        "side": "BUY",
        "qty": 100,
        "ord_type": "LIMIT",
        "price": 100,
        "stop_px": 0,
        "display_qty": 0,
        "time_in_force": "DAY",
        "expire_time": 0,
        "exec_inst": 0,
    }
    table = {name: [good[name], {**good, **terms}[name]] for name in good}

    with pytest.raises(BadRequest, match=complaint):
        desk.client.submit_many(table)


def test_a_replace_of_what_only_reduces_is_held_to_it(desk: Desk) -> None:
    """A replace says nothing of ExecInst (18): the order keeps its own."""
    bought = desk.buy(qty=10)
    desk.feed.report(bought, "TRADE", exec_id="E1", last_qty=10, last_px="100.00")
    closing = desk.buy(side="SELL", qty=5, exec_inst="E")
    desk.feed.report(closing, "NEW", exec_id="E2")

    more = desk.client.replace(closing, qty=10, price="100.00")
    desk.feed.report(closing, "REPLACED", exec_id="E3", order_qty=10, price="100.00")
    too_much = desk.client.replace(closing, qty=11, price="100.00")

    assert more.is_accepted
    assert too_much.reason == Reason.TRADING_REDUCING


def test_history_shows_no_type_where_a_denied_replace_keeps_none(desk: Desk) -> None:
    ack = desk.buy()
    desk.feed.report(ack, "NEW", exec_id="E1")
    desk.client.replace(ack, qty=1_000_000, price="100.00")

    events = desk.client.history(ack)

    assert events["kind"][-1] == "REPLACE_DENIED"
    assert events["ord_type"][-1] is None


def test_a_stop_to_buy_below_the_mark_counts_at_the_mark_at_least(desk: Desk) -> None:
    """It triggers at once: at its StopPx of a cent it would pass every limit on money."""
    ack = desk.buy(ord_type="STOP", price=None, stop_px="0.01", qty=20_000)

    assert ack.reason == Reason.ORDER_NOTIONAL_EXCEEDED
