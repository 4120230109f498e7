"""Subscriptions: every event once and in order, from any position, waiting for what is not there yet."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest

from engine import AsyncClient, Client
from engine.answers import Ack
from engine.client.subscribing import Subscription
from engine.errors import BadRequest
from engine.reads.table import Table
from tests.unit.engine.client.conftest import Desk, connected


@pytest.fixture
def traded(desk: Desk) -> Desk:
    """A desk whose log holds orders of two accounts and of two instruments, one of them filled."""
    first = desk.buy()
    desk.feed.report(first, "NEW", exec_id="N-1")
    desk.feed.report(first, "TRADE", exec_id="T-1", last_qty=40, last_px="99.50")
    desk.buy(account="ACC-2", strategy="T1", instrument="BTC-USD", qty="0.5", price=100_000)
    desk.buy(strategy="S2", side="SELL")
    return desk


def tip(desk: Desk, partition: int = 0) -> int:
    """The offset of the last event of a log."""
    return len(desk.transport.logs[partition].rows) - 1


def offsets(tables: list[Table]) -> list[int]:
    """The offsets of the events of all tables."""
    return [offset for table in tables for offset in table["offset"]]


@pytest.mark.parametrize("rows_max", [1, 7, 1_000])
def test_every_event_comes_once_and_in_order(traded: Desk, rows_max: int) -> None:
    tables = list(traded.client.subscribe(until=tip(traded), rows_max=rows_max))

    assert offsets(tables) == list(range(tip(traded) + 1))
    assert max(map(len, tables)) <= rows_max


@pytest.mark.parametrize("seen", [0, 3, 11])
def test_whoever_comes_back_goes_on_where_he_stopped(traded: Desk, seen: int) -> None:
    before = traded.client.subscribe(until=seen)
    given = list(before)
    assert before.position == seen == given[-1].as_of[0]

    after = connected(traded.transport, "again").subscribe(after=given[-1].as_of, until=tip(traded))

    assert offsets(given) + offsets(list(after)) == list(range(tip(traded) + 1))


def test_events_name_what_they_are_about(traded: Desk) -> None:
    events = {row.text: row for table in traded.client.subscribe(until=tip(traded)) for row in table}
    fill, account = events["T-1"], events["ACC-1"]

    assert (fill.kind, fill.account, fill.strategy, fill.instrument, fill.side) == (
        "TRADE_EXECUTED",
        "ACC-1",
        "S1",
        "AAPL",
        "BUY",
    )
    assert (fill.price, fill.qty, fill.leaves_qty) == (Decimal("99.50"), Decimal(40), Decimal(60))
    assert (account.kind, account.order_id, account.qty, account.leaves_qty) == (
        "ACCOUNT_DEFINED",
        None,
        None,
        None,
    )


def test_a_mark_shows_its_price(traded: Desk) -> None:
    (table,) = traded.client.subscribe(until=tip(traded), instrument="BTC-USD")

    marks = [(row.price, row.order_id) for row in table if row.kind == "MARK_CHANGED"]
    assert marks == [(Decimal("100000.0"), None)]


def test_a_rate_of_exchange_shows_its_pair(traded: Desk) -> None:
    traded.admin.set_fx("EUR", "USD", "1.0850")
    events = [row for table in traded.client.subscribe(until=tip(traded)) for row in table]

    assert [row.text for row in events if row.kind == "FX_CHANGED"] == ["EUR/USD"]


@pytest.mark.parametrize(
    ("names", "texts"),
    [
        ({"account": "ACC-2"}, {"ACC-2"}),
        ({"strategy": "S2"}, {"ACC-1"}),
        ({"account": "ACC-1", "instrument": "AAPL"}, {"ACC-1"}),
    ],
)
def test_only_what_is_wanted_is_given_and_the_position_goes_on(
    traded: Desk, names: dict[str, str], texts: set[str]
) -> None:
    subscription = traded.client.subscribe(until=tip(traded), rows_max=2, **names)  # type: ignore[arg-type]
    rows = [row for table in subscription for row in table]

    assert {row.account for row in rows} <= texts
    for name, wanted in names.items():
        assert {getattr(row, name) for row in rows} == {wanted}
    assert subscription.position == tip(traded)


def test_it_waits_for_what_comes_next(traded: Desk) -> None:
    subscription = traded.client.subscribe(after=tip(traded), account="ACC-1")
    waits = 0

    def somebody_trades_at_last() -> None:
        nonlocal waits
        waits += 1
        if waits == 3:
            traded.buy(account="ACC-2", strategy="T1", cl_ord_id="not wanted")
        if waits == 5:
            traded.buy(cl_ord_id="wanted")

    traded.transport.idle = somebody_trades_at_last

    assert next(subscription)["text"] == ["wanted"]
    assert waits == 5


def test_an_ack_is_a_position(traded: Desk) -> None:
    ack = traded.buy()
    later = traded.buy()

    assert offsets(list(traded.client.subscribe(after=ack, until=later))) == [later.position]
    assert list(traded.client.subscribe(after=later, until=ack)) == []


def test_an_awaited_subscription_gives_the_same(traded: Desk) -> None:
    async def read() -> list[Table]:
        client = AsyncClient(traded.client.connection)
        return [table async for table in await client.subscribe(until=tip(traded), rows_max=5)]

    awaited = asyncio.run(read())

    waited = list(traded.client.subscribe(until=tip(traded), rows_max=5))
    assert [table.raw.tobytes() for table in awaited] == [table.raw.tobytes() for table in waited]
    assert [table.as_of for table in awaited] == [table.as_of for table in waited]


def test_with_several_partitions_the_log_follows_from_what_is_asked(wide_desk: Desk) -> None:
    ack = wide_desk.buy(account="ACC-2", strategy="T1")

    for subscription in (
        wide_desk.client.subscribe(account="ACC-2"),
        wide_desk.client.subscribe(strategy="T1"),
        wide_desk.client.subscribe(after=ack),
        wide_desk.client.subscribe(partition=ack.partition),
    ):
        assert subscription.partition == ack.partition


REFUSED: dict[str, tuple[Callable[[Client, Ack, Ack], Subscription], str]] = {
    "no log": (lambda client, *_: client.subscribe(), "of one partition, found [0, 1, 2] of [0, 1, 2]"),
    "unknown partition": (lambda client, *_: client.subscribe(partition=9), "found none of [0, 1, 2]"),
    "another account's Ack": (
        lambda client, _, theirs: client.subscribe(after=theirs, account="ACC-1"),
        "found none of [0, 1, 2]",
    ),
    "an end in another log": (
        lambda client, mine, theirs: client.subscribe(after=mine, until=theirs),
        "until= is an Ack that marks no position in the log of partition",
    ),
    "before the beginning": (
        lambda client, *_: client.subscribe(after=-2, account="ACC-1"),
        "after=-2 is no offset",
    ),
    "no rows": (lambda client, *_: client.subscribe(rows_max=0), "rows_max=0 is not a whole number from 1"),
    "unknown account": (lambda client, *_: client.subscribe(account="ACC-9"), "unknown account 'ACC-9'"),
}


@pytest.mark.parametrize(("subscribe", "complaint"), REFUSED.values(), ids=REFUSED)
def test_a_subscription_that_makes_no_sense_is_refused(
    wide_desk: Desk, subscribe: Callable[[Client, Ack, Ack], Subscription], complaint: str
) -> None:
    mine, theirs = wide_desk.buy(), wide_desk.buy(account="ACC-2", strategy="T1")

    with pytest.raises(BadRequest) as caught:
        subscribe(wide_desk.client, mine, theirs)

    assert complaint in str(caught.value)


def test_an_ack_of_nothing_is_no_position(desk: Desk) -> None:
    desk.buy(cl_ord_id="once")
    conflict = desk.buy(cl_ord_id="once", qty=7)
    again = desk.buy(cl_ord_id="once", qty=7)
    assert (conflict.position < 0) or (again.position < 0)

    with pytest.raises(BadRequest, match="marks no position"):
        desk.client.subscribe(after=again if again.position < 0 else conflict)
