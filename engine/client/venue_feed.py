"""The venue's face: execution reports, facts that are never refused, only recognised or not understood."""

from datetime import date
from decimal import Decimal
from typing import Self

import numpy as np

from engine.answers import Ack, Acks, Answers, ack_of
from engine.client.accepted_words import EXEC_TYPES
from engine.client.bulk import send_rows
from engine.client.catalog import Instrument
from engine.client.client import BlockingFace, Face
from engine.client.command_rows import commands_of, copied
from engine.client.connection import Connection, introduce, knowing, opening, refresh
from engine.client.conversation import Conversation, Send, converse
from engine.client.in_doubt import mark_venue_in_doubt
from engine.client.order_lookup import OrderId, look_up_order, order_words
from engine.client.request_ids import RequestId
from engine.client.transport import Clock
from engine.config import Config
from engine.errors import BadRequest, OutcomeUnknown
from engine.flags import Given
from engine.kernel.keys import fill_exec_refs
from engine.limits import (
    COMMISSION_MAX,
    MONEY_SCALE,
    PRICE_MAX,
    QTY_MAX,
    TOTAL_QTY_MAX,
)
from engine.refusals import Scales
from engine.rows.commands import REPORT_COMMAND, command_rows
from engine.values import (
    Number,
    cl_ord_id_bytes,
    code_of,
    currency_bytes,
    id_text,
    time_ns,
    trade_date_number,
    units_of,
    units_within,
)
from engine.vocabulary import CommandKind, CxlRejResponseTo, ExecType, Lane, OrdStatus

_CORRECTIONS = (ExecType.TRADE_CORRECT, ExecType.TRADE_CANCEL)
_NEEDED = {
    ExecType.TRADE: ("last_qty", "last_px"),
    ExecType.TRADE_CORRECT: ("last_qty", "last_px"),
}
_SUMS = {"cum_qty", "leaves_qty"}
"""What any report may state: how much the venue has filled and left; it may be none."""
_ALLOWED = {
    ExecType.TRADE: {"last_qty", "last_px", "commission"},
    ExecType.TRADE_CORRECT: {"last_qty", "last_px", "commission"},
    ExecType.TRADE_CANCEL: {"commission"},
    ExecType.REPLACED: {"order_qty", "price"},
    ExecType.RESTATED: {"order_qty", "price"},
}
_FIELDS = {
    "last_qty": "qty",
    "order_qty": "qty",
    "last_px": "price",
    "price": "price",
    "cum_qty": "cum_qty",
    "leaves_qty": "leaves_qty",
    "commission": "commission",
}
"""Which field of the row holds a number; what an ExecType does with it is in docs/order-states.md."""
_FIX_NUMBER_MAX = 255
_OTHER = 99
"""CxlRejReason (102) of a venue that gives none."""
_REQUESTS = (CxlRejResponseTo.CANCEL, CxlRejResponseTo.REPLACE)
_GIVEN = {given.name.lower(): given for given in Given}


class VenueFeed(BlockingFace):
    """Reports what one venue did with orders; every method waits for its answer and is safe to repeat.

    A report is recognised by (venue, trade date, ExecID): again with the same content it is a DUPLICATE, with
    other content a CONFLICT.
    """

    def __init__(self, connection: Connection, venue: str) -> None:
        super().__init__(connection)
        self.venue = venue

    @classmethod
    def connect(  # type: ignore[override]
        cls,
        target: str,
        *,
        venue: str,
        principal: str | None = None,
        config: Config | None = None,
        clock: Clock | None = None,
    ) -> Self:
        """Connect to an engine as a venue; as in `Client.connect`, the principal is the venue if left out."""
        with opening(target, config=config, clock=clock) as connection:
            converse(connection.transport, introduce(connection, principal or venue))
        return cls(connection, venue)

    @classmethod
    def on(cls, other: Face, *, venue: str) -> Self:  # type: ignore[override]
        """A venue's face on the connection of another one."""
        return cls(other.connection, venue)

    def report(  # noqa: PLR0913 - what an execution report says
        self,
        order_id: OrderId,
        exec_type: ExecType | str,
        *,
        exec_id: str,
        last_qty: Number | None = None,
        last_px: Number | None = None,
        cum_qty: Number | None = None,
        leaves_qty: Number | None = None,
        order_qty: Number | None = None,
        price: Number | None = None,
        ord_status: OrdStatus | str | None = None,
        ord_rej_reason: int = 0,
        exec_restatement_reason: int = 0,
        exec_ref_id: str | None = None,
        exec_ref_trade_date: int | str | date | None = None,
        commission: Number | None = None,
        commission_currency: str | None = None,
        trade_date: int | str | date | None = None,
        ts_event: int = 0,
        account: str | None = None,
        instrument: str | None = None,
    ) -> Ack:
        """Report one execution; the Ack is here when the report is durable.

        - `order_id`: an Ack, 32 hex digits or a 128-bit number.
        - `exec_type`: ExecType (150) by name: PENDING_NEW, NEW, REJECTED, TRADE, PENDING_CANCEL, CANCELED,
          PENDING_REPLACE, REPLACED, RESTATED, DONE_FOR_DAY, STOPPED, SUSPENDED, CALCULATED, EXPIRED,
          TRIGGERED, ORDER_STATUS, TRADE_CORRECT or TRADE_CANCEL (a bust). NEW on a suspended order
          resumes it.
        - `exec_id`: ExecID (17), at most 20 printable ASCII characters.
        - `last_qty`, `last_px`: LastQty (32) and LastPx (31) of a TRADE, whole units; the price may be off
          the tick. Of a TRADE_CORRECT: what the trade really was.
        - `exec_ref_id`, `exec_ref_trade_date`: ExecRefID (19), the ExecID of what a TRADE_CORRECT or
          TRADE_CANCEL is about, and that report's trade date, this one's if left out. A correction may come
          before what it is about.
        - `cum_qty`, `leaves_qty`: CumQty (14) and LeavesQty (151) as the venue has them. Where its
          CumQty is not ours, a report is missing or was counted twice, and an event says so.
        - `order_qty`, `price`: the new terms of a REPLACED order, as asked if left out; or of a RESTATED one,
          whose OrderQty is else what is filled and `leaves_qty`.
        - `ord_status`: OrdStatus (39) of an ORDER_STATUS report, compared with ours.
        - `ord_rej_reason`, `exec_restatement_reason`: FIX's numbers of tags 103 and 378, kept as they come.
        - `commission`, `commission_currency`: Commission (12) and CommCurrency (479) of a TRADE or its
          correction: what the venue charges, negative for what it pays; in the instrument's currency if that
          is left out.
        - `trade_date`: of the report; the venue's current one if left out.
        - `ts_event`: when it happened, UTC ns; 0 for the time at which it is logged.
        - `account`, `instrument`: names, for an order that this process has not sent: they save looking it
          up, and are needed to report on an order that nobody has submitted. Where the order is on another
          instrument the report is INVALID, not booked in the wrong scales.
        """
        numbers = {
            "last_qty": last_qty,
            "last_px": last_px,
            "cum_qty": cum_qty,
            "leaves_qty": leaves_qty,
            "order_qty": order_qty,
            "price": price,
            "commission": commission,
        }
        kind = code_of(EXEC_TYPES, exec_type, "exec_type")
        given = _checked_numbers(kind, numbers)
        if commission is None and commission_currency is not None:
            raise BadRequest(f"commission_currency={commission_currency!r} without commission=")
        rows = command_rows(1).view(REPORT_COMMAND)
        rows["order_id_hi"], rows["order_id_lo"] = order_words(order_id)
        rows["kind"], rows["lane"], rows["exec_type"] = CommandKind.EXECUTION_REPORT, Lane.VENUE, kind
        rows["text"] = cl_ord_id_bytes(exec_id, "exec_id")
        rows["ts_event"] = time_ns(ts_event, "ts_event")
        rows["trade_date"] = 0 if trade_date is None else trade_date_number(trade_date)
        rows["given"] = sum(_GIVEN[name] for name in given if name in _GIVEN)
        rows["reject_reason"] = _fix_number("ord_rej_reason", ord_rej_reason)
        rows["restatement_reason"] = _fix_number("exec_restatement_reason", exec_restatement_reason)
        _state_status(rows, kind, ord_status)
        if commission_currency is not None:
            rows["commission_currency"] = currency_bytes(commission_currency, "commission_currency")
        about = _about(kind, exec_ref_id, exec_ref_trade_date)
        talk = _report(self.connection, self.venue, rows, given, account, instrument, about)
        return converse(self.connection.transport, talk)

    def reject_request(
        self,
        order_id: OrderId,
        response_to: CxlRejResponseTo | str,
        *,
        cl_ord_id: str,
        cxl_rej_reason: int = _OTHER,
        trade_date: int | str | date | None = None,
        ts_event: int = 0,
        account: str | None = None,
        instrument: str | None = None,
    ) -> Ack:
        """Report that the venue refuses a cancel or a replace: OrderCancelReject (35=9).

        - `response_to`: CxlRejResponseTo (434), CANCEL or REPLACE: which request is pending no more.
        - `cl_ord_id`: ClOrdID (11) of that request. FIX has no ExecID here, so a report is recognised by
          (venue, trade date, order, ClOrdID); for a request without one give any text of your own.
        - `cxl_rej_reason`: CxlRejReason (102), FIX's number, kept as it comes.
        - The rest is as in `report`.
        """
        rows = command_rows(1)
        rows["order_id_hi"], rows["order_id_lo"] = order_words(order_id)
        rows["kind"], rows["lane"] = CommandKind.CANCEL_REJECT, Lane.VENUE
        rows["text"] = cl_ord_id_bytes(cl_ord_id, "cl_ord_id")
        rows["ts_event"] = time_ns(ts_event, "ts_event")
        rows["trade_date"] = 0 if trade_date is None else trade_date_number(trade_date)
        stated = rows.view(REPORT_COMMAND)
        stated["response_to"] = code_of(_REQUESTS, response_to, "response_to")
        stated["reject_reason"] = _fix_number("cxl_rej_reason", cxl_rej_reason)
        talk = _report(self.connection, self.venue, rows, {}, account, instrument)
        return converse(self.connection.transport, talk)

    def line_lost(self, *, text: str = "", request_id: RequestId | None = None) -> Acks:
        """Mark all requests that the venue has not answered as in doubt, on all its orders.

        For whoever keeps the line to the venue, when it breaks: nobody knows what has arrived. Statuses and
        exposure stay as they are; what the venue reports next takes the marks away one by one
        (docs/order-states.md). It is `Admin.mark_venue_in_doubt` of this venue.
        """
        talk = mark_venue_in_doubt(self.connection, self.venue, text=text, request_id=request_id)
        return converse(self.connection.transport, talk)

    def report_many(self, rows: np.ndarray) -> Answers:
        """Report many executions, ready made as COMMAND rows; the answers keep their order.

        A row has the order id, `exec_type`, the ExecID as `text` and the numbers in units: LastQty or
        OrderQty as `qty`, LastPx or Price as `price`; CumQty as `cum_qty` counts where bit 1 of `given`
        (REPORT_COMMAND) says that it is stated. With the handle of the instrument whose units they are
        as `instrument`, a report on an order of another one is INVALID, not booked. Lane, venue and, where
        it is 0, the trade date are filled in here, in a copy; the kind too, unless it is CANCEL_REJECT.
        """
        return converse(self.connection.transport, _report_many(self.connection, self.venue, rows))


def _checked_numbers(kind: ExecType, numbers: dict[str, Number | None]) -> dict[str, Number]:
    """The numbers that were given, if they are those that a report of this kind has."""
    given = {name: value for name, value in numbers.items() if value is not None}
    missing = [name for name in _NEEDED.get(kind, ()) if name not in given]
    if missing:
        raise BadRequest(f"a report of {kind.name} needs {' and '.join(missing)}")
    if kind == ExecType.RESTATED and not given.keys() & {"order_qty", "leaves_qty"}:
        raise BadRequest("a report of RESTATED needs order_qty or leaves_qty")
    foreign = given.keys() - _ALLOWED.get(kind, set()) - _SUMS
    if foreign:
        raise BadRequest(f"a report of {kind.name} has no {' and no '.join(sorted(foreign))}")
    return given


def _about(kind: ExecType, exec_ref_id: str | None, trade_date: int | str | date | None) -> np.ndarray | None:
    """One row with the ExecID that a correction refers to, and its trade date if it is given."""
    if kind not in _CORRECTIONS:
        if exec_ref_id is not None or trade_date is not None:
            raise BadRequest(f"a report of {kind.name} has no exec_ref_id and no exec_ref_trade_date")
        return None
    if exec_ref_id is None:
        raise BadRequest(f"a report of {kind.name} needs exec_ref_id: what is it about?")
    rows = command_rows(1)
    rows["text"] = cl_ord_id_bytes(exec_ref_id, "exec_ref_id")
    rows["trade_date"] = 0 if trade_date is None else trade_date_number(trade_date)
    return rows


def _fix_number(name: str, number: int) -> int:
    """A number of FIX's own, if it fits the row's byte."""
    if not 0 <= number <= _FIX_NUMBER_MAX:
        raise BadRequest(f"{name} is {number}: FIX's numbers are 0 to {_FIX_NUMBER_MAX}")
    return number


def _state_status(stated: np.ndarray, kind: ExecType, ord_status: OrdStatus | str | None) -> None:
    """What the venue holds an order to be, where that is what it was asked for."""
    if ord_status is None:
        return
    if kind != ExecType.ORDER_STATUS:
        raise BadRequest(f"a report of {kind.name} has no ord_status: it follows from the order")
    stated["ord_status"] = code_of(tuple(OrdStatus), ord_status, "ord_status")


def _report(
    connection: Connection,
    venue: str,
    rows: np.ndarray,
    numbers: dict[str, Number],
    account: str | None,
    instrument: str | None,
    about: np.ndarray | None = None,
) -> Conversation[Ack]:
    yield from _fill_venue(connection, venue, rows)
    if about is not None:
        about["venue"] = rows["venue"]
        about["trade_date"] = np.where(about["trade_date"], about["trade_date"], rows["trade_date"])
        fill_exec_refs(rows, about)
    partition, what = yield from _place(connection, rows, account, instrument)
    rows["instrument"] = what.handle
    if "commission" in numbers and not rows["commission_currency"][0]:
        rows["commission_currency"] = what.currency.encode("ascii")
    for name, value in numbers.items():
        rows[_FIELDS[name]] = _units(name, value, what)
    order_id = id_text(rows["order_id_hi"][0], rows["order_id_lo"][0])
    exec_id = rows["text"][0].decode("ascii")
    try:
        answers, _ = yield Send(partition, rows)
    except OutcomeUnknown as error:
        error.add_note(f"report {exec_id!r} on order {order_id}: report it again, it counts once")
        raise
    scales = Scales(what.price_scale, what.qty_scale)
    return ack_of(answers[0], partition, order_id=order_id, text=exec_id, scales=scales)


def _fill_venue(connection: Connection, venue: str, rows: np.ndarray) -> Conversation[None]:
    """The venue's handle and, where a row names none, its trade date."""
    yield from knowing(connection, venue=venue)
    if connection.catalog.venue(venue).trade_date == 0:
        yield from refresh(connection)
    known = connection.catalog.venue(venue)
    rows["venue"] = known.handle
    undated = rows["trade_date"] == 0
    if undated.any() and known.trade_date == 0:
        raise BadRequest(f"venue {venue!r} has no trade date yet: Admin.start_trading_day gives it one")
    rows["trade_date"][undated] = known.trade_date


def _place(
    connection: Connection, rows: np.ndarray, account: str | None, instrument: str | None
) -> Conversation[tuple[int, Instrument]]:
    """Where a report goes, and the instrument whose scales it is in: rather the one that the caller names."""
    catalog = yield from knowing(connection, account=account, instrument=instrument)
    words = (int(rows["order_id_hi"][0]), int(rows["order_id_lo"][0]))
    named = None if instrument is None else catalog.instrument(instrument)
    order = connection.orders.find(words)
    if order is not None and order.is_proved:
        return order.partition, named or order.instrument
    if named is not None and account is not None:
        return catalog.account(account).partition, named
    if named is not None and len(catalog.partitions) == 1:
        return catalog.partitions[0], named
    try:
        order = yield from look_up_order(connection, words)
    except BadRequest as error:
        raise BadRequest(f"{error}; to report on it all the same, pass account= and instrument=") from error
    return order.partition, named or order.instrument


def _units(name: str, value: Number, instrument: Instrument) -> int:
    """A number of a report in the instrument's units; a price and a fill's quantity are above zero."""
    if name == "commission":
        sign = -1 if units_of(value, MONEY_SCALE, name) < 0 else 1
        return sign * units_within(abs(Decimal(value)), MONEY_SCALE, 0, COMMISSION_MAX, name)
    if _FIELDS[name] == "price":
        return units_within(value, instrument.price_scale, 1, PRICE_MAX, name)
    least = 0 if name in _SUMS else 1
    most = TOTAL_QTY_MAX if name == "cum_qty" else QTY_MAX
    return units_within(value, instrument.qty_scale, least, most, name)


def _report_many(connection: Connection, venue: str, rows: np.ndarray) -> Conversation[Answers]:
    commands = copied(commands_of(rows))
    is_reject = commands["kind"] == CommandKind.CANCEL_REJECT
    commands["kind"] = np.where(is_reject, commands["kind"], CommandKind.EXECUTION_REPORT)
    commands["lane"] = Lane.VENUE
    yield from _fill_venue(connection, venue, commands)
    return (yield from send_rows(connection, commands))
