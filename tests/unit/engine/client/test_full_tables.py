"""What the engine says when rows run out that are kept for good: it says so, and touches nothing else."""

from engine.vocabulary import AnswerCode, Reason
from tests.unit.engine.client.conftest import Desk


def test_where_no_row_of_a_fill_is_left_trades_wait_and_what_makes_none_passes(desk: Desk) -> None:
    """Rows of orders and reports come back when a day is over, those of fills never: a table for itself."""
    kernel = desk.transport.logs[0].kernel
    ack = desk.buy()
    desk.feed.report(ack, "NEW", exec_id="N")
    kernel.tables.firm["fills"] = len(kernel.tables.fills) - 1
    before = kernel.digest()

    trade = desk.feed.report(ack, "TRADE", exec_id="T", last_qty=1, last_px="100.00")
    order = desk.buy()

    assert (trade.code, trade.reason) == (AnswerCode.LOW_SPACE, Reason.TABLE_FULL)
    assert (order.code, order.reason) == (AnswerCode.LOW_SPACE, Reason.TABLE_FULL)
    assert kernel.digest() == before
    assert desk.feed.report(ack, "CANCELED", exec_id="C").is_accepted


def test_orders_wait_before_the_fees_of_their_fills_find_no_row(desk: Desk) -> None:
    kernel = desk.transport.logs[0].kernel
    ack = desk.buy()
    kernel.tables.firm["fees"] = kernel.tables.bounds["fees"]

    order = desk.buy()
    trade = desk.feed.report(
        ack, "TRADE", exec_id="T", last_qty=1, last_px="100.00", commission="1", commission_currency="USD"
    )

    assert (order.code, order.reason) == (AnswerCode.LOW_SPACE, Reason.TABLE_FULL)
    assert trade.is_accepted
