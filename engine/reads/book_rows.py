"""Price levels of a book as rows: buyers first, each side best first."""

import numpy as np

from engine.kernel.tables import Tables
from engine.projections.books import LEVEL, Books
from engine.projections.lookups import best_levels
from engine.reads.risk_tables import names_at
from engine.reads.rows import LEVEL_ROW
from engine.vocabulary import Side

_SIDES = (Side.BUY, Side.SELL)


def book_rows(tables: Tables, books: Books, instrument: int, levels: int) -> np.ndarray:
    """LEVEL_ROW rows of the best `levels` prices of each side."""
    if not 0 < instrument < len(tables.instruments):
        return np.zeros(0, LEVEL_ROW)
    sides = [_side_rows(books, 2 * instrument + number, side, levels) for number, side in enumerate(_SIDES)]
    rows = np.concatenate(sides)
    rows["instrument"] = names_at(tables.instruments, np.array([instrument]))
    for name in ("price_scale", "qty_scale"):
        rows[name] = tables.instruments[name][instrument]
    return rows


def _side_rows(books: Books, book: int, side: Side, levels: int) -> np.ndarray:
    best = np.zeros(levels, LEVEL)
    count = best_levels(books.levels, int(books.first_level[book]), side == Side.SELL, best)
    rows = np.zeros(count, LEVEL_ROW)
    rows["side"] = side
    rows["level"] = np.arange(1, count + 1)
    for name in ("price", "qty", "orders"):
        rows[name] = best[name][:count]
    return rows
