"""Reports that come before their order are held, and claimed in the order in which they came."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.kernel.tables import Tables
from engine.rows.commands import command_rows
from engine.vocabulary import AnswerCode, EventKind, Lane, Reason
from tests.model.commands import CancelReject, Command, ExecutionReport, StartTradingDay
from tests.model.reference_data import Capacity
from tests.model.words import ExecType, Status
from tests.properties.choices import DAY_1
from tests.properties.draws import Draws
from tests.properties.first_order import FIRST_ORDER
from tests.properties.flow import open_trading
from tests.properties.logged_kernel import LoggedKernel
from tests.properties.reached import check_log
from tests.properties.side_by_side import ROOMY, SideBySide

DENIED = replace(FIRST_ORDER, price=999)
SHORT = {
    EventKind.ORPHAN_REPORTED: "orphan",
    EventKind.ORDER_SUBMITTED: "submitted",
    EventKind.ORDER_DENIED: "denied",
    EventKind.ORDER_ACCEPTED: "accepted",
    EventKind.TRADE_EXECUTED: "trade",
    EventKind.TRADE_BUSTED: "bust",
    EventKind.TRADE_CORRECTED: "correct",
    EventKind.CANCEL_REJECTED: "no cancel",
    EventKind.POSITION_RESTATED: "restated",
    EventKind.OVERFILL_DETECTED: "overfill",
    EventKind.CUM_QTY_GAP_DETECTED: "gap",
    EventKind.CUM_QTY_GAP_CLOSED: "closed",
    EventKind.TRADING_DAY_STARTED: "day",
    EventKind.CONFLICT_DETECTED: "conflict",
}
OF_LANE = {Lane.VENUE: "", Lane.ENGINE: "*", Lane.OWNER: "", Lane.OPERATOR: ""}


def report(number: int, exec_type: ExecType = ExecType.TRADE, **said: Any) -> ExecutionReport:
    """A report on the first order, `number` seconds after the epoch; a trade of 4 at 100 if nothing else."""
    numbers = {"qty": 4, "price": 100} if exec_type == ExecType.TRADE else {}
    return ExecutionReport(
        order_id=FIRST_ORDER.order_id,
        trade_date=DAY_1,
        exec_id=b"E%d" % number,
        exec_type=exec_type,
        ts_event=number * 10**9,
        **{"venue": 1, **numbers, **said},
    )


def bust(number: int, of: int) -> ExecutionReport:
    """A bust of an earlier or later report."""
    return report(number, ExecType.TRADE_CANCEL, exec_ref=(1, DAY_1, b"E%d" % of))


def side_with(*commands: Command, capacity: Capacity = ROOMY, rows_max: int = 64) -> SideBySide:
    """Kernel and model after these commands, in one frame."""
    side = SideBySide(capacity)
    open_trading(Draws(side))
    for command in commands:
        side.add(command)
    side.send(rows_max)
    check_log(side)
    return side


def events_of(side: SideBySide) -> list[str]:
    """The events behind the opening; those that the engine wrote by itself have a star."""
    first = min(frame.answers["offset"][0] for frame in side.sent[1:])
    return [SHORT[EventKind(row["kind"])] + OF_LANE[Lane(row["lane"])] for row in side.logged.log[first:]]


def tables_of(side: SideBySide) -> Tables:
    return side.logged.kernel.tables


NEW = report(1, ExecType.NEW)
NO_CANCEL = CancelReject(
    order_id=FIRST_ORDER.order_id, venue=1, trade_date=DAY_1, cl_ord_id=b"X", response_to="1"
)


@pytest.mark.parametrize(
    ("commands", "events"),
    [
        ([NEW, report(2), FIRST_ORDER], ["orphan", "orphan", "submitted", "accepted*", "trade*"]),
        ([report(2), NEW, FIRST_ORDER], ["orphan", "orphan", "submitted", "trade*", "accepted*"]),
        ([NO_CANCEL, FIRST_ORDER], ["orphan", "submitted", "no cancel*"]),
        ([report(2), DENIED], ["orphan", "denied", "trade*"]),
        (
            [report(2), bust(3, of=2), FIRST_ORDER],
            ["orphan", "bust", "submitted", "trade*", "bust*"],
        ),
        (
            [bust(3, of=2), FIRST_ORDER, report(2)],
            ["bust", "submitted", "bust*", "trade"],
        ),
        (
            [report(3, qty=6), report(2), FIRST_ORDER],
            ["orphan", "orphan", "submitted", "trade*", "trade*", "restated*"],
        ),
        (
            [report(2, qty=12), report(3), FIRST_ORDER],
            ["orphan", "orphan", "submitted", "trade*", "overfill*", "trade*"],
        ),
        (
            [
                report(3, cum_qty=8, given=frozenset({"cum_qty"})),
                report(2, cum_qty=4, given=frozenset({"cum_qty"})),
                FIRST_ORDER,
            ],
            ["orphan", "orphan", "submitted", "trade*", "gap*", "trade*", "restated*", "closed*"],
        ),
        ([report(2, venue=2), FIRST_ORDER], ["orphan", "submitted", "orphan*"]),
        ([report(2, instrument=2), FIRST_ORDER], ["orphan", "submitted", "orphan*"]),
        ([report(2, instrument=9), FIRST_ORDER], ["orphan", "submitted"]),
        ([FIRST_ORDER, report(2, venue=2)], ["submitted", "orphan"]),
    ],
)
@pytest.mark.parametrize("rows_max", [64, 1])
def test_each_report_becomes_the_event_that_it_is_now(
    commands: list[Command], events: list[str], rows_max: int
) -> None:
    side = side_with(*commands, rows_max=rows_max)

    assert events_of(side) == events
    assert side.model.held.get(FIRST_ORDER.order_id, []) == []


def test_a_claim_names_the_event_that_kept_the_report_and_follows_its_order() -> None:
    side = side_with(NEW, report(2), FIRST_ORDER)
    new, trade, submitted, accepted, traded = side.logged.log[-5:]
    first = len(side.logged.log) - 5

    assert [row["causation"] for row in (accepted, traded)] == [first, first + 1]
    assert [row["prev_offset"] for row in (submitted, accepted, traded)] == [-1, first + 2, first + 3]
    assert [row["version"] for row in (submitted, accepted, traded)] == [1, 2, 3]
    for kept, claimed in ((new, accepted), (trade, traded)):
        for name in ("fingerprint", "ts_event", "correlation_hi", "correlation_lo", "principal"):
            assert kept[name] == claimed[name], name
    assert (traded["account"], traded["strategy"], traded["seq"]) == (1, 1, 0)


def test_a_report_that_was_claimed_is_still_known_by_its_first_answer() -> None:
    trade = report(2)
    side = side_with(trade, trade, FIRST_ORDER, trade, replace(trade, qty=5))
    first, second, _, third, conflict = side.sent[-1].answers

    codes = [AnswerCode(row["code"]) for row in (first, second, third, conflict)]
    assert codes == [
        AnswerCode.REJECTED,
        AnswerCode.DUPLICATE,
        AnswerCode.DUPLICATE,
        AnswerCode.CONFLICT,
    ]
    assert second["offset"] == third["offset"] == first["offset"]
    assert events_of(side) == ["orphan", "submitted", "trade*", "conflict"]
    assert side.logged.log[conflict["offset"]]["order_id_lo"] == tables_of(side).orders[1]["key_lo"]


def test_what_a_denied_order_was_filled_counts() -> None:
    side = side_with(report(2), DENIED)
    order, position = tables_of(side).orders[1], tables_of(side).positions[1]

    assert (order["cum_qty"], position["qty"]) == (4, 4)
    assert side.model.orders[DENIED.order_id].status == Status.PARTIALLY_FILLED
    assert side.logged.log[-1]["reason"] == Reason.WRONG_LIFE


def test_a_trade_that_was_busted_before_it_was_claimed_counts_for_nothing() -> None:
    side = side_with(report(2), bust(3, of=2), FIRST_ORDER)

    assert tables_of(side).orders[1]["cum_qty"] == tables_of(side).positions[1]["qty"] == 0
    assert [int(row["reason"]) for row in side.logged.log[-2:]] == [Reason.CORRECTION_AWAITED, Reason.NONE]


def test_fees_of_what_came_before_the_order_are_charged_once() -> None:
    charged = report(2, commission=70, commission_currency=b"USD")
    refunded = replace(bust(3, of=2), commission=-50, commission_currency=b"USD")

    side = side_with(refunded, charged, FIRST_ORDER, charged, refunded)

    assert side.model.fees.paid == {(1, 1, 1, b"USD"): 20}


def test_a_full_table_says_so_and_the_report_is_kept_unclaimed() -> None:
    side = side_with(report(2), report(3), bust(4, of=2), FIRST_ORDER, capacity=replace(ROOMY, orphans=1))

    assert [int(row["reason"]) for row in side.sent[-1].answers[:3]] == [
        Reason.UNKNOWN_ORDER,
        Reason.TABLE_FULL,
        Reason.TABLE_FULL,
    ]
    assert events_of(side) == ["orphan", "orphan", "bust", "submitted", "trade*"]
    assert tables_of(side).orders[1]["cum_qty"] == 0


def test_rows_of_what_was_claimed_are_used_again() -> None:
    other = replace(FIRST_ORDER, order_id=(DAY_1, b"ACC-1", b"B"), cl_ord_id=b"B")
    early = [replace(report(number), order_id=other.order_id) for number in (5, 6)]

    side = side_with(report(2), report(3), FIRST_ORDER, *early, other, capacity=replace(ROOMY, orphans=2))

    firm = tables_of(side).firm[0]
    assert (firm["orphans"], firm["free_orphans"]) == (2, 2)
    assert events_of(side)[-5:] == ["orphan", "orphan", "submitted", "trade*", "trade*"]


@pytest.mark.parametrize(("venue", "held"), [(1, 1), (2, 1)])
def test_a_calendar_lets_go_of_what_it_has_passed(venue: int, held: int) -> None:
    day = StartTradingDay(request_id=99 << 32, venue=venue, trade_date=DAY_1 + 1)
    side = side_with(report(2), report(3, venue=2), report(4), day)

    left = {key: [one.venue for one in reports] for key, reports in side.model.held.items()}
    assert left == {FIRST_ORDER.order_id: [2] if venue == 1 else [1, 1]}
    assert tables_of(side).firm[0]["free_orphans"] == 3 - len(left[FIRST_ORDER.order_id])


def test_a_report_on_an_order_of_a_past_trade_date_is_not_held() -> None:
    late = replace(report(2), order_id=(DAY_1 - 1, b"ACC-1", b"A"))

    side = side_with(late, replace(report(3), order_id=5))

    assert side.sent[-1].answers["reason"].tolist() == [Reason.UNKNOWN_ORDER] * 2
    assert tables_of(side).firm[0]["orphans"] == 0


def test_a_fee_in_a_currency_for_which_there_is_no_row_lets_its_report_go() -> None:
    """One position has room for fees in two currencies, and its books for any report."""
    early = [
        report(number, qty=1, commission=7, commission_currency=currency)
        for number, currency in enumerate([b"USD", b"EUR", b"GBP", b"USD"], 2)
    ]

    side = side_with(*early, FIRST_ORDER, capacity=replace(ROOMY, positions=1, refuse_percent=100))

    assert events_of(side)[-5:] == ["submitted", "trade*", "trade*", "orphan*", "trade*"]
    assert [int(row["reason"]) for row in side.logged.log[-4:]] == [0, 0, Reason.TABLE_FULL, 0]
    assert side.folded.digest() == side.logged.kernel.digest()


COMMANDS = [report(3, qty=6), report(2), bust(5, of=2), report(4), FIRST_ORDER]


@pytest.mark.parametrize("events", range(4, 11))
def test_what_a_dead_partition_had_not_claimed_its_successor_claims_first(events: int) -> None:
    whole = side_with(*COMMANDS)
    first = len(whole.logged.log) - 10
    frame = whole.sent[-1]
    logged = LoggedKernel(ROOMY)
    logged.log = whole.logged.log[: first + events].copy()
    logged.kernel.fold(logged.log, whole.now)

    logged.decide(command_rows(0), whole.now)
    logged.decide(frame.commands.copy(), whole.now)
    logged.commit(whole.now, 1)

    assert events_of(whole)[5:] == ["trade*", "trade*", "restated*", "bust*", "trade*"]
    assert logged.log.tobytes() == whole.logged.log.tobytes()
    assert logged.kernel.digest() == whole.logged.kernel.digest()


def test_a_log_of_before_holds_nothing() -> None:
    """Its orphans were never claimed, and no event of it says that they were."""
    side = side_with(report(2))
    log = side.logged.log.copy()
    log["schema"][log["kind"] == EventKind.ORPHAN_REPORTED] = 1
    logged = LoggedKernel(ROOMY)

    logged.kernel.fold(log, side.now)

    assert logged.kernel.tables.firm[0]["orphans"] == 0
    assert np.count_nonzero(logged.kernel.tables.orphan_index) == 0


def test_an_answer_of_the_order_itself_is_that_of_its_own_event() -> None:
    side = side_with(report(2), FIRST_ORDER)
    answer = side.sent[-1].answers[1]

    assert (answer["code"], answer["version"], answer["cum_qty"]) == (AnswerCode.ACCEPTED, 1, 0)
    assert tables_of(side).orders[1]["cum_qty"] == 4
