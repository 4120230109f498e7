"""Many new orders from a table: names become handles, numbers units, ids are computed, column by column."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np

from engine.answers import Answers
from engine.client.accepted_words import ORD_TYPES, SIDES, TIMES_IN_FORCE
from engine.client.bulk import send_rows
from engine.client.catalog import Catalog, Instrument
from engine.client.command_rows import name_words
from engine.client.connection import Connection, knowing, refresh
from engine.client.conversation import Conversation
from engine.client.order_terms import money_factor
from engine.client.table_columns import (
    Columns,
    columns_of,
    refusal_of_rows,
    require_rows,
    require_steps,
    text_column,
    units_column,
)
from engine.client.term_columns import TERM_COLUMNS, fill_conditions, fill_prices
from engine.errors import BadRequest
from engine.kernel.keys import fill_order_ids
from engine.limits import (
    CL_ORD_ID_BYTES_MAX,
    MONEY_SCALE,
    NAME_BYTES_MAX,
    NOTIONAL_BITS_MAX,
    QTY_MAX,
)
from engine.rows.commands import ORDER_COMMAND, command_rows
from engine.values import code_of
from engine.vocabulary import CommandKind, Lane, OrdType, TimeInForce

NEEDED = ("account", "instrument", "strategy", "side")
NUMBERS = ("qty", "qty_scaled", "price", "price_scaled")
OPTIONAL = ("ord_type", "time_in_force", "cl_ord_id", "ts_event", *TERM_COLUMNS)


class _Names(NamedTuple):
    """A column of names or codes: the different ones, and which of them each row has."""

    names: list[Any]
    at: np.ndarray


def submit_many(connection: Connection, table: object) -> Conversation[Answers]:
    """Submit a table of orders, one a row; the answers keep its order.

    Every row is checked before any is sent. Give `cl_ord_id` to make resending the table safe; without, take
    `order_rows` and `send_rows`, and send the same rows again after `OutcomeUnknown`.

    - `table`: a mapping of arrays, a structured array, a polars or pandas DataFrame, or anything that speaks
      Arrow.
    - `account`, `instrument`, `strategy`: columns of names.
    - `side`; `ord_type`, LIMIT if left out; `time_in_force`, DAY if left out. Names or FIX codes.
    - `qty` and `price`: whole units as integers, or `str` or `Decimal`, which are read row by row; or
      `qty_scaled` and `price_scaled`, integers in units of the instrument's scales, the fast way.
    - `stop_px`, `min_qty`, `display_qty`, or each with `_scaled`; `expire_time`: UTC ns; `exec_inst`: bits or
      text as `"6 E"`. All as in `submit`, 0 where a row has none; so is `price` if there is an `ord_type`.
    - `cl_ord_id`: ClOrdIDs, made up if left out; `ts_event`: UTC ns.
    """
    rows = yield from order_rows(connection, table)
    return (yield from send_rows(connection, rows))


def order_rows(connection: Connection, table: object) -> Conversation[np.ndarray]:
    """The COMMAND rows of a table of orders, as `submit_many` sends them; nothing is sent."""
    columns = columns_of(table)
    _require_columns(columns)
    parties = {name: _names_of(columns[name], name) for name in ("account", "instrument", "strategy")}
    catalog = yield from knowing(connection, **{name: column.names for name, column in parties.items()})
    if not _trade_dates(catalog, parties["instrument"]).all():
        yield from refresh(connection)
    rows = command_rows(len(columns["side"]))
    rows["kind"], rows["lane"], rows["seq"] = CommandKind.SUBMIT_ORDER, Lane.OWNER, 1
    _fill_parties(catalog, rows, parties)
    _fill_terms(catalog, rows, columns, parties["instrument"])
    _fill_ids(connection, rows, columns, parties["account"])
    return rows


def _require_columns(columns: Columns) -> None:
    known = (*NEEDED, *NUMBERS, *OPTIONAL)
    for name in columns:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            raise BadRequest(f"unknown column {name!r}: {hint}")
    missing = [name for name in NEEDED if name not in columns]
    numbers = ("qty",) if "ord_type" in columns else ("qty", "price")
    missing += [name for name in numbers if (name in columns) == (f"{name}_scaled" in columns)]
    if missing:
        raise BadRequest(
            f"a table of orders has one column each of {', '.join(missing)} (numbers: or _scaled)"
        )


def _names_of(column: np.ndarray, what: str) -> _Names:
    names, at = np.unique(text_column(column, what, NAME_BYTES_MAX), return_inverse=True)
    return _Names([name.decode("ascii") for name in names.tolist()], at)


def _fill_parties(catalog: Catalog, rows: np.ndarray, parties: dict[str, _Names]) -> None:
    """Handles, and the check that each strategy is its account's."""
    accounts, strategies = parties["account"], parties["strategy"]
    owners = _per_row(strategies, lambda name: catalog.strategy(name).account)
    rows["account"] = _per_row(accounts, lambda name: catalog.account(name).handle)
    rows["strategy"] = _per_row(strategies, lambda name: catalog.strategy(name).handle)
    rows["instrument"] = _per_row(parties["instrument"], lambda name: catalog.instrument(name).handle)
    require_rows(
        rows["account"] == owners,
        lambda row: catalog.foreign_strategy(
            strategies.names[strategies.at[row]], accounts.names[accounts.at[row]]
        ),
    )


def _trade_dates(catalog: Catalog, instruments: _Names) -> np.ndarray:
    """The trade date of each row's venue, 0 before its first."""
    return _per_row(instruments, lambda name: catalog.instrument_venue(catalog.instrument(name)).trade_date)


def _per_row(column: _Names, fact: Callable[[Any], int]) -> np.ndarray:
    """A fact about each row's name, looked up once a name; int64. BadRequest says which row has a bad one."""
    facts = np.zeros(len(column.names), np.int64)
    for at, name in enumerate(column.names):
        try:
            facts[at] = fact(name)
        except BadRequest as error:
            raise refusal_of_rows(column.at == at, str(error)) from error
    per_row: np.ndarray = facts[column.at]
    return per_row


def _fill_terms(catalog: Catalog, rows: np.ndarray, columns: Columns, instruments: _Names) -> None:
    def of_instrument(fact: Callable[[Instrument], int]) -> np.ndarray:
        return _per_row(instruments, lambda name: fact(catalog.instrument(name)))

    price_scales = of_instrument(lambda instrument: instrument.price_scale)
    qty_scales = of_instrument(lambda instrument: instrument.qty_scale)
    rows["qty"] = units_column(columns, "qty", qty_scales, QTY_MAX)
    _fill_codes(rows, columns)
    terms = rows.view(ORDER_COMMAND)
    ticks, lots = (
        of_instrument(lambda instrument: instrument.tick),
        of_instrument(lambda instrument: instrument.lot),
    )
    require_steps(rows["qty"], lots, qty_scales, "qty", "lot")
    fill_prices(terms, columns, price_scales, ticks)
    fill_conditions(terms, columns, qty_scales, lots)
    _require_notionals(rows, of_instrument(money_factor))
    rows["trade_date"] = of_instrument(catalog.trade_date)


def _fill_codes(rows: np.ndarray, columns: Columns) -> None:
    rows["side"] = _codes(columns["side"], lambda value: code_of(SIDES, value, "side"), "side")
    rows["ord_type"], rows["time_in_force"] = OrdType.LIMIT, TimeInForce.DAY
    if "ord_type" in columns:
        rows["ord_type"] = _codes(
            columns["ord_type"], lambda value: code_of(ORD_TYPES, value, "ord_type"), "ord_type"
        )
    if "time_in_force" in columns:
        rows["time_in_force"] = _codes(
            columns["time_in_force"],
            lambda value: code_of(TIMES_IN_FORCE, value, "time_in_force"),
            "time_in_force",
        )


def _require_notionals(rows: np.ndarray, factors: np.ndarray) -> None:
    """Refuse products past the bound; the last bits of this estimate are the kernel's business."""
    money = rows["qty"].astype(np.float64) * rows["price"] * factors
    require_rows(
        money < 2.0**NOTIONAL_BITS_MAX,
        lambda row: f"qty x price is a notional of {money[row] / 10**MONEY_SCALE:.3g}, past the bound",
    )


def _codes(column: np.ndarray, code: Callable[[str | int], int], what: str) -> np.ndarray:
    """Names or codes of an enum as codes, each different one looked up once."""
    if column.dtype.kind in "iu":
        values, at = np.unique(column, return_inverse=True)
        return _per_row(_Names(values.tolist(), at), code)
    return _per_row(_names_of(column, what), code)


def _fill_ids(connection: Connection, rows: np.ndarray, columns: Columns, accounts: _Names) -> None:
    if "cl_ord_id" in columns:
        rows["text"] = text_column(columns["cl_ord_id"], "cl_ord_id", CL_ORD_ID_BYTES_MAX)
    else:
        rows["text"] = connection.fresh_text_ids(len(rows))
    if "ts_event" in columns:
        rows["ts_event"] = columns["ts_event"].astype(np.int64)
    fill_order_ids(rows, name_words(accounts.names)[accounts.at])
