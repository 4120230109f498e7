"""Which checks an order fails, in numbers of its own: every one of them is named, the first is the reason.

Kernel and model are asked side by side; what they must say is written here by hand.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from engine.check_order import CHECK_ORDER
from tests.model.answers import Answer
from tests.model.commands import (
    ExecutionReport,
    GrantLease,
    MassCancel,
    ReplaceOrder,
    Request,
    SetFirmLimit,
    SetInstrument,
    SetLimits,
    SetMark,
    SetTradingState,
    SetVenue,
    SubmitOrder,
)
from tests.model.leases import ALONE
from tests.model.words import Check, Code, ExecType, Reason, Scope, Side, State, TimeInForce
from tests.properties.choices import DAY_1
from tests.properties.draw_settings import instrument_named
from tests.properties.draws import Draws
from tests.properties.first_order import FIRST_ORDER
from tests.properties.flow import open_trading
from tests.properties.side_by_side import ROOMY, START_NS, SideBySide

SECOND_NS = 10**9
START_S = START_NS // SECOND_NS
RESTRICTED, NOT_SHORTABLE, LOCATE_NEEDED = 1, 2, 4
CANCEL_AGGRESSIVE = ord("1")

ORDER = FIRST_ORDER
LIMITS = SetLimits(
    request_id=0,
    account=1,
    max_order_qty=100,
    max_order_notional=10_000 * 10**8,
    max_long_qty=150,
    max_short_qty=120,
    collar_ppm=100_000,
    orders_per_second=1,
    burst=3,
)
WHOLE: SetInstrument = instrument_named(b"WHOLE", 1, 1)


def replace_of(order: SubmitOrder, *, qty: int, price: int) -> ReplaceOrder:
    """The first replace of an order."""
    return ReplaceOrder(
        order_id=order.order_id,
        account=order.account,
        instrument=order.instrument,
        strategy=order.strategy,
        cl_ord_id=b"B",
        side=order.side,
        qty=qty,
        price=price,
        seq=2,
    )


class Case(NamedTuple):
    """An order that differs from ORDER in some terms, after some settings, and what is said of it."""

    terms: dict[str, Any]
    settings: list[Request]
    violations: list[Check]
    reason: Reason = Reason.NONE
    limit: int = 0
    observed: int = 0
    warnings: tuple[Check, ...] = ()
    is_later: bool = False
    """A minute after the mark."""


def halted(state: State) -> Request:
    return SetTradingState(request_id=0, state=state)


def closed(venue: int) -> Request:
    return SetTradingState(request_id=0, scope=Scope.VENUE, venue=venue, state=State.CANCEL_ONLY)


def instrument(**changes: Any) -> Request:
    return replace(WHOLE, **changes)


def limits(**changes: Any) -> Request:
    return replace(LIMITS, **changes)


NOTIONAL = 1_000 * 10**8
"""The money of ORDER."""
FIRM_LIMIT = SetFirmLimit(request_id=0, currency=b"USD", amount=10 * NOTIONAL)


def leased(amount: int) -> Request:
    """What the partition may use of it, for a minute."""
    return GrantLease(request_id=0, partition=ALONE, currency=b"USD", amount=amount, ttl_ms=60_000)


CASES = {
    "an order that passes": Case({}, [], []),
    "at every limit": Case({"qty": 100, "price": 100}, [], []),
    "a price far below the mark only warns": Case({"price": 89}, [], [], warnings=(Check.COLLAR,)),
    "a sale far above the mark only warns": Case(
        {"price": 111, "side": Side.SELL}, [], [], warnings=(Check.COLLAR,)
    ),
    "a price past the collar": Case({"price": 111}, [], [Check.COLLAR], Reason.PRICE_COLLAR, 100_000, 111),
    "everything at once, the first is the reason": Case(
        {"qty": 203, "price": 501},
        [halted(State.CANCEL_ONLY), instrument(tick=2, lot=2, max_lots=50, flags=RESTRICTED)],
        [
            Check.TRADING_STATE,
            Check.TICK,
            Check.LOT,
            Check.SIZE,
            Check.RESTRICTED,
            Check.ORDER_QTY,
            Check.ORDER_NOTIONAL,
            Check.COLLAR,
            Check.POSITION,
        ],
        Reason.TRADING_HALTED,
        0,
        3,
    ),
    "a venue that is closed, whatever else is halted": Case(
        {},
        [closed(1), halted(State.CANCEL_ONLY)],
        [Check.TRADING_STATE],
        Reason.EXCHANGE_CLOSED,
        0,
        3,
    ),
    "another venue is closed": Case({}, [closed(2)], []),
    "a venue that is killed is not closed": Case(
        {},
        [MassCancel(request_id=0, scope=Scope.VENUE, venue=1, state=State.CANCEL_ONLY)],
        [Check.TRADING_STATE],
        Reason.TRADING_HALTED,
        0,
        3,
    ),
    "the lot and what follows from the size": Case(
        {"qty": 151},
        [instrument(lot=2)],
        [Check.LOT, Check.ORDER_QTY, Check.ORDER_NOTIONAL, Check.POSITION],
        Reason.INVALID_LOT,
        2,
        151,
    ),
    "too little": Case({"qty": 9}, [instrument(min_lots=10)], [Check.SIZE], Reason.QTY_TOO_SMALL, 10, 9),
    "just enough": Case({"qty": 10}, [instrument(min_lots=10, max_lots=10)], []),
    "too much, counted in lots": Case(
        {"qty": 20}, [instrument(lot=5, max_lots=3)], [Check.SIZE], Reason.QTY_TOO_LARGE, 15, 20
    ),
    "restricted": Case({}, [instrument(flags=RESTRICTED)], [Check.RESTRICTED], Reason.RESTRICTED_INSTRUMENT),
    "expired at this moment": Case(
        {"time_in_force": TimeInForce.GTD, "expire_s": START_S},
        [],
        [Check.EXPIRY],
        Reason.EXPIRED_ORDER,
        START_NS,
        START_NS,
    ),
    "nothing is leased of the firm's limit": Case(
        {}, [FIRM_LIMIT], [Check.FIRM_BUDGET], Reason.FIRM_BUDGET, 0, NOTIONAL
    ),
    "all that is leased": Case({}, [FIRM_LIMIT, leased(NOTIONAL)], []),
    "more than is leased": Case(
        {},
        [FIRM_LIMIT, leased(NOTIONAL - 1)],
        [Check.FIRM_BUDGET],
        Reason.FIRM_BUDGET,
        NOTIONAL - 1,
        NOTIONAL,
    ),
    "leased until this moment": Case(
        {},
        [FIRM_LIMIT, leased(2 * NOTIONAL)],
        [Check.FIRM_BUDGET],
        Reason.LEASE_EXPIRED,
        2 * NOTIONAL,
        NOTIONAL,
        is_later=True,
    ),
    "the firm's limit is in another currency": Case({}, [replace(FIRM_LIMIT, currency=b"EUR")], []),
    "the firm's limit is taken away": Case({}, [FIRM_LIMIT, replace(FIRM_LIMIT, amount=-1)], []),
    "about to expire": Case({"time_in_force": TimeInForce.GTD, "expire_s": START_S + 1}, [], []),
    "a sale that goes short": Case(
        {"side": Side.SELL},
        [instrument(flags=NOT_SHORTABLE)],
        [Check.SHORT_SALE],
        Reason.SHORT_NOT_PERMITTED,
        0,
        10,
    ),
    "a short sale with a locate of what is not shortable": Case(
        {"side": Side.SELL_SHORT, "is_locate": True},
        [instrument(flags=NOT_SHORTABLE | LOCATE_NEEDED)],
        [Check.SHORT_SALE],
        Reason.SHORT_NOT_PERMITTED,
        0,
        10,
    ),
    "a short sale without a locate": Case(
        {"side": Side.SELL_SHORT},
        [instrument(flags=LOCATE_NEEDED)],
        [Check.SHORT_SALE],
        Reason.SHORT_NOT_PERMITTED,
        0,
        10,
    ),
    "a short sale with a locate": Case(
        {"side": Side.SELL_SHORT_EXEMPT, "is_locate": True}, [instrument(flags=LOCATE_NEEDED)], []
    ),
    "a locate does not mark a sale": Case(
        {"side": Side.SELL, "is_locate": True},
        [instrument(flags=LOCATE_NEEDED)],
        [Check.SHORT_SALE],
        Reason.SHORT_NOT_PERMITTED,
        0,
        10,
    ),
    "a purchase needs none": Case({}, [instrument(flags=NOT_SHORTABLE | LOCATE_NEEDED)], []),
    "a stale mark": Case(
        {"price": 120},
        [limits(mark_age_s=59)],
        [Check.MARK_AGE, Check.COLLAR],
        Reason.MARK_STALE,
        59 * SECOND_NS,
        60 * SECOND_NS,
        is_later=True,
    ),
    "a mark as old as may be": Case({}, [limits(mark_age_s=60)], [], is_later=True),
    "nothing works against it": Case({}, [limits(self_match=CANCEL_AGGRESSIVE)], []),
    "no limits and no mark": Case(
        {"account": 3, "strategy": 3, "instrument": 3, "order_id": (DAY_1, b"ACC-3", b"A"), "qty": 1},
        [],
        [Check.SIZE, Check.ORDER_QTY, Check.MARK],
        Reason.QTY_TOO_SMALL,
        2,
        1,
    ),
    "beyond the soft share of three limits": Case(
        {"qty": 51, "price": 99},
        [limits(soft_percent=50, max_long_qty=101, max_order_notional=10_096 * 10**8)],
        [],
        warnings=(Check.ORDER_QTY, Check.ORDER_NOTIONAL, Check.POSITION),
    ),
    "at the soft share of three limits": Case({"qty": 50}, [limits(soft_percent=50, max_long_qty=100)], []),
}


@pytest.mark.parametrize("name", CASES)
def test_an_order_is_told_everything_that_is_wrong_with_it(name: str) -> None:
    case = CASES[name]
    side = opened([LIMITS, *case.settings])
    side.now += 60 * SECOND_NS if case.is_later else 0

    side.add(replace(ORDER, **case.terms))
    (answer,) = side.send()

    assert answer.violations == set(case.violations)
    assert answer.check == (case.violations[0] if case.violations else Check.NONE)
    assert (answer.reason, answer.limit, answer.observed) == (case.reason, case.limit, case.observed)
    assert answer.warnings == set(case.warnings)
    assert answer.code == (Code.REJECTED if case.violations else Code.ACCEPTED)


def opened(settings: list[Request]) -> SideBySide:
    """Trading as it opens, and these settings."""
    side = SideBySide(ROOMY)
    draws = Draws(side)
    open_trading(draws)
    for setting in settings:
        side.add(replace(setting, request_id=draws.new_request()))
    side.send()
    return side


def test_the_violations_of_a_case_stand_in_the_order_of_the_checks() -> None:
    for name, case in CASES.items():
        order = [check.name for check in CHECK_ORDER]
        numbers = [order.index(check) for check in case.violations]
        assert numbers == sorted(numbers), name


def test_too_fast_keeps_nothing_but_what_is_refused_before_it_is_kept() -> None:
    side = opened([LIMITS])
    for n in range(3):
        side.add(numbered(n))
    side.send()

    too_fast = last(side, numbered(3))
    far_too_large = last(side, replace(numbered(4), qty=151))
    again = last(side, replace(numbered(4), qty=151))

    assert (too_fast.code, too_fast.offset) == (Code.RATE_LIMIT, -1)
    assert too_fast.violations == {Check.RATE}
    assert far_too_large.code == Code.REJECTED
    expected = frozenset({Check.ORDER_QTY, Check.ORDER_NOTIONAL, Check.RATE, Check.POSITION})
    assert far_too_large.violations == expected
    assert (again.code, again.violations) == (Code.DUPLICATE, expected)


def test_a_replace_is_told_what_is_wrong_with_its_terms_and_with_its_time() -> None:
    side = opened([LIMITS])
    last(side, ORDER)
    asked = replace_of(ORDER, qty=160, price=100)

    answer = last(side, asked)

    assert answer.violations == {Check.ORDER_QTY, Check.ORDER_NOTIONAL, Check.POSITION, Check.RULE}
    assert answer.reason == Reason.ORDER_QTY_EXCEEDED
    assert last(side, asked).violations == answer.violations


def test_a_venue_that_no_trading_day_has_opened_is_closed() -> None:
    side = opened([SetVenue(request_id=0, name=b"NEW"), replace(WHOLE, name=b"OTHER", venue=3)])

    answer = last(side, replace(ORDER, instrument=4))

    assert (answer.code, answer.reason, answer.offset) == (Code.INVALID, Reason.EXCHANGE_CLOSED, -1)


def test_a_sale_of_what_is_held_is_not_short_until_more_works_than_is_held() -> None:
    side = opened([LIMITS, instrument(flags=NOT_SHORTABLE)])
    last(side, ORDER)
    last(side, replace(reported(ORDER, ExecType.TRADE), qty=10, price=100))

    assert last(side, replace(numbered(1), side=Side.SELL, qty=6)).code == Code.ACCEPTED
    refused = last(side, replace(numbered(2), side=Side.SELL, qty=5))

    assert (refused.violations, refused.observed) == (frozenset({Check.SHORT_SALE}), 1)


@pytest.mark.parametrize(
    ("price", "is_refused"), [(104, False), (105, True), (106, True)], ids=["below", "at", "above"]
)
def test_an_order_that_could_trade_with_one_of_its_account_is_refused(price: int, is_refused: bool) -> None:
    side = opened([limits(self_match=CANCEL_AGGRESSIVE, burst=100)])
    for n, offered in enumerate([107, 105, 106]):
        last(side, replace(numbered(n), side=Side.SELL, qty=1, price=offered))

    answer = last(side, replace(ORDER, price=price, strategy=4))

    assert answer.violations == ({Check.SELF_TRADE} if is_refused else set())
    assert (answer.limit, answer.observed) == ((105, price) if is_refused else (0, 0))


def test_what_no_longer_works_stands_in_nobodys_way() -> None:
    side = opened([limits(self_match=CANCEL_AGGRESSIVE, burst=100)])
    offer = replace(numbered(0), side=Side.SELL, price=100)
    last(side, replace(numbered(1), side=Side.SELL, price=110))
    last(side, offer)
    assert last(side, ORDER).reason == Reason.SELF_TRADE
    last(side, reported(offer, ExecType.CANCELED))

    assert last(side, numbered(2)).code == Code.ACCEPTED


def test_a_replace_in_flight_counts_at_both_of_its_prices() -> None:
    side = opened([limits(self_match=CANCEL_AGGRESSIVE, burst=100)])
    offer = replace(ORDER, side=Side.SELL, price=109)
    last(side, offer)
    last(side, reported(offer, ExecType.NEW))
    moved = replace_of(offer, qty=10, price=103)
    assert last(side, moved).code == Code.ACCEPTED

    assert last(side, replace(numbered(1), price=103)).reason == Reason.SELF_TRADE
    assert last(side, replace(numbered(2), price=102)).code == Code.ACCEPTED


def test_what_can_only_shrink_a_position_needs_no_lease() -> None:
    side = opened([LIMITS])
    last(side, ORDER)
    last(side, replace(reported(ORDER, ExecType.TRADE), qty=10, price=100))
    last(side, replace(FIRM_LIMIT, request_id=2**100))

    assert last(side, replace(numbered(1), side=Side.SELL, qty=10)).code == Code.ACCEPTED
    refused = last(side, replace(numbered(2), side=Side.SELL, qty=1))
    assert (refused.violations, refused.observed) == (frozenset({Check.FIRM_BUDGET}), 2_100 * 10**8)


def test_a_replace_pays_for_what_it_adds() -> None:
    side = opened([limits(burst=100), FIRM_LIMIT, leased(12 * NOTIONAL // 10)])
    last(side, ORDER)
    last(side, reported(ORDER, ExecType.NEW))
    asked = replace_of(ORDER, qty=13, price=100)

    refused = last(side, asked)

    assert (refused.reason, refused.limit, refused.observed) == (
        Reason.FIRM_BUDGET,
        1_200 * 10**8,
        1_300 * 10**8,
    )
    assert last(side, replace(asked, qty=12, seq=3)).code == Code.ACCEPTED
    assert last(side, numbered(2)).reason == Reason.FIRM_BUDGET


def reported(order: SubmitOrder, exec_type: str) -> ExecutionReport:
    """A venue's report on an order, the only one of its kind."""
    return ExecutionReport(
        order_id=order.order_id,
        venue=1,
        trade_date=DAY_1,
        exec_id=f"E{exec_type}".encode(),
        exec_type=exec_type,
    )


def numbered(n: int) -> SubmitOrder:
    """The order under another ClOrdID."""
    cl_ord_id = b"N%d" % n
    return replace(ORDER, cl_ord_id=cl_ord_id, order_id=(DAY_1, b"ACC-1", cl_ord_id))


def last(side: SideBySide, command: Any) -> Answer:
    """The answer to one command in a frame of its own."""
    side.add(command)
    return side.send()[0]


def test_bounds_of_an_instruments_sizes() -> None:
    side = opened([])
    most = 10**12
    sizes: dict[Code, list[dict[str, Any]]] = {
        Code.ACCEPTED: [{"lot": most, "max_lots": 1}, {"lot": most // 2, "min_lots": 2, "max_lots": 2}],
        Code.INVALID: [
            {"lot": most, "max_lots": 2},
            {"lot": most // 2, "min_lots": 3},
            {"min_lots": 3, "max_lots": 2},
        ],
    }
    for code, changes in sizes.items():
        for number, change in enumerate(changes):
            request = replace(WHOLE, request_id=int(code == Code.ACCEPTED) << 40 | number + 9, **change)
            assert last(side, request).code == code, change


def test_a_new_mark_ends_what_a_stale_one_stopped() -> None:
    side = opened([replace(LIMITS, mark_age_s=1)])
    side.now += 5 * SECOND_NS
    assert last(side, ORDER).reason == Reason.MARK_STALE

    last(side, SetMark(request_id=2**100, instrument=1, price=100))

    assert last(side, numbered(1)).code == Code.ACCEPTED


def test_the_document_lists_the_checks_in_their_order() -> None:
    document = Path(__file__).parents[2] / "docs" / "risk.md"
    listed = re.findall(r"^\| ([A-Z_]+) \|", document.read_text(), re.MULTILINE)

    assert listed == [check.name for check in CHECK_ORDER]
