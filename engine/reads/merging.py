"""Rows of several partitions as one answer: lines side by side, sums and price levels added up."""

from collections.abc import Sequence

import numpy as np

from engine.reads.regrouping import added
from engine.vocabulary import Side

_IN_EVERY_PARTITION = ("by firm", "by currency", "by instrument")
"""Sums of groups that have lines in more than one partition; an account and its strategies live in one."""


def merged_rows(subject: str, parts: Sequence[np.ndarray]) -> np.ndarray:
    """The rows of every partition; what is about the same instrument, currency or firm becomes one row."""
    rows = np.concatenate(parts)
    if subject.endswith(_IN_EVERY_PARTITION):
        return added(rows)
    return _added_levels(rows) if subject == "book" else rows


def _added_levels(rows: np.ndarray) -> np.ndarray:
    """One row a price and side; the deepest side that a partition gave bounds the depth."""
    prices = np.where(rows["side"] == Side.BUY, -rows["price"], rows["price"])
    keys, first, group = np.unique(
        np.stack([rows["side"].astype(np.int64), prices]), axis=1, return_index=True, return_inverse=True
    )
    levels = rows[first]
    for name in ("qty", "orders"):
        totals = np.zeros(len(first), np.int64)
        np.add.at(totals, group.reshape(-1), rows[name].astype(np.int64))
        levels[name] = totals
    for side in np.unique(keys[0]):
        of_side = np.flatnonzero(keys[0] == side)
        levels["level"][of_side] = np.arange(1, len(of_side) + 1)
    kept: np.ndarray = levels[levels["level"] <= rows["level"].max(initial=0)]
    return kept
