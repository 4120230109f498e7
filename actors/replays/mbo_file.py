"""A market-by-order file, row by row: every change of every order of an instrument.

Source: the vendor's description of its MBO schema in CSV. The first line names the columns; those below must
be there, `instrument_id` and `symbol` may be. Prices are in 10^-9 of the currency, times in UTC nanoseconds.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from actors.replays.source_file import SYMBOL_EXPECTED, is_symbol, malformed, numbered_lines
from engine.limits import PRICE_MAX, QTY_MAX

FILE_SCALE = 9
"""Prices of the file are in 10^-9."""

PRICE_SCALE = 8
"""The engine's finest scale beside whole quantities; a price that needs the ninth decimal is refused."""

FILE_UNITS: int = 10 ** (FILE_SCALE - PRICE_SCALE)
"""Units of the file's price in one of the engine's."""

NO_PRICE = 2**63 - 1
"""The price of a row that has none."""

TIME_NS_MAX = 2**62
"""Latest time, in UTC nanoseconds: the year 2116."""


class Action(StrEnum):
    """What a row says."""

    ADD = "A"
    MODIFY = "M"
    CANCEL = "C"
    FILL = "F"
    TRADE = "T"
    CLEAR = "R"
    NONE = "N"
    """Nothing happens to an order: the row carries flags alone."""


class MboRow(NamedTuple):
    """One row, from 0; `side` is B, A or N, `price` is at PRICE_SCALE and 0 where the row has none."""

    row: int
    ts_recv_ns: int
    ts_event_ns: int
    action: Action
    side: str
    price: int
    size: int
    order_id: int
    instrument: str


class _Columns(NamedTuple):
    """Where each column stands; `instrument` is -1 where the file is about one instrument alone."""

    in_all: int
    ts_recv: int
    ts_event: int
    action: int
    side: int
    price: int
    size: int
    order_id: int
    instrument: int


_REQUIRED = ("ts_recv", "ts_event", "action", "side", "price", "size", "order_id")
_ACTIONS = {action.value: action for action in Action}
_RESTING = (Action.ADD, Action.MODIFY, Action.CANCEL, Action.FILL)


def read_mbo(path: Path) -> Iterator[MboRow]:
    """Every row of a file, as long as they are well formed; BadRequest names the first that is not."""
    lines = numbered_lines(path)
    line, header = next(lines, (1, b""))
    columns = _columns_of(path, header.decode("ascii", "replace").split(","))
    for line, text in lines:
        values = text.decode("ascii", "replace").split(",")
        if len(values) != columns.in_all:
            raise malformed(path, line, f"expected {columns.in_all} columns, found {len(values)}")
        try:
            yield _row_of(line - 2, values, columns)
        except ValueError as error:
            raise malformed(path, line, str(error)) from error


def _columns_of(path: Path, names: list[str]) -> _Columns:
    missing = [name for name in _REQUIRED if name not in names]
    if missing:
        raise malformed(path, 1, f"the first line must name the columns; missing: {', '.join(missing)}")
    named = next((name for name in ("symbol", "instrument_id") if name in names), None)
    places = [names.index(name) for name in _REQUIRED]
    return _Columns._make([len(names), *places, names.index(named) if named else -1])


def _row_of(row: int, values: list[str], columns: _Columns) -> MboRow:
    """The row of these values; ValueError says what is wrong with one."""
    action = _ACTIONS.get(values[columns.action])
    if action is None:
        raise ValueError(f"action: expected one of {', '.join(_ACTIONS)}, found {values[columns.action]!r}")
    side = values[columns.side]
    if side not in (("A", "B") if action in _RESTING else ("A", "B", "N")):
        raise ValueError(f"side: expected A or B, found {side!r}")
    return MboRow(
        row,
        _time("ts_recv", values[columns.ts_recv]),
        _time("ts_event", values[columns.ts_event]),
        action,
        side,
        _price_of(action, _signed("price", values[columns.price])),
        _size_of(action, _whole("size", values[columns.size])),
        _whole("order_id", values[columns.order_id]),
        _name_of(values[columns.instrument]) if columns.instrument >= 0 else "",
    )


def _number(is_number: Callable[[str], bool], name: str, text: str) -> int:
    if not (text.isascii() and is_number(text) and int(text) < 2**64):
        raise ValueError(f"{name}: expected a whole number, found {text!r}")
    return int(text)


def _whole(name: str, text: str) -> int:
    """A number of digits alone, at most 64 bits."""
    return _number(str.isdigit, name, text)


def _signed(name: str, text: str) -> int:
    """A number that may have a minus sign."""
    return -_whole(name, text[1:]) if text.startswith("-") else _whole(name, text)


def _time(name: str, text: str) -> int:
    """UTC nanoseconds; the largest numbers stand for a time that is not known."""
    time_ns = _whole(name, text)
    if time_ns > TIME_NS_MAX:
        raise ValueError(f"{name}: expected UTC nanoseconds up to {TIME_NS_MAX}, found {text}")
    return time_ns


def _name_of(text: str) -> str:
    if not is_symbol(text):
        raise ValueError(f"symbol {text!r}: {SYMBOL_EXPECTED}")
    return text


def _price_of(action: Action, price: int) -> int:
    """A price at PRICE_SCALE, exactly."""
    if action not in _RESTING or (price == NO_PRICE and action == Action.CANCEL):
        return 0
    scaled, rest = divmod(price, FILE_UNITS)
    if rest:
        raise ValueError(f"price: {price} x 10^-{FILE_SCALE} needs more than {PRICE_SCALE} decimals")
    if not 0 < scaled <= PRICE_MAX:
        raise ValueError(
            f"price: expected more than 0 and at most {PRICE_MAX} x 10^-{PRICE_SCALE}, found {price}"
        )
    return scaled


def _size_of(action: Action, size: int) -> int:
    if action in _RESTING and not 0 < size <= QTY_MAX:
        raise ValueError(f"size: expected 1 to {QTY_MAX}, found {size}")
    return size
