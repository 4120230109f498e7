"""Kernel and model beside each other: the same frames, and every answer, table and digest compared."""

from dataclasses import replace
from typing import Any

import numpy as np

from engine.kernel.kernel import FrameInWork, Kernel, StagedBlock
from engine.rows.events import HEAD
from tests.model.answers import Answer
from tests.model.commands import CancelOrder, Command, ExecutionReport, ReplaceOrder, SubmitOrder
from tests.model.partition import Partition
from tests.model.reference_data import Capacity
from tests.model.words import Code
from tests.properties.translation import (
    answer_of,
    engine_capacity,
    rows_of,
    state_of_kernel,
    state_of_model,
)

START_NS = 1_795_000_000 * 10**9
SMALL = Capacity(
    orders=60,
    executions=90,
    requests=60,
    positions=20,
    limits=8,
    accounts=4,
    strategies=6,
    instruments=4,
    venues=3,
    principals=3,
)
"""Tables that a flow fills."""
ROOMY = replace(SMALL, orders=300, executions=900, requests=300, positions=40)
"""Tables that it does not."""


class Disagreement(AssertionError):
    """Kernel and model differ, or the kernel differs from itself; the message says which check saw it."""


class SideBySide:
    """A kernel, a model, the log that the kernel writes, and a second kernel that folds this log.

    `add` puts a command into the open frame and lets the model decide it at once, so that the next one can be
    chosen by what exists then; `send` lets the kernel decide the frame, and compares.
    """

    def __init__(self, capacity: Capacity = SMALL) -> None:
        self.kernel = Kernel(engine_capacity(capacity))
        self.folded = Kernel(engine_capacity(capacity))
        self.model = Partition(capacity)
        self.log = np.zeros(0, HEAD)
        self.now = START_NS
        self.frame: list[Command] = []
        self.expected: list[Answer] = []
        self.fetched = 0
        self.stops = 0

    def add(self, command: Command) -> Answer:
        """Put a command into the open frame; gives the model's answer."""
        answer = self.model.decide(command, self.now)
        self.frame.append(command)
        self.expected.append(answer)
        return answer

    def send(self, block_rows: int = 64) -> list[Answer]:
        """Decide the open frame in blocks of so many rows; Disagreement where kernel and model differ."""
        work = FrameInWork(rows_of(self.frame))
        block = StagedBlock(block_rows)
        while not self.kernel.decide(work, block, self.now, self._gather):
            self.stops += 1
            self._commit(block)
        self._commit(block)
        answers = [answer_of(row) for row in work.answers]
        for command, answer, wanted in zip(self.frame, answers, self.expected, strict=True):
            _same("answer", answer, wanted, command)
        self._check_states()
        self._check_acks(answers)
        self.frame, self.expected = [], []
        return answers

    def _gather(self, offsets: np.ndarray) -> np.ndarray:
        """The log as a partition reads it: committed blocks only."""
        self.fetched += len(offsets)
        return np.array(self.log[offsets])

    def _commit(self, block: StagedBlock) -> None:
        """Append the block to the log and fold it into the second kernel."""
        if not block.used:
            return
        rows = np.empty(len(self.log) + block.used, HEAD)
        rows[: len(self.log)] = self.log
        rows[len(self.log) :] = block.rows()
        self.log = rows
        self.folded.fold(block.rows().copy(), self.now)
        block.used = 0

    def _check_states(self) -> None:
        _same("fold", self.folded.digest(), self.kernel.digest(), "the log's fold against the live tables")
        found, wanted = state_of_kernel(self.kernel.tables), state_of_model(self.model)
        for name in wanted:
            _same(f"state of {name}", found[name], wanted[name], "the tables")
        self._check_profit()

    def _check_profit(self) -> None:
        """Realised and unrealised profit are the cash and what is held at the mark, to the last unit."""
        for (_, _, number), position in self.model.positions.items():
            instrument = self.model.instruments.rows[number]
            total = position.realized + position.unrealized(instrument.mark, instrument.factor)
            worth = position.cash + position.qty * instrument.mark * instrument.factor
            _same("profit", total, worth, f"instrument {number}")

    def _check_acks(self, answers: list[Answer]) -> None:
        """The last answer about an order in a frame says what the order is now."""
        orders = self.model.orders
        last: dict[Any, Answer] = {}
        for command, answer in zip(self.frame, answers, strict=True):
            if isinstance(command, SubmitOrder | ReplaceOrder | CancelOrder | ExecutionReport):
                last[command.order_id] = answer
        for order_id, answer in last.items():
            order = orders.get(order_id)
            if order and answer.code in (Code.ACCEPTED, Code.REJECTED) and answer.version == order.version:
                now = (order.cum_qty, order.leaves_qty, order.status)
                _same("ack", (answer.cum_qty, answer.leaves_qty, answer.status), now, order_id)


def _same(check: str, found: Any, wanted: Any, about: Any) -> None:
    if found == wanted:
        return
    if isinstance(found, dict) and isinstance(wanted, dict):
        keys = [key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key)]
        about, found, wanted = keys[0], found.get(keys[0]), wanted.get(keys[0])
    raise Disagreement(f"{check}: {about}\n  kernel {found}\n  model  {wanted}")
