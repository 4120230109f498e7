"""Reads a log that another process (or this one) is writing: committed blocks, by mapping, without locks."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from storage.block import Block
from storage.chain_tip import ChainTip
from storage.log_identity import LogIdentity
from storage.row_gather import gather_rows
from storage.segment import Segment
from storage.segment_set import SegmentSet


class LogReader:
    """Follows one log over its segments; sees a block as soon as its commit is durable, and never before.

    Made by `LogReader.open`. Every read takes a short transaction of its own: slow readers hold up nobody.
    """

    def __init__(self, path: Path, identity: LogIdentity | None) -> None:
        self._path = path
        self._identity = identity
        self._segments = SegmentSet(path, self._open)

    @classmethod
    def open(cls, path: Path, identity: LogIdentity | None = None) -> "LogReader":
        """Open the log in directory `path`, which must be the one that `identity` names, if given.

        Raises LogNotFound, LogTruncated, LogCorrupted or ForeignLog.
        """
        reader = cls(Path(path), identity)
        try:
            reader._segments.newest()
        except BaseException:
            reader.close()
            raise
        return reader

    @property
    def log_uuid(self) -> bytes:
        """Give the uuid of the log, 16 bytes."""
        return self._segments.newest().log_uuid

    def tip(self) -> ChainTip:
        """Give the tip behind the last committed block."""
        return self._segments.newest().tip()

    def tip_offset(self) -> int:
        """Give the offset that the next event will take; all below it are committed."""
        return self.tip().next_offset

    def read_block(self, offset: int) -> Block:
        """Give a copy of the block that holds `offset`; raises OffsetNotFound or LogCorrupted."""
        return self._segments.block(offset)

    def blocks(self, from_offset: int, until: int | None = None) -> Iterator[Block]:
        """Give copies of the committed blocks that hold offsets from `from_offset` up to before `until`.

        The first block may begin before `from_offset`; the iterator ends at the tip and never waits.
        """
        return self._segments.blocks(from_offset, until)

    @contextmanager
    def borrow(self, from_offset: int, until: int | None = None) -> Iterator[Iterator[Block]]:
        """Give the same blocks without copying them; a block, and any view of it, ends with the next one.

        Holds one transaction a segment for as long as the context lasts: fold quickly, then leave.
        """
        with closing(self._segments.borrow(from_offset, until)) as blocks:
            yield blocks

    def rows_at(self, offsets: ArrayLike) -> NDArray[np.uint8]:
        """Give the rows with these offsets, in their order: uint8 of shape (n, row_bytes)."""
        return gather_rows(self._segments, offsets, self._segments.newest().row_bytes)

    def close(self) -> None:
        """Close every segment this object has opened."""
        self._segments.close()

    def __enter__(self) -> "LogReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, number: int) -> Segment:
        segment = Segment.open(self._path, number)
        if self._identity is not None:
            segment.require_identity(self._identity)
        return segment
