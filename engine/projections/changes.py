"""Which rows changed since the last publication, so that a publication copies those and no others."""

from typing import NamedTuple

import numpy as np

from engine.kernel.jit import entry, rule
from engine.kernel.tables import Tables

PUBLISHED = ("positions", "holdings", "accounts", "strategies", "instruments", "fees")
"""The tables that risk reads need, and so the tables that are published."""


class Changed(NamedTuple):
    """The changed rows of one table: `slots[:used[0]]`, each once; `round[slot]` says in which round."""

    round: np.ndarray
    slots: np.ndarray
    used: np.ndarray


class Changes(NamedTuple):
    """The changed rows of every published table, and the number of the running round, from 1."""

    number: np.ndarray
    positions: Changed
    holdings: Changed
    accounts: Changed
    strategies: Changed
    instruments: Changed
    fees: Changed


def new_changes(tables: Tables) -> Changes:
    """Nothing changed yet, with room for every row of the tables."""
    return Changes(np.ones(1, np.uint32), *(_nothing(len(getattr(tables, name))) for name in PUBLISHED))


def _nothing(rows: int) -> Changed:
    return Changed(np.zeros(rows, np.uint32), np.zeros(rows, np.uint32), np.zeros(1, np.int64))


def changed_slots(changed: Changed) -> np.ndarray:
    """The slots that changed in this round, uint32, a copy."""
    return changed.slots[: int(changed.used[0])].copy()


def note_all(changes: Changes, tables: Tables) -> None:
    """Note that every used row changed in this round, in which nothing else has changed yet."""
    for name in PUBLISHED:
        changed, used = getattr(changes, name), int(tables.firm[name][0]) + 1
        changed.round[:used] = changes.number[0]
        changed.slots[:used] = np.arange(used)
        changed.used[0] = used


def next_round(changes: Changes) -> None:
    """Begin a new round, in which nothing has changed yet."""
    changes.number[0] += 1
    for name in PUBLISHED:
        getattr(changes, name).used[0] = 0


@rule
def mark_changed(changed, number, slot):
    """Note that a row changed in this round."""
    if changed.round[slot] == number:
        return
    changed.round[slot] = number
    at = changed.used[0]
    changed.slots[at] = slot
    changed.used[0] = at + 1


@entry
def copy_rows(source, target, slots):
    """Copy the rows with these slots; both tables are seen as words, uint64 of shape (rows, words a row)."""
    for i in range(len(slots)):
        slot = slots[i]
        for word in range(source.shape[1]):
            target[slot, word] = source[slot, word]
