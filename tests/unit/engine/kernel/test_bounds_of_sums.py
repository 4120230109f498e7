"""A report that would carry a sum past its bound is INVALID, so that no 64-bit sum ever wraps."""

import pytest

from tests.model.commands import ExecutionReport, SubmitOrder
from tests.model.words import Code, ExecType, Reason, Side
from tests.properties.choices import DAY_1
from tests.properties.draws import Draws
from tests.properties.flow import open_trading
from tests.properties.side_by_side import ROOMY, SideBySide

TOTAL_QTY_MAX = 2**60
ORDER = SubmitOrder(
    order_id=(DAY_1, b"ACC-1", b"A"),
    trade_date=DAY_1,
    account=1,
    instrument=1,
    strategy=1,
    cl_ord_id=b"A",
    side=Side.BUY,
    qty=10,
    price=100,
)
FILL = ExecutionReport(
    order_id=ORDER.order_id,
    venue=1,
    trade_date=DAY_1,
    exec_id=b"E1",
    exec_type=ExecType.TRADE,
    qty=10**12,
    price=100,
)


@pytest.fixture
def side() -> SideBySide:
    """Kernel and model with one order, and so one position."""
    side = SideBySide(ROOMY)
    open_trading(Draws(side))
    side.add(ORDER)
    side.send()
    return side


def have_traded(side: SideBySide, column: str, qty: int) -> None:
    """Make everybody believe that the position has come this far: it takes a million fills in earnest."""
    setattr(side.model.positions[1, 1, 1], column, qty)
    for kernel in (side.logged.kernel, side.folded):
        kernel.tables.positions[column][1] = qty
        if column == "qty":
            kernel.tables.holdings[column][1] = qty


@pytest.mark.parametrize("column", ["buy_qty", "sell_qty", "qty"])
def test_the_last_fill_below_the_bound_is_booked_and_the_next_is_invalid(
    side: SideBySide, column: str
) -> None:
    have_traded(side, column, TOTAL_QTY_MAX)
    side.add(FILL)
    assert side.send()[0].code == Code.ACCEPTED

    have_traded(side, column, TOTAL_QTY_MAX + 1)
    side.add(ExecutionReport(**{**vars(FILL), "exec_id": b"E2"}))
    answer = side.send()[0]

    assert (answer.code, answer.reason) == (Code.INVALID, Reason.BAD_QTY)


def test_a_short_position_has_the_same_bound(side: SideBySide) -> None:
    have_traded(side, "qty", -TOTAL_QTY_MAX - 1)
    side.add(FILL)
    answer = side.send()[0]

    assert (answer.code, answer.reason) == (Code.INVALID, Reason.BAD_QTY)
