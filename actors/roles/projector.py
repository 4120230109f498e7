"""The projector: follows one partition's log, folds its blocks, publishes what risk reads, answers questions.

It is told positions, but believes only the log: a told position is a reason to look, and blocks are folded
by offset, each event once. Told twice, late, out of order or never, it ends in the same state. State comes
from the log alone; a checkpoint only saves folding what was folded before.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import numpy as np

from actors.roles.projection_checkpoint import ProjectionCheckpoint
from actors.view_writer import ViewWriter
from engine.client.facts import CatalogQuestion, OrderFactsQuestion, catalog_facts, order_facts
from engine.client.transport import Clock
from engine.errors import IntegrityError, NotReady
from engine.kernel.kernel import state_digest
from engine.kernel.tables import Capacity, new_tables
from engine.kernel.views import views_of
from engine.limits import NS_PER_SECOND
from engine.projections.books import books_digest, new_books
from engine.projections.changes import new_changes, note_all
from engine.projections.folding import fold_projection
from engine.reads.answering import State, find_answer
from engine.reads.answers import Answer, encode_answer
from engine.reads.questions import AnyQuestion, decode_question
from engine.reads.risk_tables import RiskView
from engine.rows.events import HEAD, event_rows
from storage.block import Block

NOTHING = -1
"""The applied offset before the first event."""

STAGING_ROWS = 4_096
"""Rows that are folded at once: some 800 KB, which stay in the processor's cache between copy and fold."""


PUBLISH_ROWS = 16_384
"""Rows folded between two publications while catching up: a few milliseconds, and a beat with each."""


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
    """One partition's projection, in memory and, with a `view_path`, in a mapped file.

    Offsets are those of events. `applied_offset` is the last one folded, -1 before the first, and every
    answer and view names it: who waits for his own write waits until it is at least the offset in his answer.
    One thread uses a projector.

    Attributes:
        tables, books: what is folded.
        applied_ns: the time of the last block folded, UTC nanoseconds.
        checkpoint: where it leaves that at its end, None where it leaves nothing.
    """

    def __init__(
        self,
        log: FollowedLog,
        capacity: Capacity | None = None,
        *,
        partition: int = 0,
        view_path: Path | None = None,
        checkpoint: ProjectionCheckpoint | None = None,
        is_beside: bool = False,
        clock: Clock = time.time_ns,
    ) -> None:
        """Begin from the checkpoint, or before the first event. Until `succeed` one that `is_beside` another
        publishes to a view that no reader finds; NotReady where there is no room for a view.
        """
        size = capacity or Capacity()
        self.tables = new_tables(size, partition)
        self.books = new_books(size.orders, size.instruments)
        self.applied_ns = 0
        self._changes = new_changes(self.tables)
        self._staged = views_of(event_rows(STAGING_ROWS))
        self._log = log
        self._partition = partition
        self._clock = clock
        # A successor that has folded nothing yet knows how much it lacks: nothing that it shows looks fresh.
        self._told_next = log.tip_offset()
        self._unpublished = 0
        self._view: ViewWriter | None = None
        if view_path is not None:
            make = ViewWriter.beside if is_beside else ViewWriter.create
            self._view = make(
                view_path,
                self.tables,
                log_uuid=log.log_uuid,
                partition=partition,
                told_next=self._told_next,
            )
        self.checkpoint = checkpoint
        if checkpoint is not None:
            self._begin_from(checkpoint)

    @property
    def applied_offset(self) -> int:
        """The offset of the last event folded, -1 before the first."""
        return self._next_offset - 1

    @property
    def lag_events(self) -> int:
        """How many events it has been told of and has not folded yet."""
        return max(0, self._told_next - self._next_offset)

    @property
    def lag_seconds(self) -> float:
        """The age of the last block folded, where events are missing; else 0."""
        return max(0, self._clock() - self.applied_ns) / NS_PER_SECOND if self.lag_events else 0.0

    @property
    def published(self) -> RiskView | None:
        """The tables that readers of the view see, None where there is no view."""
        return None if self._view is None else self._view.published.tables

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
        if position is None or position >= self._next_offset:
            tip = self._log.tip_offset()
            self._require_not_rolled_back(tip)
            self._told_next = max(self._told_next, position or 0, tip)
            until = self._told_next if upto is None else min(upto + 1, self._told_next)
            if until > self._next_offset:
                self._fold_until(until)
        if self._view is not None:
            self._view.beat(self._told_next)
        return self.applied_offset

    def close(self) -> None:
        """Tell readers of the view that no more will come, and leave a checkpoint."""
        if self._view is not None:
            self._view.close()
        if self.checkpoint is not None:
            self.checkpoint.write(self.tables, self.books)

    def abandon(self) -> None:
        """Take the view away and leave no checkpoint."""
        if self._view is not None:
            self._view.close()

    def succeed(self, other: "Projector") -> None:
        """Take another projector's place at the same offset: readers find this one's view from now on."""
        assert self._next_offset == other._next_offset, "a reader's position never goes back"
        if self._view is not None:
            self._view.beat(self._told_next)
            self._view.appear()
        other.abandon()

    def read(self, question: bytes) -> bytes:
        """Answer a question as bytes (`engine.reads.questions`) with bytes (`engine.reads.answers`).

        Raises BadRequest, NotReady while the log does not hold the `min_position` that the question names,
        and IntegrityError where it lies behind the log's end: whoever names it has seen more than there is.
        """
        asked = decode_question(question)
        self._reach(asked.min_position)
        if isinstance(asked, CatalogQuestion):
            return catalog_facts(self.tables)
        if isinstance(asked, OrderFactsQuestion):
            return order_facts(self.tables, asked)
        return encode_answer(self._answer(asked))

    def answer(self, question: AnyQuestion) -> Answer:
        """Answer a read in this process; raises as `read` does."""
        self._reach(question.min_position)
        return self._answer(question)

    def digest(self) -> str:
        """SHA-256 over the state, in hex: that of a kernel that has folded the same events."""
        return state_digest(self.tables)

    def books_digest(self) -> str:
        """SHA-256 over the books, in hex."""
        return books_digest(self.books)

    def _begin_from(self, checkpoint: ProjectionCheckpoint) -> None:
        """Take over what a predecessor has folded of this log, if it has left that."""
        self.applied_ns = checkpoint.fill(self.tables, self.books)
        note_all(self._changes, self.tables)
        self._unpublished = self._next_offset
        self._publish()

    def _reach(self, min_position: int) -> None:
        """Fold as far as a reader needs it; NotReady if the log is not that far yet."""
        if self.applied_offset < min_position:
            self.step()
        if self.applied_offset < min_position:
            raise self.why_not(min_position)

    def why_not(self, min_position: int) -> NotReady | IntegrityError:
        """Why a position can't be read that is not folded: it is to come, or whoever has it has seen more.

        Nobody has a position behind the event that the log will take next, but from another state of the log.
        """
        tip = self._log.tip_offset()
        if min_position <= tip:
            return NotReady(
                f"the projection is at offset {self.applied_offset}, asked for {min_position}: either "
                "nothing was committed there, or the projector is far behind; ask again"
            )
        return IntegrityError(
            f"asked for offset {min_position}, but log {self._log.log_uuid.hex()} of partition "
            f"{self._partition} ends before {tip}: whoever asks has seen more than it holds. It was "
            "restored from an older backup, or the position is of another log: find out which, and begin anew"
        )

    def _require_not_rolled_back(self, tip: int) -> None:
        """IntegrityError where the log ends before what was folded of it: its files were put back."""
        if tip < self._next_offset:
            raise IntegrityError(
                f"log {self._log.log_uuid.hex()} of partition {self._partition} ends before offset {tip},"
                f" the projection has folded up to {self.applied_offset}: it was rolled back; run orderfold"
                " verify"
            )

    def _answer(self, question: AnyQuestion) -> Answer:
        found = find_answer(State(self.tables, self.books, self._log.rows_at, self._partition), question)
        return Answer(
            subject=found.subject,
            rows=found.rows.tobytes(),
            partition=self._partition,
            as_of=self.applied_offset,
            lag_events=self.lag_events,
            lag_seconds=self.lag_seconds,
            unpriced=found.unpriced,
            has_more=found.has_more,
        )

    def _fold_until(self, until: int) -> None:
        with self._log.borrow(self._next_offset, until) as blocks:
            for block in blocks:
                self._fold_block(block, until)
                if self._unpublished >= PUBLISH_ROWS:
                    self._publish()
        self._publish()

    def _publish(self) -> None:
        """Publish what was folded since the last time."""
        if self._view is not None and self._unpublished:
            self._view.publish(self.tables, self._changes, self.applied_ns)
            self._view.beat(self._told_next)
        self._unpublished = 0

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
        self._unpublished += len(rows)
