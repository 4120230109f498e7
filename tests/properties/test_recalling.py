"""Orders that leave memory and come back change no answer: the model beside them never forgets."""

from dataclasses import replace

import pytest

from tests.model.commands import StartTradingDay
from tests.properties.draws import Draws
from tests.properties.flow import BLOCK_ROWS, numbers_of, open_trading
from tests.properties.reached import check_log
from tests.properties.retiring import SideWithRetiring
from tests.properties.side_by_side import ROOMY

FOREVER = replace(ROOMY, orders=900, executions=2_700, requests=900)
"""Tables that are never full: a full one looks different to who forgets."""
DAY_COMMANDS = 40


def run_days(side: SideWithRetiring, numbers: list[int]) -> None:
    """A flow in which a trading day has so few commands that most of them are about orders of the past."""
    draws = Draws(side)
    open_trading(draws)
    for at, number in enumerate(numbers):
        draws.step(number)
        if at % DAY_COMMANDS == DAY_COMMANDS - 1:
            begin_day(draws)
        if draws.random.random() < 0.2:
            side.send(draws.random.choice(BLOCK_ROWS))
    side.send()


def begin_day(draws: Draws) -> None:
    """The next trading day at both venues."""
    for venue in (1, 2):
        today = draws.model.venues.rows[venue].trade_date
        draws.add(StartTradingDay(request_id=draws.new_request(), venue=venue, trade_date=today + 1))


@pytest.mark.parametrize("seed", range(6))
def test_a_kernel_that_forgets_answers_as_if_it_did_not(seed: int) -> None:
    side = SideWithRetiring(FOREVER)

    run_days(side, numbers_of(seed, 400))

    assert side.logged.recalls > 10
    check_log(side)
