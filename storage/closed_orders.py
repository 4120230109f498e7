"""What has left memory, found again by its key: closed orders with their execution reports, beside the log.

A cache of the log: deleting it changes no answer, because whoever folds the log keeps everything anew.

Numbers are big-endian, a key is 16 bytes (two u64). Sub-database `orders`: key to u32 date, row of the order,
rows of its reports. Sub-database `reports`: key of a report to the key of its order. Sub-database `left`: u32
date, key of an order to nothing: what goes, with its reports, when its date is past. Sub-database `meta`:
`identity` to the log's uuid and the bytes of a row of each kind; `next` to u64, the log offset up to which
what left memory is kept here.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import lmdb
import numpy as np

from storage.errors import ClosedOrdersLost
from storage.lmdb_environment import open_environment

FORGOTTEN_MIN = 64
"""Orders that a call which keeps some forgets beyond twice as many as it keeps: so what is old runs out."""

_IDENTITY, _NEXT = b"identity", b"next"
_OFFSET, _DATE, _KEY, _WIDTHS = (struct.Struct(form) for form in (">Q", ">I", ">QQ", ">II"))


class Closed(NamedTuple):
    """Closed orders: structured arrays that begin with `key_hi` and `key_lo`.

    `counts` says how many of the `reports`, which stand in the order of their orders, each order has.
    """

    orders: np.ndarray
    reports: np.ndarray
    counts: np.ndarray


class ClosedOrders:
    """Orders that have left memory; made by `ClosedOrders.open`, one writer a log.

    Any failure is a ClosedOrdersLost, or what opening an LMDB environment raises; it harms no log.
    """

    def __init__(
        self,
        path: Path,
        log_uuid: bytes,
        dtypes: tuple[np.dtype[np.void], np.dtype[np.void]],
        *,
        log_end: int,
        allow_volatile: bool,
    ) -> None:
        self._path = path
        self._order, self._report = dtypes
        with self._guarded():
            self._environment = open_environment(
                path, writer=True, create=True, allow_volatile=allow_volatile
            )
        try:
            self._open_databases(log_uuid, log_end)
        except BaseException:
            # A use left open would keep every later writer of this process out.
            self._environment.close()
            raise

    @classmethod
    def open(
        cls,
        path: Path,
        log_uuid: bytes,
        order: np.dtype[np.void],
        report: np.dtype[np.void],
        *,
        log_end: int,
        allow_volatile: bool = False,
    ) -> "ClosedOrders":
        """Open what is kept in directory `path`, or begin there; `order` and `report` are the rows' dtypes.

        What is kept of another log, with rows of another width, or of events that the log does not have (it
        ends at `log_end`) is thrown away: it is made again from the log.
        """
        return cls(Path(path), log_uuid, (order, report), log_end=log_end, allow_volatile=allow_volatile)

    def _open_databases(self, log_uuid: bytes, log_end: int) -> None:
        identity = log_uuid + _WIDTHS.pack(self._order.itemsize, self._report.itemsize)
        with self._guarded():
            self._orders = self._environment.database(b"orders", create=True)
            self._reports = self._environment.database(b"reports", create=True)
            self._left = self._environment.database(b"left", create=True)
            self._meta = self._environment.database(b"meta", create=True)
            with self._environment.handle.begin(write=True) as txn:
                stored = txn.get(_IDENTITY, db=self._meta)
                if stored != identity or self._next_offset(txn) > log_end:
                    for database in (self._orders, self._reports, self._left, self._meta):
                        txn.drop(database, delete=False)
                    txn.put(_IDENTITY, identity, db=self._meta)

    @property
    def next_offset(self) -> int:
        """The log offset up to which all that left memory is kept here."""
        with self._guarded(), self._environment.handle.begin() as txn:
            return self._next_offset(txn)

    def keep(self, closed: Closed, *, date: int, next_offset: int, forgotten_before: int = 0) -> None:
        """Keep orders that leave memory, in one transaction; one that is kept already is kept as it is now.

        Args:
            closed: the orders and their reports.
            date: the trade date (yyyymmdd) on which they leave.
            next_offset: the log offset behind the event that says so.
            forgotten_before: what left before this trade date is forgotten, some orders a call.
        """
        assert closed.counts.sum() == len(closed.reports), "every report has an order"
        with self._guarded(), self._environment.handle.begin(write=True) as txn:
            self._keep_rows(txn, closed, _DATE.pack(date))
            self._forget(txn, forgotten_before, FORGOTTEN_MIN + 2 * len(closed.orders))
            txn.put(_NEXT, _OFFSET.pack(next_offset), db=self._meta)

    def _keep_rows(self, txn: Any, closed: Closed, date: bytes) -> None:
        keys, report_keys = keys_of(closed.orders), keys_of(closed.reports)
        ends = np.cumsum(closed.counts).tolist()
        order_bytes, report_bytes = closed.orders.tobytes(), closed.reports.tobytes()
        order_width, width = self._order.itemsize, self._report.itemsize
        orders, owners = [], []
        for at, (key, begin, end) in enumerate(zip(keys, [0, *ends], ends, strict=False)):
            row = order_bytes[at * order_width : (at + 1) * order_width]
            orders.append((key, date + row + report_bytes[begin * width : end * width]))
            owners += [(report_key, key) for report_key in report_keys[begin:end]]
        # In the order of their keys, neighbours share pages, and one call writes them all.
        txn.cursor(self._orders).putmulti(sorted(orders))
        txn.cursor(self._reports).putmulti(sorted(owners))
        txn.cursor(self._left).putmulti(sorted((date + key, b"") for key in keys))

    def find(self, hi: int, lo: int) -> Closed | None:
        """The order with this key and its reports; None if it is not kept."""
        with self._guarded(), self._environment.handle.begin() as txn:
            value = txn.get(_KEY.pack(hi, lo), db=self._orders)
        if value is None:
            return None
        order = np.frombuffer(value, self._order, 1, _DATE.size)
        reports = self._reports_in(value)
        return Closed(order, reports, np.array([len(reports)]))

    def _reports_in(self, value: bytes) -> np.ndarray:
        """The reports of an order as it is kept."""
        return np.frombuffer(value, self._report, offset=_DATE.size + self._order.itemsize)

    def owner_of(self, hi: int, lo: int) -> tuple[int, int] | None:
        """The key of the order that a report with this key is about; None if it is not kept."""
        with self._guarded(), self._environment.handle.begin() as txn:
            owner = txn.get(_KEY.pack(hi, lo), db=self._reports)
        if owner is None:
            return None
        owner_hi, owner_lo = _KEY.unpack(owner)
        return owner_hi, owner_lo

    def forget(self, before: int, *, orders_max: int) -> int:
        """Forget what left memory before a trade date, at most so many orders; gives how many went."""
        with self._guarded(), self._environment.handle.begin(write=True) as txn:
            return self._forget(txn, before, orders_max)

    def _forget(self, txn: Any, before: int, orders_max: int) -> int:
        cursor = txn.cursor(self._left)
        gone = 0
        while gone < orders_max and cursor.first() and _date_of(cursor.key()) < before:
            self._forget_order(txn, cursor.key())
            cursor.delete()
            gone += 1
        return gone

    def _forget_order(self, txn: Any, entry: bytes) -> None:
        """Delete an order with its reports, unless it came back and left again on a later date."""
        date, key = entry[: _DATE.size], entry[-_KEY.size :]
        value = txn.get(key, db=self._orders)
        if value is None or value[: _DATE.size] != date:
            return
        txn.delete(key, db=self._orders)
        for report_key in keys_of(self._reports_in(value)):
            txn.delete(report_key, db=self._reports)

    def close(self) -> None:
        """Close the environment."""
        self._environment.close()

    def __enter__(self) -> "ClosedOrders":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _next_offset(self, txn: Any) -> int:
        stored = txn.get(_NEXT, db=self._meta)
        return int(_OFFSET.unpack(stored)[0]) if stored else 0

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (lmdb.Error, OSError, struct.error, ValueError) as error:
            raise ClosedOrdersLost(str(self._path), str(error)) from error


def keys_of(rows: np.ndarray) -> list[bytes]:
    """The key of each row, `key_hi` and `key_lo`, as 16 bytes in an order that sorts like the numbers."""
    words = np.empty((len(rows), 2), ">u8")
    words[:, 0], words[:, 1] = rows["key_hi"], rows["key_lo"]
    data = words.tobytes()
    return [data[at : at + _KEY.size] for at in range(0, len(data), _KEY.size)]


def _date_of(entry: bytes) -> int:
    return int(_DATE.unpack(entry[: _DATE.size])[0])
