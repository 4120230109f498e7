"""Price-level books: for each instrument and side, how much rests at each price, folded from the orders.

A limit order rests in its book while its life is NEW: its leaves, at its price. The levels of a side are kept
in no order, in a list that is changed in constant time; a read picks and sorts the few it needs.
"""

import hashlib
from typing import NamedTuple

import numpy as np

from engine.flags import Notice
from engine.kernel.jit import rule
from engine.kernel.order_facts import leaves_of
from engine.projections.level_index import find_level, insert_level, remove_level
from engine.vocabulary import Life, OrdType, Side

LEVEL = np.dtype(
    [
        ("price", "<i8"),
        ("qty", "<i8"),
        ("orders", "<u4"),
        ("book", "<u4"),
        ("next", "<u4"),
        ("previous", "<u4"),
    ]
)
"""One price of one side of an instrument, in the instrument's scales; `orders` is 0 in a row that is free."""

BOOKS_STATE = np.dtype([("used", "<i8"), ("free", "<i8"), ("live", "<i8")])
"""Rows ever used, the first free one (chained by `next`), and how many levels there are now."""


class Books(NamedTuple):
    """All books of a partition. A level has an order or more, so there are never more levels than orders."""

    state: np.ndarray
    levels: np.ndarray
    level_index: np.ndarray
    first_level: np.ndarray


class Resting(NamedTuple):
    """What one order adds to its book; `qty` is 0 where it adds nothing."""

    book: np.int64
    price: np.int64
    qty: np.int64


def new_books(orders: int, instruments: int) -> Books:
    """Empty books with room for the levels of so many orders; row 0 stays unused, so that 0 means none."""
    slots = 8
    while slots < 2 * orders:
        slots *= 2
    return Books(
        state=np.zeros(1, BOOKS_STATE),
        levels=np.zeros(orders + 1, LEVEL),
        level_index=np.zeros(slots, np.uint32),
        first_level=np.zeros(2 * (instruments + 1), np.uint32),
    )


@rule
def book_of(instrument, side):
    """The number of a book: two for each instrument, its buyers and then its sellers."""
    return np.int64(instrument) * 2 + np.int64(side != Side.BUY)


@rule
def is_limit(order):
    """Whether an order is a limit order, or a stop-limit order that the venue has triggered."""
    if order["ord_type"] == OrdType.STOP_LIMIT:
        return order["notices"] & np.uint8(Notice.TRIGGERED) != 0
    return order["ord_type"] == OrdType.LIMIT


@rule
def resting(order):
    """What an order adds to its book now."""
    qty = np.int64(0)
    if order["life"] == Life.NEW and is_limit(order):
        qty = leaves_of(order)
    return Resting(book_of(order["instrument"], order["side"]), np.int64(order["price"]), np.int64(qty))


@rule
def move_resting(books, before, after):
    """Change the books by what an event changed of one order."""
    if before.qty != 0 and after.qty != 0 and before.price == after.price:
        slot = find_level(books.level_index, books.levels, after.book, after.price)
        books.levels[slot]["qty"] += after.qty - before.qty
        return
    if before.qty != 0:
        _take(books, before)
    if after.qty != 0:
        _add(books, after)


@rule
def _add(books, order):
    slot = find_level(books.level_index, books.levels, order.book, order.price)
    if slot == 0:
        slot = _open_level(books, order)
    level = books.levels[slot]
    level["qty"] += order.qty
    level["orders"] = np.int64(level["orders"]) + 1


@rule
def _take(books, order):
    slot = find_level(books.level_index, books.levels, order.book, order.price)
    level = books.levels[slot]
    level["qty"] -= order.qty
    level["orders"] = np.int64(level["orders"]) - 1
    if level["orders"] == 0:
        _close_level(books, slot)


@rule
def _open_level(books, order):
    """Take a free row and link it at the front of its side; gives its slot."""
    state = books.state[0]
    slot = np.int64(state["free"])
    if slot == 0:
        slot = np.int64(state["used"]) + 1
        state["used"] = slot
    else:
        state["free"] = books.levels[slot]["next"]
    state["live"] += 1
    level = books.levels[slot]
    level["price"] = order.price
    level["book"] = order.book
    following = np.int64(books.first_level[order.book])
    level["next"] = following
    if following != 0:
        books.levels[following]["previous"] = slot
    books.first_level[order.book] = slot
    insert_level(books.level_index, books.levels, slot)
    return slot


@rule
def _close_level(books, slot):
    """Unlink an emptied level and give its row back."""
    remove_level(books.level_index, books.levels, slot)
    level = books.levels[slot]
    following = np.int64(level["next"])
    previous = np.int64(level["previous"])
    if previous == 0:
        books.first_level[level["book"]] = following
    else:
        books.levels[previous]["next"] = following
    if following != 0:
        books.levels[following]["previous"] = previous
    state = books.state[0]
    level["next"] = state["free"]
    level["previous"] = 0
    state["free"] = slot
    state["live"] -= 1


def live_levels(books: Books) -> np.ndarray:
    """Every level there is, LEVEL rows sorted by book and price, a copy."""
    used = books.levels[1 : int(books.state["used"][0]) + 1]
    live = used[used["orders"] > 0]
    return live[np.lexsort((live["price"], live["book"]))]


def books_digest(books: Books) -> str:
    """SHA-256, in hex, over every level's book, price, quantity and number of orders."""
    digest = hashlib.sha256()
    live = live_levels(books)
    for name in ("book", "price", "qty", "orders"):
        digest.update(np.ascontiguousarray(live[name]).tobytes())
    return digest.hexdigest()
