"""Every event that a flow writes has a line for people, and what an administrator asked for is in it."""

import numpy as np
import pytest

from actors.cli.event_lines import event_line
from actors.cli.event_records import Record, records_of
from actors.cli.handle_names import HandleNames
from engine.reads.event_rows import event_rows_of
from engine.vocabulary import EventKind
from tests.model.commands import LiftHalt, MassCancel, SetExposureLimits, SetThrottles, SetTradingState
from tests.model.words import Scope, State
from tests.properties.flow import numbers_of, run_flow
from tests.properties.side_by_side import ROOMY, SideBySide
from tests.properties.test_checks import ORDER, opened

KINDS_MIN = 25
"""Kinds of events that the flows below write, at least."""


@pytest.fixture(scope="module")
def logs() -> list[SideBySide]:
    """Some flows."""
    flows = [SideBySide(ROOMY) for _ in range(4)]
    for seed, side in enumerate(flows):
        run_flow(side, numbers_of(seed, 250))
    return flows


def records(side: SideBySide) -> list[Record]:
    """Every event of a log as a record."""
    log = side.logged.log
    return records_of(log, np.arange(len(log)), side.now)


def test_every_event_has_a_line_and_a_row(logs: list[SideBySide]) -> None:
    kinds = set()
    for side in logs:
        lines = [event_line(record, HandleNames()) for record in records(side)]
        rows = event_rows_of(side.logged.kernel.tables, np.arange(len(lines)), side.logged.log)
        assert all(line.strip() for line in lines)
        assert len(rows) == len(lines)
        kinds |= {EventKind(kind) for kind in side.logged.log["kind"]}

    assert len(kinds) >= KINDS_MIN


def test_a_line_says_how_far_a_profit_may_fall_where_that_is_limited() -> None:
    euro = 10**8
    limits = SetExposureLimits(
        request_id=0, account=1, currency=b"EUR", max_drawdown=3 * euro, has_max_drawdown=True
    )

    side = opened([limits])

    line = event_line(records(side)[-1], HandleNames())

    assert "max_loss 0  max_drawdown 3  EUR" in line


def test_a_line_says_what_was_stopped_throttled_and_let_go_again() -> None:
    side = opened(
        [
            SetExposureLimits(request_id=0, account=1, currency=b"EUR", max_loss=5 * 10**8),
            SetThrottles(request_id=0, scope=Scope.ACCOUNT, account=1, open_orders_max=7),
            MassCancel(request_id=0, scope=Scope.ALL, state=State.CANCEL_ONLY),
            LiftHalt(request_id=0, scope=Scope.ALL, text=b"looked at it"),
            SetTradingState(request_id=0, state=State.REDUCING, text=b"slowly"),
        ]
    )
    side.add(ORDER)
    side.send()

    lines = [event_line(record, HandleNames()) for record in records(side)][-7:]

    assert "account 1  v1  max_gross 0  max_net 0" in lines[0]
    assert "max_loss 5  EUR" in lines[0]
    assert "account 1  open_orders_max 7" in lines[1]
    assert "ALL  kill" in lines[2]
    assert "ALL  looked at it" in lines[4]
    assert "ALL  REDUCING  slowly" in lines[5]
    assert "TRADING_REDUCING: only orders that shrink the position pass" in lines[6]
