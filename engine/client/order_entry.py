"""Order entry: submit, replace and cancel one order, and what to do when an answer is missing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

import numpy as np

from engine.answers import Ack, Acks, ack_of
from engine.client.accepted_words import SIDES
from engine.client.catalog import Account, Instrument, Strategy
from engine.client.command_rows import cancel_row, copied, replace_row, submit_row, write_locate
from engine.client.connection import Connection, knowing, refresh
from engine.client.conversation import Conversation, Send
from engine.client.order_lookup import OrderId, known_order, next_seq
from engine.client.order_memory import FIRST_SEQ, KnownOrder
from engine.client.order_terms import conditions_of, shown_qty, terms_of
from engine.errors import BadRequest, NotReady, OutcomeUnknown, Overloaded, Unavailable
from engine.refusals import Scales
from engine.values import Number, code_of, trade_date_number
from engine.vocabulary import AnswerCode, OrdType, Side, TimeInForce

NUMBERINGS_MAX = 3
"""Times a command is numbered: a gap means that one before was not taken, or that somebody numbers too."""

IS_THE_ORDER = {AnswerCode.ACCEPTED, AnswerCode.REJECTED, AnswerCode.DUPLICATE}
"""Answers to a SubmitOrder that say that the order is what was sent; a denied order is one too."""

NOTHING_HAPPENED = (BadRequest, Overloaded, NotReady, Unavailable)
"""Errors that say that no partition has taken the command."""


def submit(  # noqa: PLR0913 - what an order is
    connection: Connection,
    *,
    account: str,
    instrument: str,
    strategy: str,
    side: Side | str,
    qty: Number,
    price: Number | None = None,
    ord_type: OrdType | str = OrdType.LIMIT,
    stop_px: Number | None = None,
    time_in_force: TimeInForce | str = TimeInForce.DAY,
    expire_time: datetime | int | None = None,
    min_qty: Number | None = None,
    display_qty: Number | None = None,
    max_floor: Number | None = None,
    exec_inst: int | str = 0,
    cl_ord_id: str | None = None,
    trade_date: int | str | date | None = None,
    has_locate: bool = False,
) -> Conversation[Ack]:
    """Submit an order; the Ack is here when the order, or its denial, is durable.

    Submitting again with the same `cl_ord_id` and `trade_date` is safe: the same order is a DUPLICATE with
    the first outcome. A ClOrdID is used once an account and trade date: on the next date it is another order.

    - `account`, `instrument`, `strategy`: names.
    - `side`: BUY, SELL, SELL_SHORT or SELL_SHORT_EXEMPT.
    - `qty`, `price`: int, str or Decimal in whole units, on the instrument's lot and tick.
    - `ord_type`: LIMIT and STOP_LIMIT have a `price`; STOP and STOP_LIMIT wait for `stop_px`. MARKET and STOP
      orders work, and count against limits, at the last price inside the collar around mark or `stop_px`.
    - `time_in_force`: DAY, GTC, IOC, FOK, or GTD with `expire_time`: a datetime with a time zone or UTC ns, a
      whole second.
    - `min_qty` and `display_qty` (`max_floor` in older FIX), at most `qty`, and `exec_inst`, members of
      ExecInst or FIX's characters as `"6 E"`, are for the venue; DO_NOT_INCREASE is checked here too.
    - `cl_ord_id`: ClOrdID (11), at most 20 printable ASCII characters; made up if left out.
    - `trade_date`: TradeDate (75), the venue's current one if left out. A program that may have submitted
      this order before its venue's date moved on names the date of that time: the answer is then DUPLICATE,
      or STALE_TRADE_DATE if the order was never taken.
    - `has_locate`: whether the stock to be sold short has been found, for instruments that ask for it.

    BadRequest says that it could never be right, and that nothing was sent. After `OutcomeUnknown` submit
    again with the ClOrdID that its notes name.
    """
    who, what, under = yield from _parties(connection, account, instrument, strategy)
    terms = terms_of(what, ord_type, qty, price, stop_px)
    row = submit_row(
        who,
        what,
        under,
        trade_date=connection.catalog.trade_date(what)
        if trade_date is None
        else trade_date_number(trade_date),
        side=code_of(SIDES, side, "side"),
        terms=terms,
        conditions=conditions_of(
            what,
            terms.qty,
            time_in_force=time_in_force,
            min_qty=min_qty,
            display_qty=shown_qty(display_qty, max_floor),
            expire_time=expire_time,
            exec_inst=exec_inst,
        ),
        cl_ord_id=connection.fresh_text_id() if cl_ord_id is None else cl_ord_id,
    )
    write_locate(row, has_locate)
    ack = yield from _deliver(connection, _new_order(who, what, under, row), row)
    if ack.code == AnswerCode.STALE_TRADE_DATE:
        yield from refresh(connection)
    return ack


def _parties(
    connection: Connection, account: str, instrument: str, strategy: str
) -> Conversation[tuple[Account, Instrument, Strategy]]:
    """Who trades what under which strategy; BadRequest where a name is unknown or not the account's."""
    catalog = yield from knowing(connection, account=account, instrument=instrument, strategy=strategy)
    who, what, under = catalog.account(account), catalog.instrument(instrument), catalog.strategy(strategy)
    if under.account != who.handle:
        raise BadRequest(catalog.foreign_strategy(strategy, account))
    if catalog.instrument_venue(what).trade_date == 0:
        yield from refresh(connection)
    return who, what, under


def _new_order(account: Account, instrument: Instrument, strategy: Strategy, rows: np.ndarray) -> KnownOrder:
    row = rows[0]
    return KnownOrder(
        (int(row["order_id_hi"]), int(row["order_id_lo"])),
        account.partition,
        instrument,
        account=account.handle,
        strategy=strategy.handle,
        side=int(row["side"]),
        ord_type=int(row["ord_type"]),
        time_in_force=int(row["time_in_force"]),
        next_seq=FIRST_SEQ + 1,
    )


def replace(
    connection: Connection,
    order_id: OrderId,
    *,
    qty: Number,
    price: Number | None = None,
    stop_px: Number | None = None,
    cl_ord_id: str | None = None,
    expected_version: int = 0,
    has_locate: bool = False,
) -> Conversation[Ack]:
    """Ask the venue for new terms; `qty` is OrderQty (38), the total including what is filled.

    After `OutcomeUnknown` call it again with the same arguments: the same bytes are sent, and the answer is
    the truth.

    - `order_id`: an Ack, 32 hex digits or a 128-bit number.
    - `qty`, `price`, `stop_px`: the whole new terms, as in `submit`; the rest stays as the order has it.
    - `cl_ord_id`: ClOrdID (11) of the replace; made up if left out.
    - `expected_version`: the version of the order that the decision was based on; 0 asks for none.
    - `has_locate`: as in `submit`.
    """
    order = yield from known_order(connection, order_id)
    row = replace_row(
        order,
        terms=terms_of(order.instrument, order.ord_type, qty, price, stop_px),
        cl_ord_id=connection.fresh_text_id() if cl_ord_id is None else cl_ord_id,
        expected_version=expected_version,
    )
    write_locate(row, has_locate)
    return (yield from _deliver_next(connection, order, row, is_text_fresh=cl_ord_id is None))


def cancel(
    connection: Connection,
    order_id: OrderId,
    *,
    cl_ord_id: str | None = None,
    expected_version: int = 0,
) -> Conversation[Ack]:
    """Ask the venue to cancel what is left of an order; arguments and resending as in `replace`."""
    order = yield from known_order(connection, order_id)
    row = cancel_row(order, cl_ord_id=cl_ord_id or "", expected_version=expected_version)
    return (yield from _deliver_next(connection, order, row, is_text_fresh=False))


def resend_unanswered(connection: Connection) -> Conversation[Acks]:
    """Send every command again that was sent and not answered; gives what became of each."""
    acks = Acks()
    for order in connection.orders.unanswered():
        for seq in sorted(order.unanswered):
            ack = yield from _deliver(connection, order, order.unanswered[seq])
            acks.append(ack)
    return acks


def _deliver_next(
    connection: Connection, order: KnownOrder, row: np.ndarray, *, is_text_fresh: bool
) -> Conversation[Ack]:
    """Number a command and deliver it; first learn what became of those before it that were not answered."""
    for seq in sorted(order.unanswered):
        pending = order.unanswered[seq]
        ack = yield from _deliver(connection, order, pending)
        if _is_same_request(pending, row, is_text_fresh=is_text_fresh):
            return ack
    for _ in range(NUMBERINGS_MAX):
        row["seq"] = yield from next_seq(order)
        ack = yield from _deliver(connection, order, row)
        if ack.code != AnswerCode.GAP:
            break
    return ack


def _is_same_request(sent: np.ndarray, wanted: np.ndarray, *, is_text_fresh: bool) -> bool:
    """Whether a row asks for what another has asked for; a ClOrdID that was made up does not count."""
    asked = copied(wanted)
    asked["seq"] = sent["seq"]
    if is_text_fresh:
        asked["text"] = sent["text"]
    return bool(asked.tobytes() == sent.tobytes())


def _deliver(connection: Connection, order: KnownOrder, row: np.ndarray) -> Conversation[Ack]:
    """Send one row of an order, keep it while its outcome is open, and learn from the answer."""
    with _kept_while_open(connection, order, row):
        answers, _ = yield Send(order.partition, row)
    ack = ack_of(
        answers[0],
        order.partition,
        order_id=order.text,
        text=row["text"][0].decode("ascii"),
        scales=Scales(order.instrument.price_scale, order.instrument.qty_scale),
    )
    known = _settled(connection, order, row, ack.code)
    if ack.code not in {AnswerCode.ACCEPTED, AnswerCode.REJECTED}:
        # The number was not used, or not by us: only the partition knows the next one.
        known.next_seq = 0
    return ack


def _settled(connection: Connection, order: KnownOrder, row: np.ndarray, code: AnswerCode) -> KnownOrder:
    """Remember what an answer has told about the row's number; gives the order as it is remembered."""
    seq = int(row["seq"][0])
    known = connection.orders.find((order.hi, order.lo)) or order
    if seq == FIRST_SEQ and code in IS_THE_ORDER:
        known = connection.orders.learn(order)
        known.unanswered.pop(seq, None)
        return known
    # Another row of this number may wait for its own answer.
    if seq in known.unanswered and known.unanswered[seq].tobytes() == row.tobytes():
        del known.unanswered[seq]
    if seq == FIRST_SEQ:
        connection.orders.forget(order)
    return known


@contextmanager
def _kept_while_open(connection: Connection, order: KnownOrder, row: np.ndarray) -> Iterator[None]:
    """Keep a row whose outcome an error leaves open; being cancelled while waiting is such an error."""
    seq = int(row["seq"][0])
    try:
        yield
    except NOTHING_HAPPENED:
        # A row that was sent before and got no answer then is as open as it was.
        order.next_seq = 0
        raise
    except BaseException as error:
        known = connection.orders.remember(order)
        if not known.is_proved:
            known.become(order)
        known.unanswered[seq] = row
        if isinstance(error, OutcomeUnknown):
            error.add_note(
                f"order {order.text}, number {seq}, ClOrdID {row['text'][0].decode('ascii')!r}: call again "
                "with the same arguments and this ClOrdID, or call resend_unanswered(); it executes once"
            )
        raise
