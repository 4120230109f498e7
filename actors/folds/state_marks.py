"""Marks: what a state is at one position, in digests that another machine or another release can compare."""

import hashlib
from collections.abc import Iterable, Iterator

import msgspec
import numpy as np

from actors.folds.log_fold import LogFold
from engine.kernel.kernel import state_digest, used_rows
from engine.kernel.tables import Capacity, new_tables

TABLE_DIGITS = 16
"""Hex digits of a table's digest: it says where to look, `state` is what proves."""


class Mark(msgspec.Struct, frozen=True):
    """What a fold was at one position.

    Attributes:
        offset: the first event that is not folded.
        block: hash of the block that has the event before, 64 hex digits; empty before the first event.
        state: digest of the state, as `engine.kernel.kernel.state_digest` gives it.
        tables: the first digits of a digest of each table's used rows.
    """

    offset: int
    block: str
    state: str
    tables: dict[str, str]


def mark_of(fold: LogFold) -> Mark:
    """The mark of where a fold is now."""
    at = fold.position
    block = fold.log.read_block(at - 1).header.block_hash.hex() if at else ""
    rows = used_rows(fold.kernel.tables)
    tables = {name: _digest(used) for name, used in rows.items()}
    return Mark(at, block, state_digest(fold.kernel.tables), tables)


def marks_at(fold: LogFold, positions: Iterable[int]) -> Iterator[Mark]:
    """Fold on to each of these positions, ascending, and give its mark."""
    for position in positions:
        fold.fold_to(position)
        yield mark_of(fold)


def layout_of_state() -> str:
    """A digest of every column of every table: states of another layout have other digests in any case."""
    tables = new_tables(Capacity(*(1 for _ in Capacity._fields)))
    described = [(name, _columns(rows.dtype)) for name, rows in used_rows(tables).items()]
    return hashlib.sha256(repr(described).encode()).hexdigest()


def _columns(dtype: np.dtype[np.void]) -> list[tuple[str, str, tuple[int, ...], int]]:
    """Name, format, shape and place of every column."""
    fields = dtype.fields
    assert fields is not None, "a table's rows have columns"
    return [(name, field[0].base.str, field[0].shape, field[1]) for name, field in fields.items()]


def _digest(rows: np.ndarray) -> str:
    return hashlib.sha256(rows.view(np.uint8).data).hexdigest()[:TABLE_DIGITS]
