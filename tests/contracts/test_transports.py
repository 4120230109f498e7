"""What a client may rely on, whatever carries its frames: the same calls give the same answers.

The whole engine in this process, and one of actors in processes of their own. With the rules as plain Python
only the first is run: the processes of the second would compile them.
"""

import asyncio
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from actors.config_file import load_config
from engine import Admin, AnswerCode, AsyncClient, Client, OrdStatus, Reason, VenueFeed
from engine.answers import Ack
from engine.errors import BadRequest, Refused
from engine.kernel.jit import IS_NATIVE
from tests.cluster.engine_process import EngineProcess

TRANSPORTS = ["local", pytest.param("ray", marks=pytest.mark.cluster)] if IS_NATIVE else ["local"]

SETTINGS = """
[engine]
orders_max = 20_000
positions_max = 1_000
executions_max = 20_000
requests_max = 1_000
accounts_max = 50
strategies_max = 50
instruments_max = 50
limits_max = 100
[client]
frame_rows_max = 100
"""

ACCOUNTS = ("ENTRY", "FILLS", "KILL", "READS", "MANY", "EVENTS", "ASYNC", "AGAIN", "RATES")
"""One a test, so that none depends on what another has done."""


class Desk:
    """A client of an engine, its administrator and its venue."""

    def __init__(self, target: str, settings: Path) -> None:
        self.target = target
        self.config = load_config(settings)
        self.connect()

    def connect(self) -> None:
        """Connect as every test expects it."""
        self.client = Client.connect(self.target, principal="quant", config=self.config)
        self.admin = Admin.on(self.client)
        self.feed = VenueFeed.on(self.client, venue="XNAS")

    def define(self) -> None:
        """Define everything that orders need."""
        self.admin.set_venue("XNAS").raise_for_refusal()
        for account in ACCOUNTS:
            self.admin.set_instrument(f"I-{account}", venue="XNAS").raise_for_refusal()
            self.admin.set_account(account, strategies=[f"S-{account}"])
            self.admin.set_limits(
                account,
                max_order_qty=10_000,
                max_order_notional=1_000_000,
                max_long_qty=50_000,
                max_short_qty=50_000,
                orders_per_second=100_000,
                burst=100_000,
            )
        self.admin.start_trading_day("XNAS", 20261120)
        for account in ACCOUNTS:
            self.admin.set_mark(f"I-{account}", "100.00")

    def overnight(self) -> VenueFeed:
        """A venue with a calendar of its own, on which the account NIGHT trades."""
        self.admin.set_venue("XNIG").raise_for_refusal()
        self.admin.set_instrument("I-NIGHT", venue="XNIG").raise_for_refusal()
        self.admin.set_account("NIGHT", strategies=["S-NIGHT"])
        self.admin.set_limits(
            "NIGHT",
            max_order_qty=1_000,
            max_order_notional=1_000_000,
            max_long_qty=100_000,
            max_short_qty=0,
            orders_per_second=100_000,
            burst=100_000,
        )
        self.admin.start_trading_day("XNIG", 20261120)
        self.admin.set_mark("I-NIGHT", "100.00")
        return VenueFeed.on(self.client, venue="XNIG")

    def order(self, account: str, **terms: Any) -> dict[str, Any]:
        """An order of an account, right but for what is given."""
        names = {"account": account, "instrument": f"I-{account}", "strategy": f"S-{account}"}
        return {**names, "side": "BUY", "qty": 100, "price": "100.00", **terms}

    def buy(self, account: str, **terms: Any) -> Ack:
        """Submit such an order."""
        return self.client.submit(**self.order(account, **terms))

    def accepted(self, account: str, **terms: Any) -> Ack:
        """Submit such an order and let the venue accept it; the Ack is the venue's."""
        ack = self.buy(account, **terms)
        return self.feed.report(ack, "NEW", exec_id=f"N-{ack.cl_ord_id[:17]}")


@pytest.fixture(scope="module", params=TRANSPORTS)
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk at an engine of each kind."""
    folder = tmp_path_factory.mktemp(request.param)
    settings = folder / "settings.toml"
    settings.write_text(SETTINGS)
    engine = EngineProcess(folder / "engine", settings) if request.param == "ray" else None
    try:
        desk = Desk(f"{request.param}:{folder / 'engine'}", settings)
        try:
            desk.define()
            yield desk
        finally:
            desk.client.close()
    finally:
        if engine is not None:
            engine.end()


def test_an_order_lives_and_every_answer_says_how_it_stands(desk: Desk) -> None:
    ack = desk.buy("ENTRY", cl_ord_id="mine")
    again = desk.buy("ENTRY", cl_ord_id="mine")
    other = desk.buy("ENTRY", cl_ord_id="mine", qty=7)
    desk.feed.report(ack, "NEW", exec_id="E-1")
    replaced = desk.client.replace(ack, qty=120, price="99.50")
    stale = desk.client.replace(ack, qty=130, price="99.00", expected_version=1)
    desk.feed.report(ack, "REPLACED", exec_id="E-2")
    canceled = desk.client.cancel(ack)
    desk.feed.report(ack, "CANCELED", exec_id="E-3")
    late = desk.client.cancel(ack)

    assert (ack.code, ack.status, ack.version) == (AnswerCode.ACCEPTED, OrdStatus.PENDING_NEW, 1)
    assert (again.code, again.position) == (AnswerCode.DUPLICATE, ack.position)
    assert other.code == AnswerCode.CONFLICT
    assert (replaced.status, replaced.leaves_qty) == (OrdStatus.PENDING_REPLACE, Decimal(100))
    assert stale.code == AnswerCode.VERSION_CONFLICT
    assert (canceled.status, canceled.leaves_qty) == (OrdStatus.PENDING_CANCEL, Decimal(120))
    assert (late.code, late.reason) == (AnswerCode.REJECTED, Reason.TOO_LATE)
    assert desk.client.last_seqs([ack, 5]) == {ack.order_id: 4, f"{5:032x}": 0}


def test_a_fee_and_a_rate_of_exchange_are_in_the_profit(desk: Desk) -> None:
    ack = desk.accepted("RATES")
    terms: dict[str, Any] = {"last_qty": 50, "last_px": "99.00", "commission": "1.25"}
    first = desk.feed.report(ack, "TRADE", exec_id="RATE-1", **terms)
    without = desk.client.pnl(account="RATES", currency="CHF", min_position=first)
    desk.admin.set_fx("CHF", "USD", "1.25").raise_for_refusal()
    second = desk.feed.report(ack, "TRADE", exec_id="RATE-2", **terms)
    (profit,) = desk.client.pnl(account="RATES", currency="CHF", min_position=second)

    assert without.unpriced == ("USD",)
    assert (profit.unrealized, profit.fees, profit.net) == (Decimal(80), Decimal(2), Decimal(-2))


def test_an_order_that_left_memory_at_the_roll_answers_as_before(desk: Desk) -> None:
    feed = desk.overnight()
    filled = desk.buy("NIGHT")
    feed.report(filled, "TRADE", exec_id="O-1", last_qty=100, last_px="99.00")
    desk.admin.start_trading_day("XNIG", 20261121)
    for _ in range(500):
        if not desk.client.orders([filled], min_position=desk.buy("NIGHT")):
            break

    gone = desk.client.orders([filled])
    again = feed.report(filled, "TRADE", exec_id="O-1", last_qty=100, last_px="99.00", trade_date=20261120)
    late = desk.client.cancel(filled)
    bust = feed.report(filled, "TRADE_CANCEL", exec_id="O-2", exec_ref_id="O-1", exec_ref_trade_date=20261120)

    assert len(gone) == 0
    assert (again.code, again.status) == (AnswerCode.DUPLICATE, OrdStatus.FILLED)
    assert (late.code, late.reason) == (AnswerCode.REJECTED, Reason.TOO_LATE)
    assert (bust.code, bust.cum_qty) == (AnswerCode.ACCEPTED, Decimal(0))
    (position,) = desk.client.positions(account="NIGHT", min_position=bust)
    (order,) = desk.client.orders([filled], min_position=bust)
    assert (position.qty, order.cum_qty, order.leaves_qty) == (Decimal(0), Decimal(0), Decimal(100))
    kinds = [event.kind for event in desk.client.history(filled)]
    assert kinds.count("ORDER_RECALLED") == 1


def test_a_refusal_is_told_in_numbers_and_in_words(desk: Desk) -> None:
    refused = desk.buy("ENTRY", price="105.01")

    assert str(refused) == (
        "REJECTED PRICE_COLLAR: price 105.01 is beyond 5 % of the mark 100.00 (limits version 1)"
    )
    with pytest.raises(Refused):
        refused.raise_for_refusal()


def test_what_could_never_be_right_is_not_sent(desk: Desk) -> None:
    with pytest.raises(BadRequest, match=r'price=100\.5 is a float; pass "100\.50" or Decimal'):
        desk.buy("ENTRY", price=100.5)
    with pytest.raises(BadRequest, match="unknown account 'ENTRI': did you mean ENTRY"):
        desk.client.submit(**{**desk.order("ENTRY"), "account": "ENTRI"})


def test_fills_count_once_and_move_the_position(desk: Desk) -> None:
    ack = desk.accepted("FILLS")
    fill: dict[str, Any] = {"exec_id": "F-1", "last_qty": 60, "last_px": "99.90"}
    first = desk.feed.report(ack, "TRADE", **fill)
    again = desk.feed.report(ack, "TRADE", **fill)
    conflict = desk.feed.report(ack, "TRADE", **{**fill, "last_qty": 61})

    assert (first.status, first.cum_qty, first.leaves_qty) == (
        OrdStatus.PARTIALLY_FILLED,
        Decimal(60),
        Decimal(40),
    )
    assert (again.code, again.position) == (AnswerCode.DUPLICATE, first.position)
    assert conflict.code == AnswerCode.CONFLICT
    position = desk.client.positions(account="FILLS", min_position=conflict)[0]
    assert (position.qty, position.average_price) == (Decimal(60), Decimal("99.90"))
    assert (position.working_buy_qty, position.unrealized) == (Decimal(40), Decimal(6))


def test_a_kill_cancels_what_works_and_no_more(desk: Desk) -> None:
    orders = [desk.accepted("KILL", qty=qty) for qty in (1, 2, 3)]
    request_id = "00000000000000000000000000000077"

    acks = desk.client.mass_cancel("ACCOUNT", account="KILL", request_id=request_id)
    again = desk.client.mass_cancel("ACCOUNT", account="KILL", request_id=request_id)

    assert sum(ack.total_affected_orders or 0 for ack in acks) == len(orders)
    assert {ack.code for ack in again} == {AnswerCode.DUPLICATE}
    table = desk.client.orders(orders, min_position=acks[-1])
    assert table["status"] == ["PENDING_CANCEL"] * len(orders)


def test_every_read_reflects_ones_own_last_command(desk: Desk) -> None:
    bought, sold = desk.accepted("READS"), desk.accepted("READS", side="SELL", qty=30, price="100.10")
    desk.feed.report(bought, "TRADE", exec_id="R-1", last_qty=100, last_px="99.00")
    last = desk.feed.report(sold, "TRADE", exec_id="R-2", last_qty=10, last_px="101.00")
    client = desk.client

    (order,) = client.orders(account="READS", is_open=True, min_position=last)
    (exposure,) = client.exposure(account="READS", min_position=last)
    (by_instrument,) = client.exposure(instrument="I-READS", min_position=last)
    (profit,) = client.pnl(strategy="S-READS", min_position=last)
    book = client.book("I-READS", min_position=last)
    history = client.history(sold, min_position=last)

    assert (order.order_id, order.leaves_qty, order.status) == (
        sold.order_id,
        Decimal(20),
        "PARTIALLY_FILLED",
    )
    assert (exposure.long, exposure.net, exposure.working_sell) == (
        Decimal(9_000),
        Decimal(9_000),
        Decimal(2_002),
    )
    assert by_instrument[1:] == exposure[1:]
    assert (profit.realized, profit.unrealized) == (Decimal(20), Decimal(90))
    assert [(row.side, row.price, row.qty) for row in book] == [("SELL", Decimal("100.10"), Decimal(20))]
    assert history["kind"] == ["ORDER_SUBMITTED", "ORDER_ACCEPTED", "TRADE_EXECUTED"]
    assert set(history["principal"]) == {"quant"}
    assert book.as_of[0] >= last.position
    assert (book.lag_events, book.lag_seconds) == (0, 0.0)


def test_a_table_of_orders_larger_than_a_frame_keeps_its_order(desk: Desk) -> None:
    count = desk.config.client.frame_rows_max + 7
    order = desk.order("MANY", qty=1)
    table = {name: [value] * count for name, value in order.items()}
    table["cl_ord_id"] = [f"many-{number}" for number in range(count)]

    first = desk.client.submit_many(table)
    again = desk.client.submit_many(table)

    assert first.counts() == {AnswerCode.ACCEPTED: count}
    assert again.counts() == {AnswerCode.DUPLICATE: count}
    assert again.positions.tolist() == first.positions.tolist() == sorted(first.positions.tolist())


def test_a_subscription_gives_every_event_once_and_waits_for_the_next(desk: Desk) -> None:
    begun = desk.buy("EVENTS", cl_ord_id="begun")
    subscription = desk.client.subscribe(after=begun, account="EVENTS")
    later = threading.Timer(0.2, desk.buy, ["EVENTS"], {"cl_ord_id": "later"})
    later.start()
    try:
        (event,) = next(subscription)
    finally:
        later.join()

    assert (event.text, event.kind, event.side, event.account) == (
        "later",
        "ORDER_SUBMITTED",
        "BUY",
        "EVENTS",
    )
    assert event.offset == subscription.position
    every = [row for table in desk.client.subscribe(until=event.offset, rows_max=50) for row in table]
    assert [row.offset for row in every] == list(range(event.offset + 1))


def test_the_awaited_client_gives_the_same_answers(desk: Desk) -> None:
    client = AsyncClient(desk.client.connection)

    async def trade() -> tuple[list[Ack], dict[str, int], list[str]]:
        acks = await asyncio.gather(
            *(client.submit(**desk.order("ASYNC", qty=1, cl_ord_id=f"a-{n}")) for n in range(5))
        )
        canceled = await client.cancel(acks[0])
        numbers = await client.last_seqs(acks[:2])
        orders = await client.orders(acks[:1], min_position=canceled)
        events = [
            text
            async for table in await client.subscribe(until=canceled, account="ASYNC")
            for text in table["text"]
        ]
        assert events[-6:-1] == [f"a-{n}" for n in range(5)]
        return acks, numbers, orders["status"]

    acks, numbers, status = asyncio.run(trade())

    assert [ack.code for ack in acks] == [AnswerCode.ACCEPTED] * 5
    assert list(numbers.values()) == [2, 1]
    assert status == ["PENDING_CANCEL"]


def test_whoever_connects_again_finds_everything(desk: Desk) -> None:
    ack = desk.accepted("AGAIN")
    desk.client.close()
    desk.connect()

    filled = desk.feed.report(ack.order_id, "TRADE", exec_id="A-1", last_qty=100, last_px="100.00")
    history = desk.client.history(ack.order_id, min_position=filled)

    assert filled.status == OrdStatus.FILLED
    assert history["kind"] == ["ORDER_SUBMITTED", "ORDER_ACCEPTED", "TRADE_EXECUTED"]
    assert desk.buy("AGAIN", cl_ord_id=history["text"][0]).code == AnswerCode.DUPLICATE
