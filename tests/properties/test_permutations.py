"""Reports on one order in every order of arrival: one state, or the break that says what does not commute.

The order itself may come after any of them: what overtook it is held and claimed.
"""

from dataclasses import replace
from itertools import islice, permutations
from typing import Any

import pytest

from engine.kernel.jit import IS_NATIVE
from engine.vocabulary import EventKind, Reason
from tests.model.commands import Command, ExecutionReport, ReplaceOrder
from tests.model.words import ExecType, Side
from tests.properties.choices import DAY_1
from tests.properties.draws import Draws
from tests.properties.first_order import FIRST_ORDER
from tests.properties.flow import open_trading
from tests.properties.logged_kernel import LoggedKernel
from tests.properties.side_by_side import ROOMY, START_NS, SideBySide
from tests.properties.translation import rows_of

SUBMIT = replace(FIRST_ORDER, qty=100)
REPLACE = ReplaceOrder(
    order_id=SUBMIT.order_id,
    account=1,
    instrument=1,
    strategy=1,
    cl_ord_id=b"B",
    side=Side.BUY,
    qty=60,
    price=100,
    seq=2,
)


def report(at_s: int, exec_type: ExecType, exec_id: bytes, **said: Any) -> ExecutionReport:
    """A report of the order's venue, `at_s` seconds after the first."""
    return ExecutionReport(
        order_id=SUBMIT.order_id,
        venue=1,
        trade_date=DAY_1,
        exec_id=exec_id,
        exec_type=exec_type,
        ts_event=START_NS + at_s * 10**9,
        **said,
    )


def trade(at_s: int, exec_id: bytes, qty: int, price: int, cum_qty: int) -> ExecutionReport:
    """A fill, with the venue's CumQty."""
    return report(
        at_s, ExecType.TRADE, exec_id, qty=qty, price=price, cum_qty=cum_qty, given=frozenset({"cum_qty"})
    )


def corrected(at_s: int, exec_id: bytes, ref: bytes, qty: int, price: int) -> ExecutionReport:
    """A correction of an earlier report."""
    return report(at_s, ExecType.TRADE_CORRECT, exec_id, exec_ref=(1, DAY_1, ref), qty=qty, price=price)


def busted(at_s: int, exec_id: bytes, ref: bytes) -> ExecutionReport:
    """A bust of an earlier report."""
    return report(at_s, ExecType.TRADE_CANCEL, exec_id, exec_ref=(1, DAY_1, ref))


NEW = report(1, ExecType.NEW, b"N")
T1, T2, T3 = trade(2, b"T1", 30, 100, 30), trade(3, b"T2", 50, 110, 80), trade(4, b"T3", 20, 90, 100)

EARLY_REPORTS_MAX = 5
"""With the order among them six commands have 720 orders, seven 5,040."""
STRIDE = 1 if IS_NATIVE else 41
"""As plain Python all orders of seven reports take two minutes: only one in so many is tried."""

ONE_STATE = {
    "fills": [NEW, T1, T2, T3],
    "a fill twice": [NEW, T1, T1, T2, T2, T3],
    "a bust": [NEW, T1, T2, busted(5, b"B1", b"T1"), T3],
    "a chain of corrections": [
        T1,
        corrected(5, b"C1", b"T1", 25, 101),
        corrected(6, b"C2", b"C1", 20, 102),
        T2,
    ],
    "a bust of a correction": [T1, corrected(5, b"C1", b"T1", 25, 101), busted(6, b"B1", b"C1"), T2, T3],
    "two corrections of one trade": [
        T1,
        corrected(5, b"C1", b"T1", 25, 101),
        corrected(6, b"C2", b"T1", 20, 102),
        T2,
    ],
    "a bust of a bust, and the trade again": [
        T1,
        busted(5, b"B1", b"T1"),
        busted(6, b"B2", b"B1"),
        trade(7, b"T4", 30, 100, 30),
    ],
    "a bust after the end": [NEW, T1, report(5, ExecType.CANCELED, b"X"), busted(6, b"B1", b"T1")],
    "seven reports": [
        NEW,
        T1,
        T2,
        T3,
        corrected(5, b"C1", b"T2", 40, 111),
        corrected(6, b"C2", b"C1", 45, 112),
        busted(7, b"B1", b"T1"),
    ],
}

BREAKS = {
    "a replace and a fill beyond it": (
        [NEW, replace(report(3, ExecType.REPLACED, b"R"), qty=20), replace(T1, given=frozenset())],
        Reason.OVERFILL,
    ),
    "a replace and an end": (
        [report(2, ExecType.REPLACED, b"R", qty=90), report(3, ExecType.CANCELED, b"X")],
        Reason.LATE_REPORT,
    ),
    "an acknowledgement and a rejection": (
        [NEW, report(2, ExecType.REJECTED, b"X")],
        Reason.REJECTION_WITHDRAWN,
    ),
    "two ends": ([report(2, ExecType.CANCELED, b"X"), report(3, ExecType.EXPIRED, b"Y")], Reason.ENDED_TWICE),
}


def before(*commands: Command) -> LoggedKernel:
    """A kernel in which trading is open, and these commands have been decided."""
    side = SideBySide(ROOMY)
    open_trading(Draws(side))
    for command in commands:
        side.add(command)
    side.send()
    return side.logged


def after(log: Any, reports: tuple[Command, ...]) -> tuple[dict[str, Any], set[int], set[int]]:
    """The state after these reports without what counts or places events; reasons; kinds of events."""
    logged = LoggedKernel(ROOMY)
    logged.log = log.copy()
    logged.kernel.fold(logged.log, START_NS)
    logged.decide(rows_of(list(reports)), START_NS)
    logged.commit(START_NS, 1)
    state = logged.state()
    order = next(iter(state["orders"].values()))
    for name in ("version", "venue_cum_qty", "venue_cum_ns"):
        del order[name]
    position = state["positions"][1, 1, 1]
    del position["version"]
    new = logged.log[len(log) :]
    said = {int(reason) for reason in new["reason"]}
    return (
        {"order": order, "position": position, "holding": state["holdings"]},
        said,
        set(new["kind"].tolist()),
    )


@pytest.mark.parametrize("name", ONE_STATE)
def test_every_order_of_arrival_gives_one_state(name: str) -> None:
    log, reports = before(SUBMIT).log, ONE_STATE[name]
    wanted, _, _ = after(log, tuple(reports))

    for arrival in islice(permutations(reports), 0, None, STRIDE):
        assert after(log, arrival)[0] == wanted, [one.exec_id for one in arrival]


@pytest.mark.parametrize("name", [name for name in ONE_STATE if len(ONE_STATE[name]) <= EARLY_REPORTS_MAX])
def test_the_order_may_come_after_any_report_on_it(name: str) -> None:
    log, commands = before().log, [SUBMIT, *ONE_STATE[name]]
    wanted, _, _ = after(log, tuple(commands))

    for arrival in islice(permutations(commands), 0, None, STRIDE):
        assert after(log, arrival)[0] == wanted, arrival


@pytest.mark.parametrize("name", BREAKS)
def test_what_does_not_commute_says_so(name: str) -> None:
    log = before(SUBMIT).log
    reports, reason = BREAKS[name]
    ends = [after(log, arrival) for arrival in permutations(reports)]

    assert any(state != ends[0][0] for state, _, _ in ends)
    assert any(reason in said for _, said, _ in ends)


def test_a_late_fill_and_a_bust_name_what_the_position_was() -> None:
    log = before(SUBMIT).log

    _, _, kinds = after(log, (T2, T1, busted(5, b"B1", b"T2")))

    assert {EventKind.POSITION_RESTATED, EventKind.TRADE_BUSTED} <= kinds
