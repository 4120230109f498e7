"""The model of throttles: what may be asked for, and which orders repeat the one before."""

from dataclasses import dataclass

from tests.model.commands import SetThrottles
from tests.model.words import Reason, Scope


@dataclass
class Repeated:
    """The last order of one side, how often it came in a row, and when it came first."""

    qty: int
    price: int
    since: int
    count: int


def malformed_throttles(command: SetThrottles) -> Reason | None:
    """An account is throttled in open and repeated orders, a strategy in its rate and its executions."""
    of_account = [command.repeats_max, command.open_orders_max]
    of_strategy = [command.orders_per_second, command.executions_max]
    pairs = [
        (command.orders_per_second, command.burst),
        (command.repeats_max, command.repeat_window_ms),
        (command.executions_max, command.execution_window_ms),
    ]
    is_foreign = any(of_strategy if command.scope == Scope.ACCOUNT else of_account)
    is_half = any(bool(one) != bool(other) for one, other in pairs)
    is_bad = is_foreign or is_half or max(command.orders_per_second, command.burst) > 10**6
    return Reason.BAD_LIMIT if is_bad else None
