"""Cancels by request id, for those who do not own the orders: one order, every one of a scope, kills."""

from engine.answers import Ack, Acks
from engine.client.command_rows import version_number
from engine.client.connection import Connection, knowing
from engine.client.conversation import Conversation
from engine.client.operator_rows import (
    operator_row,
    send_everywhere,
    send_operator,
    write_reason,
    write_scope,
)
from engine.client.order_lookup import OrderId, known_order
from engine.client.request_ids import RequestId
from engine.errors import BadRequest
from engine.refusals import Scales
from engine.vocabulary import CommandKind, Scope, TradingState


def mass_cancel(
    connection: Connection,
    scope: Scope | str,
    *,
    venue: str | None = None,
    account: str | None = None,
    strategy: str | None = None,
    instrument: str | None = None,
    request_id: RequestId | None = None,
) -> Conversation[Acks]:
    """Ask to cancel every live order of a venue, an account, a strategy, an instrument, or all of them.

    It has a request id instead of a number, so it never waits for an order's owner and never collides. After
    `OutcomeUnknown` call it again with the request id in the message.

    - `scope`: ALL, VENUE, ACCOUNT, STRATEGY or INSTRUMENT; all but the first with the name they are about.
    - `request_id`: 32 hex digits or a 128-bit number; made up if left out.

    Gives one Ack a partition; `total_affected_orders` is how many orders it asked to cancel there.
    """
    names = {"venue": venue, "account": account, "strategy": strategy, "instrument": instrument}
    return (yield from _cancel_all(connection, scope, names, request_id, halt=None))


def kill(
    connection: Connection,
    scope: Scope | str,
    *,
    venue: str | None = None,
    account: str | None = None,
    strategy: str | None = None,
    instrument: str | None = None,
    request_id: RequestId | None = None,
) -> Conversation[Acks]:
    """Stop a scope: halt it, and ask to cancel every live order of it, in one command a partition.

    From its first event on new orders and replaces of the scope are refused, until `lift_halt`. It overtakes
    what waits in a partition's queue. Arguments, answers and resending are those of `mass_cancel`.
    """
    names = {"venue": venue, "account": account, "strategy": strategy, "instrument": instrument}
    return (yield from _cancel_all(connection, scope, names, request_id, halt=TradingState.CANCEL_ONLY))


def _cancel_all(
    connection: Connection,
    scope: Scope | str,
    names: dict[str, str | None],
    request_id: RequestId | None,
    *,
    halt: TradingState | None,
) -> Conversation[Acks]:
    yield from knowing(connection, **names)
    rows = operator_row(connection, CommandKind.MASS_CANCEL, request_id)
    write_scope(connection.catalog, rows, scope, **names)
    rows["trading_state"] = halt or 0
    return (yield from send_everywhere(connection, rows))


def lift_halt(
    connection: Connection,
    scope: Scope | str,
    *,
    text: str,
    venue: str | None = None,
    account: str | None = None,
    strategy: str | None = None,
    instrument: str | None = None,
    request_id: RequestId | None = None,
) -> Conversation[Acks]:
    """Let a scope trade again that a kill or a limit has halted; trading states stay as they are set.

    - `scope`: as in `mass_cancel`; the halt of this very scope is lifted, and no other.
    - `text`: why, at most 20 characters; it is kept with who did it.

    Gives one Ack a partition.
    """
    if not text:
        raise BadRequest("text is empty: say why the halt is lifted")
    names = {"venue": venue, "account": account, "strategy": strategy, "instrument": instrument}
    yield from knowing(connection, **names)
    rows = operator_row(connection, CommandKind.LIFT_HALT, request_id)
    write_scope(connection.catalog, rows, scope, **names)
    write_reason(rows, text)
    return (yield from send_everywhere(connection, rows))


def cancel_order(
    connection: Connection,
    order_id: OrderId,
    *,
    expected_version: int = 0,
    request_id: RequestId | None = None,
) -> Conversation[Ack]:
    """Ask to cancel one order for somebody who does not own it: by request id, so no owner is in the way."""
    order = yield from known_order(connection, order_id)
    rows = operator_row(connection, CommandKind.CANCEL_ORDER, request_id)
    rows["order_id_hi"], rows["order_id_lo"] = order.hi, order.lo
    rows["expected_version"] = version_number(expected_version)
    scales = Scales(order.instrument.price_scale, order.instrument.qty_scale)
    return (yield from send_operator(order.partition, rows, scales=scales))
