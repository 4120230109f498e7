"""Reads exposure, positions and profit from a mapped view: microseconds, beside a writer that never waits.

Whenever the view can't answer, because it is not there, silent, of another release, or changing faster than
it can be read, it raises StaleView: then the projector itself is asked.
"""

import mmap
import os
import platform
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from actors.view_layout import (
    BEGUN,
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
from engine.errors import NotReady, StaleView
from engine.limits import NS_PER_SECOND
from engine.reads.position_rows import position_rows, take_positions
from engine.reads.questions import GroupBy
from engine.reads.schema import SUBJECTS
from engine.reads.sum_rows import exposure_sums, profit_of, profit_sums
from engine.reads.table import Table

ATTEMPTS_MAX = 16
"""Reads that may be overtaken by the writer before the projector is asked: a fraction of a millisecond."""

STALE_AFTER_NS = 2 * NS_PER_SECOND
"""A heartbeat older than this is silence: ten missed beats of the embedded configuration."""

MACHINES = ("x86_64", "AMD64")
"""Processors whose order of loads and stores the view relies on."""


class _Copy:
    """One copy of the tables: its position, its time, and by name what is read of it."""

    def __init__(self, copy: Copy) -> None:
        tables = copy.tables
        self.tables = tables
        self.next_offset = tables.firm["next_offset"].data
        self.applied_ns = copy.stamp["applied_ns"].data
        self.reads: dict[str, Callable[..., Any]] = {
            "exposure by account": exposure_sums(tables, "account").read,
            "exposure by strategy": exposure_sums(tables, "strategy").read,
            "exposure by instrument": exposure_sums(tables, "instrument").read,
            "profit by account": profit_sums(tables, "account").read,
            "profit by strategy": profit_sums(tables, "strategy").read,
            "profit by instrument": partial(profit_of, tables, "instrument"),
            "positions": partial(take_positions, tables),
            "nothing": tuple,
        }


class MappedView:
    """One partition's published tables; made by `open`. One thread uses a view; opening another one is cheap.

    Handles are those of the reference log; 0 means any or all. `min_position` is the offset of an event that
    the answer must reflect; NotReady says that it is not published yet.
    """

    def __init__(
        self, path: Path, stale_after_ns: int, clock: Callable[[], int], utc: Callable[[], int]
    ) -> None:
        self._path = path
        self._stale_after_ns = stale_after_ns
        self._clock = clock
        self._utc = utc
        self._map()

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        stale_after_ns: int = STALE_AFTER_NS,
        clock: Callable[[], int] = time.monotonic_ns,
        utc: Callable[[], int] = time.time_ns,
    ) -> "MappedView":
        """Open the view at `path`; `clock` is the host's monotonic one, both clocks in nanoseconds.

        Raises StaleView if there is none that can be read here.
        """
        if platform.machine() not in MACHINES:
            raise StaleView(
                f"a mapped view is for {MACHINES[0]}, this is {platform.machine()}: ask the projector"
            )
        return cls(Path(path), stale_after_ns, clock, utc)

    @property
    def heartbeat_age_ns(self) -> int:
        """How long ago the writer last showed that it lives."""
        return self._clock() - self._counters[HEARTBEAT]

    @property
    def as_of(self) -> dict[int, int]:
        """The partition, and the offset of the last event that is published."""
        _, next_offset, _ = self._consistent("nothing")
        return {self.partition: next_offset - 1}

    def exposure(
        self, *, account: int = 0, strategy: int = 0, instrument: int = 0, min_position: int = -1
    ) -> Table:
        """Exposure of one account, strategy or instrument; without a handle that of every account."""
        by, handle = _group(account, strategy, instrument)
        return self._sums(f"exposure by {by}", handle, min_position)

    def pnl(
        self, *, account: int = 0, strategy: int = 0, instrument: int = 0, min_position: int = -1
    ) -> Table:
        """Profit and loss of one account, strategy or instrument; without a handle that of every account."""
        by, handle = _group(account, strategy, instrument)
        return self._sums(f"profit by {by}", handle, min_position)

    def _sums(self, subject: str, handle: int, min_position: int) -> Table:
        (rows, unpriced), next_offset, applied_ns = self._consistent(subject, handle)
        return self._table(subject, rows, unpriced, next_offset, applied_ns, min_position)

    def positions(
        self, *, account: int = 0, strategy: int = 0, instrument: int = 0, min_position: int = -1
    ) -> Table:
        """Every position that matches."""
        taken, next_offset, applied_ns = self._consistent("positions", account, strategy, instrument)
        return self._table("positions", position_rows(taken), (), next_offset, applied_ns, min_position)

    def _table(
        self,
        subject: str,
        rows: np.ndarray,
        unpriced: tuple[str, ...],
        next_offset: int,
        applied_ns: int,
        min_position: int,
    ) -> Table:
        if next_offset <= min_position:
            raise NotReady(f"the view is at offset {next_offset - 1}, asked for {min_position}")
        lag_events = self._counters[TOLD_NEXT] - next_offset
        is_behind = lag_events > 0
        return Table(
            SUBJECTS[subject],
            rows,
            as_of={self.partition: next_offset - 1},
            lag_events=lag_events if is_behind else 0,
            lag_seconds=max(0, self._utc() - applied_ns) / NS_PER_SECOND if is_behind else 0.0,
            unpriced=unpriced,
        )

    def _consistent(self, name: str, *wanted: int) -> tuple[Any, int, int]:
        """Read a copy, again until no publication has touched what was seen.

        Gives what was read, and the next offset and the time of what was seen.
        """
        if self._clock() - self._counters[HEARTBEAT] > self._stale_after_ns:
            self._find_successor()
        counters = self._counters
        for _ in range(ATTEMPTS_MAX):
            number = counters[DONE]
            copy = self._copies[number % 2]
            found = copy.reads[name](*wanted)
            next_offset, applied_ns = copy.next_offset[0], copy.applied_ns[0]
            if counters[BEGUN] < number + 2:
                return found, next_offset, applied_ns
        raise StaleView(f"{self._path} changed under each of {ATTEMPTS_MAX} reads: ask the projector")

    def _find_successor(self) -> None:
        """Map the file of the writer that took the silent one's place; StaleView if there is none."""
        self._map()
        if self.heartbeat_age_ns > self._stale_after_ns:
            raise StaleView(
                f"{self._path} was last written {self.heartbeat_age_ns / NS_PER_SECOND:.1f} s ago by process "
                f"{self.pid}: ask the projector, and look at that process"
            )

    def _map(self) -> None:
        """Map the file that is there now, after checking that it is a view this release can read."""
        try:
            with self._path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                # Pages that are there already are mapped at once, not one by one in the middle of reads.
                flags = mmap.MAP_SHARED | mmap.MAP_POPULATE
                memory = memoryview(mmap.mmap(file.fileno(), size, flags=flags, prot=mmap.PROT_READ))
        except (OSError, ValueError) as error:
            raise StaleView(f"there is no view at {self._path} ({error}): ask the projector") from error
        header = _checked_header(self._path, memory)
        self.pid, self.partition = int(header["pid"]), int(header["partition"])
        self.log_uuid = bytes(header["log_uuid"]).ljust(16, b"\0")
        self._counters = memory[COUNTERS_AT : HEADER.itemsize].cast("q")
        self._copies = [_Copy(copy) for copy in copies_of(memory, header["rows"].tolist())]


def _checked_header(path: Path, memory: memoryview) -> np.void:
    if len(memory) < HEADER.itemsize:
        raise StaleView(f"{path} is too short for a view: ask the projector")
    header: np.void = np.frombuffer(memory, HEADER, 1)[0]
    if (bytes(header["magic"]), int(header["format"])) != (MAGIC, FORMAT):
        raise StaleView(f"{path} is not a view of format {FORMAT}: ask the projector")
    if bytes(header["layout_digest"]).ljust(32, b"\0") != layout_digest():
        raise StaleView(f"{path} was written by another release: ask the projector")
    if len(memory) != file_bytes(header["rows"].tolist()):
        raise StaleView(f"{path} has {len(memory)} bytes, its header says otherwise: ask the projector")
    return header


def _group(account: int, strategy: int, instrument: int) -> tuple[GroupBy, int]:
    """Which one of the three was named; every account if none was."""
    if strategy:
        return "strategy", strategy
    if instrument:
        return "instrument", instrument
    return "account", account
