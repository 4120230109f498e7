"""Rows of several partitions as one answer: lines side by side, sums and price levels added up."""

from collections.abc import Sequence

import numpy as np

from engine.reads.column_values import wide_ints, wide_rows
from engine.vocabulary import Side


def merged_rows(subject: str, parts: Sequence[np.ndarray]) -> np.ndarray:
    """The rows of every partition; what is about the same instrument becomes one row."""
    rows = np.concatenate(parts)
    if subject.endswith("by instrument"):
        return _added_sums(rows)
    return _added_levels(rows) if subject == "book" else rows


def _added_sums(rows: np.ndarray) -> np.ndarray:
    """One row an instrument, which has one currency: its money and counts over all partitions."""
    _, first, group = np.unique(rows["group"], return_index=True, return_inverse=True)
    added = rows[first]
    for name in ("lines", "unpriced"):
        added[name] = np.bincount(group, rows[name], len(first))
    for measure in range(rows["money"].shape[1]):
        totals = [0] * len(first)
        for at, amount in zip(group, wide_ints(rows["money"][:, measure]), strict=True):
            totals[at] += amount
        added["money"][:, measure] = wide_rows(totals)
    return added


def _added_levels(rows: np.ndarray) -> np.ndarray:
    """One row a price and side; the deepest side that a partition gave bounds the depth."""
    prices = np.where(rows["side"] == Side.BUY, -rows["price"], rows["price"])
    keys, first, group = np.unique(
        np.stack([rows["side"].astype(np.int64), prices]), axis=1, return_index=True, return_inverse=True
    )
    added = rows[first]
    for name in ("qty", "orders"):
        totals = np.zeros(len(first), np.int64)
        np.add.at(totals, group.reshape(-1), rows[name].astype(np.int64))
        added[name] = totals
    for side in np.unique(keys[0]):
        of_side = np.flatnonzero(keys[0] == side)
        added["level"][of_side] = np.arange(1, len(of_side) + 1)
    kept: np.ndarray = added[added["level"] <= rows["level"].max(initial=0)]
    return kept
