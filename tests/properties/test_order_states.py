"""docs/order-states.md says what kernel and model do: every cell of its tables is brought about."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.vocabulary import EventKind
from tests.model.answers import Answer
from tests.model.commands import (
    CancelOrder,
    CancelReject,
    Command,
    ExecutionReport,
    ReplaceOrder,
)
from tests.model.orders import Order
from tests.model.words import Code, ExecType, Lane, Life, Reason, ResponseTo, Side, Status, TimeInForce
from tests.properties.choices import DAY_1
from tests.properties.draws import Draws
from tests.properties.first_order import FIRST_ORDER
from tests.properties.flow import open_trading
from tests.properties.side_by_side import ROOMY, SideBySide

DOCUMENT = Path(__file__).parents[2] / "docs" / "order-states.md"

SUBMIT = replace(FIRST_ORDER, time_in_force=TimeInForce.GTC)
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
    time_in_force=TimeInForce.GTC,
)
CANCEL = CancelOrder(order_id=SUBMIT.order_id, request_id=1 << 64, lane=Lane.OPERATOR)
REPORT = ExecutionReport(
    order_id=SUBMIT.order_id, venue=1, trade_date=DAY_1, exec_id=b"E", exec_type=ExecType.NEW
)

REJECT = CancelReject(
    order_id=SUBMIT.order_id, venue=1, trade_date=DAY_1, cl_ord_id=b"X", response_to=ResponseTo.CANCEL
)

REPORTS = {
    "New": REPORT,
    "Rejected": replace(REPORT, exec_type=ExecType.REJECTED),
    "Trade": replace(REPORT, exec_type=ExecType.TRADE, qty=1, price=100),
    "Canceled": replace(REPORT, exec_type=ExecType.CANCELED),
    "Replaced": replace(REPORT, exec_type=ExecType.REPLACED),
    "Expired": replace(REPORT, exec_type=ExecType.EXPIRED),
    "DoneForDay": replace(REPORT, exec_type=ExecType.DONE_FOR_DAY),
    "Suspended": replace(REPORT, exec_type=ExecType.SUSPENDED),
    "Restated": replace(REPORT, exec_type=ExecType.RESTATED, leaves_qty=5),
    "Triggered": replace(REPORT, exec_type=ExecType.TRIGGERED),
    "Stopped": replace(REPORT, exec_type=ExecType.STOPPED),
    "Calculated": replace(REPORT, exec_type=ExecType.CALCULATED),
    "OrderStatus": replace(REPORT, exec_type=ExecType.ORDER_STATUS),
    "PendingNew": replace(REPORT, exec_type=ExecType.PENDING_NEW),
    "PendingCancel": replace(REPORT, exec_type=ExecType.PENDING_CANCEL),
    "PendingReplace": replace(REPORT, exec_type=ExecType.PENDING_REPLACE),
    "TradeCorrect": replace(
        REPORT, exec_type=ExecType.TRADE_CORRECT, exec_ref=(1, DAY_1, b"?"), qty=1, price=100
    ),
    "TradeCancel": replace(REPORT, exec_type=ExecType.TRADE_CANCEL, exec_ref=(1, DAY_1, b"?")),
}
COMES: dict[str, Command] = {
    "SubmitOrder": SUBMIT,
    "CancelOrder": CANCEL,
    "ReplaceOrder": REPLACE,
    "CancelReject of a cancel": REJECT,
    "CancelReject of a replace": replace(REJECT, response_to=ResponseTo.REPLACE),
    **REPORTS,
}

LIVES: dict[str, list[Command]] = {
    "(none)": [],
    "PENDING_NEW": [SUBMIT],
    "NEW": [SUBMIT, REPORT],
    "SUSPENDED": [SUBMIT, REPORT, REPORTS["Suspended"]],
    "DONE_FOR_DAY": [SUBMIT, REPORT, REPORTS["DoneForDay"]],
    "CANCELED": [SUBMIT, REPORTS["Canceled"]],
    "EXPIRED": [SUBMIT, REPORTS["Expired"]],
    "REJECTED": [SUBMIT, REPORTS["Rejected"]],
}
"""What brings an order into each life."""
PENDING: dict[str, list[Command]] = {
    "nothing": [SUBMIT, REPORT],
    "cancel": [SUBMIT, REPORT, CANCEL],
    "replace": [SUBMIT, REPORT, REPLACE],
    "both": [SUBMIT, REPORT, REPLACE, CANCEL],
}
"""What makes a request, or two, pending."""


def tables() -> list[dict[tuple[str, str], str]]:
    """The tables of life and of what is pending: (what comes, column) to what the cell says."""
    found: list[dict[tuple[str, str], str]] = []
    columns: list[str] = []
    for line in DOCUMENT.read_text().split("## What is answered")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|") or cells[0].startswith("---"):
            continue
        if cells[0] == "":
            columns = cells[1:]
            found.append({})
        else:
            found[-1] |= {(cells[0], column): cell for column, cell in zip(columns, cells[1:], strict=True)}
    return found


OF_LIFE, OF_PENDING = tables()


def pending_of(order: Order | None) -> str:
    """What is pending of an order, in the document's words."""
    is_replacing = order is not None and order.replace is not None
    if order is not None and order.is_canceling:
        return "both" if is_replacing else "cancel"
    return "replace" if is_replacing else "nothing"


def life_of(order: Order | None) -> str:
    """An order's life, in the document's words."""
    return order.life if order else "(none)"


def brought_about(comes: str, before: list[Command], fact_of: Callable[[Order | None], str]) -> str:
    """What the document's cell must say: the fact after what comes, and the reason that its answer has."""
    side = SideBySide(ROOMY)
    open_trading(Draws(side))
    for n, command in enumerate(before):
        side.add(_numbered(command, side, n))
    side.send()
    fact = fact_of(side.model.orders.get(SUBMIT.order_id))
    answer = side.add(_numbered(COMES[comes], side, len(before)))
    side.send()
    return _said(answer, fact, fact_of(side.model.orders.get(SUBMIT.order_id)))


def _numbered(command: Command, side: SideBySide, n: int) -> Command:
    """The command under a number, request id or ExecID of its own; a submit is always the first."""
    if isinstance(command, ExecutionReport):
        return replace(command, exec_id=b"E%d" % n)
    if isinstance(command, CancelOrder):
        return replace(command, request_id=(n + 1) << 64)
    if isinstance(command, ReplaceOrder) and SUBMIT.order_id in side.model.orders:
        return replace(command, seq=side.model.orders[SUBMIT.order_id].last_seq + 1)
    return replace(command, seq=1) if isinstance(command, ReplaceOrder) else command


def _said(answer: Answer, before: str, after: str) -> str:
    reason = "" if answer.reason == Reason.NONE else f" {answer.reason}"
    if answer.code == Code.DUPLICATE:
        return str(answer.code)
    if answer.code != Code.ACCEPTED:
        return reason.strip()
    return ("·" if after == before else after) + reason


@pytest.mark.parametrize(("comes", "before"), OF_LIFE)
def test_the_document_says_what_becomes_of_a_life(comes: str, before: str) -> None:
    assert brought_about(comes, LIVES[before], life_of) == OF_LIFE[comes, before]


@pytest.mark.parametrize(("comes", "before"), OF_PENDING)
def test_the_document_says_what_is_pending(comes: str, before: str) -> None:
    assert brought_about(comes, PENDING[before], pending_of) == OF_PENDING[comes, before]


def test_the_document_has_a_row_for_everything_that_comes_and_a_column_for_every_life() -> None:
    assert {comes for comes, _ in OF_LIFE} | {comes for comes, _ in OF_PENDING} == set(COMES)
    assert {before for _, before in OF_LIFE} == set(LIVES) == {*Life.__members__, "(none)"}
    assert {ExecType(report.exec_type) for report in REPORTS.values()} == set(ExecType)


def test_what_is_good_for_a_day_and_done_for_it_has_nothing_left_to_cancel() -> None:
    side = SideBySide(ROOMY)
    open_trading(Draws(side))
    side.add(replace(SUBMIT, time_in_force=TimeInForce.DAY))
    side.add(REPORT)
    done = side.add(replace(REPORTS["DoneForDay"], exec_id=b"E1"))
    canceled = side.add(CANCEL)
    side.send()

    assert (done.status, done.leaves_qty) == (Status.DONE_FOR_DAY, 0)
    assert canceled.reason == Reason.TOO_LATE


def test_the_first_new_of_a_suspended_order_acknowledges_it_and_the_next_resumes_it() -> None:
    side = SideBySide(ROOMY)
    open_trading(Draws(side))
    reports = [REPORTS["Suspended"], REPORT, REPORT]
    side.add(SUBMIT)
    answers = [side.add(replace(report, exec_id=b"E%d" % n)) for n, report in enumerate(reports)]
    side.send()

    assert [answer.status for answer in answers] == [Status.SUSPENDED, Status.SUSPENDED, Status.NEW]
    assert side.logged.log["kind"][-1] == EventKind.ORDER_RESUMED
