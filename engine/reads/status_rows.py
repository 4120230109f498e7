"""How full the tables are, as rows: what an operator watches, and what the alarms look at."""

import numpy as np

from engine.kernel.kernel import DIGESTED
from engine.kernel.tables import Tables, rows_used
from engine.projections.books import Books
from engine.reads.rows import STATUS_ROW


def status_rows(tables: Tables, books: Books) -> np.ndarray:
    """STATUS_ROW rows, one a table, then the open orders and the price levels."""
    firm = tables.firm[0]
    facts = [(name, rows_used(tables, name), len(getattr(tables, name)) - 1) for name in DIGESTED]
    facts.append(("open_orders", int(firm["open_orders"]), len(tables.orders) - 1))
    facts.append(("price_levels", int(books.state["live"][0]), len(books.levels) - 1))
    return np.array(facts, STATUS_ROW)
