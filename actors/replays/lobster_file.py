"""LOBSTER's two files, row by row: messages about orders, and the book after each message.

Source: LOBSTER's own readme. A message has six columns: time (seconds after midnight, up to nine decimals),
type, order id, size, price (USD x 10,000), direction of the resting order. A row of the orderbook file has
four columns a level: ask price, ask size, bid price, bid size, best level first. Numbers are whole; nothing
passes a float.
"""

import re
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple, NoReturn

from actors.replays.source_file import malformed, numbered_lines
from engine.limits import PRICE_MAX, QTY_MAX

PRICE_SCALE = 4
"""Prices are in 10^-4 USD."""

NO_ASK = 9_999_999_999
NO_BID = -9_999_999_999
"""Prices that stand for "no such level"."""

ORDER_ID_MAX = 2**64 - 1
"""Largest order id: one machine word."""


class MessageType(IntEnum):
    """What a message says."""

    SUBMISSION = 1
    CANCELLATION = 2
    """Part of an order is canceled."""
    DELETION = 3
    EXECUTION = 4
    HIDDEN_EXECUTION = 5
    CROSS_TRADE = 6
    TRADING_HALT = 7


class HaltPrice(IntEnum):
    """What the price column of a trading halt message says."""

    HALTED = -1
    QUOTING = 0
    TRADING = 1


class Message(NamedTuple):
    """One row of a message file; `row` counts from 0, `direction` is 1 for a bid and -1 for an ask."""

    row: int
    time_ns: int
    type: MessageType
    order_id: int
    size: int
    price: int
    direction: int


Level = tuple[int, int]
"""Price and size."""


class BookRow(NamedTuple):
    """One row of an orderbook file: the levels of each side, best first, without the empty ones.

    `depth` is how many levels a side may show.
    """

    depth: int
    asks: tuple[Level, ...]
    bids: tuple[Level, ...]

    def side(self, direction: int) -> tuple[Level, ...]:
        """The bids (1) or the asks (-1)."""
        return self.bids if direction == 1 else self.asks


_COLUMNS = (
    ("time", rb"\d{1,6}(?:\.\d{1,9})?", "seconds with up to nine decimals"),
    ("type", rb"[1-7]", "a type from 1 to 7"),
    ("order id", rb"-?\d{1,20}", "a whole number"),
    ("size", rb"\d{1,13}", "a whole number"),
    ("price", rb"-?\d{1,16}", "a whole number"),
    ("direction", rb"-1|1", "1 or -1"),
)
_MESSAGE = re.compile(rb",".join(rb"(%s)" % pattern for _, pattern, _ in _COLUMNS))
_BOOK = re.compile(rb"-?\d{1,16}(?:,-?\d{1,16})*")


def read_messages(path: Path) -> Iterator[Message]:
    """Every message of a file, as long as rows are well formed; BadRequest names the first that is not."""
    for line, text in numbered_lines(path):
        found = _MESSAGE.fullmatch(text)
        if found is None:
            _refuse_message(path, line, text)
        time, kind, order_id, size, price, direction = found.groups()
        message = Message(
            line - 1,
            _nanoseconds(time),
            MessageType(int(kind)),
            int(order_id),
            int(size),
            int(price),
            int(direction),
        )
        problem = _problem(message)
        if problem:
            raise malformed(path, line, problem)
        yield message


def _nanoseconds(seconds: bytes) -> int:
    whole, _, decimals = seconds.partition(b".")
    return int(whole) * 10**9 + int(decimals.ljust(9, b"0"))


def _problem(message: Message) -> str:
    """What is wrong with a row of well-formed numbers; empty if nothing is."""
    if message.order_id > ORDER_ID_MAX:
        return f"order id: expected at most {ORDER_ID_MAX}, found {message.order_id}"
    if message.type == MessageType.TRADING_HALT:
        is_known = message.price in (HaltPrice.HALTED, HaltPrice.QUOTING, HaltPrice.TRADING)
        return "" if is_known else f"price: expected -1, 0 or 1 in a trading halt, found {message.price}"
    if message.type == MessageType.CROSS_TRADE:
        return ""
    if not 0 < message.size <= QTY_MAX:
        return f"size: expected 1 to {QTY_MAX}, found {message.size}"
    if not 0 < message.price <= PRICE_MAX:
        return f"price: expected 1 to {PRICE_MAX}, found {message.price}"
    if message.type != MessageType.HIDDEN_EXECUTION and message.order_id <= 0:
        return f"order id: expected 1 or more, found {message.order_id}"
    return ""


def _refuse_message(path: Path, line: int, text: bytes) -> NoReturn:
    found = text.split(b",")
    if len(found) != len(_COLUMNS):
        names = ", ".join(name for name, _, _ in _COLUMNS)
        raise malformed(path, line, f"expected {len(_COLUMNS)} columns ({names}), found {len(found)}")
    for (name, pattern, expected), value in zip(_COLUMNS, found, strict=True):
        if not re.fullmatch(pattern, value):
            raise malformed(
                path, line, f"{name}: expected {expected}, found {value.decode('ascii', 'replace')!r}"
            )
    raise AssertionError("a row whose columns all match does not match")


def read_books(path: Path) -> Iterator[BookRow]:
    """Every row of an orderbook file, all as deep as the first; BadRequest names one that is malformed."""
    columns = 0
    for line, text in numbered_lines(path):
        if not _BOOK.fullmatch(text):
            raise malformed(path, line, "expected whole numbers separated by commas")
        values = [int(value) for value in text.split(b",")]
        columns = columns or len(values)
        if len(values) != columns or columns % 4:
            raise malformed(path, line, f"expected {columns // 4 or 1} x 4 columns, found {len(values)}")
        asks, bids = _levels(values[0::4], values[1::4], NO_ASK), _levels(values[2::4], values[3::4], NO_BID)
        if any(price <= 0 or size < 0 for price, size in asks + bids):
            raise malformed(path, line, "expected prices above zero and no negative sizes")
        yield BookRow(columns // 4, asks, bids)


def _levels(prices: list[int], sizes: list[int], none: int) -> tuple[Level, ...]:
    """The levels of one side that are there."""
    return tuple((price, size) for price, size in zip(prices, sizes, strict=True) if price != none and size)
