"""The projector: follows one partition's log, folds its blocks, publishes what risk reads, answers questions.

It is told positions, but believes only the log: a told position is a reason to look, and blocks are folded by
offset, each event once. Told twice, late, out of order or never, it ends in the same state. State is rebuilt
from the log at start.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import numpy as np

from engine.kernel.kernel import state_digest
from engine.kernel.tables import Capacity, new_tables
from engine.kernel.views import views_of
from engine.projections.books import books_digest, new_books
from engine.projections.changes import new_changes
from engine.projections.folding import fold_projection
from engine.rows.events import HEAD, event_rows
from storage.block import Block

Clock = Callable[[], int]
"""UTC nanoseconds."""

NOTHING = -1
"""The applied offset before the first event."""

STAGING_ROWS = 4_096
"""Rows that are folded at once: some 800 KB, which stay in the processor's cache between copy and fold."""


class FollowedLog(Protocol):
    """What the projector needs of a log; `storage.log_reader.LogReader` has it."""

    @property
    def log_uuid(self) -> bytes:
        """Which log this is, 16 bytes."""

    def tip_offset(self) -> int:
        """The offset that the next event will take."""

    def borrow(self, from_offset: int, until: int | None = None) -> AbstractContextManager[Iterator[Block]]:
        """The committed blocks that hold offsets from `from_offset` up to before `until`, without copies."""

    def rows_at(self, offsets: np.ndarray) -> np.ndarray:
        """The rows with these offsets, uint8 of shape (n, row bytes)."""


class Projector:
    """One partition's projection, in memory and, with `view`, in a mapped file.

    Offsets are those of events. `applied_offset` is the last one folded, -1 before the first, and every answer
    and view names it: whoever waits for his own write waits until it is at least the offset in his answer.
    One thread uses a projector.
    """

    def __init__(self, log: FollowedLog, capacity: Capacity | None = None, *, clock: Clock = time.time_ns) -> None:
        size = capacity or Capacity()
        self.tables = new_tables(size)
        self.books = new_books(size.orders, size.instruments)
        self.applied_ns = 0
        self._changes = new_changes(self.tables)
        self._staged = views_of(event_rows(STAGING_ROWS))
        self._log = log
        self._clock = clock
        self._told_next = 0

    @property
    def applied_offset(self) -> int:
        """The offset of the last event folded, -1 before the first."""
        return self._next_offset - 1

    @property
    def lag_events(self) -> int:
        """How many events it has been told of and has not folded yet."""
        return max(0, self._told_next - self._next_offset)

    @property
    def _next_offset(self) -> int:
        return int(self.tables.firm["next_offset"][0])

    def step(self, position: int | None = None, upto: int | None = None) -> int:
        """Fold what the log holds beyond the last event folded, and publish it; gives the applied offset.

        Args:
            position: next offset of the log as somebody has told it; what is folded already is passed over
                without a look at the log. None looks.
            upto: last offset to fold, even in the middle of a block; None folds to the end of the log.
        """
        if position is not None and position < self._next_offset:
            return self.applied_offset
        self._told_next = max(self._told_next, position or 0, self._log.tip_offset())
        until = self._told_next if upto is None else min(upto + 1, self._told_next)
        if until > self._next_offset:
            self._fold_until(until)
        return self.applied_offset

    def digest(self) -> str:
        """SHA-256 over the state, in hex: that of a kernel that has folded the same events."""
        return state_digest(self.tables)

    def books_digest(self) -> str:
        """SHA-256 over the books, in hex."""
        return books_digest(self.books)

    def _fold_until(self, until: int) -> None:
        with self._log.borrow(self._next_offset, until) as blocks:
            for block in blocks:
                self._fold_block(block, until)

    def _fold_block(self, block: Block, until: int) -> None:
        """Fold what is new of a block, and nothing from `until` on."""
        header = block.header
        start, end = self._next_offset, min(header.next_offset, until)
        assert header.base_offset <= start, f"events {start} to {header.base_offset} are missing from the log"
        rows = block.rows(HEAD)[start - header.base_offset : end - header.base_offset]
        self.applied_ns = header.append_ts_last_ns
        for at in range(0, len(rows), STAGING_ROWS):
            self._fold_rows(rows[at : at + STAGING_ROWS])

    def _fold_rows(self, rows: np.ndarray) -> None:
        self._staged.head[: len(rows)] = rows
        fold_projection(self._staged, len(rows), self.tables, self.books, self._changes, self.applied_ns)
