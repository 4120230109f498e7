"""Reads a segment with LMDB alone, without a line of storage: does it give other records than before?

Every record of both sub-databases is read, and each block is looked for by its first and by its last offset,
as readers of single blocks do. Reading damaged pages may end the process, so each segment is read by a child.
"""

import faulthandler
import os
import signal
from hashlib import sha256
from pathlib import Path
from typing import Any

import lmdb
import msgspec

READING_S_MAX = 20
"""A tree of pages that leads back to itself would be walked for ever."""

RECORDS_MAX = 100_000
"""The same, for a walk that is fast."""


class SegmentReading(msgspec.Struct):
    """What a segment gave.

    Attributes:
        blocks: key and SHA-256 of every block, in the order in which they came.
        meta: the same of the other records.
        found: for each key that was looked for, the key that was found.
    """

    blocks: list[tuple[bytes, bytes]]
    meta: list[tuple[bytes, bytes]]
    found: list[bytes]


def read_segment(path: Path, probes: list[bytes]) -> SegmentReading | str:
    """Give what the segment in a directory gives for these keys, or why it can't be read."""
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiving)
        _read_and_end(path, probes, sending)
    os.close(sending)
    with os.fdopen(receiving, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return f"the reader was killed by {signal.Signals(os.WTERMSIG(status)).name}"
    return msgspec.msgpack.decode(told, type=SegmentReading | str)


def _read_and_end(path: Path, probes: list[bytes], sending: int) -> None:
    """The child's life; it never returns to the parent's code."""
    # LMDB may end this process, with a word to standard error; that is expected, and told by the exit status.
    faulthandler.disable()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    signal.alarm(READING_S_MAX)
    found: SegmentReading | str
    try:
        found = _read(path, probes)
    except BaseException as error:
        found = f"{type(error).__name__}: {error}"
    with os.fdopen(sending, "wb") as pipe:
        pipe.write(msgspec.msgpack.encode(found))
    os._exit(0)


def _read(path: Path, probes: list[bytes]) -> SegmentReading:
    environment = lmdb.open(str(path), readonly=True, lock=False, max_dbs=8, map_size=0, lib_version=0)
    blocks = environment.open_db(b"blocks", create=False)
    meta = environment.open_db(b"meta", create=False)
    with environment.begin() as txn:
        found = [_found(txn.cursor(blocks), key) for key in probes]
        return SegmentReading(_records(txn, blocks), _records(txn, meta), found)


def _found(cursor: Any, key: bytes) -> bytes:
    """Give the key that a new cursor finds; one that has found another may not start from the root."""
    return bytes(cursor.key()) if cursor.set_range(key) else b""


def _records(txn: Any, database: Any) -> list[tuple[bytes, bytes]]:
    taken = []
    for key, value in txn.cursor(database):
        taken.append((bytes(key), sha256(value).digest()))
        assert len(taken) < RECORDS_MAX, "the pages lead back to themselves"
    return taken
