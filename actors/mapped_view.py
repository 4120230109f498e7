"""Reads exposure, positions and profit from a mapped view: microseconds, beside a writer that never waits.

Whenever the view can't answer, because it is not there, silent, of another release, or changing faster than
it can be read, it raises StaleView: then the projector itself is asked.
"""

import mmap
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

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
from engine.reads.sum_rows import RiskSums, Sums
from engine.reads.table import Table

T = TypeVar("T")

ATTEMPTS_MAX = 16
"""Reads that may be overtaken by the writer before the projector is asked: a fraction of a millisecond."""

STALE_AFTER_NS = 2 * NS_PER_SECOND
"""A heartbeat older than this is silence: ten missed beats of the embedded configuration."""

MACHINES = ("x86_64", "AMD64")
"""Processors whose order of loads and stores the view relies on."""


class _Copy:
    """One copy of the tables, with all that can be made ready before a read."""

    def __init__(self, copy: Copy) -> None:
        self.tables = copy.tables
        self.sums = RiskSums(copy.tables)
        self.next_offset = copy.tables.firm["next_offset"].data
        self.applied_ns = copy.stamp["applied_ns"].data


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
        _, next_offset, _ = self._consistent(lambda _: None)
        return {self.partition: next_offset - 1}

    def exposure(
        self, *, account: int = 0, strategy: int = 0, instrument: int = 0, min_position: int = -1
    ) -> Table:
        """Exposure of one account, strategy or instrument; without a handle that of every account."""
        by, handle = _group(account, strategy, instrument)
        found = self._consistent(lambda copy: copy.sums.exposure(by, handle))
        return self._sums_table(f"exposure by {by}", found, min_position)

    def pnl(
        self, *, account: int = 0, strategy: int = 0, instrument: int = 0, min_position: int = -1
    ) -> Table:
        """Profit and loss of one account, strategy or instrument; without a handle that of every account."""
        by, handle = _group(account, strategy, instrument)
        found = self._consistent(lambda copy: copy.sums.profit(by, handle))
        return self._sums_table(f"profit by {by}", found, min_position)

    def positions(
        self, *, account: int = 0, strategy: int = 0, instrument: int = 0, min_position: int = -1
    ) -> Table:
        """Every position that matches."""
        taken, next_offset, applied_ns = self._consistent(
            lambda copy: take_positions(copy.tables, account, strategy, instrument)
        )
        return self._table("positions", position_rows(taken), (), next_offset, applied_ns, min_position)

    def _sums_table(self, subject: str, found: tuple[Sums, int, int], min_position: int) -> Table:
        sums, next_offset, applied_ns = found
        return self._table(subject, sums.rows, sums.unpriced, next_offset, applied_ns, min_position)

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
        lag_events = max(0, self._counters[TOLD_NEXT] - next_offset)
        lag_ns = self._utc() - applied_ns if lag_events else 0
        return Table(
            SUBJECTS[subject],
            rows,
            as_of={self.partition: next_offset - 1},
            lag_events=lag_events,
            lag_seconds=max(0, lag_ns) / NS_PER_SECOND,
            unpriced=unpriced,
        )

    def _consistent(self, read: Callable[["_Copy"], T]) -> tuple[T, int, int]:
        """Run a read that copies what it needs until no publication has touched what it saw.

        Gives its result, and the next offset and the time of what it saw.
        """
        self._require_life()
        for _ in range(ATTEMPTS_MAX):
            number = self._counters[DONE]
            copy = self._copies[number % 2]
            result = read(copy)
            next_offset, applied_ns = copy.next_offset[0], copy.applied_ns[0]
            if self._counters[BEGUN] < number + 2:
                return result, next_offset, applied_ns
        raise StaleView(f"{self._path} changed under each of {ATTEMPTS_MAX} reads: ask the projector")

    def _require_life(self) -> None:
        """Raise StaleView if the writer is silent; first see whether a new one has taken its place."""
        if not self._is_silent():
            return
        self._map()
        if self._is_silent():
            raise StaleView(
                f"{self._path} was last written {self.heartbeat_age_ns / NS_PER_SECOND:.1f} s ago by process "
                f"{self.pid}: ask the projector, and look at that process"
            )

    def _is_silent(self) -> bool:
        return self._counters[HEARTBEAT] == 0 or self.heartbeat_age_ns > self._stale_after_ns

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
