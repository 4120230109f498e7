"""Who may not trade freely is a table: trading states beside halts, with the event that each began with."""

from typing import Any

import pytest

from tests.unit.engine.client.conftest import Desk, connected

WHAT = ("scope", "name", "state", "is_latched", "reason", "text", "kind", "principal", "partition")


def shown(desk: Desk) -> list[tuple[Any, ...]]:
    """The table without its places and times."""
    return [tuple(getattr(row, name) for name in WHAT) for row in desk.client.halts()]


def state(scope: str, name: str, value: str, text: str = "") -> tuple[Any, ...]:
    """The line of a trading state that the desk has set."""
    return (scope, name, value, False, "NONE", text, "TRADING_STATE_CHANGED", "quant", 0)


def kill(scope: str, name: str, partition: int = 0) -> tuple[Any, ...]:
    """The line of a kill."""
    kind = "MASS_CANCEL_REQUESTED"
    return (scope, name, "CANCEL_ONLY", True, "NONE", "", kind, "quant", partition)


def test_nobody_is_held_back_at_first(desk: Desk) -> None:
    assert shown(desk) == []


@pytest.mark.parametrize(
    ("scope", "names", "name"),
    [
        ("ALL", {}, ""),
        ("VENUE", {"venue": "XNAS"}, "XNAS"),
        ("ACCOUNT", {"account": "ACC-2"}, "ACC-2"),
        ("STRATEGY", {"strategy": "S2"}, "S2"),
        ("INSTRUMENT", {"instrument": "AAPL"}, "AAPL"),
    ],
)
def test_a_scope_is_held_back_until_its_state_is_active_and_its_halt_is_lifted(
    desk: Desk, scope: str, names: dict[str, str], name: str
) -> None:
    desk.admin.set_trading_state("REDUCING", scope, text="audit", **names)
    killed = desk.admin.kill(scope, **names)

    both = shown(desk)
    desk.admin.set_trading_state("ACTIVE", scope, text="audited", **names)
    halted = desk.client.halts()
    desk.admin.lift_halt(scope, text="looked", **names)

    assert both == [state(scope, name, "REDUCING", "audit"), kill(scope, name)]
    event = desk.transport.logs[0].rows[halted[0].offset]
    assert halted["is_latched"] == [True]
    assert halted[0].since == event["ts_event"]
    assert halted[0].offset < killed[0].position
    assert shown(desk) == []


def test_the_latest_of_several_counts(desk: Desk) -> None:
    desk.admin.set_trading_state("CANCEL_ONLY", "ACCOUNT", account="ACC-1", text="old")
    desk.admin.set_trading_state("REDUCING", "ALL", text="other")
    desk.admin.set_trading_state("REDUCING", "ACCOUNT", account="ACC-1", text="less")
    desk.admin.mass_cancel("ACCOUNT", account="ACC-1")

    assert shown(desk) == [
        state("ALL", "", "REDUCING", "other"),
        state("ACCOUNT", "ACC-1", "REDUCING", "less"),
    ]


def test_a_strategy_that_was_filled_too_often_is_latched(desk: Desk) -> None:
    desk.admin.set_throttles(strategy="S1", executions_max=1, execution_window_ms=60_000)
    ack = desk.buy()
    for number in (1, 2, 3):
        last = desk.feed.report(ack, "TRADE", exec_id=f"E{number}", last_qty=1, last_px="100")

    (row,) = desk.client.halts()

    assert (row.scope, row.name, row.state, row.is_latched) == ("STRATEGY", "S1", "CANCEL_ONLY", True)
    assert (row.reason, row.kind, row.offset) == ("EXECUTION_THROTTLE", "TRADE_EXECUTED", last.position - 1)
    desk.admin.lift_halt("STRATEGY", strategy="S1", text="looked")
    assert shown(desk) == []


def test_every_partition_says_for_itself_whom_it_holds_back(wide_desk: Desk) -> None:
    wide_desk.admin.kill("INSTRUMENT", instrument="AAPL")
    somebody_else = connected(wide_desk.transport, "risk")

    assert shown(wide_desk) == [kill("INSTRUMENT", "AAPL", partition) for partition in (0, 1, 2)]
    assert len(somebody_else.halts()) == 3


def test_an_account_that_lost_too_much_is_latched_and_a_kill_is_stricter(desk: Desk) -> None:
    most = dict.fromkeys(("max_gross", "max_net", "max_credit", "max_working_notional"), 10**9)
    desk.admin.set_exposure_limits("ACC-1", currency="USD", max_loss=5, **most)
    desk.feed.report(desk.buy(), "TRADE", exec_id="E", last_qty=10, last_px="100")
    desk.admin.set_mark("AAPL", "99.00")

    (row,) = desk.client.halts()

    latched = ("ACCOUNT", "ACC-1", "REDUCING", True, "LOSS_LIMIT", "", "HALT_LATCHED", "", 0)
    assert tuple(getattr(row, name) for name in WHAT) == latched
    assert row.offset == desk.transport.logs[0].kernel.next_offset - 1
    desk.admin.kill("ACCOUNT", account="ACC-1")
    assert shown(desk) == [kill("ACCOUNT", "ACC-1")]
