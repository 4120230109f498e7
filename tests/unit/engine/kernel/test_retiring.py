"""Closed orders of a past trade date leave memory, with all that is theirs, live and folded; nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from engine.kernel.free_rows import give_order, take_order
from engine.kernel.index import find
from engine.kernel.jit import entry
from engine.kernel.kernel import Kernel
from engine.kernel.retired_rows import Keep, RetiredRows
from engine.kernel.tables import Tables
from engine.vocabulary import AnswerCode, EventKind
from tests.model.commands import (
    CancelOrder,
    Command,
    ExecutionReport,
    ReplaceOrder,
    StartTradingDay,
    SubmitOrder,
)
from tests.model.words import ExecType, OrdType, Side
from tests.properties.choices import DAY_1
from tests.properties.draws import Draws
from tests.properties.flow import numbers_of, open_trading, run_flow
from tests.properties.side_by_side import ROOMY, SideBySide
from tests.properties.states import state_of_kernel
from tests.properties.translation import engine_capacity, id_of, rows_of

DAY_2 = DAY_1 + 3
Kept = list[tuple[int, RetiredRows]]


def order(name: bytes, **terms: object) -> SubmitOrder:
    """A buy order that is right, but for what is given."""
    usual = SubmitOrder(
        order_id=(DAY_1, b"ACC-1", name),
        trade_date=DAY_1,
        account=1,
        instrument=1,
        strategy=1,
        cl_ord_id=name,
        side=Side.BUY,
        qty=10,
        price=100,
    )
    return replace(usual, **terms)  # type: ignore[arg-type]  # what a case is about


def report(name: bytes, exec_id: bytes, exec_type: ExecType, qty: int = 0, price: int = 0) -> ExecutionReport:
    """A report of the first day on an order of that day."""
    return ExecutionReport(
        order_id=(DAY_1, b"ACC-1", name),
        venue=1,
        trade_date=DAY_1,
        exec_id=exec_id,
        exec_type=exec_type,
        qty=qty,
        price=price,
    )


def fill(name: bytes, exec_id: bytes, qty: int) -> ExecutionReport:
    """A trade at the limit."""
    return report(name, exec_id, ExecType.TRADE, qty, 100)


REPLACE = ReplaceOrder(
    order_id=(DAY_1, b"ACC-1", b"FILLED"),
    account=1,
    instrument=1,
    strategy=1,
    cl_ord_id=b"FILLED-2",
    side=Side.BUY,
    qty=12,
    price=100,
    seq=2,
)
FIRST_DAY: list[Command] = [
    order(b"FILLED"),
    report(b"FILLED", b"E1", ExecType.NEW),
    REPLACE,
    report(b"FILLED", b"E2", ExecType.REPLACED),
    fill(b"FILLED", b"E3", 12),
    order(b"OPEN"),
    fill(b"OPEN", b"E4", 4),
    order(b"DENIED", price=101 * 10**6),
    order(b"STOP", ord_type=OrdType.STOP, price=0, stop_px=105),
    report(b"STOP", b"E5", ExecType.CANCELED),
    order(b"CANCELING"),
    report(b"CANCELING", b"E6", ExecType.NEW),
    CancelOrder(order_id=(DAY_1, b"ACC-1", b"CANCELING"), seq=2),
    order(b"FUTURE", instrument=3, price=100),
]
"""Four orders that are closed, one of them at another venue; one that works, one that is to be canceled."""
STAY = {b"OPEN", b"CANCELING"}


def first_day(venues: tuple[int, ...] = (1, 2)) -> SideBySide:
    """The first day's orders, and a new day at these venues."""
    side = SideBySide(ROOMY)
    draws = Draws(side)
    open_trading(draws)
    for command in FIRST_DAY:
        side.add(command)
    for venue in venues:
        side.add(StartTradingDay(request_id=draws.new_request(), venue=venue, trade_date=DAY_2))
    side.send()
    return side


def retire(side: SideBySide) -> Kept:
    """Take all closed orders out of the live kernel; gives what was kept of them."""
    kept: Kept = []
    retire_into(side, lambda *rows: kept.append(rows))
    return kept


def retire_into(side: SideBySide, keep: Keep) -> None:
    """Take all closed orders out of the live kernel, a slice at a time, each a block of the log."""
    logged = side.logged
    first = 1
    while first:
        first = logged.kernel.retire(logged.block, first, side.now, keep)
        logged.commit(side.now, 64)


def names_in(tables: Tables) -> set[bytes]:
    """Which of the first day's orders are in memory."""
    state = state_of_kernel(tables)["orders"]
    names = {command.cl_ord_id for command in FIRST_DAY if isinstance(command, SubmitOrder)}
    return {name for name in names if id_of((DAY_1, b"ACC-1", name)) in state}


def folded(side: SideBySide, kept: Kept | None = None) -> Kernel:
    """A kernel that folds the log."""
    return folded_into(side, None if kept is None else lambda *found: kept.append(found))


def folded_into(side: SideBySide, keep: Keep | None) -> Kernel:
    """A kernel that folds the log, and hands on what leaves memory."""
    kernel = Kernel(engine_capacity(ROOMY))
    for rows, now_ns in side.logged.blocks:
        kernel.fold(rows, now_ns, keep)
    return kernel


def test_what_is_closed_goes_with_its_reports_and_the_rest_stays() -> None:
    side = first_day()
    before = state_of_kernel(side.logged.kernel.tables)

    retire(side)

    tables = side.logged.kernel.tables
    after = state_of_kernel(tables)
    assert names_in(tables) == STAY
    assert len(after["executions"]) == 2
    assert after["replaced_ids"] == {}
    assert {name for name in before if before[name] != after[name]} <= {
        "orders",
        "executions",
        "replaced_ids",
        "next_offset",
    }
    assert tables.firm["terms"][0] == 1
    assert tables.firm["free_term"][0] == 1


def test_a_fold_of_the_log_takes_out_and_keeps_the_same_rows() -> None:
    side = first_day()
    kept_again: Kept = []
    kept = retire(side)

    kernel = folded(side, kept_again)

    assert kernel.digest() == side.logged.kernel.digest() == folded(side).digest()
    assert [(offset, rows.orders.tobytes(), rows.executions.tobytes()) for offset, rows in kept] == [
        (offset, rows.orders.tobytes(), rows.executions.tobytes()) for offset, rows in kept_again
    ]
    (offset, rows), *_ = kept
    assert side.logged.log["kind"][offset] == EventKind.ORDERS_RETIRED
    assert len(rows.orders) == 4
    assert sorted(rows.executions["exec_type"].tobytes().decode()) == sorted("05F4")


def test_rows_are_taken_again_before_the_table_grows() -> None:
    side = first_day()
    retire(side)
    used = int(side.logged.kernel.tables.firm["orders"][0])

    for number in range(4):
        name = b"D2-%d" % number
        command = order(name, order_id=(DAY_2, b"ACC-1", name), trade_date=DAY_2)
        side.logged.decide(rows_of([command]), side.now)
    side.logged.commit(side.now, 64)

    firm = side.logged.kernel.tables.firm[0]
    assert (int(firm["orders"]), int(firm["free_orders"])) == (used, 0)
    assert folded(side).digest() == side.logged.kernel.digest()


@pytest.mark.parametrize("seed", range(4))
def test_after_any_flow_exactly_the_closed_orders_go_and_all_others_are_found(seed: int) -> None:
    side = SideBySide(ROOMY)
    run_flow(side, numbers_of(seed, 400))
    draws = Draws(side)
    draws.requests = 10_000
    venues = {venue: row for venue, row in side.model.venues.rows.items() if row.trade_date}
    today = max(row.trade_date for row in venues.values())
    # Twice: what was replaced also waits until no venue has a day of its own any more.
    for trade_date in (today + 1, today + 2):
        for venue in venues:
            side.add(StartTradingDay(request_id=draws.new_request(), venue=venue, trade_date=trade_date))
    side.send()
    tables = side.logged.kernel.tables
    before = state_of_kernel(tables)
    open_orders = {
        id_of(key)
        for key, held in side.model.orders.items()
        if held.leaves_qty or held.replace or held.is_canceling or held.in_doubt or held.has_gap
    }
    dates = [side.model.venues.rows[row.venue].trade_date for row in side.model.instruments.rows.values()]
    ahead = tables.orders["report_date"] >= np.array([0, *dates])[tables.orders["instrument"]]
    orders = tables.orders[(tables.orders["is_corrected"] == 1) | ahead & (tables.orders["account"] != 0)]
    open_orders |= {int(row["key_hi"]) << 64 | int(row["key_lo"]) for row in orders}

    retire(side)

    after = state_of_kernel(tables)
    assert set(after["orders"]) == open_orders
    assert after["orders"] == {key: before["orders"][key] for key in open_orders}
    assert set(after["executions"]) == {
        key for key, (_, owner, *_) in before["executions"].items() if owner in open_orders or owner == 0
    }
    assert set(after["replaced_ids"].values()) <= open_orders
    assert all(slot_of(tables, key) for key in open_orders)
    assert not any(slot_of(tables, key) for key in before["orders"].keys() - open_orders)
    assert folded(side).digest() == side.logged.kernel.digest()


def slot_of(tables: Tables, key: int) -> int:
    """Where the index finds an order."""
    return int(look_up(tables, np.uint64(key >> 64), np.uint64(key & (2**64 - 1))))


@entry
def look_up(tables: Tables, hi: np.uint64, lo: np.uint64) -> int:
    """The slot of an order's id."""
    slot: int = find(tables.order_index, tables.orders, hi, lo)
    return slot


def test_a_replaced_order_waits_for_the_last_venue_that_has_its_day() -> None:
    """Its ClOrdIDs of that day are still taken there."""
    side = first_day(venues=(1,))
    retire(side)
    names = names_in(side.logged.kernel.tables)
    later(side, StartTradingDay(request_id=2**100, venue=2, trade_date=DAY_2))

    retire(side)

    assert names == STAY | {b"FILLED", b"FUTURE"}
    assert names_in(side.logged.kernel.tables) == STAY


def test_what_was_reported_since_the_day_began_stays_until_the_next() -> None:
    side = first_day()
    later(side, fill(b"DENIED", b"E7", 1))
    retire(side)
    names = names_in(side.logged.kernel.tables)
    later(side, StartTradingDay(request_id=2**100, venue=1, trade_date=DAY_2 + 1))

    retire(side)

    assert names == STAY | {b"DENIED"}
    assert names_in(side.logged.kernel.tables) == STAY


def test_an_order_stays_as_long_as_a_report_on_it_is_dated() -> None:
    side = first_day(venues=())
    later(side, replace(report(b"STOP", b"E8", ExecType.ORDER_STATUS), trade_date=DAY_2))
    names: list[set[bytes]] = []
    for day in (DAY_2, DAY_2 + 1):
        for venue in (2, 1):
            later(side, StartTradingDay(request_id=day * 8 + venue, venue=venue, trade_date=day))
        retire(side)
        names.append(names_in(side.logged.kernel.tables))

    assert names == [STAY | {b"STOP"}, STAY]


def test_what_may_not_be_so_stays() -> None:
    """A CumQty that is not the venue's: a report is missing."""
    side = first_day(venues=())
    later(
        side, replace(report(b"STOP", b"E8", ExecType.ORDER_STATUS), cum_qty=5, given=frozenset({"cum_qty"}))
    )
    later(side, StartTradingDay(request_id=2**100, venue=1, trade_date=DAY_2))

    retire(side)

    assert b"STOP" in names_in(side.logged.kernel.tables)


def later(side: SideBySide, command: Command) -> None:
    """Decide one more command, which the model is not told of: its log has no retirements."""
    answers = side.logged.decide(rows_of([command]), side.now)
    side.logged.commit(side.now, 64)
    assert answers["code"].tolist() == [AnswerCode.ACCEPTED]


def test_a_resend_of_what_stayed_is_still_a_duplicate() -> None:
    side = first_day()
    retire(side)

    answers = side.logged.decide(rows_of([order(b"OPEN")]), side.now)

    assert answers["code"].tolist() == [AnswerCode.DUPLICATE]


@entry
def give_and_take(tables: Tables, slots: np.ndarray) -> None:
    """Give rows back, then take as many, and one more, and write their slots."""
    for at in range(len(slots) - 1):
        give_order(tables, slots[at])
    for at in range(len(slots)):
        slots[at] = take_order(tables)


def test_the_row_that_was_given_back_last_is_taken_first() -> None:
    tables = first_day().logged.kernel.tables
    used = int(tables.firm["orders"][0])
    slots = np.array([2, 5, 3, 0])

    give_and_take(tables, slots)

    assert slots.tolist() == [3, 5, 2, used + 1]
