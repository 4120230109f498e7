"""The tables of a partition's state: what each row holds, and how they are reserved.

Tables are reserved once at their configured capacity (pages that nobody touches cost nothing) and never grow.
Rows are handed out in the order of the log, so that folding the same log gives the same bytes. Handle 0 and
slot 0 mean "none" everywhere.
"""

from typing import NamedTuple

import numpy as np

from engine.vocabulary import TradingState

_NAME = [("name_w0", "<u8"), ("name_w1", "<u8")]
"""A 16-byte name as two words; `names_of` reads it as text."""


def _wide(name: str) -> list[tuple[str, str]]:
    """A 128-bit number as two words."""
    return [(f"{name}_hi", "<i8"), (f"{name}_lo", "<u8")]


ORDER = np.dtype(
    [
        ("key_hi", "<u8"),
        ("key_lo", "<u8"),
        ("last_offset", "<i8"),
        ("price", "<i8"),
        ("order_qty", "<i8"),
        ("cum_qty", "<i8"),
        *_wide("cum_value"),
        ("pending_price", "<i8"),
        ("pending_qty", "<i8"),
        ("account", "<u4"),
        ("instrument", "<u4"),
        ("strategy", "<u4"),
        ("position", "<u4"),
        ("holding", "<u4"),
        ("last_seq", "<u4"),
        ("version", "<u4"),
        ("life", "u1"),
        ("side", "u1"),
        ("time_in_force", "u1"),
        ("is_canceling", "u1"),
        ("is_replacing", "u1"),
        ("has_conflict", "u1"),
        ("ord_type", "u1"),
        ("pad", "S5"),
    ]
)
"""One order. `cum_value` is the sum of quantity x price of its fills; `pending_*` the replace in flight.

An order that was refused here has neither position nor holding, until a venue reports on it all the same.
"""

ALIAS = np.dtype([("key_hi", "<u8"), ("key_lo", "<u8"), ("order", "<u4"), ("pad", "<u4")])
"""A ClOrdID that a replace used, as the order id it would have made: it cannot start another order."""

EXECUTION = np.dtype(
    [
        ("key_hi", "<u8"),
        ("key_lo", "<u8"),
        ("fingerprint", "<u8"),
        ("offset", "<i8"),
        ("last_px", "<i8"),
        ("last_qty", "<i8"),
        ("order", "<u4"),
        ("exec_type", "u1"),
        ("has_conflict", "u1"),
        ("pad", "<u2"),
    ]
)
"""One execution report, recognised by (venue, trade date, ExecID)."""

REQUEST = np.dtype(
    [
        ("key_hi", "<u8"),
        ("key_lo", "<u8"),
        ("fingerprint", "<u8"),
        ("offset", "<i8"),
        ("progress", "<u4"),
        ("count", "<u4"),
        ("is_done", "u1"),
        ("has_conflict", "u1"),
        ("pad", "S6"),
    ]
)
"""One operator request; `progress` is the last order that a mass cancel asked to cancel, `count` how many."""

POSITION = np.dtype(
    [
        ("key_hi", "<u8"),
        ("key_lo", "<u8"),
        ("qty", "<i8"),
        *_wide("open_cost"),
        *_wide("realized"),
        *_wide("cash"),
        ("buy_qty", "<i8"),
        ("sell_qty", "<i8"),
        ("working_buy_qty", "<i8"),
        ("working_sell_qty", "<i8"),
        *_wide("working_buy_value"),
        *_wide("working_sell_value"),
        ("account", "<u4"),
        ("strategy", "<u4"),
        ("instrument", "<u4"),
        ("next_of_strategy", "<u4"),
        ("next_of_account", "<u4"),
        ("pad", "<u4"),
    ]
)
"""Net position of (account, strategy, instrument); money in 10^-8 of the instrument's currency, exact."""

HOLDING = np.dtype(
    [
        ("key_hi", "<u8"),
        ("key_lo", "<u8"),
        ("qty", "<i8"),
        ("working_buy_qty", "<i8"),
        ("working_sell_qty", "<i8"),
        *_wide("working_buy_value"),
        *_wide("working_sell_value"),
        ("account", "<u4"),
        ("instrument", "<u4"),
        ("limits", "<u4"),
        ("next_of_account", "<u4"),
        ("next_of_instrument", "<u4"),
        ("pad", "<u4"),
    ]
)
"""What an account holds and works in an instrument, over all strategies: what the position limit looks at."""

ACCOUNT = np.dtype(
    [
        *_NAME,
        ("last_offset", "<i8"),
        ("rate_full_ns", "<i8"),
        ("version", "<u4"),
        ("limits", "<u4"),
        ("first_holding", "<u4"),
        ("first_position", "<u4"),
        ("trading_state", "u1"),
        ("is_defined", "u1"),
        ("pad", "S6"),
    ]
)
"""An account; `rate_full_ns` is when its token bucket will be full again (GCRA's arrival time)."""

STRATEGY = np.dtype(
    [
        *_NAME,
        ("last_offset", "<i8"),
        ("version", "<u4"),
        ("account", "<u4"),
        ("first_position", "<u4"),
        ("trading_state", "u1"),
        ("is_defined", "u1"),
        ("pad", "<u2"),
    ]
)
"""A strategy and the account it trades for."""

INSTRUMENT = np.dtype(
    [
        *_NAME,
        ("last_offset", "<i8"),
        ("tick", "<i8"),
        ("lot", "<i8"),
        ("multiplier", "<i8"),
        ("money_factor", "<i8"),
        ("mark", "<i8"),
        ("mark_ns", "<i8"),
        ("mark_offset", "<i8"),
        ("version", "<u4"),
        ("venue", "<u4"),
        ("mark_band_ppm", "<u4"),
        ("first_holding", "<u4"),
        ("currency", "S3"),
        ("price_scale", "u1"),
        ("qty_scale", "u1"),
        ("trading_state", "u1"),
        ("is_defined", "u1"),
        ("pad", "u1"),
    ]
)
"""An instrument; `money_factor` turns price x quantity into money.

`mark` is 0 until there is one; `mark_ns` is the time it is of, `mark_offset` its event.
"""

VENUE = np.dtype(
    [
        *_NAME,
        ("last_offset", "<i8"),
        ("version", "<u4"),
        ("trade_date", "<u4"),
        ("is_defined", "u1"),
        ("pad", "S7"),
    ]
)
"""A venue and its calendar's trade date (yyyymmdd), moved only by TradingDayStarted."""

PRINCIPAL = np.dtype(
    [*_NAME, ("last_offset", "<i8"), ("version", "<u4"), ("is_defined", "u1"), ("pad", "S3")]
)
"""Who may be named as the author of a command: a person or a program."""

LIMITS = np.dtype(
    [
        ("key_hi", "<u8"),
        ("key_lo", "<u8"),
        ("last_offset", "<i8"),
        ("max_order_qty", "<i8"),
        ("max_order_notional", "<i8"),
        ("max_long_qty", "<i8"),
        ("max_short_qty", "<i8"),
        ("rate_interval_ns", "<i8"),
        ("rate_burst_ns", "<i8"),
        ("account", "<u4"),
        ("instrument", "<u4"),
        ("version", "<u4"),
        ("collar_ppm", "<u4"),
    ]
)
"""Limits of an account, for one instrument or (instrument 0) for all that have none of their own."""

FIRM = np.dtype(
    [
        ("next_offset", "<i8"),
        ("reference_next", "<i8"),
        ("last_offset", "<i8"),
        ("orders", "<i8"),
        ("aliases", "<i8"),
        ("executions", "<i8"),
        ("requests", "<i8"),
        ("positions", "<i8"),
        ("holdings", "<i8"),
        ("limits", "<i8"),
        ("accounts", "<i8"),
        ("strategies", "<i8"),
        ("instruments", "<i8"),
        ("venues", "<i8"),
        ("principals", "<i8"),
        ("open_orders", "<i8"),
        ("version", "<u4"),
        ("trading_state", "u1"),
        ("pad", "S3"),
    ]
)
"""The one row about the whole partition: where it is in its log, and how many rows each table has used."""

BOUNDS = np.dtype(
    [("orders", "<i8"), ("aliases", "<i8"), ("executions", "<i8"), ("requests", "<i8"), ("positions", "<i8")]
)
"""How many rows of a table may be used before it only takes what must always pass: see `room.py`."""


class Capacity(NamedTuple):
    """How many rows each table reserves, and how full one may be before new orders are refused.

    Bytes a row are those of its dtype. There are as many ClOrdIDs of replaces as orders, and as many holdings
    as positions.
    """

    orders: int = 1_000_000
    executions: int = 3_000_000
    requests: int = 65_536
    positions: int = 262_144
    limits: int = 65_536
    accounts: int = 4_096
    strategies: int = 16_384
    instruments: int = 4_096
    venues: int = 256
    principals: int = 4_096
    refuse_percent: int = 95


class Tables(NamedTuple):
    """A partition's whole state: every table and every index, as NumPy arrays.

    `bounds` is a setting, not state: folding one log into larger tables gives the same digest.
    """

    firm: np.ndarray
    bounds: np.ndarray
    orders: np.ndarray
    aliases: np.ndarray
    executions: np.ndarray
    requests: np.ndarray
    positions: np.ndarray
    holdings: np.ndarray
    limits: np.ndarray
    accounts: np.ndarray
    strategies: np.ndarray
    instruments: np.ndarray
    venues: np.ndarray
    principals: np.ndarray
    order_index: np.ndarray
    alias_index: np.ndarray
    execution_index: np.ndarray
    request_index: np.ndarray
    position_index: np.ndarray
    holding_index: np.ndarray
    limits_index: np.ndarray


def _index(rows: int) -> np.ndarray:
    """An empty open-addressing index: a power of two of slots, at most 5/8 full at `rows`."""
    slots = 8
    while slots * 5 < rows * 8:
        slots *= 2
    return np.zeros(slots, np.uint32)


def new_tables(capacity: Capacity | None = None) -> Tables:
    """Empty tables of the given capacity; row 0 of each stays unused, so that 0 means none."""
    size = capacity or Capacity()
    tables = Tables(
        firm=np.zeros(1, FIRM),
        bounds=np.zeros(1, BOUNDS),
        orders=np.zeros(size.orders + 1, ORDER),
        aliases=np.zeros(size.orders + 1, ALIAS),
        executions=np.zeros(size.executions + 1, EXECUTION),
        requests=np.zeros(size.requests + 1, REQUEST),
        positions=np.zeros(size.positions + 1, POSITION),
        holdings=np.zeros(size.positions + 1, HOLDING),
        limits=np.zeros(size.limits + 1, LIMITS),
        accounts=np.zeros(size.accounts + 1, ACCOUNT),
        strategies=np.zeros(size.strategies + 1, STRATEGY),
        instruments=np.zeros(size.instruments + 1, INSTRUMENT),
        venues=np.zeros(size.venues + 1, VENUE),
        principals=np.zeros(size.principals + 1, PRINCIPAL),
        order_index=_index(size.orders),
        alias_index=_index(size.orders),
        execution_index=_index(size.executions),
        request_index=_index(size.requests),
        position_index=_index(size.positions),
        holding_index=_index(size.positions),
        limits_index=_index(size.limits),
    )
    _reset(tables, size)
    return tables


def names_of(table: np.ndarray) -> np.ndarray:
    """The names of a table whose rows start with one: S16, one a row, a view."""
    return np.ndarray(table.shape, "S16", table, strides=table.strides)


def _reset(tables: Tables, size: Capacity) -> None:
    """The state before the first event: nothing used, trading active."""
    tables.firm["last_offset"] = -1
    tables.firm["trading_state"] = TradingState.ACTIVE
    bounds = tables.bounds[0]
    for name in BOUNDS.names or ():
        bounds[name] = (len(getattr(tables, name)) - 1) * size.refuse_percent // 100
