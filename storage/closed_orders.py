"""What has left memory, found again by its key: closed orders and their execution reports, beside the log.

A cache of the log: deleting it changes no answer, because whoever folds the log keeps everything anew.

Numbers are big-endian. Sub-databases `orders` and `executions`: key of 16 bytes (two u64) to u32 date, bytes
of the row. Sub-database `left`: u32 date, u8 table, key to nothing: what goes when its date is past.
Sub-database `meta`: `identity` to the log's uuid and the bytes of a row of each table; `next` to u64, the log
offset up to which what left memory is kept here.
"""

import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lmdb
import numpy as np

from storage.errors import ClosedOrdersLost
from storage.lmdb_environment import open_environment

TABLES = (b"orders", b"executions")
_IDENTITY, _NEXT = b"identity", b"next"
_OFFSET, _DATE = struct.Struct(">Q"), struct.Struct(">I")
_KEY_BYTES = 16


class ClosedOrders:
    """Rows that have left memory; made by `ClosedOrders.open`, one writer a log.

    Any failure is a ClosedOrdersLost, or what opening an LMDB environment raises; it harms no log.
    """

    def __init__(self, path: Path, identity: bytes, *, log_end: int, allow_volatile: bool) -> None:
        self._path = path
        with self._guarded():
            self._environment = open_environment(
                path, writer=True, create=True, allow_volatile=allow_volatile
            )
        try:
            self._open_databases(identity, log_end)
        except BaseException:
            # A use left open would keep every later writer of this process out.
            self._environment.close()
            raise

    @classmethod
    def open(
        cls,
        path: Path,
        log_uuid: bytes,
        row_bytes: Mapping[str, int],
        *,
        log_end: int,
        allow_volatile: bool = False,
    ) -> "ClosedOrders":
        """Open what is kept in directory `path`, or begin there.

        What is kept of another log, with rows of another width, or of events that the log does not have (it
        ends at `log_end`) is thrown away: it is made again from the log.
        """
        widths = struct.pack(f">{len(TABLES)}I", *(row_bytes[table.decode()] for table in TABLES))
        return cls(Path(path), log_uuid + widths, log_end=log_end, allow_volatile=allow_volatile)

    def _open_databases(self, identity: bytes, log_end: int) -> None:
        with self._guarded():
            self._tables = [self._environment.database(table, create=True) for table in TABLES]
            self._left = self._environment.database(b"left", create=True)
            self._meta = self._environment.database(b"meta", create=True)
            with self._environment.handle.begin(write=True) as txn:
                stored = txn.get(_IDENTITY, db=self._meta)
                if stored != identity or self._next_offset(txn) > log_end:
                    for database in (*self._tables, self._left, self._meta):
                        txn.drop(database, delete=False)
                    txn.put(_IDENTITY, identity, db=self._meta)

    @property
    def next_offset(self) -> int:
        """The log offset up to which all that left memory is kept here."""
        with self._guarded(), self._environment.handle.begin() as txn:
            return self._next_offset(txn)

    def keep(self, rows: Mapping[str, np.ndarray], *, date: int, next_offset: int) -> None:
        """Keep rows that leave memory, in one transaction; a key that is kept already gets its newest row.

        Args:
            rows: by table (`orders`, `executions`), structured arrays that begin with `key_hi` and `key_lo`.
            date: the trade date (yyyymmdd) on which they leave; `forget` goes by it.
            next_offset: the log offset behind the event that says so.
        """
        with self._guarded(), self._environment.handle.begin(write=True) as txn:
            for number, table in enumerate(TABLES):
                self._keep_table(txn, number, rows[table.decode()], _DATE.pack(date))
            txn.put(_NEXT, _OFFSET.pack(next_offset), db=self._meta)

    def _keep_table(self, txn: Any, number: int, rows: np.ndarray, date: bytes) -> None:
        data, size = rows.tobytes(), rows.dtype.itemsize
        for at, key in enumerate(keys_of(rows)):
            txn.put(key, date + data[at * size : (at + 1) * size], db=self._tables[number])
            txn.put(date + bytes([number]) + key, b"", db=self._left)

    def find(self, table: str, keys: np.ndarray, dtype: np.dtype[np.void]) -> tuple[np.ndarray, np.ndarray]:
        """The rows with these keys, and which there are: (rows of `dtype`, bool), in the order asked for.

        `keys` has the fields `key_hi` and `key_lo`. A row that is not kept is all zeros.
        """
        database = self._tables[TABLES.index(table.encode())]
        found = np.zeros(len(keys), bool)
        rows = np.zeros(len(keys), dtype)
        with self._guarded(), self._environment.handle.begin() as txn:
            for at, key in enumerate(keys_of(keys)):
                value = txn.get(key, db=database)
                if value is not None:
                    found[at] = True
                    rows[at : at + 1] = np.frombuffer(value, dtype, offset=_DATE.size)
        return rows, found

    def forget(self, before: int, *, rows_max: int) -> int:
        """Forget what left memory before a trade date, at most so many rows; gives how many went."""
        with self._guarded(), self._environment.handle.begin(write=True) as txn:
            cursor = txn.cursor(self._left)
            gone = 0
            while gone < rows_max and cursor.first() and _date_of(cursor.key()) < before:
                self._forget_row(txn, cursor.key())
                cursor.delete()
                gone += 1
            return gone

    def _forget_row(self, txn: Any, entry: bytes) -> None:
        """Delete a row, unless it came and left again on a later date."""
        date, number, key = entry[: _DATE.size], entry[_DATE.size], entry[-_KEY_BYTES:]
        database = self._tables[number]
        value = txn.get(key, db=database)
        if value is not None and value[: _DATE.size] == date:
            txn.delete(key, db=database)

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
    return [data[at : at + _KEY_BYTES] for at in range(0, len(data), _KEY_BYTES)]


def _date_of(entry: bytes) -> int:
    return int(_DATE.unpack(entry[: _DATE.size])[0])
