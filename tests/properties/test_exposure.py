"""What an account may have at stake, in numbers written by hand: who passes, who does not, who is halted.

Kernel and model are asked side by side; quantities are whole, and the mark is 100.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest

from engine.rows.lifecycle_events import HALT_EVENT
from engine.vocabulary import EventKind, TradingState
from tests.model.commands import (
    Command,
    ExecutionReport,
    LiftHalt,
    ReplaceOrder,
    SetExposureLimits,
    SetFx,
    SetMark,
    StartTradingDay,
    SubmitOrder,
)
from tests.model.words import Check, Code, ExecType, Reason, Scope, Side
from tests.properties.choices import DAY_1
from tests.properties.side_by_side import SideBySide
from tests.properties.test_checks import last, limits, numbered, opened

MONEY = 10**8
MOST = 2**62
LIMITS = SetExposureLimits(
    request_id=1 << 90,
    account=1,
    currency=b"USD",
    max_gross=MOST,
    max_net=MOST,
    max_credit=MOST,
    max_working_notional=MOST,
    max_loss=MOST,
)


def exposure(request: int = 0, **changes: Any) -> SetExposureLimits:
    """Limits of nothing but what is given, money in whole units."""
    values = {name: v * MONEY if name.startswith("max_") else v for name, v in changes.items()}
    return replace(LIMITS, request_id=LIMITS.request_id + request, **values)


def order(n: int, qty: int, price: int = 100, side: str = Side.BUY, **terms: Any) -> SubmitOrder:
    return replace(numbered(n), qty=qty, price=price, side=side, **terms)


def future(n: int, qty: int, price: int = 100) -> SubmitOrder:
    """An order in the instrument that trades in euros."""
    return order(n, qty, price, instrument=3)


def filled(command: SubmitOrder, price: int = 100) -> ExecutionReport:
    return ExecutionReport(
        order_id=command.order_id,
        venue=1,
        trade_date=DAY_1,
        exec_id=b"F" + command.cl_ord_id,
        exec_type=ExecType.TRADE,
        qty=command.qty,
        price=price,
    )


def marked(at: int, price: int, instrument: int = 1) -> SetMark:
    return SetMark(request_id=at + 1 << 80, instrument=instrument, price=price)


def rich(*settings: Any) -> SideBySide:
    """Trading with wide limits on orders, and these settings."""
    return opened(
        [limits(max_order_qty=10**6, max_long_qty=10**6, max_short_qty=10**6, burst=1000), *settings]
    )


class Case(NamedTuple):
    """What comes before, the order, and what is said of it; money in whole units."""

    limits: dict[str, Any]
    before: list[Command]
    order: Command
    check: Check = Check.NONE
    reason: Reason = Reason.NONE
    limit: int = 0
    observed: int = 0


BOUGHT, OFFERED = order(0, 10), order(1, 10, 105, Side.SELL)
HELD: list[Command] = [BOUGHT, filled(BOUGHT, 99)]
GROSS, NET, CREDIT, WORKING = Check.GROSS, Check.NET, Check.CREDIT, Check.WORKING_NOTIONAL
CASES = {
    "what works, at the limit": Case({"max_working_notional": 2000}, [BOUGHT], order(2, 10)),
    "what works, past it": Case(
        {"max_working_notional": 1999}, [BOUGHT], order(2, 10), WORKING, Reason.WORKING_NOTIONAL, 1999, 2000
    ),
    "what works counts at its price": Case(
        {"max_working_notional": 2000},
        [BOUGHT],
        order(2, 10, 101),
        WORKING,
        Reason.WORKING_NOTIONAL,
        2000,
        2010,
    ),
    "gross is the worse of both sides": Case({"max_gross": 1000}, [BOUGHT], order(2, 10, 105, Side.SELL)),
    "gross, past it": Case(
        {"max_gross": 1500}, [BOUGHT, OFFERED], order(2, 6), GROSS, Reason.GROSS_EXPOSURE, 1500, 1600
    ),
    "gross counts what is held": Case(
        {"max_gross": 1500}, HELD, order(2, 6), GROSS, Reason.GROSS_EXPOSURE, 1500, 1600
    ),
    "gross counts at the mark": Case({"max_gross": 1500}, HELD, order(2, 5, 105)),
    "net, bought": Case(
        {"max_net": 1500}, [BOUGHT, OFFERED], order(2, 6), NET, Reason.NET_EXPOSURE, 1500, 1600
    ),
    "net, sold": Case(
        {"max_net": 1500},
        [BOUGHT, OFFERED],
        order(2, 6, 105, Side.SELL),
        NET,
        Reason.NET_EXPOSURE,
        1500,
        1600,
    ),
    "net, at the limit": Case({"max_net": 1600}, [BOUGHT, OFFERED], order(2, 6)),
    "credit is cost and what works": Case(
        {"max_credit": 1589}, HELD, order(2, 6), CREDIT, Reason.CREDIT_EXCEEDED, 1589, 1590
    ),
    "credit, at the limit": Case({"max_credit": 1590}, HELD, order(2, 6)),
    "euros in dollars": Case(
        {"max_gross": 1099}, [marked(1, 100, 3)], future(2, 10), GROSS, Reason.GROSS_EXPOSURE, 1099, 1100
    ),
    "euros in dollars, at the limit": Case({"max_gross": 1100}, [marked(1, 100, 3)], future(2, 10)),
    "dollars in euros, by the inverse": Case(
        {"currency": b"EUR", "max_credit": 909},
        [],
        order(2, 11),
        CREDIT,
        Reason.CREDIT_EXCEEDED,
        909,
        1000,
    ),
    "no rate": Case(
        {"currency": b"JPY", "max_net": 7}, [], order(2, 1), WORKING, Reason.FX_NOT_AVAILABLE, MOST // MONEY
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_an_order_is_measured_by_all_that_its_account_has(case: Case) -> None:
    side = rich(exposure(**case.limits))
    for command in case.before:
        assert last(side, command).code == Code.ACCEPTED

    answer = last(side, case.order)

    assert (answer.check, answer.reason) == (case.check, case.reason)
    assert (answer.limit // MONEY, answer.observed // MONEY) == (case.limit, case.observed)
    if case.check == Check.NONE:
        assert answer.code == Code.ACCEPTED


def test_what_only_closes_passes_every_limit() -> None:
    side = rich()
    for command in HELD:
        last(side, command)
    last(side, exposure(max_gross=0, max_net=0, max_credit=0, max_working_notional=0))

    flipped = last(side, order(2, 11, 105, Side.SELL))
    closed = last(side, order(3, 10, 105, Side.SELL))

    assert flipped.violations == {WORKING, NET, CREDIT}
    assert closed.code == Code.ACCEPTED


def test_a_replace_adds_what_it_asks_for_on_top_and_what_it_gives_up_stays_until_the_venue_says_so() -> None:
    side = rich(exposure(max_working_notional=1000))
    last(side, BOUGHT)
    last(side, replace(filled(BOUGHT), exec_type=ExecType.NEW, qty=0, price=0))
    wanted = ReplaceOrder(
        order_id=BOUGHT.order_id,
        account=1,
        instrument=1,
        strategy=1,
        cl_ord_id=b"R1",
        side=Side.BUY,
        qty=10,
        price=101,
        seq=2,
    )

    dearer = last(side, wanted)
    cheaper = last(side, replace(wanted, price=99, cl_ord_id=b"R2", seq=3))
    another = last(side, order(2, 1))

    assert (dearer.reason, dearer.observed) == (Reason.WORKING_NOTIONAL, 1010 * MONEY)
    assert cheaper.code == Code.ACCEPTED
    assert (another.reason, another.observed) == (Reason.WORKING_NOTIONAL, 1100 * MONEY)


def test_an_old_rate_is_none_and_a_new_one_is_asked() -> None:
    side = rich(exposure(max_gross=5000, fx_age_s=10), marked(0, 100, 3))
    side.now += 11 * 10**9
    refused = last(side, future(1, 10))
    last(side, SetFx(request_id=7, currency=b"EUR", settl_currency=b"USD", numerator=5, denominator=1))

    assert (refused.reason, refused.observed) == (Reason.FX_NOT_AVAILABLE, 0)
    assert last(side, future(2, 10)).code == Code.ACCEPTED


def test_limits_in_two_currencies_hold_side_by_side() -> None:
    side = rich(exposure(max_gross=1000), exposure(1, currency=b"EUR", max_gross=900))

    assert last(side, order(1, 11)).limit == 900 * MONEY
    assert last(side, order(2, 9)).code == Code.ACCEPTED


def test_an_order_near_a_limit_is_accepted_with_a_warning() -> None:
    side = rich(exposure(max_gross=1000, max_credit=2000, soft_percent=60))

    assert last(side, order(1, 6)).warnings == frozenset()
    assert last(side, order(2, 1)).warnings == {Check.GROSS}


def test_what_is_held_without_a_mark_is_not_taken_for_nothing() -> None:
    side = rich(exposure(max_gross=10**6))
    denied = future(1, 10)
    assert last(side, denied).reason == Reason.MARK_NOT_AVAILABLE
    last(side, replace(filled(denied), venue=2))

    answer = last(side, order(2, 1))

    assert (answer.check, answer.reason, answer.limit) == (
        Check.GROSS,
        Reason.MARK_NOT_AVAILABLE,
        10**6 * MONEY,
    )
    last(side, marked(1, 100, 3))
    assert last(side, order(3, 1)).code == Code.ACCEPTED


def test_sums_are_exact_where_no_int64_holds_them_and_a_limit_holds_where_nobody_can_sum() -> None:
    """The largest price and quantity of one fill are money of 90 bits; twenty of them pass 94."""
    side = rich(exposure(max_credit=MOST // MONEY))
    most = order(1, 10**12, 10**15, instrument=2)
    assert last(side, most).code == Code.REJECTED
    fill = replace(filled(most, 10**15), qty=10**12)
    for n in range(19):
        assert last(side, replace(fill, exec_id=b"M%d" % n)).code == Code.ACCEPTED
    assert halts(side)["observed"].tolist() == [2**63 - 1]
    lifted = LiftHalt(request_id=9, scope=Scope.ACCOUNT, account=1, text=b"looked at it")
    last(side, lifted)
    summed = last(side, order(2, 1))
    last(side, replace(fill, exec_id=b"M20"))
    last(side, replace(fill, exec_id=b"M21"))
    unsummed = last(side, order(3, 1))

    for answer in (summed, unsummed):
        assert (answer.check, answer.reason) == (Check.CREDIT, Reason.CREDIT_EXCEEDED)
        assert (answer.limit, answer.observed) == (MOST // MONEY * MONEY, 2**63 - 1)
    assert summed.violations == {Check.CREDIT, Check.LOSS}
    assert unsummed.violations == {Check.CREDIT, Check.LOSS}


# ---- losses


def test_a_loss_past_its_limit_halts_its_account_until_somebody_lifts_it() -> None:
    side = rich(exposure(max_loss=49))
    last(side, BOUGHT)
    last(side, filled(BOUGHT))

    last(side, marked(1, 96))
    assert last(side, order(1, 1)).code == Code.ACCEPTED
    mark = last(side, marked(2, 95))
    refused = last(side, order(2, 1))
    assert (refused.reason, set(refused.violations)) == (
        Reason.TRADING_REDUCING,
        {Check.TRADING_STATE, Check.LOSS},
    )
    assert last(side, order(3, 9, 95, Side.SELL)).code == Code.ACCEPTED

    (halt,) = halts(side)
    assert (halt["causation"], halt["limit"], halt["observed"]) == (mark.offset, 49 * MONEY, 50 * MONEY)
    assert (halt["account"], halt["currency"], halt["trading_state"]) == (1, b"USD", TradingState.REDUCING)

    last(side, LiftHalt(request_id=9, scope=Scope.ACCOUNT, account=1, text=b"looked at it"))
    still = last(side, order(4, 1))
    assert (still.reason, still.limit, still.observed) == (Reason.LOSS_LIMIT, 49 * MONEY, 50 * MONEY)
    last(side, marked(3, 94))
    assert len(halts(side)) == 1

    last(side, marked(4, 97))
    assert last(side, order(5, 1)).code == Code.ACCEPTED
    last(side, marked(5, 90))
    assert len(halts(side)) == 2


def test_a_trade_and_its_bust_are_watched_too() -> None:
    side = rich(exposure(max_loss=49))
    last(side, BOUGHT)
    trade = filled(BOUGHT, 105)

    last(side, trade)
    assert len(halts(side)) == 1
    last(
        side,
        replace(trade, exec_id=b"B", exec_type=ExecType.TRADE_CANCEL, exec_ref=(1, DAY_1, trade.exec_id)),
    )

    lifted = LiftHalt(request_id=9, scope=Scope.ACCOUNT, account=1, text=b"busted")
    last(side, lifted)
    assert last(side, order(1, 1)).code == Code.ACCEPTED


def test_a_claimed_trade_is_watched_too() -> None:
    side = rich(exposure(max_loss=49))
    last(side, filled(BOUGHT, 105))
    assert halts(side).size == 0

    last(side, BOUGHT)

    assert halts(side)["observed"].tolist() == [50 * MONEY]


def test_a_rate_can_take_a_loss_too_far() -> None:
    side = rich(exposure(max_loss=120), marked(0, 100, 3))
    bought = future(1, 10)
    last(side, bought)
    last(side, replace(filled(bought), venue=2))
    last(side, marked(1, 90, 3))
    assert halts(side).size == 0

    rate = last(
        side, SetFx(request_id=7, currency=b"EUR", settl_currency=b"USD", numerator=13, denominator=10)
    )

    (halt,) = halts(side)
    assert (halt["causation"], halt["observed"]) == (rate.offset, 130 * MONEY)


def test_one_mark_halts_every_account_that_it_takes_too_far_in_blocks_of_any_size() -> None:
    side = rich(exposure(max_loss=0), replace(exposure(1, max_loss=0), account=2))
    for account in (1, 2):
        name = b"ACC-%d" % account
        bought = replace(
            BOUGHT, account=account, strategy=account, order_id=(DAY_1, name, b"A"), cl_ord_id=b"A"
        )
        last(side, bought)
        last(side, replace(filled(bought), exec_id=name))

    side.add(marked(1, 99))
    side.add(order(1, 1))
    _, refused = side.send(rows_max=1)

    assert sorted(halts(side)["account"]) == [1, 2]
    assert refused.reason == Reason.TRADING_REDUCING


def test_the_day_begins_anew_with_the_first_venue_that_starts_a_later_date() -> None:
    side = rich(exposure(max_loss=49))
    last(side, BOUGHT)
    last(side, filled(BOUGHT))
    last(side, marked(1, 96))

    last(side, StartTradingDay(request_id=11, venue=2, trade_date=DAY_1 + 1))
    last(side, marked(2, 92))
    assert halts(side).size == 0
    last(side, StartTradingDay(request_id=12, venue=1, trade_date=DAY_1 + 1))
    last(side, marked(3, 91))

    assert halts(side).size == 1


def test_limits_that_are_set_below_a_loss_of_today_count_from_then_on() -> None:
    side = rich()
    last(side, BOUGHT)
    last(side, filled(BOUGHT, 150))

    last(side, exposure(max_loss=0))
    assert halts(side).size == 0
    last(side, marked(1, 99))

    assert halts(side).size == 1


def halts(side: SideBySide) -> np.ndarray:
    """Every halt in the log."""
    log = side.logged.log
    rows: np.ndarray = log[log["kind"] == EventKind.HALT_LATCHED].view(HALT_EVENT)
    return rows


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"account": 9}, Reason.UNKNOWN_ACCOUNT),
        ({"currency": b""}, Reason.BAD_NAME),
        ({"max_gross": -1}, Reason.BAD_LIMIT),
        ({"max_loss": MOST + 1}, Reason.BAD_LIMIT),
        ({"soft_percent": 101}, Reason.BAD_LIMIT),
    ],
)
def test_limits_that_make_no_sense_are_malformed(change: dict[str, Any], reason: Reason) -> None:
    side = rich()

    answer = last(side, replace(LIMITS, **change))

    assert (answer.code, answer.reason) == (Code.INVALID, reason)
