"""Parcels and outgoing frames: whose rows are on their way, and what is known of how they fare."""

from collections import deque
from concurrent.futures import Future
from typing import NamedTuple

import numpy as np

from engine.errors import OrderfoldError, OutcomeUnknown
from engine.rows.answers import ANSWER
from engine.rows.commands import COMMAND, COMMAND_BYTES

Delivered = tuple[np.ndarray, int]
"""ANSWER rows, one a command, and the log's next offset behind them."""


class Parcel:
    """One caller's rows, their answers as they come, and the future that its caller waits for.

    Attributes:
        deadline: when to stop trying, in the seconds of the delivery's clock.
        sent: how many rows are in a frame by now.
        refusal: why the last frame of it that was given up never happened.
        is_unclear: whether rows of it may have happened without an answer.
        is_incomplete: whether rows of it will never be answered.
    """

    def __init__(self, rows: np.ndarray, deadline: float) -> None:
        self.rows = np.ascontiguousarray(rows)
        self.deadline = deadline
        self.sent = 0
        self.refusal: OrderfoldError | None = None
        self.is_unclear = False
        self.is_incomplete = False
        self.future: Future[Delivered] = Future()
        # A caller that is cancelled does not unsend its rows: the future runs on without it.
        self.future.set_running_or_notify_cancel()
        self._answers = np.zeros(len(rows), ANSWER)
        self._unanswered = len(rows)
        self._tip = -1
        if not len(rows):
            self.future.set_result((self._answers, self._tip))

    @property
    def is_over(self) -> bool:
        """Whether its caller has an outcome."""
        return self.future.done()

    def take_in(self, start: int, answers: np.ndarray, tip: int) -> None:
        """Take the answers of the rows from `start` on; the last ones end the wait."""
        if self.is_over:
            return
        self._answers[start : start + len(answers)] = answers
        self._unanswered -= len(answers)
        self._tip = max(self._tip, tip)
        if not self._unanswered:
            self.future.set_result((self._answers, self._tip))

    def fail(self) -> None:
        """End the wait without the missing answers: by the refusal where nothing of it can have happened."""
        if self.is_over:
            return
        answered = len(self.rows) - self._unanswered
        if self.refusal is not None and not self.is_unclear and not answered:
            self.future.set_exception(self.refusal)
            return
        why = "" if self.refusal is None else f" ({self.refusal})"
        self.future.set_exception(
            OutcomeUnknown(
                f"{answered} of {len(self.rows)} commands were answered in time; the others may have "
                f"happened or not: send the same commands again, the answers are the truth{why}"
            )
        )


class Slice(NamedTuple):
    """A run of a parcel's rows in a frame."""

    parcel: Parcel
    start: int
    stop: int


class OutgoingFrame:
    """A frame under way: whose rows it carries, and how sending it has gone.

    Attributes:
        attempt: how often it was sent.
        is_out: whether the last attempt has not ended yet.
        calls: how many attempts have not ended yet: one may be sent again while it waits for one before it.
        is_alone: whether no other attempt was under way when the last one was sent.
        is_unclear: whether an attempt ended without an answer.
    """

    def __init__(self, number: int, slices: list[Slice], *, is_partial: bool) -> None:
        self.number = number
        self.slices = slices
        self.is_partial = is_partial
        self.attempt = 0
        self.is_out = False
        self.calls = 0
        self.is_alone = True
        self.is_unclear = False

    @property
    def deadline(self) -> float:
        """When the last of its callers stops waiting."""
        return max(part.parcel.deadline for part in self.slices)

    @property
    def parcels(self) -> list[Parcel]:
        """Whose rows it carries, each once: callers learn their outcome in the order in which they asked."""
        return list(dict.fromkeys(part.parcel for part in self.slices))

    def carries(self, parcel: Parcel) -> bool:
        """Whether rows of this parcel are in it."""
        return any(part.parcel is parcel for part in self.slices)

    def take_in(self, answers: np.ndarray, tip: int) -> None:
        """Hand the answers out to the parcels whose rows it carried."""
        at = 0
        for parcel, start, stop in self.slices:
            parcel.take_in(start, answers[at : at + stop - start], tip)
            at += stop - start
        assert at == len(answers), f"frame {self.number} has {at} commands and got {len(answers)} answers"


class Gathering:
    """Rows that wait to be sent, first come, first served."""

    def __init__(self) -> None:
        self._parcels: deque[Parcel] = deque()
        self.rows = 0

    def add(self, parcel: Parcel) -> None:
        """Let a parcel's rows wait."""
        self._parcels.append(parcel)
        self.rows += len(parcel.rows)

    def take(self, rows_max: int) -> list[Slice]:
        """The next rows, at most so many, as slices of their parcels."""
        slices: list[Slice] = []
        room = rows_max
        while room and self._parcels:
            parcel = self._parcels[0]
            start, stop = parcel.sent, min(len(parcel.rows), parcel.sent + room)
            slices.append(Slice(parcel, start, stop))
            parcel.sent = stop
            room -= stop - start
            if stop == len(parcel.rows):
                self._parcels.popleft()
        self.rows -= rows_max - room
        return slices

    def empty(self) -> list[Parcel]:
        """Forget all rows that wait; gives their parcels."""
        parcels = list(self._parcels)
        self._parcels.clear()
        self.rows = 0
        return parcels

    def drop(self, parcel: Parcel) -> None:
        """Forget the rows of a parcel that are not sent yet."""
        if parcel in self._parcels:
            self._parcels.remove(parcel)
            self.rows -= len(parcel.rows) - parcel.sent


def joined_rows(slices: list[Slice]) -> np.ndarray:
    """The COMMAND rows of slices, one after the other."""
    parts = [part.parcel.rows[part.start : part.stop] for part in slices]
    if len(parts) == 1:
        return parts[0]
    # As plain bytes: COMMAND names only the fields of orders, other kinds use the bytes between as well.
    return np.concatenate([part.view(f"V{COMMAND_BYTES}") for part in parts]).view(COMMAND)
