"""Throttles at their edges, in kernel and model: what they let through, and what begins to count anew."""

from dataclasses import replace
from typing import Any

import pytest

from tests.model.answers import Answer
from tests.model.commands import CancelOrder, LiftHalt, Request, SetThrottles
from tests.model.words import Check, Code, ExecType, Reason, Scope, Side
from tests.properties.side_by_side import SideBySide
from tests.properties.test_checks import last, numbered, opened, reported

SECOND_NS = 10**9
OF_ACCOUNT = SetThrottles(request_id=0, scope=Scope.ACCOUNT, account=1)
OF_STRATEGY = SetThrottles(request_id=0, scope=Scope.STRATEGY, strategy=1)


def asked(flow: SideBySide, n: int, **terms: Any) -> Answer:
    """The answer to the order under its n-th ClOrdID."""
    return last(flow, replace(numbered(n), **{"qty": 1, **terms}))


def settled(side: SideBySide, request: Request) -> Answer:
    """The answer to an operator's request under a fresh id."""
    return last(side, replace(request, request_id=2**90 + side.model.next_offset))


def test_the_same_order_may_come_so_often_in_a_row_within_the_window() -> None:
    side = opened([replace(OF_ACCOUNT, repeats_max=2, repeat_window_ms=1000)])
    assert [asked(side, n).code for n in (0, 1)] == [Code.ACCEPTED] * 2

    third = asked(side, 2)
    other_side, other_price = asked(side, 3, side=Side.SELL), asked(side, 4, price=99)
    again = asked(side, 5)

    assert (third.reason, third.limit, third.observed) == (Reason.DUPLICATIVE_ORDER, 2, 3)
    assert third.violations == {Check.DUPLICATIVE}
    assert [answer.code for answer in (other_side, other_price, again)] == [Code.ACCEPTED] * 3


@pytest.mark.parametrize(("waited_ns", "code"), [(SECOND_NS, Code.REJECTED), (SECOND_NS + 1, Code.ACCEPTED)])
def test_after_the_window_an_order_may_come_again(waited_ns: int, code: Code) -> None:
    side = opened([replace(OF_ACCOUNT, repeats_max=1, repeat_window_ms=1000)])
    asked(side, 0)
    side.now += waited_ns

    assert asked(side, 1).code == code


def test_an_account_has_no_more_open_orders_than_it_may() -> None:
    side = opened([replace(OF_ACCOUNT, open_orders_max=2)])
    first, second = numbered(0), numbered(1)
    for order in (first, second):
        assert last(side, replace(order, qty=1)).code == Code.ACCEPTED

    refused = asked(side, 2)
    last(side, reported(first, ExecType.CANCELED))

    assert (refused.reason, refused.limit, refused.observed) == (Reason.TOO_MANY_ORDERS, 2, 2)
    assert asked(side, 3).code == Code.ACCEPTED


def test_orders_that_were_open_before_count_too() -> None:
    side = opened([])
    asked(side, 0)
    settled(side, replace(OF_ACCOUNT, open_orders_max=1))

    assert asked(side, 1).reason == Reason.TOO_MANY_ORDERS


def test_a_strategy_has_a_bucket_of_its_own_and_cancels_take_from_it() -> None:
    side = opened([replace(OF_STRATEGY, orders_per_second=1, burst=2)])
    order = numbered(0)
    assert last(side, replace(order, qty=1)).code == Code.ACCEPTED
    last(side, CancelOrder(order_id=order.order_id, seq=2))

    refused, other = asked(side, 1), asked(side, 2, strategy=4)

    assert (refused.code, refused.observed) == (Code.RATE_LIMIT, SECOND_NS)
    assert other.code == Code.ACCEPTED
    side.now += SECOND_NS
    assert asked(side, 1).code == Code.ACCEPTED


def test_cancels_are_never_refused_and_overdraw_the_bucket_by_no_more_than_it_holds() -> None:
    side = opened([replace(OF_STRATEGY, orders_per_second=1, burst=4)])
    orders = [numbered(n) for n in range(4)]
    for order in orders:
        last(side, replace(order, qty=1))
    canceled = [last(side, CancelOrder(order_id=order.order_id, seq=2)) for order in orders]

    assert [answer.code for answer in canceled] == [Code.ACCEPTED] * 4
    assert asked(side, 4).observed == 5 * SECOND_NS


def test_a_strategy_that_is_filled_too_often_stays_stopped_until_somebody_lifts_its_halt() -> None:
    side = opened([replace(OF_STRATEGY, executions_max=2, execution_window_ms=1000)])
    asked(side, 0, qty=10)
    fill = replace(reported(numbered(0), ExecType.TRADE), qty=1, price=100)
    for n in range(2):
        last(side, replace(fill, exec_id=b"E%d" % n))
    assert asked(side, 1).code == Code.ACCEPTED

    last(side, replace(fill, exec_id=b"E2"))
    side.now += 10 * SECOND_NS
    refused, other = asked(side, 2), asked(side, 3, strategy=4)
    settled(side, LiftHalt(request_id=0, scope=Scope.ACCOUNT, account=1, text=b"not this one"))
    still = asked(side, 4)
    settled(side, LiftHalt(request_id=0, scope=Scope.STRATEGY, strategy=1, text=b"looked at it"))

    assert (refused.reason, refused.limit, refused.observed) == (Reason.EXECUTION_THROTTLE, 2, 3)
    assert (other.code, still.reason) == (Code.ACCEPTED, Reason.EXECUTION_THROTTLE)
    assert asked(side, 5).code == Code.ACCEPTED


def test_fills_of_an_older_window_do_not_count() -> None:
    side = opened([replace(OF_STRATEGY, executions_max=1, execution_window_ms=1000)])
    asked(side, 0, qty=10)
    fill = replace(reported(numbered(0), ExecType.TRADE), qty=1, price=100)
    for n in range(3):
        last(side, replace(fill, exec_id=b"E%d" % n))
        side.now += SECOND_NS + 1

    assert asked(side, 1).code == Code.ACCEPTED


MALFORMED = [
    replace(OF_ACCOUNT, orders_per_second=1, burst=1),
    replace(OF_STRATEGY, open_orders_max=1),
    replace(OF_STRATEGY, orders_per_second=1),
    replace(OF_ACCOUNT, repeats_max=1),
    replace(OF_STRATEGY, execution_window_ms=1),
    replace(OF_STRATEGY, orders_per_second=10**6 + 1, burst=1),
]


@pytest.mark.parametrize("request_", MALFORMED, ids=range(len(MALFORMED)))
def test_throttles_that_make_no_sense_are_not_set(request_: SetThrottles) -> None:
    side = opened([])

    answer = settled(side, request_)

    assert (answer.code, answer.reason) == (Code.INVALID, Reason.BAD_LIMIT)
    assert asked(side, 0).code == Code.ACCEPTED
