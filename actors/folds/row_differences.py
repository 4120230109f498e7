"""The first event that two logs have otherwise: in any byte, or in what two runs have in common."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from actors.folds.findings import CELLS_MAX, Cell
from actors.folds.log_fold import Folded
from actors.folds.run_columns import RUN_COLUMNS, bytes_to_compare, fields_of
from engine.rows.events import HEAD
from engine.rows.layout import row_dtype
from storage.log_reader import LogReader


class Apart(NamedTuple):
    """An event that two logs have otherwise: its offset, both rows (HEAD dtype) and block times, UTC ns."""

    offset: int
    rows: tuple[np.void, np.void]
    times_ns: tuple[int, int]


class _Piece(NamedTuple):
    """Rows of one block, from an offset on, and the block's time."""

    base: int
    rows: np.ndarray
    time_ns: int

    @property
    def end(self) -> int:
        return self.base + len(self.rows)

    def cut(self, begin: int, end: int) -> np.ndarray:
        return self.rows[begin - self.base : end - self.base]


def first_apart(
    logs: tuple[LogReader, LogReader], end: int, *, are_runs: bool, folded: Folded
) -> Apart | None:
    """The first event before `end` that the logs have otherwise, None if they have the same ones.

    Of a copy every byte counts, and the time of the block; of two runs, `are_runs`, what both have in common.
    """
    for left, right in _pairs(logs, end):
        at = max(left.base, right.base)
        until = min(left.end, right.end)
        ours, theirs = left.cut(at, until), right.cut(at, until)
        differs = _differing(ours, theirs, are_runs=are_runs)
        if not are_runs and left.time_ns != right.time_ns:
            differs[0] = True
        if differs.any():
            nth = int(np.argmax(differs))
            return Apart(at + nth, (ours[nth], theirs[nth]), (left.time_ns, right.time_ns))
        folded(until - at)
    return None


def cells_apart(apart: Apart, *, are_runs: bool) -> list[Cell]:
    """The columns in which two events differ; those of the head where they are of different kinds."""
    ours, theirs = apart.rows
    of_one_kind = (ours["kind"], ours["schema"]) == (theirs["kind"], theirs["schema"])
    fields = fields_of(int(ours["kind"]), int(ours["schema"])) if of_one_kind else fields_of(-1, 0)
    dtype = row_dtype(fields, HEAD.itemsize)
    typed = [np.frombuffer(row.tobytes(), dtype)[0] for row in apart.rows]
    cells = [
        Cell("event", 0, field.name, str(typed[0][field.name]), str(typed[1][field.name]))
        for field in fields
        if typed[0][field.name] != typed[1][field.name]
        and not _is_word(field.name)
        and not (are_runs and field.name in RUN_COLUMNS)
    ]
    if not are_runs and apart.times_ns[0] != apart.times_ns[1]:
        cells.append(Cell("event", 0, "append_ts", *map(str, apart.times_ns)))
    return cells[:CELLS_MAX]


def _pairs(logs: tuple[LogReader, LogReader], end: int) -> Iterator[tuple[_Piece, _Piece]]:
    """Pieces of both logs that overlap, each event in one pair."""
    left, right = (_pieces(log, end) for log in logs)
    at, ours, theirs = 0, _Piece(0, np.zeros(0, HEAD), 0), _Piece(0, np.zeros(0, HEAD), 0)
    while at < end:
        ours = next(left) if ours.end == at else ours
        theirs = next(right) if theirs.end == at else theirs
        yield ours, theirs
        at = min(ours.end, theirs.end)


def _pieces(log: LogReader, end: int) -> Iterator[_Piece]:
    for block in log.blocks(0, end):
        base = block.header.base_offset
        yield _Piece(base, block.rows(HEAD)[: end - base], block.header.append_ts_last_ns)


def _differing(ours: np.ndarray, theirs: np.ndarray, *, are_runs: bool) -> np.ndarray:
    """Which rows differ, bool; whole rows that are the same are seen without a look at their columns."""
    left, right = (
        np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), -1) for rows in (ours, theirs)
    )
    if are_runs:
        return np.asarray(((left ^ right) & _masks(ours)).any(axis=1))
    return np.asarray((left != right).any(axis=1))


def _masks(rows: np.ndarray) -> np.ndarray:
    """The bits of each row that count between two runs: uint8 of shape (rows, bytes)."""
    masks = np.empty((len(rows), HEAD.itemsize), np.uint8)
    codes = rows["kind"].astype(np.int64) << 8 | rows["schema"]
    for code in np.unique(codes):
        masks[codes == code] = bytes_to_compare(int(code) >> 8, int(code) & 0xFF)
    return masks


def _is_word(name: str) -> bool:
    """Whether a field is a machine word over the bytes of a text field."""
    return name.rpartition("_w")[2].isdigit()
