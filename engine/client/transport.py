"""What a client needs from a transport; `actors` has one for this process and one for Ray."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

REFERENCE = 0xFFFF_FFFF
"""The partition number that stands for the reference log."""


Clock = Callable[[], int]
"""Gives the time, UTC nanoseconds: the engine itself reads no clock, so whoever needs one is given it."""


class Transport(Protocol):
    """Carries command rows to a partition and questions to its projector, and waits for both.

    `deliver` frames the rows (many callers' rows may share a frame), keeps them until they are answered, and
    sends the same bytes again after any unclear outcome, until `deadline_ms` has passed: then it raises
    `OutcomeUnknown`. Other operating trouble is raised as in `engine.errors`.
    """

    @property
    def slots(self) -> np.ndarray:
        """Which partition has each of the 1,024 account slots: int64, from the manifest."""

    def deliver(self, partition: int, commands: np.ndarray) -> tuple[np.ndarray, int]:
        """Send COMMAND rows and wait: one ANSWER row a command, and the log's next offset behind them."""

    async def deliver_async(self, partition: int, commands: np.ndarray) -> tuple[np.ndarray, int]:
        """The same, awaited."""

    def declare(self, principal: int) -> None:
        """Say which principal (a handle) sends from now on; it is recorded on every row."""

    def ask(self, partition: int, question: bytes) -> bytes:
        """Ask the partition's projector (MessagePack both ways) and wait for its answer."""

    async def ask_async(self, partition: int, question: bytes) -> bytes:
        """The same, awaited."""

    def new_id(self) -> tuple[int, int]:
        """A fresh 128-bit id as two words, for requests and correlations."""

    def now_ns(self) -> int:
        """The time, UTC nanoseconds."""

    def close(self) -> None:
        """Give back what the transport holds; an engine it started in this process is stopped."""
