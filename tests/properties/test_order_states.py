"""docs/order-states.md says what kernel and model do: every cell of its table is brought about."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.model.answers import Answer
from tests.model.commands import CancelOrder, Command, ExecutionReport, ReplaceOrder, SubmitOrder
from tests.model.words import Code, ExecType, Side, Status
from tests.properties.draws import DAY_1, Draws
from tests.properties.flow import open_trading
from tests.properties.side_by_side import ROOMY, SideBySide

DOCUMENT = Path(__file__).parents[2] / "docs" / "order-states.md"

SUBMIT = SubmitOrder(
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
REPLACE = ReplaceOrder(
    order_id=SUBMIT.order_id,
    account=1,
    instrument=1,
    strategy=1,
    cl_ord_id=b"B",
    side=Side.BUY,
    qty=20,
    price=100,
    seq=2,
)
CANCEL = CancelOrder(order_id=SUBMIT.order_id, seq=2)
REPORT = ExecutionReport(
    order_id=SUBMIT.order_id, venue=1, trade_date=DAY_1, exec_id=b"E", exec_type=ExecType.NEW
)
TRADE_PART = replace(REPORT, exec_type=ExecType.TRADE, qty=1, price=100)
TRADE_REST = replace(TRADE_PART, qty=10)

BEFORE: dict[Status, list[Command]] = {
    Status.PENDING_NEW: [],
    Status.NEW: [REPORT],
    Status.PARTIALLY_FILLED: [TRADE_PART],
    Status.FILLED: [TRADE_REST],
    Status.PENDING_REPLACE: [REPORT, REPLACE],
    Status.PENDING_CANCEL: [REPORT, CANCEL],
    Status.CANCELED: [replace(REPORT, exec_type=ExecType.CANCELED)],
    Status.EXPIRED: [replace(REPORT, exec_type=ExecType.EXPIRED)],
    Status.REJECTED: [replace(REPORT, exec_type=ExecType.REJECTED)],
}
"""What brings a submitted order into each status."""

COMES: dict[str, Command] = {
    "CancelOrder": CANCEL,
    "ReplaceOrder": REPLACE,
    "New": REPORT,
    "Trade, a part": TRADE_PART,
    "Trade, the rest": TRADE_REST,
    "Replaced": replace(REPORT, exec_type=ExecType.REPLACED),
    "Restated": replace(REPORT, exec_type=ExecType.RESTATED, leaves_qty=5),
    "Canceled": replace(REPORT, exec_type=ExecType.CANCELED),
    "Expired": replace(REPORT, exec_type=ExecType.EXPIRED),
    "Rejected": replace(REPORT, exec_type=ExecType.REJECTED),
}


def table() -> dict[tuple[str, str], str]:
    """(what comes, status before) to what the document says; a cell that is a dot says: the same status."""
    lines = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    statuses = rows[0][1:]
    return {
        (row[0], status): status if cell == "·" else cell
        for row in rows[2:]
        if row[0] in COMES
        for status, cell in zip(statuses, row[1:], strict=True)
    }


def brought_about(comes: str, before: Status) -> str:
    """Send it to an order in that status: the status after it, or the reason of the refusal."""
    side = SideBySide(ROOMY)
    open_trading(Draws(side))
    side.add(SUBMIT)
    for n, command in enumerate(BEFORE[before]):
        answer = side.add(_numbered(command, side, b"E%d" % n))
    side.send()
    assert side.model.orders[SUBMIT.order_id].status == before
    answer = side.add(_numbered(COMES[comes], side, b"LAST"))
    side.send()
    return _said(answer)


def _numbered(command: Command, side: SideBySide, exec_id: bytes) -> Command:
    """The command under a number or ExecID of its own."""
    if isinstance(command, ExecutionReport):
        return replace(command, exec_id=exec_id)
    assert isinstance(command, CancelOrder | ReplaceOrder)
    return replace(command, seq=side.model.orders[SUBMIT.order_id].last_seq + 1)


def _said(answer: Answer) -> str:
    return str(answer.status) if answer.code == Code.ACCEPTED else str(answer.reason)


@pytest.mark.parametrize("before", list(BEFORE))
@pytest.mark.parametrize("comes", list(COMES))
def test_the_document_says_what_happens(comes: str, before: Status) -> None:
    assert brought_about(comes, before) == table()[comes, before]
