"""A kernel that writes its blocks to a log in memory, as a partition does to its own on disk."""

from typing import Any

import numpy as np

from engine.kernel.kernel import FrameInWork, Kernel, StagedBlock
from engine.kernel.lease_rows import ALONE
from engine.rows.events import HEAD
from engine.rows.layout import joined
from tests.model.reference_data import Capacity
from tests.properties.chains import chain_ends_of_tables
from tests.properties.states import State, state_of_kernel
from tests.properties.translation import engine_capacity


class LoggedKernel:
    """A kernel, its log (HEAD rows), and its blocks with the time of each.

    `stops` counts how often a full block interrupted a frame, `fetched` how many old events were looked up.
    """

    def __init__(self, capacity: Capacity, partition: int = ALONE) -> None:
        self.kernel = Kernel(engine_capacity(capacity), partition)
        self.log = np.zeros(0, HEAD)
        self.blocks: list[tuple[np.ndarray, int]] = []
        self.block = StagedBlock(64)
        self.stops = 0
        self.fetched = 0

    def decide(self, commands: np.ndarray, now_ns: int) -> np.ndarray:
        """Decide one frame into the open block, and into further ones of its size; gives the answers."""
        work = FrameInWork(commands)
        while not self.kernel.decide(work, self.block, now_ns, self._gather):
            self.stops += 1
            self.commit(now_ns, len(self.block.buffer) - 1)
        return work.answers

    def commit(self, now_ns: int, rows_max: int) -> None:
        """Append the open block to the log and open one for so many rows."""
        if self.block.used:
            rows = self.block.rows().copy()
            self.blocks.append((rows, now_ns))
            self.log = joined([self.log, rows])
        self.block = StagedBlock(rows_max)

    @property
    def asked(self) -> np.ndarray:
        """The events that answers name by their offsets."""
        return self.log

    def chain_ends(self) -> dict[Any, int]:
        """The offset of each aggregate's last event."""
        return chain_ends_of_tables(self.kernel.tables)

    def place_of(self, offset: int) -> int:
        """Where an event is in the model's log."""
        return offset

    def state(self) -> State:
        """Everything that the model keeps too, as plain values."""
        return state_of_kernel(self.kernel.tables)

    def _gather(self, offsets: np.ndarray) -> np.ndarray:
        """The events at these offsets, as a partition reads them: from committed blocks only."""
        self.fetched += len(offsets)
        rows: np.ndarray = self.log[offsets]
        return rows
