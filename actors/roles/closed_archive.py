"""Orders that have left a partition's memory: on disk, or in a block that is on its way to the log.

The writer takes orders out of memory and finds them again; the committer puts them on disk, once the event
that took them out is durable in the log. So what is on disk never knows more than the log, and what it lacks
after a crash is kept anew when the log is folded. It is a cache: if it is damaged it is thrown away.
"""

import shutil
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.kernel.retired_rows import CLOSED_ORDER, RetiredRows
from engine.kernel.table_rows import EXECUTION
from storage.closed_orders import Closed, ClosedOrders
from storage.errors import ClosedOrdersLost, LogCorrupted, LogTruncated
from storage.log_directory import log_name

CLOSED_DIRECTORY = "closed"


class _Leaving(NamedTuple):
    """What leaves memory by the event at `offset`, on a trade date (yyyymmdd)."""

    offset: int
    rows: RetiredRows
    today: int


def archive_path(directory: Path, partition: int) -> Path:
    """Where the closed orders of a partition lie in an engine's directory."""
    return directory / CLOSED_DIRECTORY / log_name(partition)


class ClosedArchive:
    """The closed orders of one partition; the directory is made when the first order leaves."""

    def __init__(
        self, path: Path, log_uuid: bytes, *, log_end: int, window_days: int, allow_volatile: bool = False
    ) -> None:
        """Use what is at `path` of a log that ends at `log_end`; orders stay here for `window_days`."""
        self._path = path
        self._log_uuid = log_uuid
        self._window_days = window_days
        self._allow_volatile = allow_volatile
        self._waiting: list[_Leaving] = []
        self._guard = threading.Lock()
        self._disk: ClosedOrders | None = self._open(log_end) if path.exists() else None

    @property
    def next_offset(self) -> int:
        """The log offset up to which all that left memory is on disk."""
        return 0 if self._disk is None else self._disk.next_offset

    def keep(self, offset: int, rows: RetiredRows, today: int) -> None:
        """Take orders over from memory, which leave it by the event at `offset` on the trade date `today`.

        They go to disk with the block that has the event.
        """
        with self._guard:
            self._waiting.append(_Leaving(offset, rows, today))

    def keep_again(self, offset: int, rows: RetiredRows, today: int) -> None:
        """Keep what a fold of the log takes out of memory, unless it is on disk from before."""
        if self._disk is None or offset >= self._disk.next_offset:
            self._write(_Leaving(offset, rows, today))

    def commit(self, log_end: int) -> None:
        """Put on disk what has left memory before `log_end`, where the log ends now."""
        while self._waiting and self._waiting[0].offset < log_end:
            self._write(self._waiting[0])
            # Only now: meanwhile the writer finds it here.
            with self._guard:
                del self._waiting[0]

    def find(self, hi: int, lo: int) -> RetiredRows | None:
        """The order with this id, alone, and its reports; None if it is not here."""
        for rows in self._not_on_disk():
            at = np.flatnonzero((rows.orders["key_hi"] == hi) & (rows.orders["key_lo"] == lo))
            if len(at):
                return _alone(rows, int(at[0]))
        found = None if self._disk is None else self._disk.find(hi, lo)
        return None if found is None else RetiredRows(*found)

    def owner_of(self, hi: int, lo: int) -> tuple[int, int] | None:
        """The id of the order that a report with this key is about; None if it is not here."""
        for rows in self._not_on_disk():
            at = np.flatnonzero((rows.executions["key_hi"] == hi) & (rows.executions["key_lo"] == lo))
            if len(at):
                order = rows.orders[np.searchsorted(np.cumsum(rows.counts), at[0], side="right")]
                return int(order["key_hi"]), int(order["key_lo"])
        return None if self._disk is None else self._disk.owner_of(hi, lo)

    def close(self) -> None:
        """Close the files; what waits is made again from the log."""
        if self._disk is not None:
            self._disk.close()

    def _not_on_disk(self) -> list[RetiredRows]:
        """What waits, the latest first: an order may leave, come back and leave again."""
        with self._guard:
            return [leaving.rows for leaving in reversed(self._waiting)]

    def _write(self, leaving: "_Leaving") -> None:
        if self._disk is None:
            self._disk = self._open(leaving.offset)
        self._disk.keep(
            Closed(*leaving.rows),
            date=leaving.today,
            next_offset=leaving.offset + 1,
            forgotten_before=_days_before(leaving.today, self._window_days),
        )

    def _open(self, log_end: int) -> ClosedOrders:
        try:
            return self._opened(log_end)
        except (ClosedOrdersLost, LogCorrupted, LogTruncated):
            shutil.rmtree(self._path)
            return self._opened(log_end)

    def _opened(self, log_end: int) -> ClosedOrders:
        return ClosedOrders.open(
            self._path,
            self._log_uuid,
            CLOSED_ORDER,
            EXECUTION,
            log_end=log_end,
            allow_volatile=self._allow_volatile,
        )


def _alone(rows: RetiredRows, at: int) -> RetiredRows:
    """One order of several, with its reports."""
    end = int(rows.counts[: at + 1].sum())
    count = rows.counts[at : at + 1]
    return RetiredRows(rows.orders[at : at + 1], rows.executions[end - int(count[0]) : end], count)


def _days_before(trade_date: int, days: int) -> int:
    """The date (yyyymmdd) so many calendar days before another; 0 where the calendar has none."""
    year, month, day = trade_date // 10_000, trade_date // 100 % 100, trade_date % 100
    try:
        return int((date(year, month, day) - timedelta(days=days)).strftime("%Y%m%d"))
    except (ValueError, OverflowError):
        return 0
