"""How a mapped view lies in its file: a header, then two copies of the tables that risk reads need.

     0  header, one page: who writes, the heartbeat, and which copy is whole
  4096  copy 0: stamp, firm row, positions, holdings, accounts, strategies, instruments, fees, in pages
     …  copy 1: the same

All of the file's memory is taken when it is made. Native byte order: for one host only.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.kernel.money_rows import FEE
from engine.kernel.table_rows import ACCOUNT, FIRM, HOLDING, INSTRUMENT, POSITION, STRATEGY
from engine.reads.risk_tables import RiskView

MAGIC = b"OFVIEW\r\n"
FORMAT = 1
PAGE = 4_096
COPIES = 2

COPIED = {
    "firm": FIRM,
    "positions": POSITION,
    "holdings": HOLDING,
    "accounts": ACCOUNT,
    "strategies": STRATEGY,
    "instruments": INSTRUMENT,
    "fees": FEE,
}
"""The tables of a copy, in their order."""

HEADER = np.dtype(
    [
        ("magic", "S8"),
        ("format", "<u4"),
        ("pid", "<u4"),
        ("layout_digest", "S32"),
        ("log_uuid", "S16"),
        ("partition", "<u8"),
        ("rows", "<i8", (len(COPIED),)),
        ("heartbeat_ns", "<i8"),
        ("told_next", "<i8"),
        ("begun", "<i8"),
        ("done", "<i8"),
    ]
)
"""`rows` are those of each table of a copy. The last four change all the time: the host's monotonic clock at
the last sign of life (CLOSED after the end), the next offset of the log as the writer knows it, and the
numbers of the publications begun and done. Publication n writes copy n modulo 2."""

STAMP = np.dtype([("applied_ns", "<i8")])
"""What belongs to a copy beside its tables: the time of the last block folded into it, UTC nanoseconds."""

HEARTBEAT, TOLD_NEXT, BEGUN, DONE = range(4)
"""The places of the changing fields among the words that begin at `COUNTERS_AT`."""

_FIELDS = HEADER.fields
assert _FIELDS is not None, "the header has fields"
CLOSED = -(2**62)
"""The heartbeat of a writer that has ended in good order: older than any clock."""

COUNTERS_AT = _FIELDS["heartbeat_ns"][1]
assert COUNTERS_AT % 64 == 0, "the changing words begin a cache line"
assert all(dtype.itemsize % 8 == 0 for dtype in COPIED.values()), "rows are copied word by word"


class Copy(NamedTuple):
    """One copy as arrays over the map: its stamp and its tables."""

    stamp: np.ndarray
    tables: RiskView


def layout_digest() -> bytes:
    """SHA-256 over what the copies hold and how, 32 bytes: a reader of another release must not guess."""
    digest = hashlib.sha256()
    for name, dtype in {"stamp": STAMP, **COPIED}.items():
        digest.update(f"{name} {dtype.descr} {dtype.itemsize}\n".encode())
    return digest.digest()


def file_bytes(rows: Sequence[int]) -> int:
    """The size of a view with so many rows in each table."""
    return PAGE + COPIES * _copy_bytes(rows)


def copies_of(buffer: memoryview, rows: Sequence[int]) -> list[Copy]:
    """Both copies of a view, as arrays over its bytes."""
    size = _copy_bytes(rows)
    return [_copy_at(buffer, PAGE + number * size, rows) for number in range(COPIES)]


def _copy_at(buffer: memoryview, at: int, rows: Sequence[int]) -> Copy:
    stamp = np.frombuffer(buffer, STAMP, 1, at)
    at += PAGE
    tables = []
    for dtype, count in zip(COPIED.values(), rows, strict=True):
        tables.append(np.frombuffer(buffer, dtype, count, at))
        at += _whole_pages(count * dtype.itemsize)
    return Copy(stamp, RiskView(*tables))


def _copy_bytes(rows: Sequence[int]) -> int:
    sizes = [count * dtype.itemsize for dtype, count in zip(COPIED.values(), rows, strict=True)]
    return PAGE + sum(map(_whole_pages, sizes))


def _whole_pages(size: int) -> int:
    return -(-size // PAGE) * PAGE
