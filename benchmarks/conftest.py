"""What the micro-benchmarks share: one wave of orders and a kernel that knows the names in it."""

import time

import numpy as np
import pytest

from actors.bench.flow import Flow
from engine.kernel.kernel import FrameInWork, Kernel, StagedBlock
from engine.kernel.lease_rows import ALONE
from engine.kernel.tables import Capacity
from engine.rows.events import HEAD
from engine.rows.layout import joined
from engine.vocabulary import CommandKind

ROWS = 4_000
CAPACITY = Capacity(orders=500_000, executions=2_000_000, positions=262_144)


def no_past(offsets: np.ndarray) -> np.ndarray:
    """Nothing comes twice here."""
    raise AssertionError(f"{len(offsets)} commands came twice")


class Prepared:
    """A kernel with its definitions, and as many frames of fresh orders as a benchmark asks for."""

    def __init__(self) -> None:
        self.kernel = Kernel(CAPACITY)
        self.block = StagedBlock(16_384)
        self._flow = Flow(seed=1, accounts=1024, instruments=500)
        rows = (self._flow.definitions(), self._flow.money_limits(ALONE), self._flow.market())
        self.history = joined([self.decide(part) for part in rows])
        self._rows = self._flow.wave(50_000)[0]
        self._at = 0

    def decide(self, rows: np.ndarray) -> np.ndarray:
        """Decide rows into the block; gives a copy of the events."""
        self.block.used = 0
        self.kernel.decide(FrameInWork(rows), self.block, time.time_ns(), no_past)
        return self.block.rows().copy()

    def frame(self) -> np.ndarray:
        """The next 4,000 command rows; a new wave begins where one ends."""
        if self._at + ROWS > len(self._rows):
            self._rows, self._at = self._flow.wave(50_000)[0], 0
        self._at += ROWS
        return self._rows[self._at - ROWS : self._at]

    def submits(self) -> np.ndarray:
        """4,000 new orders of the same flow, which nobody decides."""
        rows: np.ndarray = self._flow.wave(ROWS)[0]
        return np.ascontiguousarray(rows[rows["kind"] == CommandKind.SUBMIT_ORDER])

    def events(self) -> np.ndarray:
        """4,000 event rows (HEAD dtype) as a partition would write them."""
        events = self.decide(self.frame())
        assert events.dtype == HEAD
        assert len(events) == ROWS
        return events


@pytest.fixture
def prepared() -> Prepared:
    """A fresh kernel and its frames."""
    return Prepared()
