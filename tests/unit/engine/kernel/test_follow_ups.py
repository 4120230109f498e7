"""What follows from a venue's report is written behind it, once, wherever blocks end and whoever dies."""

from dataclasses import replace

import numpy as np
import pytest

from engine.rows.commands import command_rows
from engine.rows.lifecycle_events import INTEGRITY_EVENT
from engine.vocabulary import EventKind, Lane, Reason
from tests.model.commands import ExecutionReport, SubmitOrder
from tests.model.words import ExecType, Side
from tests.properties.choices import DAY_1
from tests.properties.draws import Draws
from tests.properties.flow import open_trading
from tests.properties.logged_kernel import LoggedKernel
from tests.properties.side_by_side import ROOMY, SideBySide

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


def trade(number: int, qty: int, cum_qty: int | None = None, at_s: int = 0) -> ExecutionReport:
    """A fill; `cum_qty` is what the venue states, `at_s` seconds after the first fill."""
    return ExecutionReport(
        order_id=SUBMIT.order_id,
        venue=1,
        trade_date=DAY_1,
        exec_id=b"E%d" % number,
        exec_type=ExecType.TRADE,
        qty=qty,
        price=100,
        given=frozenset() if cum_qty is None else frozenset({"cum_qty"}),
        cum_qty=cum_qty or 0,
        ts_event=(at_s or number) * 10**9,
    )


def side_with(*reports: ExecutionReport, rows_max: int = 64) -> SideBySide:
    """One order of 10 and these reports, in one frame."""
    side = SideBySide(ROOMY)
    open_trading(Draws(side))
    side.add(SUBMIT)
    side.send()
    for report in reports:
        side.add(report)
    side.send(rows_max)
    return side


def said(side: SideBySide) -> list[str]:
    """The events behind OrderSubmitted: T a trade, or what followed from one."""
    names = {
        EventKind.TRADE_EXECUTED: "T",
        EventKind.ORDER_REPLACED: "R",
        EventKind.CUM_QTY_GAP_DETECTED: "gap",
        EventKind.CUM_QTY_GAP_CLOSED: "closed",
        EventKind.OVERFILL_DETECTED: "overfill",
        EventKind.POSITION_RESTATED: "restated",
    }
    first = int(np.flatnonzero(side.logged.log["kind"] == EventKind.ORDER_SUBMITTED)[0])
    return [names[EventKind(row["kind"])] for row in side.logged.log[first + 1 :]]


REPLACED = replace(trade(9, 20), exec_type=ExecType.REPLACED, price=0, qty=20)


@pytest.mark.parametrize(
    ("reports", "events"),
    [
        ([trade(1, 4), trade(2, 6)], ["T", "T"]),
        ([trade(1, 4, 4), trade(2, 6, 10)], ["T", "T"]),
        ([trade(1, 12)], ["T", "overfill"]),
        ([trade(1, 12), trade(2, 1)], ["T", "overfill", "T"]),
        ([trade(2, 6, 10), trade(1, 4, 4)], ["T", "gap", "T", "restated", "closed"]),
        (
            [trade(3, 1, 9), trade(2, 1, 8), trade(1, 7, 7)],
            ["T", "gap", "T", "restated", "T", "restated", "closed"],
        ),
        ([trade(2, 6, 16), trade(1, 10, 10)], ["T", "gap", "T", "restated", "closed", "overfill"]),
        ([trade(2, 12, 24)], ["T", "gap"]),
        ([trade(1, 4, 0)], ["T", "gap"]),
        ([trade(1, 4, 4), trade(2, 3), trade(3, 3, 10)], ["T", "T", "T"]),
        ([trade(1, 12), REPLACED, trade(10, 20)], ["T", "overfill", "R", "T", "overfill"]),
    ],
)
def test_each_alarm_is_raised_once_and_ends(reports: list[ExecutionReport], events: list[str]) -> None:
    assert said(side_with(*reports)) == events


def test_a_follow_up_names_its_cause_and_both_counts() -> None:
    side = side_with(trade(2, 6, 16))
    cause, gap = side.logged.log[-2:]
    numbers = side.logged.log[-1:].view(INTEGRITY_EVENT)[0]

    assert gap["causation"] == gap["prev_offset"] == len(side.logged.log) - 2
    assert gap["version"] == cause["version"]
    assert (gap["lane"], gap["seq"]) == (Lane.ENGINE, 0)
    assert gap["ts_event"] == side.now
    assert (cause["reason"], gap["reason"]) == (Reason.CUM_QTY_GAP, Reason.CUM_QTY_GAP)
    assert [numbers[name] for name in ("cum_qty", "leaves_qty", "venue_cum_qty", "order_qty")] == [
        6,
        4,
        16,
        10,
    ]


REPORTS = [trade(2, 6, 16), trade(1, 10, 10)]


@pytest.mark.parametrize("events", range(len(REPORTS) + 5))
def test_what_a_dead_partition_owed_its_successor_writes_first(events: int) -> None:
    whole = side_with(*REPORTS)
    first = len(whole.logged.log) - len(REPORTS) - 4
    frame = whole.sent[-1]
    logged = LoggedKernel(ROOMY)
    logged.log = whole.logged.log[: first + events].copy()
    logged.kernel.fold(logged.log, whole.now)

    logged.decide(command_rows(0), whole.now)
    logged.decide(frame.commands.copy(), whole.now)
    logged.commit(whole.now, 1)

    assert logged.log.tobytes() == whole.logged.log.tobytes()
    assert logged.kernel.digest() == whole.logged.kernel.digest()


def test_a_full_block_between_an_event_and_what_follows_changes_nothing() -> None:
    wide, narrow = side_with(*REPORTS), side_with(*REPORTS, rows_max=1)

    assert narrow.logged.stops >= len(REPORTS) + 3
    assert narrow.logged.log.tobytes() == wide.logged.log.tobytes()
