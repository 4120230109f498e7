"""Commands about orders that have left memory: each brings its order back and is answered as before."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.kernel.kernel import FrameInWork, Kernel, StagedBlock
from engine.vocabulary import AnswerCode, EventKind, Reason
from tests.model.commands import CancelOrder, CancelReject, Command, MarkInDoubt, StartTradingDay, SubmitOrder
from tests.model.words import ExecType, Lane, OrdType, ResponseTo
from tests.properties.choices import DAY_1
from tests.properties.draws import Draws
from tests.properties.flow import open_trading
from tests.properties.reached import check_log
from tests.properties.retiring import SideWithRetiring, whole
from tests.properties.side_by_side import ROOMY
from tests.properties.states import state_of_kernel
from tests.properties.translation import engine_capacity, rows_of
from tests.unit.engine.kernel.test_retiring import DAY_2, FIRST_DAY, fill, order, report

TODAY = order(b"TODAY", order_id=(DAY_2, b"ACC-1", b"TODAY"), trade_date=DAY_2)
EARLY_REPORT = report(b"FILLED", b"E1", ExecType.NEW)
BUST = replace(report(b"FILLED", b"B1", ExecType.TRADE_CANCEL), exec_ref=(1, DAY_1, b"E3"), trade_date=DAY_2)
REJECT = CancelReject(
    order_id=(DAY_1, b"ACC-1", b"FILLED"),
    venue=1,
    trade_date=DAY_1,
    cl_ord_id=b"X1",
    response_to=ResponseTo.CANCEL,
)


def the_day_after(room: int = 64) -> SideWithRetiring:
    """The first day's orders; all that are closed have left memory, and a block holds so many rows."""
    side = SideWithRetiring(ROOMY)
    draws = Draws(side)
    open_trading(draws)
    for command in FIRST_DAY:
        side.add(command)
    for venue in (1, 2):
        side.add(StartTradingDay(request_id=draws.new_request(), venue=venue, trade_date=DAY_2))
    side.send()
    side.logged.retire(side.now)
    assert len(side.logged.archive.orders) == 4
    side.logged.commit(side.now, room)
    side.folded.fold(*side.logged.blocks[-1])
    return side


def cancel(seq: int, **given: object) -> CancelOrder:
    return replace(CancelOrder(order_id=(DAY_1, b"ACC-1", b"FILLED"), seq=seq), **given)  # type: ignore[arg-type]


CASES: dict[str, tuple[Command, AnswerCode, Reason]] = {
    "the same order again": (order(b"FILLED"), AnswerCode.DUPLICATE, Reason.NONE),
    "a denied order again": (
        order(b"DENIED", price=101 * 10**6),
        AnswerCode.DUPLICATE,
        Reason.ORDER_NOTIONAL_EXCEEDED,
    ),
    "other content": (order(b"FILLED", qty=11), AnswerCode.CONFLICT, Reason.DUPLICATE_ORDER),
    "content that no order may have": (
        order(b"FILLED", qty=-1),
        AnswerCode.CONFLICT,
        Reason.DUPLICATE_ORDER,
    ),
    "a cancel": (cancel(3), AnswerCode.REJECTED, Reason.TOO_LATE),
    "a cancel too far ahead": (cancel(5), AnswerCode.GAP, Reason.NONE),
    "an operator's cancel": (
        cancel(0, request_id=2**90, lane=Lane.OPERATOR),
        AnswerCode.REJECTED,
        Reason.TOO_LATE,
    ),
    "a doubt": (
        MarkInDoubt(request_id=2**90, order_id=(DAY_1, b"ACC-1", b"FILLED"), text=b"line is down"),
        AnswerCode.INVALID,
        Reason.NOT_PENDING,
    ),
    "a report again": (EARLY_REPORT, AnswerCode.DUPLICATE, Reason.NONE),
    "its ExecID with other content": (
        replace(EARLY_REPORT, reject_reason=7),
        AnswerCode.CONFLICT,
        Reason.NONE,
    ),
    "its ExecID for another order": (
        replace(EARLY_REPORT, order_id=TODAY.order_id),
        AnswerCode.CONFLICT,
        Reason.NONE,
    ),
    "a late fill": (fill(b"STOP", b"L1", 2), AnswerCode.ACCEPTED, Reason.NONE),
    "a fill of what was denied": (fill(b"DENIED", b"L2", 2), AnswerCode.ACCEPTED, Reason.WRONG_LIFE),
    "a bust": (BUST, AnswerCode.ACCEPTED, Reason.NONE),
    "a bust that names another order": (
        replace(BUST, order_id=TODAY.order_id),
        AnswerCode.ACCEPTED,
        Reason.NONE,
    ),
    "a refused cancel": (REJECT, AnswerCode.ACCEPTED, Reason.STATUS_DIFFERS),
}
"""What comes on the next day, and the answer's code and reason."""


@pytest.mark.parametrize("case", CASES)
def test_an_order_that_left_memory_answers_as_if_it_had_not(case: str) -> None:
    command, code, reason = CASES[case]
    side = the_day_after()

    side.add(command)
    side.add(TODAY)
    side.send()

    answer = side.sent[-1].answers[0]
    assert (AnswerCode(answer["code"]).name, Reason(answer["reason"]).name) == (code.name, reason.name)
    assert side.logged.recalls == 1
    check_log(side)


NOWHERE: dict[str, tuple[Command, AnswerCode, Reason]] = {
    "an order of a past day": (order(b"NOBODY"), AnswerCode.STALE_TRADE_DATE, Reason.BAD_TRADE_DATE),
    "a report": (report(b"NOBODY", b"N1", ExecType.NEW), AnswerCode.REJECTED, Reason.UNKNOWN_ORDER),
    "a bust": (
        replace(BUST, order_id=(DAY_1, b"ACC-1", b"NOBODY"), exec_ref=(1, DAY_1, b"N2")),
        AnswerCode.ACCEPTED,
        Reason.CORRECTION_AWAITED,
    ),
    "a cancel": (cancel(1, order_id=(DAY_1, b"ACC-1", b"NOBODY")), AnswerCode.INVALID, Reason.BAD_SEQ),
    "an order of today": (TODAY, AnswerCode.ACCEPTED, Reason.NONE),
}


@pytest.mark.parametrize("case", NOWHERE)
def test_what_nobody_has_ever_seen_is_looked_for_and_answered_as_before(case: str) -> None:
    command, code, reason = NOWHERE[case]
    side = the_day_after()

    side.add(command)
    side.send()

    answer = side.sent[-1].answers[0]
    assert (AnswerCode(answer["code"]).name, Reason(answer["reason"]).name) == (code.name, reason.name)
    assert side.logged.recalls == 0


def test_an_order_comes_back_with_its_reports_the_earliest_first() -> None:
    side = the_day_after()

    side.add(order(b"FILLED"))
    side.send()

    kinds = [EventKind(kind).name for kind in side.logged.log["kind"][-4:]]
    assert kinds == ["ORDER_RECALLED", "EXECUTION_RECALLED", "EXECUTION_RECALLED", "EXECUTION_RECALLED"]
    tables = side.logged.kernel.tables
    at, said = int(tables.orders["last_execution"][tables.firm["recall_slot"][0]]), []
    while at:
        said.append(chr(tables.executions["exec_type"][at]))
        at = int(tables.executions["prev_of_order"][at])
    assert said == ["F", "5", "0"]


def test_an_order_with_a_stop_price_has_it_again() -> None:
    side = the_day_after()
    before = state_of_kernel(whole(side.logged.kernel.tables, side.logged.archive))["orders"]

    side.add(order(b"STOP", ord_type=OrdType.STOP, price=0, stop_px=105))
    side.send()

    after = state_of_kernel(side.logged.kernel.tables)["orders"]
    assert 105 in {row["stop_px"] for row in after.values()}
    assert all(row == before[key] for key, row in after.items())


@pytest.mark.parametrize("events", [1, 2, 3])
def test_whoever_finds_an_order_half_back_goes_on(events: int) -> None:
    """The block was full, and then the process died: its successor folds what there is of the order."""
    side = the_day_after(room=events)
    logged, resent = side.logged, rows_of([order(b"FILLED")])
    work = FrameInWork(resent)
    while logged.block.used < events:
        assert not logged.kernel.decide(work, logged.block, side.now, logged._gather, logged.archive)
    logged.commit(side.now, 64)

    successor = Kernel(engine_capacity(ROOMY))
    for rows, now_ns in logged.blocks:
        successor.fold(rows, now_ns)
    assert successor.tables.firm["recall_left"][0] == 4 - events
    again, block = FrameInWork(resent), StagedBlock(16)
    assert successor.decide(again, block, side.now, logged._gather, logged.archive)

    assert block.rows()["kind"].tolist() == [EventKind.EXECUTION_RECALLED] * (4 - events)
    assert again.answers["code"].tolist() == [AnswerCode.DUPLICATE]


def test_an_order_for_which_there_is_no_room_waits() -> None:
    side = the_day_after()
    kernel = side.logged.kernel
    rows = [order(b"N%d" % n, order_id=(DAY_2, b"ACC-1", b"N%d" % n), trade_date=DAY_2) for n in range(300)]
    bound = kernel.tables.bounds["orders"][0]
    kernel.tables.bounds["orders"] = 10**6
    free = len(kernel.tables.orders) - 1 - 3
    side.logged.decide(rows_of([replace(one, qty=1) for one in rows[: free + 1]]), side.now)
    kernel.tables.bounds["orders"] = bound

    answers = side.logged.decide(rows_of([order(b"FILLED"), fill(b"STOP", b"L1", 1)]), side.now)

    assert [AnswerCode(code).name for code in answers["code"]] == ["LOW_SPACE", "LOW_SPACE"]
    assert side.logged.recalls == 0


def test_many_that_nobody_knows_are_looked_for_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    side = the_day_after()
    calls: list[str] = []

    def counted(name: str, called: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            calls.append(name)
            return called(*given)

        return call

    monkeypatch.setattr(side.logged.archive, "find", counted("find", side.logged.archive.find))
    monkeypatch.setattr(side.logged.kernel, "_recall", counted("stop", side.logged.kernel._recall))

    side.logged.decide(rows_of([order(b"NOBODY%d" % n) for n in range(20)]), side.now)

    assert (calls.count("find"), calls.count("stop")) == (20, 1)


def test_orders_of_today_are_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    side = the_day_after()
    for name in ("find", "owner_of"):
        monkeypatch.setattr(side.logged.archive, name, None)

    answers = side.logged.decide(rows_of([TODAY]), side.now)
    today = replace(report(b"TODAY", b"T1", ExecType.NEW), order_id=TODAY.order_id, trade_date=DAY_2)
    accepted = side.logged.decide(rows_of([today]), side.now)

    assert np.concatenate([answers, accepted])["code"].tolist() == [AnswerCode.ACCEPTED] * 2


def test_the_order_that_came_back_last_is_the_newest() -> None:
    side = the_day_after()
    side.logged.decide(rows_of([TODAY, order(b"STOP")]), side.now)
    tables = side.logged.kernel.tables

    found, slot = [], int(tables.firm["newest_order"][0])
    while slot:
        found.append(slot)
        slot = int(tables.orders["older"][slot])

    assert len(found) == len(set(found)) == int(tables.firm["orders"][0] - tables.firm["free_orders"][0])
    assert chr(tables.orders["ord_type"][found[0]]) == "3"
    assert isinstance(TODAY, SubmitOrder)
