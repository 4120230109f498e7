"""The demo's orders: the benchmark's seeded flow in frames, with more than one way of being refused."""

import threading
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from actors.bench.flow import PRICE, QTY, QTY_REFUSED, Flow

WAVE_ORDERS = 400
"""Orders of one wave; their lives take some two thousand commands."""

FRAME_ROWS = 400
"""Commands of one frame."""

FAR_PRICE = PRICE * 2
"""A price that no collar lets pass."""

DEAR_PRICE, DEAR_QTY = PRICE * 200, 9_000
"""Together more money than one order may be worth, at a quantity that it may have."""


class Expected(NamedTuple):
    """Commands that travel together (COMMAND rows), and the AnswerCode that each must get."""

    commands: np.ndarray
    codes: np.ndarray


class OrderSource:
    """Frames of whole order lives; several senders may draw from one source, each its own orders."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._drawing = threading.Lock()

    def frames(self) -> Iterator[Expected]:
        """The frames of one sender, without end, to be sent one after the other."""
        while True:
            with self._drawing:
                commands, codes = self._flow.wave(WAVE_ORDERS)
            _vary_refusals(commands)
            for start in range(0, len(commands), FRAME_ROWS):
                yield Expected(commands[start : start + FRAME_ROWS], codes[start : start + FRAME_ROWS])


def _vary_refusals(commands: np.ndarray) -> None:
    """Let two of three orders that ask for too much be refused for their price or their worth instead."""
    too_much = np.flatnonzero(commands["qty"] == QTY_REFUSED)
    far, dear = too_much[1::3], too_much[2::3]
    commands["price"][far] = np.where(commands["side"][far] == ord("1"), FAR_PRICE, PRICE // 2)
    commands["qty"][far] = QTY
    commands["price"][dear], commands["qty"][dear] = DEAR_PRICE, DEAR_QTY
