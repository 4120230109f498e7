"""What the books must be, computed plainly from the order table, and what they are."""

import numpy as np

from engine.kernel.tables import Tables
from engine.projections.books import Books, live_levels
from engine.vocabulary import Life, Side

Levels = dict[tuple[int, int, int], tuple[int, int]]
"""(instrument, side, price) to (quantity, number of orders)."""


def levels_of_orders(tables: Tables) -> Levels:
    """Every price level that follows from the orders: the leaves of those whose life is NEW."""
    levels: Levels = {}
    used = int(tables.firm["orders"][0])
    for order in tables.orders[1 : used + 1]:
        leaves = int(order["order_qty"]) - int(order["cum_qty"])
        if order["life"] != Life.NEW or leaves <= 0:
            continue
        key = (int(order["instrument"]), int(order["side"]), int(order["price"]))
        qty, orders = levels.get(key, (0, 0))
        levels[key] = (qty + leaves, orders + 1)
    return levels


def levels_of_books(books: Books) -> Levels:
    """Every price level that the books have, found by walking each side's list."""
    levels: Levels = {}
    for book, first in enumerate(books.first_level):
        slot, previous = int(first), 0
        while slot:
            level = books.levels[slot]
            assert int(level["previous"]) == previous, "the list of a side is linked both ways"
            assert int(level["book"]) == book, "a level hangs in its own book"
            side = Side.SELL if book % 2 else Side.BUY
            levels[book // 2, int(side), int(level["price"])] = (int(level["qty"]), int(level["orders"]))
            slot, previous = int(level["next"]), slot
    return levels


def assert_books_follow_orders(tables: Tables, books: Books) -> None:
    """The books are what the orders say, and their lists, rows and index agree."""
    found = levels_of_books(books)
    assert found == levels_of_orders(tables)
    assert len(live_levels(books)) == len(found) == int(books.state["live"][0])
    assert np.count_nonzero(books.level_index) == len(found), "the index holds every level once"
