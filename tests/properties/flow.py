"""A flow: what trading begins with, then one command a number, in frames of various sizes.

A list of numbers is a whole flow, and any part of it is one too: that is how Hypothesis makes a failing flow
short.
"""

from dataclasses import replace
from random import Random

from tests.model.checks import NEWEST, OLDEST
from tests.model.commands import (
    Request,
    SetAccount,
    SetExposureLimits,
    SetFx,
    SetLimits,
    SetMark,
    SetPrincipal,
    SetStrategy,
    SetVenue,
    StartTradingDay,
)
from tests.model.reference_data import LIMIT_MAX
from tests.properties.choices import DAY_1
from tests.properties.draw_settings import INSTRUMENTS, instrument_named
from tests.properties.draws import MILLISECOND_NS, Draws
from tests.properties.side_by_side import SideBySide

NUMBER_BITS = 24
"""Few enough for Hypothesis to draw numbers evenly; in a wider range it prefers the small ones."""
FRAME_COMMANDS_MEAN = 7
BLOCK_ROWS = [1, 2, 3, 64]
PAUSES_NS = [0, 0, 1, MILLISECOND_NS, 300 * MILLISECOND_NS, 10**10]


def numbers_of(seed: int, count: int) -> list[int]:
    """A flow that two numbers stand for."""
    random = Random(seed)
    return [random.getrandbits(NUMBER_BITS) for _ in range(count)]


def run_flow(side: SideBySide, numbers: list[int], frame_commands_mean: int = FRAME_COMMANDS_MEAN) -> None:
    """Open trading, then send the commands of all numbers; Disagreement where kernel and model differ."""
    draws = Draws(side)
    open_trading(draws)
    for number in numbers:
        draws.step(number)
        if draws.random.random() < 1 / frame_commands_mean:
            side.send(draws.random.choice(BLOCK_ROWS))
            side.now += draws.random.choice(PAUSES_NS)
    side.send()


def open_trading(draws: Draws) -> None:
    """Define what trading refers to; one account has no limits yet, one instrument no mark.

    Another account may lose little, and its profit may fall by twice that.
    """
    usual = SetLimits(
        request_id=0,
        account=1,
        max_order_qty=200,
        max_order_notional=10**16,
        max_long_qty=1_500,
        max_short_qty=1_000,
        collar_ppm=200_000,
        orders_per_second=10**6,
        burst=10**6,
        self_match=OLDEST,
    )
    at_stake = SetExposureLimits(
        request_id=0,
        account=2,
        max_gross=LIMIT_MAX,
        max_net=LIMIT_MAX,
        max_credit=LIMIT_MAX,
        max_working_notional=LIMIT_MAX,
        max_loss=10**10,
        max_drawdown=2 * 10**10,
        has_max_drawdown=True,
    )
    wanted: list[Request] = [
        *(SetVenue(request_id=0, name=name) for name in (b"XNAS", b"XCME")),
        *(instrument_named(name, venue, tick) for name, venue, tick in INSTRUMENTS),
        *(SetAccount(request_id=0, name=name) for name in (b"ACC-1", b"ACC-2", b"ACC-3")),
        SetPrincipal(request_id=0, name=b"quant"),
        *(SetStrategy(request_id=0, name=b"S%d" % n, account=n % 3 + 1) for n in range(4)),
        usual,
        replace(usual, account=2, orders_per_second=1, burst=2),
        at_stake,
        replace(usual, instrument=2, max_order_qty=40, mark_age_s=20, self_match=NEWEST),
        *(StartTradingDay(request_id=0, venue=n, trade_date=DAY_1) for n in (1, 2)),
        *(SetMark(request_id=0, instrument=n, price=100) for n in (1, 2)),
        SetFx(request_id=0, currency=b"EUR", settl_currency=b"USD", numerator=11, denominator=10),
    ]
    for command in wanted:
        draws.add(replace(command, request_id=draws.new_request()))
    draws.side.send()
