"""Sums of money added up further: of the whole firm, by currency, and over several partitions."""

from collections.abc import Sequence

import numpy as np

from engine.reads.column_values import wide_ints, wide_rows
from engine.reads.questions import GroupBy

FIRM = b"FIRM"
"""What the only group of sums by firm is called."""


def regrouped(rows: np.ndarray, by: GroupBy) -> np.ndarray:
    """SUM_ROW rows by account as those of the firm or by currency: one row a currency either way."""
    of_all = rows.copy()
    of_all["group"] = FIRM if by == "firm" else rows["currency"]
    return added(of_all)


def added(rows: np.ndarray) -> np.ndarray:
    """SUM_ROW rows with one row for each group and currency: money and counts added up, exactly."""
    keys = rows[["group", "currency"]]
    _, first, places = np.unique(keys, return_index=True, return_inverse=True)
    places = places.reshape(-1)
    sums = rows[first]
    for name in ("lines", "unpriced"):
        sums[name] = np.bincount(places, rows[name], len(first))
    for measure in range(rows["money"].shape[1]):
        sums["money"][:, measure] = wide_rows(
            _totals(places, wide_ints(rows["money"][:, measure]), len(first))
        )
    return sums


def _totals(places: np.ndarray, amounts: Sequence[int], count: int) -> list[int]:
    totals = [0] * count
    for at, amount in zip(places.tolist(), amounts, strict=True):
        totals[at] += amount
    return totals
