"""Snapshots of a partition's state: a cache of the log that is believed only as far as it can be checked.

A snapshot is accepted if it is whole, of this code and these capacities, if its tables have the digests that
it names, and if the log has its very block before its position. Any other is set aside, and an older one or
the whole log takes its place.
"""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from actors.roles.saved_tables import Arrays, arrays_of, fill, layout_of, sections_of, used_arrays_of
from engine.errors import IntegrityError
from engine.kernel.jit import CODE_VERSION
from engine.kernel.kernel import digest_of_rows
from engine.kernel.table_rows import FIRM
from engine.kernel.tables import Tables
from engine.rows.schema import schema_set_digest
from storage.checkpoints import (
    Checkpoint,
    Discarded,
    FoldedLog,
    LogMark,
    read_checkpoint,
    write_checkpoint,
)
from storage.log_directory import log_name
from storage.snapshots import SnapshotFiles

KERNEL = "kernel"
"""What such a file says that it is of."""

Sections = Mapping[str, bytes | memoryview]
"""The bytes of each array's used part, by name."""


def snapshot_path(directory: Path, partition: int) -> Path:
    """Where the snapshots of a partition, or of the reference log, lie in an engine's directory."""
    return directory / "snapshots" / log_name(partition)


class Found(NamedTuple):
    """What was found to begin from.

    Attributes:
        next_offset: the first event that is not in it; 0 where there was none.
        told: why newer ones were not taken, a sentence each.
    """

    next_offset: int
    told: tuple[str, ...]


class Snapshots:
    """The snapshots of one log in directory `path`."""

    def __init__(self, path: Path, log: FoldedLog) -> None:
        self.files = SnapshotFiles(path)
        self._log = log

    def write(self, tables: Tables) -> int:
        """Write the state at the end of a block, and delete what is older than the newest few; its position.

        It is read back: IntegrityError if it then is not what was to be written. OSError where the disk
        refuses; the older ones are still there.
        """
        position = int(tables.firm["next_offset"][0])
        mark = LogMark.behind(self._log.read_block(position - 1))
        assert mark.next_offset == position, "a snapshot is of the end of a block, whose hash it names"
        sections = sections_of(used_arrays_of(tables))
        digests = _origin() | digests_of(sections)
        path = self.files.path_at(position)
        write_checkpoint(path, Checkpoint(KERNEL, layout_of(arrays_of(tables)), (mark,), sections, digests))
        read = self._read(path, tables)
        if isinstance(read, Discarded) or read.digests != digests:
            self.files.set_aside(path)
            why = read.reason if isinstance(read, Discarded) else f"it has the digests {read.digests}"
            raise IntegrityError(
                f"snapshot {path} of offset {position}, written with the digests {digests}, reads back wrong:"
                f" {why}; it is set aside. Check this machine's memory and disk"
            )
        self.files.tidy()
        return position

    def fill(self, tables: Tables, is_enough: Callable[[np.void], str | None] = lambda _: None) -> Found:
        """Fill empty tables from the newest snapshot that may be used, or from none.

        `is_enough` gets the firm row of a valid one and says what else it lacks, None if nothing: it is then
        passed over and stays. What is not valid is set aside.
        """
        told = []
        for position, path in self.files.newest_first():
            read = self._read(path, tables)
            if isinstance(read, Discarded):
                self.files.set_aside(path)
                told.append(f"snapshot {path.name} of {path.parent.name} is set aside: {read.reason}")
                continue
            lack = is_enough(np.frombuffer(read.sections["firm"], FIRM)[0])
            if lack is None:
                fill(arrays_of(tables), read.sections)
                return Found(position, tuple(told))
            told.append(f"snapshot {path.name} of {path.parent.name} is passed over: {lack}")
        return Found(0, tuple(told))

    def fill_before(self, tables: Tables, position: int) -> Found:
        """Fill empty tables from the newest snapshot of a position or before, or from none.

        For those who only read: what is not valid stays where it is, for whoever writes here.
        """
        told: list[str] = []
        for at, path in self.files.newest_first():
            read = self._read(path, tables) if at <= position else None
            if isinstance(read, Checkpoint):
                fill(arrays_of(tables), read.sections)
                return Found(at, tuple(told))
            if isinstance(read, Discarded):
                told.append(f"snapshot {path.name} of {path.parent.name} is not used: {read.reason}")
        return Found(0, tuple(told))

    def distrust(self) -> None:
        """Set every snapshot aside: nobody knows which of them are right."""
        for _, path in self.files.newest_first():
            self.files.set_aside(path)

    def _read(self, path: Path, tables: Tables) -> Checkpoint | Discarded:
        """A snapshot that may be used with these tables, or why not; nothing is copied yet."""
        arrays = arrays_of(tables)
        read = read_checkpoint(path, projection=KERNEL, state_version=layout_of(arrays), logs=[self._log])
        if isinstance(read, Discarded):
            return read
        for name, ours in _origin().items():
            if read.digests.get(name) != ours:
                return Discarded(f"its {name} has the digest {read.digests.get(name)}, ours has {ours}")
        if int(path.name) != read.marks[0].next_offset:
            return Discarded(f"it is of offset {read.marks[0].next_offset}, which its name does not say")
        why = _why_unfit(arrays, read.sections)
        if why is not None:
            return Discarded(why)
        for name, digest in digests_of(read.sections).items():
            if read.digests.get(name) != digest:
                return Discarded(f"its {name} digest is {digest}, it says {read.digests.get(name)}")
        return read


def digests_of(sections: Sections) -> dict[str, str]:
    """What vouches for tables: the digest of their state, and one over the indexes, which are not in it."""
    rows = {name: sections[name] for name in sections if not name.endswith("_index")}
    indexes = hashlib.sha256()
    for name in sorted(sections.keys() - rows.keys()):
        indexes.update(sections[name])
    return {"state": digest_of_rows(rows), "indexes": indexes.hexdigest()}


def digests_of_tables(tables: Tables) -> dict[str, str]:
    """The same of tables in memory."""
    return digests_of(sections_of(used_arrays_of(tables)))


def _origin() -> dict[str, str]:
    """Which code made the state, out of which rows."""
    return {"code": CODE_VERSION.hex(), "schema_set": schema_set_digest().hex()}


def _why_unfit(arrays: Arrays, sections: Sections) -> str | None:
    """Why sections can't be this kernel's arrays, or None: each has whole rows, for which there is room."""
    if sections.keys() != arrays.keys():
        return "it has other tables"
    for name, array in arrays.items():
        if len(sections[name]) % array.itemsize or len(sections[name]) > array.nbytes:
            return f"its table {name} has {len(sections[name])} bytes, {array.itemsize} a row"
    return None
