"""Two logs side by side: their events, then the states that these fold to.

Logs of one uuid are copies: every byte counts, and one may be a beginning of the other. Logs of different
uuids are two runs of the same commands: what differs by nature does not count, but the number of events does.
"""

from typing import NamedTuple

import numpy as np

from actors.folds.findings import Cell, Difference, Event, Finding, NotComparable
from actors.folds.log_fold import Folded, LogFold
from actors.folds.narrowing import first_with
from actors.folds.row_differences import Apart, cells_apart, first_apart
from actors.folds.state_differences import state_cells
from engine.kernel.kernel import state_digest, used_rows
from engine.kernel.tables import Capacity
from storage.log_reader import LogReader

COPIES = "every byte of every event, the times of blocks, every column of the state"
RUNS = "two runs: all but times, correlation and request ids, and fingerprints"


class LogPair(NamedTuple):
    """Two logs of one name, of the same partition, and how large tables they need.

    `folded` is told how many events were looked at, in one side or in both.
    """

    name: str
    partition: int
    logs: tuple[LogReader, LogReader]
    capacity: Capacity
    folded: Folded

    @property
    def are_runs(self) -> bool:
        """Whether these are two histories, and not one and a copy of it."""
        return self.logs[0].log_uuid != self.logs[1].log_uuid

    def folds(self) -> tuple[LogFold, LogFold]:
        """Both before their first events."""
        left, right = (LogFold(log, self.partition, self.capacity, self.folded) for log in self.logs)
        return left, right


def compare_logs(pair: LogPair, to: int | None) -> Finding:
    """Compare two logs up to position `to`, or to the end; NotComparable if one does not reach it."""
    tips = [log.tip_offset() for log in pair.logs]
    if to is not None and to > min(tips):
        raise NotComparable(
            f"{pair.name} ends at offset {min(tips):,} of one side, before {to:,}: name an earlier offset"
        )
    end = min(tips) if to is None else to
    apart = first_apart(pair.logs, end, are_runs=pair.are_runs, folded=pair.folded)
    if apart is not None:
        return _found(pair, apart.offset, _of_events(pair, apart))
    folds = pair.folds()
    cells = _cells_at(pair, folds, end)
    if cells:
        return _found(pair, end, _of_state(pair, end, cells))
    is_longer = to is None and tips[0] != tips[1]
    if is_longer and pair.are_runs:
        return _found(pair, end, _of_end(pair, end, 0 if tips[0] > end else 1))
    told = f"{'AB'[tips[1] > end]} goes on to {max(tips):,}" if is_longer else ""
    ours, theirs = (state_digest(fold.kernel.tables) for fold in folds)
    return Finding(pair.name, RUNS if pair.are_runs else COPIES, end, (ours, theirs), None, told)


def _found(pair: LogPair, end: int, difference: Difference) -> Finding:
    return Finding(pair.name, RUNS if pair.are_runs else COPIES, end, ("", ""), difference)


def _cells_at(pair: LogPair, folds: tuple[LogFold, LogFold], position: int) -> list[Cell]:
    """Fold both to a position; the first columns in which their states differ."""
    for fold in folds:
        fold.fold_to(position)
    ours, theirs = (used_rows(fold.kernel.tables) for fold in folds)
    return state_cells(ours, theirs, are_runs=pair.are_runs)


def _of_events(pair: LogPair, apart: Apart) -> Difference:
    ours, theirs = (Event.of(row) for row in apart.rows)
    cells = cells_apart(apart, are_runs=pair.are_runs)
    names = ", ".join(cell.column for cell in cells) or "bytes that no column covers"
    who = str(ours) if ours == theirs else f"{ours} in A, {theirs} in B"
    says = f"the first event that differs is at offset {apart.offset:,}: {who}, in {names}"
    return Difference("events", apart.offset, True, *ours, cells, [], says)


def _of_state(pair: LogPair, end: int, cells: list[Cell]) -> Difference:
    """The event after which the states of equal logs first differ."""

    def differ_at(positions: list[int]) -> np.ndarray:
        pair_of_folds = pair.folds()
        return np.array([[bool(_cells_at(pair, pair_of_folds, position))] for position in positions], bool)

    offset = first_with(0, end, differ_at) - 1
    event = Event.at(pair.logs[0], offset)
    # What differs there, unless that was a bit which flipped in memory and does not flip again.
    cells = _cells_at(pair, pair.folds(), offset + 1) or cells
    tables = list(dict.fromkeys(cell.table for cell in cells))
    says = (
        f"the events are the same, the states are not: first after offset {offset:,}, {event},"
        f" in {', '.join(tables)}"
    )
    return Difference("state", offset, True, *event, cells, tables, says)


def _of_end(pair: LogPair, end: int, longer: int) -> Difference:
    event = Event.at(pair.logs[longer], end)
    says = (
        f"only {'AB'[longer]} goes on: its first event that the other has not is at offset {end:,}, {event}"
    )
    return Difference("end", end, True, *event, [], [], says)
