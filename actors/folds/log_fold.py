"""The state of one log at any position that it has been folded to."""

from collections.abc import Callable

import numpy as np

from engine.kernel.kernel import Kernel
from engine.kernel.tables import Capacity
from engine.rows.events import HEAD
from storage.block import Block
from storage.log_reader import LogReader

BURST_EVENTS = 65_536
"""Events folded in one read of the log: some 30 ms, as long as a live writer keeps pages that it frees."""

Folded = Callable[[int], None]
"""Is told how many events were folded, again and again."""


def ignore(_: object) -> None:
    """For those whom nobody watches."""


class LogFold:
    """A kernel that follows a log to the positions that it is told; a position is the next event's offset.

    Attributes:
        log: the log.
        kernel: the state at `position`.
        folded: is told what was folded.
    """

    def __init__(self, log: LogReader, partition: int, capacity: Capacity, folded: Folded = ignore) -> None:
        """Begin before the first event of `log`, which is that of `partition` or the reference log."""
        self.log = log
        self.kernel = Kernel(capacity, partition)
        self.folded = folded

    @property
    def position(self) -> int:
        """The offset of the first event that is not folded."""
        return self.kernel.next_offset

    def fold_to(self, position: int, seen: Callable[[np.ndarray], None] = ignore) -> None:
        """Fold up to a position that the log has, also in the middle of a block, and never back.

        `seen` gets the rows (HEAD dtype) that were folded. ConfigInvalid where these tables are smaller than
        those that the log was written with.
        """
        while self.position < position:
            before = self.position
            with self.log.borrow(before, min(before + BURST_EVENTS, position)) as blocks:
                for block in blocks:
                    seen(self._fold(block, position))
            assert self.position > before, f"the log has no event at offset {before}"
            self.folded(self.position - before)

    def _fold(self, block: Block, position: int) -> np.ndarray:
        header = block.header
        rows = block.rows(HEAD)[self.position - header.base_offset : position - header.base_offset].copy()
        self.kernel.fold(rows, header.append_ts_last_ns)
        return rows
