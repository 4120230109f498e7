"""A log read one block at a time, for a projector that takes very small steps through it."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from storage.block import Block
from storage.log_reader import LogReader


class BlockByBlock:
    """What a projector needs of a log; the block it stands in is read and checked once, not at every step."""

    def __init__(self, log: LogReader) -> None:
        self._log = log
        self._tip_offset = log.tip_offset()
        self._block: Block | None = None

    @property
    def log_uuid(self) -> bytes:
        """Which log this is, 16 bytes."""
        return self._log.log_uuid

    def tip_offset(self) -> int:
        """The offset that the next event will take, as of the last `renew`."""
        return self._tip_offset

    def renew(self) -> None:
        """Look where the log ends now."""
        self._tip_offset = self._log.tip_offset()

    @contextmanager
    def borrow(self, from_offset: int, until: int | None = None) -> Iterator[Iterator[Block]]:
        """The committed blocks that hold offsets from `from_offset` up to before `until`."""
        yield self._blocks(from_offset, self._tip_offset if until is None else until)

    def rows_at(self, offsets: np.ndarray) -> np.ndarray:
        """The rows with these offsets, uint8 of shape (n, row bytes)."""
        return self._log.rows_at(offsets)

    def _blocks(self, from_offset: int, until: int) -> Iterator[Block]:
        while from_offset < until:
            block = self._block
            if block is None or not block.header.base_offset <= from_offset < block.header.next_offset:
                block = self._block = self._log.read_block(from_offset)
            yield block
            from_offset = block.header.next_offset
