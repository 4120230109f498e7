"""Which columns a table has: for each kind of answer, every column's name, meaning and field, in order."""

from collections.abc import Mapping
from enum import Enum, IntEnum
from typing import NamedTuple, get_args

import numpy as np

from engine.limits import MONEY_SCALE
from engine.projections.exposure import EXPOSURE_MEASURES
from engine.projections.profit import PROFIT_MEASURES
from engine.reads import rows
from engine.reads.questions import GroupBy
from engine.vocabulary import (
    AuthMethod,
    Check,
    EventKind,
    Lane,
    OrdStatus,
    OrdType,
    Reason,
    Scope,
    Side,
    TimeInForce,
    TradingState,
)


class Kind(Enum):
    """What a column holds."""

    TEXT = "text"
    CODE = "code"
    """A number of the vocabulary, shown by its name."""
    ID = "id"
    """A 128-bit id, shown as 32 hexadecimal digits."""
    INTEGER = "integer"
    FLAG = "flag"
    DECIMAL = "decimal"
    """A scaled integer of 64 or 128 bits."""
    TIME = "time"
    """UTC nanoseconds."""


class Column(NamedTuple):
    """One column: its name, what it holds, and where in the row it lies.

    `item` picks one of a field that holds several. `scale` is the number of decimal places, or the field of
    the row that says so. Where the field `valid` is 0 the column has no value.
    """

    name: str
    kind: Kind
    field: str
    item: int | None = None
    scale: int | str = 0
    valid: str | None = None
    words: type[IntEnum] | None = None


class Subject(NamedTuple):
    """One kind of answer: its name, the dtype of its rows, its columns."""

    name: str
    dtype: np.dtype[np.void]
    columns: tuple[Column, ...]


def _text(*names: str) -> list[Column]:
    return [Column(name, Kind.TEXT, name) for name in names]


def _integer(*names: str) -> list[Column]:
    return [Column(name, Kind.INTEGER, name) for name in names]


def _flag(*names: str) -> list[Column]:
    return [Column(name, Kind.FLAG, name) for name in names]


def _price(name: str, valid: str | None = None) -> Column:
    return Column(name, Kind.DECIMAL, name, scale="price_scale", valid=valid)


def _qty(name: str, valid: str | None = None) -> Column:
    return Column(name, Kind.DECIMAL, name, scale="qty_scale", valid=valid)


def _money(name: str, valid: str | None = None) -> Column:
    return Column(name, Kind.DECIMAL, name, scale=MONEY_SCALE, valid=valid)


def _code(name: str, words: type[IntEnum], valid: str | None = None) -> Column:
    return Column(name, Kind.CODE, name, words=words, valid=valid)


def _sums(group: GroupBy, measures: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns of sums by a group; where that is the currency, there is no other column for it."""
    money = [
        Column(name, Kind.DECIMAL, "money", item=at, scale=MONEY_SCALE) for at, name in enumerate(measures)
    ]
    return (
        *([] if group == "currency" else [Column(group, Kind.TEXT, "group")]),
        *_text("currency"),
        *money,
        *_integer("lines", "unpriced"),
    )


POSITIONS = Subject(
    "positions",
    rows.POSITION_ROW,
    (
        *_text("account", "strategy", "instrument", "currency"),
        _qty("qty"),
        _money("average_price", valid="is_open"),
        _price("mark", valid="is_priced"),
        _money("open_cost"),
        _money("realized"),
        _money("unrealized", valid="is_priced"),
        _money("cash"),
        _qty("buy_qty"),
        _qty("sell_qty"),
        _qty("working_buy_qty"),
        _qty("working_sell_qty"),
        _money("working_buy"),
        _money("working_sell"),
        Column("mark_time", Kind.TIME, "mark_ns", valid="is_priced"),
    ),
)
ORDERS = Subject(
    "orders",
    rows.ORDER_ROW,
    (
        Column("order_id", Kind.ID, "order_id"),
        *_text("account", "strategy", "instrument"),
        _code("side", Side),
        _code("status", OrdStatus),
        _code("ord_type", OrdType),
        _code("time_in_force", TimeInForce),
        _price("price"),
        _price("stop_px", valid="stop_px"),
        _qty("order_qty"),
        _qty("cum_qty"),
        _qty("leaves_qty"),
        _money("average_price", valid="cum_qty"),
        _price("pending_price", valid="is_replacing"),
        _price("pending_stop_px", valid="has_pending_stop"),
        _qty("pending_qty", valid="is_replacing"),
        _qty("min_qty", valid="min_qty"),
        _qty("display_qty", valid="display_qty"),
        Column("expire_time", Kind.TIME, "expire_ns", valid="expire_ns"),
        *_text("exec_inst"),
        *_flag("is_replacing", "is_canceling", "in_doubt", "has_conflict"),
        *_integer("version", "last_seq", "last_offset"),
    ),
)
BOOK = Subject(
    "book",
    rows.LEVEL_ROW,
    (
        *_text("instrument"),
        _code("side", Side),
        *_integer("level"),
        _price("price"),
        _qty("qty"),
        *_integer("orders"),
    ),
)
LAST_SEQS = Subject(
    "last_seqs",
    rows.SEQ_ROW,
    (Column("order_id", Kind.ID, "order_id"), *_integer("last_seq", "version")),
)
_OF_EVENTS = (
    *_integer("offset"),
    Column("order_id", Kind.ID, "order_id", valid="is_order"),
    Column("time", Kind.TIME, "ts_event"),
    _code("kind", EventKind),
    _code("lane", Lane),
    *_integer("seq", "version"),
    _code("status", OrdStatus),
    _code("reason", Reason),
    _code("check", Check),
    Column("venue_reason", Kind.INTEGER, "venue_reason", valid="has_venue_reason"),
    *_text("account", "strategy", "instrument"),
    _code("side", Side, valid="side"),
    _code("ord_type", OrdType, valid="ord_type"),
    _price("price", valid="has_terms"),
    _price("stop_px", valid="stop_px"),
    _qty("qty", valid="has_terms"),
    _qty("cum_qty", valid="is_order"),
    _qty("leaves_qty", valid="is_order"),
    *_text("text", "principal"),
    _code("auth_method", AuthMethod),
    Column("correlation", Kind.ID, "correlation"),
)
HISTORY = Subject("history", rows.EVENT_ROW, _OF_EVENTS)
EVENTS = Subject("events", rows.EVENT_ROW, _OF_EVENTS)
HALTS = Subject(
    "halts",
    rows.HALT_ROW,
    (
        _code("scope", Scope),
        *_text("name"),
        _code("state", TradingState),
        *_flag("is_latched"),
        _code("reason", Reason),
        *_text("text"),
        Column("since", Kind.TIME, "since_ns", valid="has_event"),
        _code("kind", EventKind, valid="has_event"),
        *_text("principal"),
        *_integer("partition"),
        Column("offset", Kind.INTEGER, "offset", valid="has_event"),
    ),
)
LEASES = Subject(
    "leases",
    rows.LEASE_ROW,
    (
        *_integer("partition"),
        *_text("currency"),
        _money("firm_limit", valid="is_limited"),
        _money("firm_granted"),
        _money("granted"),
        _money("returning"),
        _money("used"),
        Column("expire_time", Kind.TIME, "expires_ns", valid="expires_ns"),
        *_integer("serial"),
    ),
)
STATUS = Subject("status", rows.STATUS_ROW, (*_text("name"), *_integer("used", "capacity")))

SUBJECTS: Mapping[str, Subject] = {
    subject.name: subject
    for subject in (
        POSITIONS,
        ORDERS,
        BOOK,
        LAST_SEQS,
        HISTORY,
        EVENTS,
        HALTS,
        LEASES,
        STATUS,
        *(
            Subject(f"exposure by {group}", rows.SUM_ROW, _sums(group, EXPOSURE_MEASURES))
            for group in get_args(GroupBy)
        ),
        *(
            Subject(f"profit by {group}", rows.SUM_ROW, _sums(group, PROFIT_MEASURES))
            for group in get_args(GroupBy)
        ),
    )
}
"""Every kind of answer by its name."""
