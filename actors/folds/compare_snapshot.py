"""A snapshot beside the log that it is of: its tables against a fold of the log from the beginning."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from actors.folds.findings import Cell, Difference, Event, Finding, NotComparable
from actors.folds.log_fold import Folded, LogFold
from actors.folds.narrowing import first_arrival
from actors.folds.state_differences import USED, Rows, state_cells
from actors.roles.saved_tables import arrays_of, layout_of
from actors.roles.snapshots import KERNEL
from engine.errors import IntegrityError
from engine.kernel.kernel import digest_of_rows, state_digest, used_rows
from engine.kernel.tables import Capacity
from storage.checkpoints import Checkpoint, Discarded, decode_checkpoint
from storage.log_reader import LogReader
from storage.snapshots import SnapshotFiles

COMPARED = "every column of the state that a snapshot holds"


class Snapshot(NamedTuple):
    """A snapshot as its file has it."""

    path: Path
    content: Checkpoint

    @property
    def position(self) -> int:
        """The offset of the first event that is not in it."""
        return self.content.marks[0].next_offset


class SnapshotPair(NamedTuple):
    """A snapshot, which side it is (0 for A), and the log that it should be of."""

    name: str
    partition: int
    snapshot: Snapshot
    side: int
    log: LogReader
    capacity: Capacity
    folded: Folded

    def fold(self) -> LogFold:
        """A fold of the log, before its first event."""
        return LogFold(self.log, self.partition, self.capacity, self.folded)


def newest_snapshot(directory: Path) -> Snapshot | None:
    """The newest of a directory of snapshots; None if there is none, IntegrityError if it is damaged."""
    for _, path in SnapshotFiles(directory).newest_first():
        try:
            content = decode_checkpoint(path)
        except FileNotFoundError:
            # A snapshotter has deleted it this instant, because there is a newer one.
            continue
        if isinstance(content, Discarded):
            raise IntegrityError(
                f"snapshot {path}: {content.reason}; the log is the truth: delete the file, a new one is made"
            )
        if content.projection != KERNEL or len(content.marks) != 1:
            raise NotComparable(f"{path} is of {content.projection}, expected a snapshot of a partition")
        return Snapshot(path, content)
    return None


def compare_snapshot(pair: SnapshotPair) -> Finding:
    """Compare a snapshot with a fold of its log; NotComparable if it is of another one."""
    _require_log(pair)
    position = pair.snapshot.position
    fold = pair.fold()
    fold.fold_to(position)
    theirs = _rows_of(pair.snapshot, used_rows(fold.kernel.tables))
    cells = state_cells(used_rows(fold.kernel.tables), theirs)
    if not cells:
        cells = _index_cells(pair.snapshot, fold)
    digests = (digest_of_rows(_bytes_of(theirs)), state_digest(fold.kernel.tables))
    ordered = digests if pair.side == 0 else digests[::-1]
    difference = _difference(pair, cells, fold) if cells else None
    return Finding(pair.name, COMPARED, position, ordered, difference)


def _require_log(pair: SnapshotPair) -> None:
    mark, position = pair.snapshot.content.marks[0], pair.snapshot.position
    if mark.log_uuid != pair.log.log_uuid:
        raise NotComparable(f"snapshot {pair.snapshot.path} is of log {mark.log_uuid.hex()}, not of this one")
    if position > pair.log.tip_offset():
        raise NotComparable(
            f"snapshot {pair.snapshot.path} is of offset {position:,}, this log ends at"
            f" {pair.log.tip_offset():,}: it is an older copy"
        )
    block = pair.log.read_block(position - 1).header
    if block.block_hash != mark.block_hash:
        raise NotComparable(
            f"snapshot {pair.snapshot.path} names another block before offset {position:,} than this log has:"
            " they are of two histories; compare the logs"
        )


def _rows_of(snapshot: Snapshot, ours: Rows) -> Rows:
    """The snapshot's rows by table; NotComparable where they can't be rows of these tables."""
    sections, rows = snapshot.content.sections, {}
    for name, used in ours.items():
        if name not in sections or len(sections[name]) % used.itemsize:
            raise NotComparable(f"snapshot {snapshot.path} has other tables: another release wrote it")
        rows[name] = np.frombuffer(sections[name], used.dtype)
    return rows


def _bytes_of(rows: Rows) -> dict[str, memoryview]:
    return {name: used.view(np.uint8).data for name, used in rows.items()}


def _index_cells(snapshot: Snapshot, fold: LogFold) -> list[Cell]:
    """The indexes that differ, which can be seen where both have tables of the same sizes."""
    arrays = arrays_of(fold.kernel.tables)
    if snapshot.content.state_version != layout_of(arrays):
        return []
    sections = snapshot.content.sections
    indexes = {name: array for name, array in arrays.items() if name.endswith("_index")}
    saved = {name: np.frombuffer(sections[name], array.dtype) for name, array in indexes.items()}
    return [
        Cell(name, int(slot), "slot", str(array[slot]), str(saved[name][slot]))
        for name, array in indexes.items()
        for slot in np.flatnonzero(array != saved[name])[:1]
    ]


def _difference(pair: SnapshotPair, cells: list[Cell], fold: LogFold) -> Difference:
    """The latest event at which the snapshot can have gone wrong: it gave the log what is not in there."""
    position = pair.snapshot.position
    final = used_rows(fold.kernel.tables)
    watched = [cell for cell in cells if cell.table in final and cell.row < len(final[cell.table])]

    def flags_at(positions: list[int]) -> np.ndarray:
        again = pair.fold()
        flags = []
        for at in positions:
            again.fold_to(at)
            flags.append([_is_final(used_rows(again.kernel.tables), final, cell) for cell in watched])
        return np.array(flags, bool)

    offset = (first_arrival(0, position, len(watched), flags_at) if watched else position) - 1
    event = Event.at(pair.log, offset)
    tables = list(dict.fromkeys(cell.table for cell in cells))
    columns = ", ".join(dict.fromkeys(f"{cell.table}.{cell.column}" for cell in cells))
    since = (
        f"it differs at offset {offset:,} at the latest, {event}, which set that in the log"
        if watched
        else "nothing says since which event"
    )
    says = f"the snapshot of offset {position:,} is not the state of its log, in {columns}: {since}"
    ordered = cells if pair.side == 1 else [Cell(c.table, c.row, c.column, c.b, c.a) for c in cells]
    return Difference("state", offset, False, *event, ordered, tables, says)


def _is_final(rows: Rows, final: Rows, cell: Cell) -> bool:
    """Whether a row is there and has in one column what it has in the end."""
    if cell.row >= len(rows[cell.table]):
        return False
    if cell.column == USED:
        return True
    now, then = (state[cell.table][cell.column][cell.row] for state in (rows, final))
    return bool(np.all(now == then))
