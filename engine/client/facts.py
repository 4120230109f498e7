"""What a client must know before it can write a command: the reference data, and the terms of an order.

Both are questions to a projector, which calls `catalog_facts` and `order_facts`; the client reads the answers
with `learn_catalog` and `facts_of`. Rows travel as the bytes of the kernel's own tables, so both sides are
of one release, as they are for frames.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from engine.client.catalog import Catalog, Instrument
from engine.errors import BadRequest
from engine.kernel.table_rows import ACCOUNT, INSTRUMENT, ORDER, PRINCIPAL, STRATEGY, VENUE
from engine.kernel.tables import Tables, names_of
from engine.projections.lookups import find_orders

_DTYPES = {
    "venues": VENUE,
    "instruments": INSTRUMENT,
    "accounts": ACCOUNT,
    "strategies": STRATEGY,
    "principals": PRINCIPAL,
}


class CatalogQuestion(msgspec.Struct, frozen=True, tag="catalog"):
    """All reference data, once the event at `min_position` is folded (-1: as it stands)."""

    min_position: int = -1


class OrderFactsQuestion(msgspec.Struct, frozen=True, tag="order_facts"):
    """The terms of orders, once the event at `min_position` is folded; ids are 16 big-endian bytes each."""

    order_ids: bytes
    min_position: int = -1


def catalog_facts(tables: Tables) -> bytes:
    """The used rows of the reference tables, handle 0 included, as MessagePack: table name to bytes."""
    used = {name: int(tables.firm[name][0]) + 1 for name in _DTYPES}
    return msgspec.msgpack.encode({name: getattr(tables, name)[: used[name]].tobytes() for name in _DTYPES})


def order_facts(tables: Tables, question: OrderFactsQuestion) -> bytes:
    """One ORDER row an id asked for, all zeros where the order is not known, as MessagePack bytes."""
    wanted = np.frombuffer(question.order_ids, ">u8").astype(np.uint64).reshape(-1, 2)
    slots = np.zeros(len(wanted), np.int64)
    find_orders(wanted, tables.order_index, tables.orders, slots)
    return msgspec.msgpack.encode(tables.orders[slots].tobytes())


def order_facts_question(order_ids: Sequence[tuple[int, int]], min_position: int) -> bytes:
    """The question about these orders, each id two words."""
    packed = np.array(order_ids, np.uint64).astype(">u8").tobytes()
    return msgspec.msgpack.encode(OrderFactsQuestion(packed, min_position))


def catalog_question(min_position: int) -> bytes:
    """The question about all reference data."""
    return msgspec.msgpack.encode(CatalogQuestion(min_position))


def facts_of(answer: bytes) -> np.ndarray:
    """The ORDER rows of an answer about orders."""
    try:
        return np.frombuffer(msgspec.msgpack.decode(answer, type=bytes), ORDER)
    except (msgspec.MsgspecError, ValueError) as error:
        raise _unreadable(error) from error


def learn_catalog(catalog: Catalog, answer: bytes) -> None:
    """Take everything that an answer about reference data defines into the catalog."""
    rows = _tables_of(answer)
    for name, handle, row in _entries(rows["venues"]):
        catalog.add_venue(name, handle, int(row["trade_date"]))
    for name, handle, row in _entries(rows["instruments"]):
        catalog.add_instrument(_instrument_of(name, handle, row))
    for name, handle, _ in _entries(rows["accounts"]):
        catalog.add_account(name, handle)
    for name, handle, row in _entries(rows["strategies"]):
        catalog.add_strategy(name, handle, int(row["account"]))
    for name, handle, _ in _entries(rows["principals"]):
        catalog.add_principal(name, handle)


def _tables_of(answer: bytes) -> dict[str, np.ndarray]:
    try:
        packed = msgspec.msgpack.decode(answer, type=dict[str, bytes])
        return {name: np.frombuffer(packed[name], dtype) for name, dtype in _DTYPES.items()}
    except (msgspec.MsgspecError, KeyError, ValueError) as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> BadRequest:
    return BadRequest(
        f"the projector's answer is not readable ({error}): client and engine are of one release"
    )


def _entries(rows: np.ndarray) -> list[tuple[str, int, np.void]]:
    """The defined rows of a table: (name, handle, row)."""
    names = names_of(rows)
    return [(names[h].decode("ascii"), int(h), rows[h]) for h in np.flatnonzero(rows["is_defined"])]


def _instrument_of(name: str, handle: int, row: np.void) -> Instrument:
    return Instrument(
        name=name,
        handle=handle,
        price_scale=int(row["price_scale"]),
        qty_scale=int(row["qty_scale"]),
        tick=int(row["tick"]),
        lot=int(row["lot"]),
        multiplier=int(row["multiplier"]),
        venue=int(row["venue"]),
        currency=row["currency"].decode("ascii"),
        mark_band_ppm=int(row["mark_band_ppm"]),
    )
