"""Counts of what passed by: events by kind and account, and which orders they were about."""

from collections.abc import Collection

import numpy as np

from engine.values import id_text
from engine.vocabulary import EventKind

ORDER_IDS_FROM = 2**16
"""The high words of order ids hold a trade date; below are those of accounts and other things."""

PENDING_ROWS_MAX = 2**20
"""Ids that wait to be sorted out: some 24 MB."""

_ORDER = np.dtype([("hi", "<u8"), ("lo", "<u8"), ("account", "<u4")])


class Tally:
    """Events by kind and account, and the orders that they were about, each once."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[int, int], int] = {}
        self._orders = [np.zeros(0, _ORDER)]
        self._pending = 0

    def add(self, rows: np.ndarray) -> None:
        """Count rows (HEAD dtype)."""
        codes = rows["account"].astype(np.int64) << 8 | rows["kind"]
        for code, count in zip(*np.unique(codes, return_counts=True), strict=True):
            key = (int(code) & 0xFF, int(code) >> 8)
            self._kinds[key] = self._kinds.get(key, 0) + int(count)
        self._orders.append(_orders_of(rows))
        self._pending += len(self._orders[-1])
        if self._pending > PENDING_ROWS_MAX:
            self._sort_out()

    def events(self, accounts: Collection[int]) -> dict[str, int]:
        """How many events of each kind these accounts had, all of them if none is named."""
        counts: dict[str, int] = {}
        for (kind, account), count in sorted(self._kinds.items()):
            if not accounts or account in accounts:
                name = EventKind(kind).name
                counts[name] = counts.get(name, 0) + count
        return counts

    def order_ids(self, accounts: Collection[int]) -> np.ndarray:
        """Which orders of these accounts there were, sorted: rows of an id's two words and an account."""
        orders = self._sort_out()
        return orders[np.isin(orders["account"], list(accounts))] if accounts else orders

    def _sort_out(self) -> np.ndarray:
        self._orders = [np.unique(np.concatenate(self._orders))]
        self._pending = 0
        return self._orders[0]


def id_texts(orders: np.ndarray) -> list[str]:
    """Ids as 32 hex digits each."""
    return [id_text(order["hi"], order["lo"]) for order in orders]


def _orders_of(rows: np.ndarray) -> np.ndarray:
    about = rows[rows["order_id_hi"] >= ORDER_IDS_FROM]
    orders = np.empty(len(about), _ORDER)
    orders["hi"], orders["lo"] = about["order_id_hi"], about["order_id_lo"]
    orders["account"] = about["account"]
    return orders
