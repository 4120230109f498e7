"""Commands in the making: orders, venue reports, marks and trading states, as one table of COMMAND rows.

Every identifier comes from the file: ClOrdIDs from order ids and row numbers, ExecIDs and request ids from
row numbers. A second run over the same file therefore sends the same bytes, and the engine recognises them.
"""

from typing import NamedTuple

import numpy as np

from engine.errors import BadRequest
from engine.kernel.keys import fill_order_ids
from engine.limits import CL_ORD_ID_BYTES_MAX
from engine.rows.commands import command_rows
from engine.vocabulary import CommandKind, ExecType, Lane, OrdType, Scope, Side, TimeInForce, TradingState

ROWS_AT_FIRST = 8_192
"""Rows reserved at first; the table doubles when a frame needs more."""

_COMMANDS_OF_A_MESSAGE_BITS = 24
"""Bits of a request id for the command's number within its message: a price level holds no more orders."""

_DIGITS_MAX = 16
"""Longest order id of a file that is its ClOrdID as it stands: leaves four characters for a tag."""

_NAME_WORDS = np.dtype([("name_w0", "<u8"), ("name_w1", "<u8")])


class Party(NamedTuple):
    """Whose an order is: an account, by name and handle, and one of its strategies, by handle."""

    account_name: str
    account: int
    strategy: int


class Source(NamedTuple):
    """What all commands about one instrument share; `tag` ends their ids, so that two files' never clash."""

    instrument: int
    venue: int
    trade_date: int
    tag: str = ""


class OrderRef(NamedTuple):
    """A submitted order, as every later command about it names it."""

    id_hi: int
    id_lo: int
    account: int
    strategy: int
    instrument: int
    side: Side


def cl_ord_id_of(source_id: int) -> str:
    """The ClOrdID of a file's order id: its digits, or, where a tag might not fit behind them, base 36."""
    digits = str(source_id)
    return digits if len(digits) <= _DIGITS_MAX else f"x{np.base_repr(source_id, 36)}"


class CommandDraft:
    """Collects the commands of one message after another; `take` gives them as COMMAND rows."""

    def __init__(self) -> None:
        self._rows = command_rows(ROWS_AT_FIRST)
        self._used = 0
        self._source = Source(0, 0, 0)
        self._message_row = 0
        self._message_number = 0
        self._source_id = 0
        self._time_ns = 0
        self._mark_ns = 0

    def __len__(self) -> int:
        return self._used

    def begin(self, source: Source, row: int, time_ns: int, source_id: int) -> None:
        """Begin the commands of a message: its row in the file, from 0, and the file's id of the order."""
        self._source = source
        self._message_row = row
        self._message_number = 0
        self._source_id = source_id
        self._time_ns = time_ns

    def submit(self, party: Party, side: Side, price: int, qty: int, cl_ord_id: str) -> OrderRef:
        """SubmitOrder, and the venue's report that it is New."""
        at, row = self._begin_row(CommandKind.SUBMIT_ORDER, Lane.OWNER)
        row["seq"] = 1
        row["account"] = party.account
        row["strategy"] = party.strategy
        row["instrument"] = self._source.instrument
        self._write_terms(row, side, price, qty, cl_ord_id)
        names = np.array([party.account_name.encode()], "S16").view(_NAME_WORDS)
        fill_order_ids(self._rows[at : at + 1], names)
        order = OrderRef(
            int(row["order_id_hi"]),
            int(row["order_id_lo"]),
            party.account,
            party.strategy,
            self._source.instrument,
            side,
        )
        self.report(order, ExecType.NEW)
        return order

    def replace(self, order: OrderRef, seq: int, price: int, qty: int, cl_ord_id: str) -> None:
        """ReplaceOrder as the order's command number `seq`, and the venue's report that it is Replaced."""
        _, row = self._begin_row(CommandKind.REPLACE_ORDER, Lane.OWNER)
        row["seq"] = seq
        _write_order(row, order)
        self._write_terms(row, order.side, price, qty, cl_ord_id)
        self.report(order, ExecType.REPLACED, qty=qty, price=price)

    def report(
        self,
        order: OrderRef,
        exec_type: ExecType,
        *,
        qty: int = 0,
        price: int = 0,
        leaves_qty: int = 0,
        why: str = "",
    ) -> None:
        """A venue's report on an order; its ExecID is made of the message's row and the command's number.

        `why` stands before them where the report follows from the window, not from the message.
        """
        _, row = self._begin_row(CommandKind.EXECUTION_REPORT, Lane.VENUE)
        _write_order(row, order)
        row["text"] = self._text(f"{why}{self._message_row}.{self._message_number}{self._source.tag}")
        row["exec_type"] = exec_type
        row["venue"] = self._source.venue
        row["trade_date"] = self._source.trade_date
        row["price"] = price
        row["qty"] = qty
        row["leaves_qty"] = leaves_qty

    def mark(self, price: int) -> None:
        """SetMark of the instrument."""
        row = self._begin_request(CommandKind.SET_MARK)
        row["price"] = price
        # Two marks of one message would have one time, and the engine takes only what is newer.
        self._mark_ns = max(self._time_ns, self._mark_ns + 1)
        row["ts_event"] = self._mark_ns

    def trading_state(self, state: TradingState) -> None:
        """SetTradingState of the instrument; the reference log decides it, so it ends the frame before it."""
        row = self._begin_request(CommandKind.SET_TRADING_STATE)
        row["scope"] = Scope.INSTRUMENT
        row["text"] = b"as the file says"
        row["trading_state"] = state

    def take(self, count: int) -> np.ndarray:
        """The first rows, COMMAND, a copy; the draft is empty afterwards."""
        rows = self._rows[:count].copy()
        self._rows[: self._used] = command_rows(1)[0]
        self._used = 0
        return rows

    def _begin_row(self, kind: CommandKind, lane: Lane) -> tuple[int, np.void]:
        """The next free row and its index, with what all kinds share."""
        at = self._used
        if at == len(self._rows):
            self._rows = np.concatenate([self._rows, command_rows(at)])
        self._used += 1
        self._message_number += 1
        row = self._rows[at]
        row["kind"] = kind
        row["lane"] = lane
        row["ts_event"] = self._time_ns
        row["correlation_hi"] = self._message_row + 1
        row["correlation_lo"] = self._source_id
        return at, row

    def _begin_request(self, kind: CommandKind) -> np.void:
        _, row = self._begin_row(kind, Lane.OPERATOR)
        row["request_hi"] = self._source.trade_date << 32 | self._source.instrument
        row["request_lo"] = self._message_row << _COMMANDS_OF_A_MESSAGE_BITS | self._message_number
        row["instrument"] = self._source.instrument
        return row

    def _write_terms(self, row: np.void, side: Side, price: int, qty: int, cl_ord_id: str) -> None:
        row["text"] = self._text(cl_ord_id + self._source.tag)
        row["trade_date"] = self._source.trade_date
        row["side"] = side
        row["ord_type"] = OrdType.LIMIT
        row["time_in_force"] = TimeInForce.DAY
        row["price"] = price
        row["qty"] = qty

    def _text(self, text: str) -> bytes:
        if len(text) > CL_ORD_ID_BYTES_MAX:
            raise BadRequest(
                f"row {self._message_row}: the id {text} is longer than {CL_ORD_ID_BYTES_MAX} bytes"
            )
        return text.encode("ascii")


def _write_order(row: np.void, order: OrderRef) -> None:
    row["order_id_hi"] = order.id_hi
    row["order_id_lo"] = order.id_lo
    row["account"] = order.account
    row["strategy"] = order.strategy
    row["instrument"] = order.instrument
