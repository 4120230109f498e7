"""Reads: one table over all partitions, as far as the caller wants it, from the view where there is one."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from engine.client.viewing import View
from engine.errors import BadRequest, NotReady, StaleView, Unavailable
from engine.reads.answers import decode_answer, table_of
from engine.reads.questions import ReadExposure, ReadPositions, ReadProfit, decode_question, encode_question
from engine.reads.table import Table
from engine.vocabulary import OrdStatus
from tests.unit.engine.client.conftest import Desk, connected
from tests.unit.engine.client.kernel_transport import KernelTransport


@pytest.fixture
def traded(wide_desk: Desk) -> Desk:
    """Two accounts in different partitions, each with a fill and an order that rests."""
    for account, strategy, side in (("ACC-1", "S1", "BUY"), ("ACC-2", "T1", "SELL")):
        filled = wide_desk.buy(account=account, strategy=strategy, side=side, cl_ord_id=f"fill-{account}")
        wide_desk.feed.report(filled, "NEW", exec_id=f"N-{account}")
        wide_desk.feed.report(filled, "TRADE", exec_id=f"T-{account}", last_qty=100, last_px="99.50")
        resting = wide_desk.buy(
            account=account, strategy=strategy, side=side, qty=7, cl_ord_id=f"rest-{account}"
        )
        wide_desk.feed.report(resting, "NEW", exec_id=f"R-{account}")
    partitions = {wide_desk.client.catalog.account(name).partition for name in ("ACC-1", "ACC-2")}
    assert len(partitions) == 2, "the two accounts must lie in different partitions for this to be a test"
    return wide_desk


def test_orders_are_read_by_owner_by_id_and_by_state(traded: Desk) -> None:
    everyone = traded.client.orders()
    mine = traded.client.orders(account="ACC-1", is_open=True)
    by_id = traded.client.orders([mine["order_id"][0], 5])

    assert len(everyone) == 4
    assert sorted(everyone.as_of) == [0, 1, 2]
    assert mine["leaves_qty"] == [Decimal(7)]
    assert list(mine.as_of) == [traded.client.catalog.account("ACC-1").partition]
    assert by_id["order_id"] == mine["order_id"]
    assert traded.client.orders(limit=1, strategy="S1").has_more


def test_positions_exposure_and_profit_are_sums_over_the_partitions(traded: Desk) -> None:
    positions = traded.client.positions()
    by_instrument = traded.client.exposure(by="instrument")
    profit = traded.client.pnl(account="ACC-2")

    assert sorted(positions["qty"]) == [Decimal(-100), Decimal(100)]
    assert by_instrument["instrument"] == ["AAPL"]
    assert (by_instrument["long"], by_instrument["net"]) == ([Decimal(10_000)], [Decimal(0)])
    assert profit["unrealized"] == [Decimal(-50)]


def test_the_firm_and_each_currency_are_one_row_over_all_accounts(traded: Desk) -> None:
    """A hundred bought and a hundred sold, each valued at 100.00; seven work on each side."""
    firm = traded.client.exposure(by="firm")
    currencies = traded.client.exposure(by="currency")
    profit = traded.client.pnl(by="firm")

    assert firm["firm"] == ["FIRM"]
    assert (firm["gross"], firm["net"], firm["lines"]) == ([Decimal(20_000)], [Decimal(0)], [2])
    assert firm["worst_case"] == [Decimal(21_400)]
    assert "firm" not in currencies.columns
    assert (currencies["currency"], currencies["gross"]) == (["USD"], [Decimal(20_000)])
    assert (profit["unrealized"], profit["total"]) == ([Decimal(0)], [Decimal(0)])


def test_a_mark_that_is_too_old_is_none(traded: Desk) -> None:
    traded.admin.set_mark("AAPL", "101.00")
    traded.transport.clock_ns += 10 * 10**9

    stale = traded.client.pnl(by="firm", stale_after_s=5)
    fresh = traded.client.pnl(by="firm", stale_after_s=60)
    exposure = traded.client.exposure(account="ACC-1", stale_after_s=5)

    assert (stale.unpriced, fresh.unpriced, exposure.unpriced) == (("AAPL",), (), ("AAPL",))
    assert (stale["unpriced"], stale["unrealized"]) == ([2], [Decimal(0)])
    assert fresh["unpriced"] == [0]
    assert (exposure["gross"], exposure["unpriced"]) == ([Decimal(0)], [1])


def test_a_book_is_one_over_the_partitions(traded: Desk) -> None:
    book = traded.client.book("AAPL")

    assert [(row.side, row.price, row.qty) for row in book] == [
        ("BUY", Decimal("100.00"), Decimal(7)),
        ("SELL", Decimal("100.00"), Decimal(7)),
    ]


def test_the_history_of_an_order_comes_from_its_log(traded: Desk) -> None:
    order_id = traded.client.orders(account="ACC-1")["order_id"][-1]

    mine = traded.client.history(order_id)
    theirs = connected(traded.transport, "audit").history(order_id)

    assert mine["kind"] == ["ORDER_SUBMITTED", "ORDER_ACCEPTED", "TRADE_EXECUTED"]
    assert theirs["kind"] == mine["kind"]
    assert set(mine["principal"]) == {"quant"}


def test_a_read_reaches_as_far_as_the_caller_asks(traded: Desk) -> None:
    ack = traded.client.cancel(traded.client.orders(account="ACC-1", is_open=True)["order_id"][0])

    table = traded.client.orders(account="ACC-1", min_position=ack)

    asked = decode_question(traded.transport.asked[-1][1])
    assert asked.min_position == ack.position
    assert OrdStatus.PENDING_CANCEL.name in table["status"]
    assert traded.client.orders(min_position=table.as_of).as_of.items() >= table.as_of.items()
    counted: dict[int, Any] = {number: np.int64(offset) for number, offset in table.as_of.items()}
    assert len(traded.client.orders(min_position=counted)) == 4


@pytest.mark.parametrize(
    ("ask", "complaint"),
    [
        (lambda client: client.orders(min_position=3), "is of one of 3 partitions: pass an Ack"),
        (
            lambda client: client.exposure(by="desk"),
            "by='desk' is not one of account, strategy, instrument, firm",
        ),
        (
            lambda client: client.pnl(by="firm", account="ACC-1"),
            "by firm are about everything, not about one",
        ),
        (lambda client: client.pnl(stale_after_s=0), "stale_after_s=0 is not a whole number from 1"),
        (
            lambda client: client.exposure(stale_after_s=0.5),
            "stale_after_s=0.5 is of type float; pass an int",
        ),
        (lambda client: client.exposure(by="account", strategy="S1"), "about one account or all of them"),
        (lambda client: client.pnl(account="ACC-1", strategy="S1"), "not about account and strategy"),
        (lambda client: client.positions(account="ACC-9"), "unknown account 'ACC-9'"),
        (lambda client: client.book("MSFT"), "unknown instrument 'MSFT'"),
        (lambda client: client.history("xyz"), "is not an id of 32 hex digits"),
        (lambda client: client.orders(["xyz"]), "is not an id of 32 hex digits"),
        (lambda client: client.orders(5), r"order_ids=5 is one order; pass a list, as \[order\]"),
        (lambda client: client.last_seqs("0" * 32), "is one order; pass a list"),
        (lambda client: client.positions(account=1), "account=1 is of type int; pass its name, a str"),
        (lambda client: client.positions(account=["ACC-1"]), "is of type list; pass its name, a str"),
        (lambda client: client.positions(min_position="x"), "min_position='x' is no position; pass an Ack"),
        (lambda client: client.positions(min_position={0: "x"}), "min_position='x' is no position"),
        (lambda client: client.orders(limit="x"), "limit='x' is of type str; pass an int"),
        (lambda client: client.book("AAPL", levels=0), "levels=0 is not a whole number from 1 to 1024"),
        (lambda client: client.subscribe(partition=0, after="x"), "after='x' is no position"),
    ],
)
def test_a_question_that_makes_no_sense_is_not_asked(traded: Desk, ask, complaint: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadRequest, match=complaint):
        ask(traded.client)


class FakeView:
    """A view that answers from the projector's own tables, or is stale, and counts its reads."""

    def __init__(self, transport: KernelTransport, partition: int) -> None:
        self.transport, self.partition = transport, partition
        self.reads = 0
        self.trouble: Exception | None = None

    def _read(self, question: ReadPositions | ReadExposure | ReadProfit) -> Table:
        self.reads += 1
        if self.trouble is not None:
            raise self.trouble
        answer = self.transport.logs[self.partition].answer(self.partition, encode_question(question))
        return table_of([decode_answer(answer)])

    def positions(self, **handles: int) -> Table:
        return self._read(ReadPositions(**handles))

    def exposure(self, *, min_position: int = -1, **group: int) -> Table:
        ((by, handle),) = group.items()
        return self._read(ReadExposure(by=by, handle=handle, min_position=min_position))  # type: ignore[arg-type]

    def pnl(self, *, min_position: int = -1, **group: int) -> Table:
        ((by, handle),) = group.items()
        return self._read(ReadProfit(by=by, handle=handle, min_position=min_position))  # type: ignore[arg-type]


@pytest.fixture
def viewed(traded: Desk) -> tuple[Desk, dict[int, FakeView]]:
    """A client whose transport has views, and the views."""
    views = {number: FakeView(traded.transport, number) for number in traded.transport.partitions}

    def view(partition: int) -> View:
        return views[partition]

    traded.transport.view = view  # type: ignore[attr-defined]
    return traded._replace(client=connected(traded.transport, "risk")), views


@pytest.mark.parametrize("method", ["positions", "exposure", "pnl"])
def test_what_a_view_has_is_read_without_a_question(
    viewed: tuple[Desk, dict[int, FakeView]], method: str
) -> None:
    desk, views = viewed
    asked = len(desk.transport.asked)

    table = getattr(desk.client, method)(account="ACC-2")

    assert len(desk.transport.asked) == asked
    assert sum(view.reads for view in views.values()) == 1
    for view in views.values():
        view.trouble = StaleView("no heartbeat")
    again = getattr(desk.client, method)(account="ACC-2")
    assert again.raw.tobytes() == table.raw.tobytes()
    assert again.as_of == table.as_of
    assert len(desk.transport.asked) == asked + 1


def test_a_closed_client_reads_from_no_view(viewed: tuple[Desk, dict[int, FakeView]]) -> None:
    desk, views = viewed
    desk.client.positions(account="ACC-1")
    desk.client.close()

    with pytest.raises(Unavailable, match="this client is closed"):
        desk.client.positions(account="ACC-1")
    assert sum(view.reads for view in views.values()) == 1


@pytest.mark.parametrize("trouble", [StaleView("no heartbeat"), NotReady("at offset 3")])
def test_a_view_that_cannot_answer_is_passed_over_and_tried_again(
    viewed: tuple[Desk, dict[int, FakeView]], trouble: Exception
) -> None:
    desk, views = viewed
    for view in views.values():
        view.trouble = trouble
    assert len(desk.client.exposure(account="ACC-1")) == 1

    for view in views.values():
        view.trouble = None
    asked = len(desk.transport.asked)
    assert len(desk.client.exposure(account="ACC-1")) == 1
    assert len(desk.transport.asked) == asked


def test_what_a_view_does_not_have_is_asked_for(viewed: tuple[Desk, dict[int, FakeView]]) -> None:
    desk, views = viewed

    desk.client.exposure(by="instrument")
    desk.client.orders()
    desk.client.book("AAPL")

    assert sum(view.reads for view in views.values()) == 0
