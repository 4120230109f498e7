"""How far a day's profit may fall from its highest, in numbers written by hand: who is halted, and how often.

An account has bought 10 at 100, so that a mark of 95 is a loss of 50. Kernel and model are asked side by
side.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest

from engine.kernel.kernel import Kernel
from engine.rows.lifecycle_events import DRAWDOWN_LIMITS_EVENT
from engine.rows.schema import event_dtype
from engine.vocabulary import Check as EngineCheck
from engine.vocabulary import EventKind
from engine.vocabulary import Reason as EngineReason
from tests.model.commands import LiftHalt, SetExposureLimits, SetFx, StartTradingDay
from tests.model.words import Check, Code, Reason, Scope, Side
from tests.properties.choices import DAY_1
from tests.properties.side_by_side import ROOMY, SideBySide
from tests.properties.test_checks import last
from tests.properties.test_exposure import (
    BOUGHT,
    LIMITS,
    MONEY,
    MOST,
    exposure,
    filled,
    future,
    halts,
    marked,
    order,
    rich,
)
from tests.properties.translation import engine_capacity

LIFTED = LiftHalt(request_id=9, scope=Scope.ACCOUNT, account=1, text=b"looked at it")
BOTH = [(EngineReason.LOSS_LIMIT, EngineCheck.LOSS), (EngineReason.DRAWDOWN_LIMIT, EngineCheck.DRAWDOWN)]


def limited(request: int = 0, **changes: Any) -> SetExposureLimits:
    """Limits of nothing but what is given, money in whole units; on drawdown where it is given."""
    return exposure(request, has_max_drawdown="max_drawdown" in changes, **changes)


def holding(*settings: Any) -> SideBySide:
    """An account that has bought 10 at 100, with these settings."""
    side = rich(*settings)
    last(side, BOUGHT)
    last(side, filled(BOUGHT))
    return side


class Case(NamedTuple):
    """Limits, the marks of a day, what each halt observed, and whether orders are refused at last."""

    limits: dict[str, Any]
    marks: list[int]
    observed: list[int]
    is_refused: bool = False


CASES = {
    "it counts from the start of the day": Case({"max_drawdown": 49}, [95], [50], is_refused=True),
    "at the limit": Case({"max_drawdown": 50}, [95], []),
    "it counts from the highest": Case({"max_drawdown": 49}, [104, 99], [50], is_refused=True),
    "a gain that melts is no loss and is halted": Case({"max_drawdown": 49}, [110, 105], [50], True),
    "the highest moves up, never down": Case({"max_drawdown": 49}, [105, 102, 106, 104], []),
    "a small fall after a larger one": Case({"max_drawdown": 49}, [110, 107, 108, 106], []),
    "it is halted once": Case({"max_drawdown": 49}, [95, 94, 93], [50], is_refused=True),
    "again when it was within": Case({"max_drawdown": 49}, [95, 97, 94], [50, 60], is_refused=True),
    "back within the limit": Case({"max_drawdown": 49}, [95, 96], [50]),
    "0 allows nothing": Case({"max_drawdown": 0}, [99], [10], is_refused=True),
    "without a limit": Case({}, [110, 93], []),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_fall_past_its_limit_halts_its_account(case: Case) -> None:
    side = holding(limited(**case.limits))

    for at, price in enumerate(case.marks):
        last(side, marked(at, price))
    rows = halts(side)
    last(side, LIFTED)
    answer = last(side, order(1, 1))

    assert rows["observed"].tolist() == [observed * MONEY for observed in case.observed]
    for row in rows:
        assert (row["reason"], row["check"]) == BOTH[1]
        assert (row["account"], row["limit"]) == (1, case.limits["max_drawdown"] * MONEY)
    assert answer.violations == ({Check.DRAWDOWN} if case.is_refused else frozenset())


def test_what_increases_is_refused_until_profit_is_back_lifted_or_not() -> None:
    side = holding(limited(max_drawdown=49))
    last(side, marked(0, 110))
    last(side, marked(1, 104))

    assert last(side, order(1, 1)).reason == Reason.TRADING_REDUCING
    last(side, LIFTED)
    refused = last(side, order(2, 1))
    closing = last(side, order(3, 10, 104, Side.SELL))
    last(side, marked(2, 106))

    assert (refused.check, refused.reason) == (Check.DRAWDOWN, Reason.DRAWDOWN_LIMIT)
    assert (refused.limit, refused.observed) == (49 * MONEY, 60 * MONEY)
    assert closing.code == Code.ACCEPTED
    assert last(side, order(4, 1)).code == Code.ACCEPTED


def test_loss_and_drawdown_that_are_passed_at_once_are_two_halts_in_blocks_of_any_size() -> None:
    side = holding(limited(max_loss=49, max_drawdown=49))

    side.add(marked(0, 95))
    side.add(order(1, 1))
    mark, refused = side.send(rows_max=1)

    rows = halts(side)
    assert [(row["reason"], row["check"]) for row in rows] == BOTH
    assert rows["causation"].tolist() == [mark.offset] * 2
    assert rows["observed"].tolist() == [50 * MONEY] * 2
    assert refused.violations == {Check.TRADING_STATE, Check.LOSS, Check.DRAWDOWN}
    last(side, LIFTED)
    assert last(side, order(2, 1)).violations == {Check.LOSS, Check.DRAWDOWN}


def test_the_highest_of_a_day_is_forgotten_on_the_next() -> None:
    side = holding(limited(max_drawdown=49))
    last(side, marked(0, 110))

    last(side, StartTradingDay(request_id=11, venue=2, trade_date=DAY_1 + 1))
    last(side, marked(1, 106))
    assert halts(side).size == 0
    last(side, marked(2, 105))

    assert halts(side)["observed"].tolist() == [50 * MONEY]


def test_a_profit_that_nobody_knows_is_not_the_highest() -> None:
    """While the mark stands at 110 the rate is too old to say what the gain is in dollars."""
    side = rich(limited(max_drawdown=49, fx_age_s=10), marked(0, 100, 3))
    bought = future(1, 10)
    last(side, bought)
    last(side, replace(filled(bought), venue=2))

    side.now += 11 * 10**9
    last(side, marked(1, 110, 3))
    unknown = last(side, order(2, 1))
    last(side, marked(2, 100, 3))
    last(side, SetFx(request_id=7, currency=b"EUR", settl_currency=b"USD", numerator=11, denominator=10))
    last(side, marked(3, 96, 3))

    assert (Check.DRAWDOWN in unknown.violations, unknown.reason) == (True, Reason.FX_NOT_AVAILABLE)
    assert halts(side).size == 0
    last(side, marked(4, 95, 3))
    assert halts(side)["observed"].tolist() == [55 * MONEY]


def test_a_limit_that_is_set_later_knows_the_days_highest_and_one_that_is_gone_stops_nobody() -> None:
    side = holding(limited())
    last(side, marked(0, 110))
    last(side, marked(1, 105))

    late = last(side, limited(1, max_drawdown=49))
    (halt,) = halts(side)
    last(side, LIFTED)
    assert last(side, order(1, 1)).reason == Reason.DRAWDOWN_LIMIT
    last(side, limited(2))
    assert last(side, order(2, 1)).code == Code.ACCEPTED
    last(side, limited(3, max_drawdown=49))

    assert (halt["causation"], halt["observed"]) == (late.offset, 50 * MONEY)
    assert halts(side).size == 2


def test_limits_in_two_currencies_each_have_their_own_highest() -> None:
    """A gain of 110 USD is 100 EUR at 1.1; at 2.2 it is 50 EUR, and nothing has been lost in dollars."""
    side = holding(limited(max_drawdown=49), limited(1, currency=b"EUR", max_drawdown=49))
    last(side, marked(0, 111))

    last(side, SetFx(request_id=7, currency=b"EUR", settl_currency=b"USD", numerator=22, denominator=10))

    (halt,) = halts(side)
    assert (halt["currency"], halt["observed"]) == (b"EUR", 50 * MONEY)


def test_limits_of_the_first_version_have_none_on_drawdown() -> None:
    side = holding(limited(max_drawdown=49))
    old, new = (Kernel(engine_capacity(ROOMY)) for _ in range(2))

    for rows, now_ns in side.logged.blocks:
        new.fold(rows, now_ns)
        old.fold(of_first_version(rows), now_ns)

    assert "max_drawdown" not in (event_dtype(EventKind.EXPOSURE_LIMITS_CHANGED, 1).names or ())
    was, ledgers = old.tables.ledgers, new.tables.ledgers
    for name in ("version", "max_gross", "max_loss"):
        assert was[name].tolist() == ledgers[name].tolist()
    assert (was["has_max_drawdown"].sum(), ledgers["has_max_drawdown"].sum()) == (0, 2)


def of_first_version(rows: np.ndarray) -> np.ndarray:
    """The same events as they were before limits on drawdown: their bytes were zero."""
    older = rows.copy()
    limits = older.view(DRAWDOWN_LIMITS_EVENT)
    for i in np.flatnonzero(older["kind"] == EventKind.EXPOSURE_LIMITS_CHANGED):
        limits["schema"][i], limits["max_drawdown"][i], limits["has_max_drawdown"][i] = 1, 0, 0
    return older


@pytest.mark.parametrize(
    "change",
    [
        {"max_drawdown": -1, "has_max_drawdown": True},
        {"max_drawdown": MOST + 1, "has_max_drawdown": True},
        {"max_drawdown": 1},
    ],
)
def test_limits_on_drawdown_that_make_no_sense_are_malformed(change: dict[str, Any]) -> None:
    answer = last(rich(), replace(LIMITS, **change))

    assert (answer.code, answer.reason) == (Code.INVALID, Reason.BAD_LIMIT)
