"""What a comparison found: that two things are equal up to a position, or where they first differ."""

from typing import NamedTuple

import msgspec
import numpy as np

from engine.errors import BadRequest
from engine.rows.events import HEAD
from engine.values import id_text
from engine.vocabulary import EventKind
from storage.log_reader import LogReader

CELLS_MAX = 16
"""Differing columns that are named: the first ones show what is wrong, all of them would hide it."""


class NotComparable(BadRequest):
    """Two things say nothing about each other; the message says why, and what to compare instead."""


class Cell(msgspec.Struct, frozen=True):
    """A column of a row for which two sides have different values; that of an event has the table `event`."""

    table: str
    row: int
    column: str
    a: str
    b: str


class Difference(msgspec.Struct, frozen=True):
    """Where two sides first differ.

    Attributes:
        of: what differs: `events`, `state`, or `end` where one has events that the other has not.
        offset: the event.
        is_exact: whether it is known to be the very event; `says` tells otherwise what is known.
        kind: of the event, as side A has it, or B where A has none; empty where none is known.
        order_id: which order it is about, 32 hex digits; empty if about none.
        cells: the first columns that differ.
        tables: the tables that differ, of a state.
        says: all that in a sentence.
    """

    of: str
    offset: int
    is_exact: bool
    kind: str
    order_id: str
    cells: list[Cell]
    tables: list[str]
    says: str


class Finding(msgspec.Struct, frozen=True):
    """What was found about one log.

    Attributes:
        log: its name.
        compared: what was compared, in words.
        end: the position up to which; if `difference` is None, all before it is equal.
        state: digests of the state at `end` of both sides, empty where a side differs before.
        told: what else there is to know.
    """

    log: str
    compared: str
    end: int
    state: tuple[str, str]
    difference: Difference | None
    told: str = ""


class Event(NamedTuple):
    """What names an event for people."""

    kind: str
    order_id: str

    @classmethod
    def at(cls, log: LogReader, offset: int) -> "Event":
        """The event at an offset of a log."""
        block = log.read_block(offset)
        return cls.of(block.rows(HEAD)[offset - block.header.base_offset])

    @classmethod
    def of(cls, row: np.void) -> "Event":
        """The event in a row of HEAD dtype."""
        is_known = int(row["kind"]) in EventKind.__members__.values()
        kind = EventKind(row["kind"]).name if is_known else f"kind {row['kind']}"
        # High words of order ids hold a trade date; what is below is no order.
        is_order = int(row["order_id_hi"]) >= 2**16
        return cls(kind, id_text(row["order_id_hi"], row["order_id_lo"]) if is_order else "")

    def __str__(self) -> str:
        return f"{self.kind} of order {self.order_id}" if self.order_id else self.kind
