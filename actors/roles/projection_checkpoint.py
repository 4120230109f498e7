"""The checkpoint of a projection: what it leaves behind when it ends, and begins from the next time.

It is a cache and nothing more: one that belongs to another log, another release or other capacities is passed
over, and the log is folded from its beginning.
"""

import hashlib
from pathlib import Path

import numpy as np

from engine.kernel.jit import CODE_VERSION
from engine.kernel.kernel import DIGESTED
from engine.kernel.tables import Tables
from engine.projections.books import Books
from storage.checkpoints import Checkpoint, Discarded, LogMark, read_checkpoint, write_checkpoint
from storage.log_directory import log_name
from storage.log_reader import LogReader

PROJECTION = "risk"
"""Its name in the file."""

SETTINGS = ("bounds",)
"""What is not state: each start sets it anew."""


def checkpoint_path(directory: Path, partition: int) -> Path:
    """Where the projection of a partition leaves its checkpoint in an engine's directory."""
    return directory / "checkpoints" / f"{log_name(partition)}-{PROJECTION}"


class ProjectionCheckpoint:
    """The checkpoint file of one partition's projection."""

    def __init__(self, path: Path, log: LogReader) -> None:
        self._path = path
        self._log = log

    def fill(self, tables: Tables, books: Books) -> int:
        """Fill empty tables and books; gives the time of the last block folded, UTC ns; 0 if nothing is."""
        arrays = _arrays(tables, books)
        found = read_checkpoint(
            self._path, projection=PROJECTION, state_version=_version(arrays), logs=[self._log]
        )
        if isinstance(found, Discarded):
            return 0
        for name, array in arrays.items():
            saved = np.frombuffer(found.sections[name], array.dtype)
            array[: len(saved)] = saved
        last = self._log.read_block(found.marks[0].next_offset - 1)
        return last.header.append_ts_last_ns

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
        arrays = _arrays(tables, books)
        sections = {name: _used(name, array, tables, books).tobytes() for name, array in arrays.items()}
        mark = LogMark.behind(last)
        try:
            write_checkpoint(self._path, Checkpoint(PROJECTION, _version(arrays), (mark,), sections))
        except OSError:
            return False
        return True


def _arrays(tables: Tables, books: Books) -> dict[str, np.ndarray]:
    """All state, by name."""
    both = {**tables._asdict(), **books._asdict()}
    return {name: array for name, array in both.items() if name not in SETTINGS}


def _used(name: str, array: np.ndarray, tables: Tables, books: Books) -> np.ndarray:
    """The part of an array that holds something: a table's used rows, an index as a whole."""
    if name in DIGESTED:
        return array[: int(tables.firm[name][0]) + 1]
    return array[: int(books.state["used"][0]) + 1] if name == "levels" else array


def _version(arrays: dict[str, np.ndarray]) -> str:
    """What names layout and meaning of the state: this release's rules, and the sizes of all arrays."""
    sizes = repr([(name, len(array), array.dtype.itemsize) for name, array in arrays.items()])
    return hashlib.sha256(CODE_VERSION + sizes.encode()).hexdigest()
