"""Writes a mapped view: the copy that nobody reads, then the number that says it is whole.

Publication n sets `begun` to n, writes copy n modulo 2, sets `done` to n. It copies the rows that changed in
this round and in the one before, because only the other copy has those of the one before. A reader takes the
copy of `done`, and has read it whole if `begun` has not come two further meanwhile. x86-64 keeps the order of
stores, and that of loads; the counters are touched by the interpreter, the rows by native code in between, so
no compiler reorders them either.
"""

import mmap
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from actors.roles.log_identity import identity_of
from actors.view_layout import (
    BEGUN,
    CLOSED,
    COPIED,
    COUNTERS_AT,
    DONE,
    FORMAT,
    HEADER,
    HEARTBEAT,
    MAGIC,
    TOLD_NEXT,
    Copy,
    copies_of,
    file_bytes,
    layout_digest,
)
from engine.errors import NotReady
from engine.kernel.tables import Tables
from engine.projections.changes import PUBLISHED, Changes, changed_slots, copy_rows, next_round
from storage.file_system import DRAFT_SUFFIX
from storage.manifest import Manifest

MODE = 0o600
"""Only the engine's own user may read positions."""

VIEW_FOLDER = Path("/dev/shm")  # noqa: S108 - a file of its own name and mode, replaced by renaming
"""Shared memory: a view is rebuilt at every start and need not survive anything."""


def default_view_path(log_uuid: bytes, partition: int) -> Path:
    """Where the view of a partition's log is, unless somebody says otherwise."""
    return VIEW_FOLDER / f"orderfold-{log_uuid.hex()}-p{partition:04d}.view"


def view_paths(manifest: Manifest) -> dict[int, Path]:
    """Where the views of an engine's partitions are, by the partition's number."""
    uuids = {number: identity_of(manifest, number).log_uuid for number in range(manifest.partitions)}
    return {number: default_view_path(uuid, number) for number, uuid in uuids.items()}


def remove_view(path: Path) -> None:
    """Take away the view at `path`, and what processes that were killed had made to take its place."""
    for file in [path, *_drafts(path)]:
        file.unlink(missing_ok=True)


class ViewWriter:
    """One generation of a view: a fresh file, which `appear` puts in the place of the old one.

    Who still reads the old one notices by its silence.
    """

    def __init__(self, path: Path, inode: int, memory: memoryview, clock: Callable[[], int]) -> None:
        self.path = path
        self._inode = inode
        self._counters = memory[COUNTERS_AT : HEADER.itemsize].cast("q")
        self._copies = copies_of(memory, np.frombuffer(memory, HEADER, 1)["rows"][0].tolist())
        self._clock = clock
        self._previous: Mapping[str, np.ndarray] = {name: np.zeros(0, np.uint32) for name in PUBLISHED}

    @classmethod
    def create(
        cls,
        path: Path,
        tables: Tables,
        *,
        log_uuid: bytes,
        partition: int,
        told_next: int = 0,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> "ViewWriter":
        """Make a view for these tables at `path`, of a log whose next offset is `told_next` by now.

        `clock` is the host's monotonic one, in nanoseconds. Raises NotReady if the file
        system has no room for it.
        """
        for left in _drafts(path):
            left.unlink(missing_ok=True)
        writer = cls.beside(
            path, tables, log_uuid=log_uuid, partition=partition, told_next=told_next, clock=clock
        )
        writer.appear()
        return writer

    @classmethod
    def beside(
        cls,
        path: Path,
        tables: Tables,
        *,
        log_uuid: bytes,
        partition: int,
        told_next: int = 0,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> "ViewWriter":
        """Make such a view under another name, where no reader finds it until `appear`; NotReady as above."""
        rows = [len(getattr(tables, name)) for name in COPIED]
        header = np.zeros(1, HEADER)
        header["magic"], header["format"], header["pid"] = MAGIC, FORMAT, os.getpid()
        header["layout_digest"], header["log_uuid"] = layout_digest(), log_uuid
        header["partition"], header["rows"], header["heartbeat_ns"] = partition, rows, clock()
        header["told_next"] = told_next
        memory, inode = _new_file(path, file_bytes(rows), header.tobytes())
        return cls(path, inode, memory, clock)

    def appear(self) -> None:
        """Put the file in the place of the one that is read: whoever maps it from now on gets this one."""
        _draft(self.path).replace(self.path)

    @property
    def published(self) -> Copy:
        """What readers see: the copy that was published last, as arrays over the file."""
        return self._copies[self._counters[DONE] % 2]

    @property
    def publications(self) -> int:
        """How many publications there have been."""
        return self._counters[DONE]

    def beat(self, told_next: int) -> None:
        """Show that the writer lives, and how far it knows the log to be."""
        self._counters[TOLD_NEXT] = told_next
        self._counters[HEARTBEAT] = self._clock()

    def publish(self, tables: Tables, changes: Changes, applied_ns: int) -> None:
        """Publish the tables as they are; `changes` names the rows that changed since the last time."""
        number = self._counters[DONE] + 1
        changed = {name: changed_slots(getattr(changes, name)) for name in PUBLISHED}
        self._counters[BEGUN] = number
        copy = self._copies[number % 2]
        for name in PUBLISHED:
            source, target = getattr(tables, name), getattr(copy.tables, name)
            copy_rows(_words(source), _words(target), self._previous[name])
            copy_rows(_words(source), _words(target), changed[name])
        copy.tables.firm[0] = tables.firm[0]
        copy.stamp["applied_ns"] = applied_ns
        self._counters[DONE] = number
        self._previous = changed
        next_round(changes)

    def close(self) -> None:
        """Say that no more will come, and take the file away if it is still this one."""
        self._counters[HEARTBEAT] = CLOSED
        for file in (self.path, _draft(self.path)):
            if file.exists() and file.stat().st_ino == self._inode:
                file.unlink()


def _words(table: np.ndarray) -> np.ndarray:
    """The rows of a table as machine words: uint64 of shape (rows, words a row)."""
    return table.view(np.uint64).reshape(len(table), -1)


def _new_file(path: Path, size: int, header: bytes) -> tuple[memoryview, int]:
    """Make the file whole, under the name that it has until it appears: (its bytes, its inode)."""
    fresh = _draft(path)
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, MODE)
    try:
        _fill(handle, path.parent, size)
        memory = mmap.mmap(handle, size, flags=mmap.MAP_SHARED | mmap.MAP_POPULATE)
        memory[: len(header)] = header
        return memoryview(memory), os.fstat(handle).st_ino
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)


def _draft(path: Path) -> Path:
    """The name of this process's next view until it appears."""
    return path.with_name(f"{path.name}.{os.getpid()}{DRAFT_SUFFIX}")


def _drafts(path: Path) -> list[Path]:
    return list(path.parent.glob(f"{path.name}.*{DRAFT_SUFFIX}"))


def _fill(handle: int, folder: Path, size: int) -> None:
    """Take all of the file's memory now: later, the first page too many would end the process by a signal."""
    try:
        os.posix_fallocate(handle, 0, size)
    except OSError as error:
        raise NotReady(
            f"{folder} has no room for a view of {size:,} bytes ({error.strerror}): free some"
        ) from error
