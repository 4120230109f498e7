"""The checkpoint of a projection: what it leaves behind when it ends, and begins from the next time.

It is a cache and nothing more: one that belongs to another log, another release or other capacities is passed
over, and the log is folded from its beginning.
"""

from pathlib import Path

import numpy as np

from actors.roles.saved_tables import arrays_of, fill, layout_of, sections_of, used_arrays_of
from engine.kernel.jit import CODE_VERSION
from engine.kernel.tables import Tables
from engine.projections.books import Books
from storage.checkpoints import Checkpoint, Discarded, LogMark, read_checkpoint, write_checkpoint
from storage.log_directory import log_name
from storage.log_reader import LogReader

PROJECTION = "risk"
"""Its name in the file."""

REBUILT_SUFFIX = ".rebuilt"
"""Behind the name of the file that a rebuild leaves."""


def checkpoint_path(directory: Path, partition: int) -> Path:
    """Where the projection of a partition leaves its checkpoint in an engine's directory."""
    return directory / "checkpoints" / f"{log_name(partition)}-{PROJECTION}"


def rebuilt_path(directory: Path, partition: int) -> Path:
    """Where a rebuild leaves what it has folded, for the projector to compare itself with."""
    path = checkpoint_path(directory, partition)
    return path.with_name(path.name + REBUILT_SUFFIX)


class ProjectionCheckpoint:
    """The checkpoint file of one partition's projection.

    Attributes:
        told: why the file that is there was not used, empty if it was or there is none.
    """

    def __init__(self, path: Path, log: LogReader) -> None:
        self._path = path
        self._log = log
        self.told = ""

    def fill(self, tables: Tables, books: Books) -> int:
        """Fill empty tables and books; gives the time of the last block folded, UTC ns; 0 if nothing is."""
        arrays = _arrays(tables, books)
        found = read_checkpoint(
            self._path, projection=PROJECTION, state_version=_version(arrays), logs=[self._log]
        )
        if isinstance(found, Discarded):
            if self._path.exists():
                self.told = f"checkpoint {self._path.name} is not used: {found.reason}"
            return 0
        fill(arrays, found.sections)
        last = self._log.read_block(found.marks[0].next_offset - 1)
        return last.header.append_ts_last_ns

    def distrust(self) -> None:
        """Delete the file: the next start folds the log."""
        self._path.unlink(missing_ok=True)

    def write(self, tables: Tables, books: Books) -> bool:
        """Write what is folded, and say whether that was done.

        Not from the middle of a block, whose hash it would have to name; nor where the disk refuses: a cache
        that can't be written holds up nobody's end.
        """
        next_offset = int(tables.firm["next_offset"][0])
        if next_offset == 0:
            return False
        last = self._log.read_block(next_offset - 1)
        if last.header.next_offset != next_offset:
            return False
        version = _version(_arrays(tables, books))
        sections = sections_of(used_arrays(tables, books))
        mark = LogMark.behind(last)
        try:
            write_checkpoint(self._path, Checkpoint(PROJECTION, version, (mark,), sections))
        except OSError:
            return False
        return True


def _arrays(tables: Tables, books: Books) -> dict[str, np.ndarray]:
    """All state, by name."""
    return {**arrays_of(tables), **books._asdict()}


def used_arrays(tables: Tables, books: Books) -> dict[str, np.ndarray]:
    """The part of each array of a projection's state that holds something, by name; views."""
    levels = books.levels[: int(books.state["used"][0]) + 1]
    return {**used_arrays_of(tables), **books._asdict(), "levels": levels}


def _version(arrays: dict[str, np.ndarray]) -> str:
    """What names layout and meaning of the state: this release's rules, and the sizes of all arrays."""
    return f"{CODE_VERSION.hex()}-{layout_of(arrays)}"
