"""Tables that are full: whatever the kernel still takes, a fold of its own log takes too."""

from dataclasses import replace

from tests.model.commands import ExecutionReport, SubmitOrder
from tests.model.words import Code, ExecType, Reason, Side
from tests.properties.choices import DAY_1
from tests.properties.draws import Draws
from tests.properties.flow import open_trading
from tests.properties.side_by_side import TIGHT, SideBySide

ONE_POSITION = replace(TIGHT, positions=1, refuse_percent=100)


def order(cl_ord_id: bytes, price: int) -> SubmitOrder:
    """An order of the first account in the first instrument, whose mark is 100."""
    return SubmitOrder(
        order_id=(DAY_1, b"ACC-1", cl_ord_id),
        trade_date=DAY_1,
        account=1,
        instrument=1,
        strategy=1,
        cl_ord_id=cl_ord_id,
        side=Side.BUY,
        qty=10,
        price=price,
    )


def trade(submitted: SubmitOrder, venue: int, exec_id: bytes) -> ExecutionReport:
    """A venue's fill of that order."""
    return ExecutionReport(
        order_id=submitted.order_id,
        venue=venue,
        trade_date=DAY_1,
        exec_id=exec_id,
        exec_type=ExecType.TRADE,
        qty=10,
        price=100,
    )


def test_an_orphan_that_names_a_refused_order_of_another_venue_is_folded_again() -> None:
    """It needs no position, so that a full table of positions must not keep the log from being read."""
    side = SideBySide(ONE_POSITION)
    open_trading(Draws(side))
    refused = order(b"FAR", 999)
    side.add(refused)
    side.add(replace(order(b"NEAR", 100), account=1, instrument=2, strategy=1, qty=40))
    side.add(trade(refused, venue=2, exec_id=b"E1"))
    side.add(trade(refused, venue=1, exec_id=b"E2"))

    answers = side.send()

    assert [(answer.code, answer.reason) for answer in answers] == [
        (Code.REJECTED, Reason.PRICE_COLLAR),
        (Code.ACCEPTED, Reason.NONE),
        (Code.REJECTED, Reason.UNKNOWN_ORDER),
        (Code.LOW_SPACE, Reason.TABLE_FULL),
    ]
    assert side.folded.digest() == side.logged.kernel.digest()


def test_a_fee_in_a_currency_for_which_there_is_no_row_waits_and_known_ones_go_on() -> None:
    """One position has room for fees in two currencies."""
    side = SideBySide(ONE_POSITION)
    open_trading(Draws(side))
    bought = order(b"A", 100)
    side.add(bought)
    for exec_id, currency in (
        (b"E1", b"USD"),
        (b"E2", b"EUR"),
        (b"E3", b"GBP"),
        (b"E4", b"EUR"),
        (b"E5", b""),
    ):
        report = replace(trade(bought, venue=1, exec_id=exec_id), qty=1)
        side.add(replace(report, commission=7 if currency else 0, commission_currency=currency))

    answers = side.send()

    assert [answer.code for answer in answers[1:]] == [
        Code.ACCEPTED,
        Code.ACCEPTED,
        Code.LOW_SPACE,
        Code.ACCEPTED,
        Code.ACCEPTED,
    ]
    assert side.folded.digest() == side.logged.kernel.digest()
