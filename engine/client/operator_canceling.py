"""Cancels by request id, for those who do not own the orders: one order, or every live one of a scope."""

from engine.answers import Ack, Acks
from engine.client.command_rows import version_number
from engine.client.connection import Connection, knowing
from engine.client.conversation import Conversation
from engine.client.operator_rows import operator_row, send_everywhere, send_operator, write_scope
from engine.client.order_lookup import OrderId, known_order
from engine.client.request_ids import RequestId
from engine.refusals import Scales
from engine.vocabulary import CommandKind, Scope


def mass_cancel(
    connection: Connection,
    scope: Scope | str,
    *,
    account: str | None = None,
    strategy: str | None = None,
    instrument: str | None = None,
    request_id: RequestId | None = None,
) -> Conversation[Acks]:
    """Ask to cancel every live order of an account, a strategy, an instrument, or all of them.

    It has a request id instead of a number, so it never waits for an order's owner and never collides. After
    `OutcomeUnknown` call it again with the request id in the message.

    - `scope`: ALL, ACCOUNT, STRATEGY or INSTRUMENT; the last three with the name they are about.
    - `request_id`: 32 hex digits or a 128-bit number; made up if left out.

    Gives one Ack a partition; `total_affected_orders` is how many orders it asked to cancel there.
    """
    yield from knowing(connection, account=account, strategy=strategy, instrument=instrument)
    rows = operator_row(connection, CommandKind.MASS_CANCEL, request_id)
    write_scope(connection.catalog, rows, scope, account=account, strategy=strategy, instrument=instrument)
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
