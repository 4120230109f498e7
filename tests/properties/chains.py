"""What is linked: rows of tables to one another, and the events of one aggregate in the log."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.kernel.kinds import INTEGRITY
from engine.kernel.tables import Tables
from engine.rows.lifecycle_events import EXPOSURE_LIMITS_EVENT
from engine.rows.schema import SCHEMAS
from engine.vocabulary import EventKind, Namespace
from tests.model.partition import Partition
from tests.model.words import Side
from tests.properties.translation import id_of

Links = dict[str, dict[Any, Any]]

KEEPS_VERSION = (
    *INTEGRITY,
    EventKind.MARK_CHANGED,
    EventKind.TRADING_DAY_STARTED,
    EventKind.ORDER_RECALLED,
)
"""Events that follow others of their aggregate without being its next version."""


def links_of_kernel(tables: Tables) -> Links:
    """Which positions and holdings hang on each account, strategy and instrument, and which limits apply."""
    firm = tables.firm[0]
    holdings = range(1, int(firm["holdings"]) + 1)
    accounts = range(1, int(firm["accounts"]) + 1)
    return {
        "holdings of accounts": {n: _walked(tables, "account", "holding", n) for n in accounts},
        "positions of accounts": {n: _walked(tables, "account", "position", n) for n in accounts},
        "positions of strategies": {
            n: _walked(tables, "strategy", "position", n) for n in range(1, int(firm["strategies"]) + 1)
        },
        "holdings of instruments": {
            n: _walked(tables, "instrument", "holding", n) for n in range(1, int(firm["instruments"]) + 1)
        },
        "limits of holdings": {
            _parties(tables.holdings[slot]): _limits(tables, tables.holdings[slot]) for slot in holdings
        },
        "limits of accounts": {n: _limits(tables, tables.accounts[n]) for n in accounts},
        "orders that work": {
            _parties(tables.holdings[slot]): _working(tables, tables.holdings[slot]) for slot in holdings
        },
    }


PLURALS = {
    "account": "accounts",
    "strategy": "strategies",
    "instrument": "instruments",
    "holding": "holdings",
    "position": "positions",
}


def _walked(tables: Tables, owner: str, linked: str, handle: int) -> list[tuple[int, ...]]:
    """The parties of every row that hangs on an owner, sorted."""
    rows = getattr(tables, PLURALS[linked])
    return sorted(_parties(rows[slot]) for slot in _slots(tables, rows, owner, linked, handle))


def _slots(tables: Tables, rows: np.ndarray, owner: str, linked: str, handle: int) -> Iterator[int]:
    slot = int(getattr(tables, PLURALS[owner])[handle][f"first_{linked}"])
    while slot:
        yield slot
        slot = int(rows[slot][f"next_of_{owner}"])


def _parties(row: np.void) -> tuple[int, ...]:
    names = row.dtype.names or ()
    return tuple(int(row[name]) for name in ("account", "strategy", "instrument") if name in names)


def _limits(tables: Tables, row: np.void) -> tuple[int, ...] | None:
    """(account, instrument) of the limits that a row points at."""
    return _parties(tables.limits[row["limits"]]) if row["limits"] else None


def _working(tables: Tables, holding: np.void) -> list[tuple[str, int]]:
    """The orders on a holding's two lists, sorted: side and id; none twice, each linked both ways."""
    found = []
    for side in ("buy", "sell"):
        before, slot = 0, int(holding[f"first_{side}"])
        while slot:
            order = tables.orders[slot]
            assert order["prev_working"] == before, f"order {slot} follows {before}"
            found.append((side, int(order["key_hi"]) << 64 | int(order["key_lo"])))
            before, slot = slot, int(order["next_working"])
    return sorted(found)


def links_of_model(partition: Partition) -> Links:
    """The same of the model, which keeps no links: they are found by looking through everything."""
    held, filled, limits = sorted(partition.holdings), sorted(partition.positions), partition.limits
    accounts = partition.accounts.rows
    return {
        "holdings of accounts": {n: [key for key in held if key[0] == n] for n in accounts},
        "positions of accounts": {n: [key for key in filled if key[0] == n] for n in accounts},
        "positions of strategies": {
            n: [key for key in filled if key[1] == n] for n in partition.strategies.rows
        },
        "holdings of instruments": {
            n: [key for key in held if key[1] == n] for n in partition.instruments.rows
        },
        "limits of holdings": {key: key if key in limits else None for key in held},
        "limits of accounts": {n: (n, 0) if (n, 0) in limits else None for n in accounts},
        "orders that work": {key: _working_of_model(partition, key) for key in held},
    }


def _working_of_model(partition: Partition, holding: tuple[int, int]) -> list[tuple[str, int]]:
    """The orders of a holding that work."""
    return sorted(
        ("buy" if order.side == Side.BUY else "sell", id_of(order.order_id))
        for order in partition.orders.values()
        if (order.account, order.instrument) == holding and order.working_qty > 0
    )


# ---- the log


def broken_chains(log: np.ndarray) -> list[str]:
    """Events that do not name the one before them of the same aggregate, or are not its next version."""
    last: dict[Any, tuple[int, int]] = {}
    wrong = []
    for offset, row in enumerate(log):
        key, version = _aggregate(row), int(row["version"])
        before = last.get(key, (-1, 0)) if version else (-1, 0)
        step = 0 if not version or row["kind"] in KEEPS_VERSION else 1
        if (int(row["prev_offset"]), version) != (before[0], before[1] + step):
            wrong.append(f"offset {offset}: {EventKind(row['kind']).name} after {before}")
        if version:
            last[key] = (offset, version)
    return wrong


def chain_ends(log: np.ndarray) -> dict[Any, int]:
    """The offset of each aggregate's last event; an event without a version is on nobody's chain."""
    return {_aggregate(row): offset for offset, row in enumerate(log) if row["version"]}


def chain_ends_of_tables(tables: Tables) -> dict[Any, int]:
    """The same as the tables have it."""
    firm = tables.firm[0]
    ends: dict[Any, Any] = {}
    for row in _used(tables, "orders"):
        if row["account"]:
            ends[int(row["key_hi"]), int(row["key_lo"])] = row["last_offset"]
    for namespace, name in NAMED.items():
        for handle, row in enumerate(_used(tables, name), start=1):
            ends[namespace, handle] = row["last_offset"]
    for slot, row in enumerate(_used(tables, "positions"), start=1):
        if row["version"]:
            ends[Namespace.POSITION, slot] = row["last_offset"]
    for row in _used(tables, "limits"):
        ends["limits", int(row["account"]), int(row["instrument"])] = row["last_offset"]
    for row in _used(tables, "ledgers"):
        if row["is_limited"]:
            ends["exposure", int(row["account"]), int(row["currency"])] = row["last_offset"]
    if firm["version"]:
        ends[Namespace.SCOPE,] = firm["last_offset"]
    return {key: int(offset) for key, offset in ends.items()}


NAMED = {
    Namespace.ACCOUNT: "accounts",
    Namespace.STRATEGY: "strategies",
    Namespace.INSTRUMENT: "instruments",
    Namespace.VENUE: "venues",
    Namespace.PRINCIPAL: "principals",
    Namespace.CURRENCY: "rates",
    Namespace.LEASE: "leases",
}


def _used(tables: Tables, name: str) -> np.ndarray:
    rows: np.ndarray = getattr(tables, name)
    return rows[1 : int(tables.firm[0][name]) + 1]


def _aggregate(row: np.void) -> tuple[Any, ...]:
    """What an event is about; scopes share one chain, and limits have one for each account and instrument."""
    if row["kind"] == EventKind.LIMITS_CHANGED:
        return ("limits", int(row["account"]), int(row["instrument"]))
    if row["kind"] == EventKind.EXPOSURE_LIMITS_CHANGED:
        currency = row.view(EXPOSURE_LIMITS_EVENT)["currency_w0"] & 0xFFFFFF
        return ("exposure", int(row["account"]), int(currency))
    if row["order_id_hi"] == Namespace.SCOPE:
        return (Namespace.SCOPE,)
    return (int(row["order_id_hi"]), int(row["order_id_lo"]))


def unread_bytes(log: np.ndarray) -> list[str]:
    """Events with a byte set where their kind has no field: it would be hashed and never read."""
    raw = log.view(np.uint8).reshape(len(log), log.dtype.itemsize)
    wrong = []
    for offset, row in enumerate(log):
        fields = SCHEMAS[EventKind(row["kind"]), int(row["schema"])][1]
        is_read = np.zeros(log.dtype.itemsize, bool)
        for field in fields:
            is_read[field.offset : field.offset + np.dtype(field.format).itemsize] = True
        if raw[offset][~is_read].any():
            wrong.append(f"offset {offset}: {EventKind(row['kind']).name}")
    return wrong
