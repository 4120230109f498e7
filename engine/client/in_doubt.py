"""Requests that a venue may not have seen: an operator flags them, and says later what became of them."""

from collections.abc import Sequence

from engine.answers import Ack, Acks
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
from engine.flags import InDoubt
from engine.kernel.in_doubt import VERDICTS
from engine.refusals import Scales
from engine.rows.commands import DOUBT_COMMAND
from engine.values import code_of
from engine.vocabulary import CommandKind, EventKind, Scope


def mark_in_doubt(
    connection: Connection,
    order_id: OrderId,
    *,
    requests: Sequence[InDoubt | str] = (),
    text: str = "",
    request_id: RequestId | None = None,
) -> Conversation[Ack]:
    """Say that a venue may not have seen what was sent to it: after a timeout, or when a line is down.

    Status and exposure stay as they are. What the venue reports next about a request takes the flag away.

    - `requests`: SUBMIT, CANCEL, REPLACE; all of the order's that are pending if left out. Where none of them
      is, the answer is INVALID NOT_PENDING.
    - `text`: why, at most 20 characters.
    """
    bits = {code_of(tuple(InDoubt), request, "requests") for request in requests}
    return (yield from _send(connection, order_id, CommandKind.MARK_IN_DOUBT, sum(bits), text, request_id))


def mark_venue_in_doubt(
    connection: Connection,
    venue: str,
    *,
    requests: Sequence[InDoubt | str] = (),
    text: str = "",
    request_id: RequestId | None = None,
) -> Conversation[Acks]:
    """The same of every order at a venue, in one command a partition: a line is down, and nobody knows what
    has arrived.

    Orders of which nothing is pending, or all is in doubt already, are left alone. After `OutcomeUnknown`
    call it again with the request id in the message: it goes on where it stopped.

    Gives one Ack a partition; `total_affected_orders` is of how many orders it marked something there.
    """
    bits = {code_of(tuple(InDoubt), request, "requests") for request in requests}
    yield from knowing(connection, venue=venue)
    rows = operator_row(connection, CommandKind.MARK_IN_DOUBT, request_id)
    write_scope(connection.catalog, rows, Scope.VENUE, venue=venue)
    rows.view(DOUBT_COMMAND)["in_doubt"] = sum(bits)
    write_reason(rows, text)
    return (yield from send_everywhere(connection, rows))


def resolve_in_doubt(
    connection: Connection,
    order_id: OrderId,
    verdict: EventKind | str,
    *,
    text: str,
    request_id: RequestId | None = None,
) -> Conversation[Ack]:
    """Say what the venue made of a request that is in doubt; it is done to the order as if reported.

    A fill has numbers and is reported as one: `VenueFeed.report`.

    - `verdict`: ORDER_ACCEPTED or ORDER_REJECTED of a submit, ORDER_CANCELED or CANCEL_REJECTED of a cancel,
      ORDER_REPLACED or REPLACE_REJECTED of a replace.
    - `text`: how it is known, at most 20 characters; it is kept with who said so.
    """
    if not text:
        raise BadRequest("text is empty: say how it is known what the venue did")
    kind = code_of(tuple(VERDICTS), verdict, "verdict")
    return (yield from _send(connection, order_id, CommandKind.RESOLVE_IN_DOUBT, kind, text, request_id))


def _send(
    connection: Connection,
    order_id: OrderId,
    kind: CommandKind,
    code: int,
    text: str,
    request_id: RequestId | None,
) -> Conversation[Ack]:
    order = yield from known_order(connection, order_id)
    rows = operator_row(connection, kind, request_id)
    rows["order_id_hi"], rows["order_id_lo"] = order.hi, order.lo
    rows.view(DOUBT_COMMAND)["in_doubt" if kind == CommandKind.MARK_IN_DOUBT else "verdict"] = code
    write_reason(rows, text)
    scales = Scales(order.instrument.price_scale, order.instrument.qty_scale)
    return (yield from send_operator(order.partition, rows, scales=scales))
