"""Trades taken back or corrected by operators: with a reason, and with somebody else's approval."""

from datetime import date

import numpy as np

from engine.answers import Ack
from engine.client.catalog import Instrument
from engine.client.connection import Connection, knowing
from engine.client.conversation import Conversation
from engine.client.operator_rows import operator_row, send_operator
from engine.client.order_lookup import OrderId, known_order
from engine.client.request_ids import RequestId, request_words
from engine.errors import BadRequest
from engine.kernel.keys import fill_exec_refs
from engine.limits import NAME_BYTES_MAX, PRICE_MAX, QTY_MAX
from engine.refusals import Scales
from engine.rows.commands import CORRECTION_COMMAND, REPORT_COMMAND, command_rows
from engine.values import Number, cl_ord_id_bytes, name_bytes, trade_date_number, units_within
from engine.vocabulary import CommandKind


def bust_trade(
    connection: Connection,
    order_id: OrderId,
    exec_ref_id: str | Ack,
    *,
    text: str,
    approver: str,
    exec_ref_trade_date: int | str | date | None = None,
    request_id: RequestId | None = None,
) -> Conversation[Ack]:
    """Take a trade back that the venue takes back by phone, or no more at all; it then counts for nothing.

    - `order_id`: the trade's order.
    - `exec_ref_id`: ExecRefID (19), the ExecID of the trade, or of what corrects it last; of an operator's
      correction its Ack.
    - `text`: why, at most 16 characters; it is kept with who asked and who approved.
    - `approver`: who approves it, a principal that has connected once and is not the sender.
    - `exec_ref_trade_date`: of that report; the venue's current one if left out.

    INVALID where no such trade is booked (CORRECTION_AWAITED), it is void already (BUST_OF_BUST), or
    something else corrects it last (SECOND_CORRECTION).
    """
    rows = operator_row(connection, CommandKind.BUST_TRADE, request_id)
    about = (exec_ref_id, exec_ref_trade_date)
    return (yield from _send(connection, rows, order_id, about, text, approver, {}))


def correct_trade(  # noqa: PLR0913 - what a trade was, why it was not, and who says so
    connection: Connection,
    order_id: OrderId,
    exec_ref_id: str | Ack,
    *,
    last_qty: Number,
    last_px: Number,
    text: str,
    approver: str,
    exec_ref_trade_date: int | str | date | None = None,
    request_id: RequestId | None = None,
) -> Conversation[Ack]:
    """Say what a trade really was: LastQty (32) and LastPx (31), in whole units. The rest is as in
    `bust_trade`.
    """
    rows = operator_row(connection, CommandKind.CORRECT_TRADE, request_id)
    about = (exec_ref_id, exec_ref_trade_date)
    numbers = {"last_qty": last_qty, "last_px": last_px}
    return (yield from _send(connection, rows, order_id, about, text, approver, numbers))


def _send(
    connection: Connection,
    rows: np.ndarray,
    order_id: OrderId,
    about: tuple[str | Ack, int | str | date | None],
    text: str,
    approver: str,
    numbers: dict[str, Number],
) -> Conversation[Ack]:
    if not text:
        raise BadRequest("text is empty: say why the trade is taken back or corrected")
    order = yield from known_order(connection, order_id)
    yield from knowing(connection, principal=approver)
    rows["order_id_hi"], rows["order_id_lo"] = order.hi, order.lo
    rows["text"] = name_bytes(text, "text", NAME_BYTES_MAX)
    said = rows.view(CORRECTION_COMMAND)
    said["approver"] = connection.catalog.principal(approver).handle
    said["exec_ref_hi"], said["exec_ref_lo"] = _exec_ref(connection, order.instrument, *about)
    if numbers:
        instrument = order.instrument
        said["qty"] = units_within(numbers["last_qty"], instrument.qty_scale, 1, QTY_MAX, "last_qty")
        said["price"] = units_within(numbers["last_px"], instrument.price_scale, 1, PRICE_MAX, "last_px")
    scales = Scales(order.instrument.price_scale, order.instrument.qty_scale)
    return (yield from send_operator(order.partition, rows, scales=scales))


def _exec_ref(
    connection: Connection,
    instrument: Instrument,
    exec_ref_id: str | Ack,
    trade_date: int | str | date | None,
) -> tuple[int, int]:
    """The key of the report that is meant: a venue's, or an operator's by its request id."""
    about = command_rows(1)
    if isinstance(exec_ref_id, Ack):
        about["text_w0"], about["text_w1"] = request_words(exec_ref_id.request_id)
    else:
        about["text"] = cl_ord_id_bytes(exec_ref_id, "exec_ref_id")
        venue = connection.catalog.instrument_venue(instrument)
        about["venue"] = venue.handle
        about["trade_date"] = venue.trade_date if trade_date is None else trade_date_number(trade_date)
    found = command_rows(1).view(REPORT_COMMAND)
    fill_exec_refs(found, about)
    return int(found["exec_ref_hi"][0]), int(found["exec_ref_lo"][0])
