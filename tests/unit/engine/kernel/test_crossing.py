"""What a newer order crosses is asked to be canceled, once, wherever blocks end and whoever dies."""

from dataclasses import replace

import numpy as np
import pytest

from engine.rows.commands import command_rows
from engine.vocabulary import EventKind, Lane, OrdStatus, Reason
from tests.model.commands import CancelReject, ExecutionReport, ReplaceOrder, SetLimits, SubmitOrder
from tests.model.words import Check, Code, ExecType, ResponseTo, Side
from tests.properties.choices import DAY_1
from tests.properties.draws import Draws
from tests.properties.flow import open_trading
from tests.properties.logged_kernel import LoggedKernel
from tests.properties.side_by_side import ROOMY, SideBySide

NEWEST, OLDEST, BOTH = map(ord, "123")


def order(name: bytes, side: Side, price: int, qty: int = 1) -> SubmitOrder:
    """An order of the first account in the first instrument."""
    return SubmitOrder(
        order_id=(DAY_1, b"ACC-1", name),
        trade_date=DAY_1,
        account=1,
        instrument=1,
        strategy=1,
        cl_ord_id=name,
        side=side,
        qty=qty,
        price=price,
    )


OFFERS = [order(b"S%d" % price, Side.SELL, price) for price in (103, 101, 104, 102)]
BUY = order(b"BUY", Side.BUY, 103)


def side_with(self_match: int, *commands: SubmitOrder | ReplaceOrder, rows_max: int = 64) -> SideBySide:
    """Offers at 101 to 104 that work, and then these commands in one frame."""
    side = SideBySide(ROOMY)
    open_trading(Draws(side))
    limits = SetLimits(
        request_id=1000,
        account=1,
        max_order_qty=200,
        max_order_notional=10**16,
        max_long_qty=150,
        max_short_qty=100,
        collar_ppm=200_000,
        orders_per_second=10**6,
        burst=10**6,
        self_match=self_match,
    )
    for command in (limits, *OFFERS):
        side.add(command)
    side.send()
    for command in commands:
        side.add(command)
    side.send(rows_max)
    return side


def asked(side: SideBySide) -> list[int]:
    """The prices of the orders that the engine asked to cancel, as the log has them, sorted."""
    log = side.logged.log
    rows = log[(log["kind"] == EventKind.CANCEL_REQUESTED) & (log["lane"] == Lane.ENGINE)]
    prices = {(int(row["key_hi"]), int(row["key_lo"])): int(row["price"]) for row in orders_of(side)}
    return sorted(prices[int(row["order_id_hi"]), int(row["order_id_lo"])] for row in rows)


def orders_of(side: SideBySide) -> np.ndarray:
    """The used rows of the order table."""
    tables = side.logged.kernel.tables
    rows: np.ndarray = tables.orders[1 : int(tables.firm[0]["orders"]) + 1]
    return rows


@pytest.mark.parametrize(
    ("self_match", "newer", "code", "canceled"),
    [
        (0, BUY, Code.ACCEPTED, []),
        (NEWEST, BUY, Code.REJECTED, []),
        (OLDEST, BUY, Code.ACCEPTED, [101, 102, 103]),
        (BOTH, BUY, Code.REJECTED, [101, 102, 103]),
        (OLDEST, replace(BUY, price=100), Code.ACCEPTED, []),
        (BOTH, replace(BUY, price=100), Code.ACCEPTED, []),
        (OLDEST, replace(BUY, qty=1000), Code.REJECTED, []),
        (BOTH, replace(BUY, qty=1000), Code.REJECTED, []),
        (OLDEST, replace(BUY, side=Side.SELL), Code.ACCEPTED, []),
        (BOTH, replace(BUY, strategy=4), Code.REJECTED, [101, 102, 103]),
    ],
)
def test_an_instruction_says_which_of_two_orders_goes(
    self_match: int, newer: SubmitOrder, code: Code, canceled: list[int]
) -> None:
    side = side_with(self_match, newer)

    assert side.model.orders[newer.order_id].outcomes[1][1].code == code
    assert asked(side) == canceled
    assert side.logged.kernel.tables.firm[0]["due"] == 0


def test_a_request_names_its_cause_and_why() -> None:
    side = side_with(OLDEST, BUY)
    submitted, *requests = side.logged.log[-4:]

    assert submitted["kind"] == EventKind.ORDER_SUBMITTED
    for row in requests:
        assert (row["causation"], row["reason"]) == (len(side.logged.log) - 4, Reason.SELF_TRADE)
        assert (row["lane"], row["seq"], row["version"]) == (Lane.ENGINE, 0, 2)
        assert (row["status"], row["ts_event"]) == (OrdStatus.PENDING_CANCEL, side.now)


def test_what_is_being_canceled_is_not_asked_again_and_stands_in_nobodys_way() -> None:
    second = order(b"B2", Side.BUY, 104)
    side = side_with(OLDEST, BUY, second)

    assert asked(side) == [101, 102, 103, 104]
    assert side.model.orders[second.order_id].outcomes[1][1].code == Code.ACCEPTED


def test_what_a_venue_does_not_cancel_is_asked_again_by_the_next_order() -> None:
    side = side_with(OLDEST, BUY)
    side.add(
        CancelReject(
            order_id=OFFERS[1].order_id,
            venue=1,
            trade_date=DAY_1,
            cl_ord_id=b"X",
            response_to=ResponseTo.CANCEL,
        )
    )
    side.add(order(b"B2", Side.BUY, 101))
    side.send()

    assert asked(side) == [101, 101, 102, 103]


@pytest.mark.parametrize(("self_match", "code"), [(OLDEST, Code.ACCEPTED), (BOTH, Code.REJECTED)])
def test_a_replace_asks_for_what_its_new_price_crosses(self_match: int, code: Code) -> None:
    low = replace(BUY, price=100)
    side = side_with(self_match, low)
    side.add(
        ExecutionReport(
            order_id=low.order_id,
            venue=1,
            trade_date=DAY_1,
            exec_id=b"E",
            exec_type=ExecType.NEW,
            qty=0,
            price=0,
        )
    )
    raised = ReplaceOrder(
        order_id=low.order_id,
        account=1,
        instrument=1,
        strategy=1,
        cl_ord_id=b"HIGH",
        side=Side.BUY,
        qty=1,
        price=102,
        seq=2,
    )
    answer = side.add(raised)
    side.send()

    assert answer.code == code
    assert answer.violations == ({Check.SELF_TRADE} if self_match == BOTH else set())
    assert asked(side) == [101, 102]


@pytest.mark.parametrize("self_match", [OLDEST, BOTH])
@pytest.mark.parametrize("events", range(5))
def test_what_a_dead_partition_owed_its_successor_asks_first(self_match: int, events: int) -> None:
    whole = side_with(self_match, BUY)
    logged = LoggedKernel(ROOMY)
    logged.log = whole.logged.log[: len(whole.logged.log) - 4 + events].copy()
    logged.kernel.fold(logged.log, whole.now)

    logged.decide(command_rows(0), whole.now)
    answers = logged.decide(whole.sent[-1].commands.copy(), whole.now)
    logged.commit(whole.now, 1)

    assert answers["offset"] == whole.sent[-1].answers["offset"]
    assert logged.log.tobytes() == whole.logged.log.tobytes()
    assert logged.kernel.digest() == whole.logged.kernel.digest()


@pytest.mark.parametrize("rows_max", [1, 2, 3])
def test_a_full_block_between_two_requests_changes_nothing(rows_max: int) -> None:
    wide, narrow = (side_with(OLDEST, BUY, rows_max=most) for most in (64, rows_max))

    assert narrow.logged.stops >= 4 // rows_max - 1
    assert narrow.logged.log.tobytes() == wide.logged.log.tobytes()
    assert narrow.logged.kernel.digest() == wide.logged.kernel.digest()
