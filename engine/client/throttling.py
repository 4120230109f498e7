"""Throttles of accounts and strategies; like limits they are decided once, in the reference log."""

from engine.answers import Ack
from engine.client.connection import Connection, knowing
from engine.client.conversation import Conversation
from engine.client.operator_rows import operator_row, send_operator, write_scope
from engine.client.request_ids import RequestId
from engine.client.transport import REFERENCE
from engine.errors import BadRequest
from engine.limits import BURST_MAX, ORDERS_PER_SECOND_MAX
from engine.rows.commands import THROTTLES_COMMAND, command_rows
from engine.values import whole_within
from engine.vocabulary import CommandKind, Scope

COUNT_MAX = 2**32 - 1
"""Largest count, and longest window in ms, that a row holds: 49 days."""

_OF_ACCOUNTS = {"open_orders_max": COUNT_MAX, "repeats_max": COUNT_MAX, "repeat_window_ms": COUNT_MAX}
_OF_STRATEGIES = {
    "orders_per_second": ORDERS_PER_SECOND_MAX,
    "burst": BURST_MAX,
    "executions_max": COUNT_MAX,
    "execution_window_ms": COUNT_MAX,
}
_PAIRS = (
    ("orders_per_second", "burst"),
    ("repeats_max", "repeat_window_ms"),
    ("executions_max", "execution_window_ms"),
)


def set_throttles(
    connection: Connection,
    /,
    *,
    account: str | None = None,
    strategy: str | None = None,
    request_id: RequestId | None = None,
    **throttles: int,
) -> Conversation[Ack]:
    """Set all throttles of an account or of a strategy; what is left out is not throttled any more.

    - `account`: with `open_orders_max`, how many orders may be open, and `repeats_max` in `repeat_window_ms`,
      how often in a row an order may come with the same side, quantity and price.
    - `strategy`: with `orders_per_second` and `burst`, a token bucket of its own, and `executions_max` in
      `execution_window_ms`, how often it may be filled before it is stopped until `lift_halt`.
    """
    if (account is None) == (strategy is None):
        raise BadRequest("throttles are those of one account or of one strategy: pass account= or strategy=")
    bounds = _OF_STRATEGIES if account is None else _OF_ACCOUNTS
    values = {name: whole_within(value, 0, _bound(bounds, name), name) for name, value in throttles.items()}
    for one, other in _PAIRS:
        if bool(values.get(one)) != bool(values.get(other)):
            raise BadRequest(f"{one} and {other} go together: pass both, or neither")
    catalog = yield from knowing(connection, account=account, strategy=strategy)
    rows = operator_row(connection, CommandKind.SET_THROTTLES, request_id).view(THROTTLES_COMMAND)
    scope = Scope.STRATEGY if account is None else Scope.ACCOUNT
    write_scope(catalog, rows, scope, account=account, strategy=strategy)
    for name, value in values.items():
        rows[name] = value
    return (yield from send_operator(REFERENCE, rows.view(command_rows(0).dtype)))


def _bound(bounds: dict[str, int], name: str) -> int:
    """The largest value of a throttle; BadRequest where there is none of this name."""
    if name not in bounds:
        raise BadRequest(f"{name} is no throttle here: known are {', '.join(bounds)}")
    return bounds[name]
