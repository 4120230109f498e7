"""Kernel and model beside each other: the same frames, and every answer, event, table and digest compared."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.kernel.kernel import Kernel
from engine.kernel.kinds import REPORTS
from engine.vocabulary import Lane
from tests.model.answers import Answer
from tests.model.commands import CancelOrder, Command, ExecutionReport, ReplaceOrder, SubmitOrder
from tests.model.partition import Partition
from tests.model.reference_data import Capacity
from tests.model.words import Code
from tests.properties.chains import links_of_kernel, links_of_model
from tests.properties.logged_kernel import LoggedKernel
from tests.properties.states import state_of_model
from tests.properties.translation import answer_of, engine_capacity, rows_of

START_NS = 1_795_000_000 * 10**9
ROOMY = Capacity(
    orders=300,
    executions=900,
    requests=300,
    positions=40,
    limits=12,
    accounts=4,
    strategies=6,
    instruments=4,
    venues=3,
    principals=3,
    orphans=60,
)
"""Tables that a flow does not fill, but for those of definitions."""
TIGHT = replace(
    ROOMY, orders=80, executions=140, requests=90, positions=12, limits=8, orphans=4, refuse_percent=80
)
"""Tables that a flow fills."""

ON_EVERY_EVENT = ("correlation_hi", "correlation_lo", "principal", "auth_method")
"""What an event takes over from its command, whatever the two are about."""


class Disagreement(AssertionError):
    """Kernel and model differ, or the kernel differs from itself; the message says which check saw it."""


@dataclass
class SentFrame:
    """A frame as the kernel got it and answered it: COMMAND rows, ANSWER rows, and the time."""

    commands: np.ndarray
    answers: np.ndarray
    now_ns: int


class SideBySide:
    """A kernel that writes a log, a model, and a second kernel that folds this log.

    `add` puts a command into the open frame and lets the model decide it at once, so that the next one can be
    chosen by what exists then; `send` lets the kernel decide the frame, and compares.
    """

    def __init__(self, capacity: Capacity = TIGHT) -> None:
        self.capacity = capacity
        self.logged = LoggedKernel(capacity)
        self.folded = Kernel(engine_capacity(capacity))
        self.model = Partition(capacity)
        self.now = START_NS
        self.frame: list[Command] = []
        self.expected: list[Answer] = []
        self.sent: list[SentFrame] = []

    def add(self, command: Command) -> Answer:
        """Put a command into the open frame; gives the model's answer."""
        self.model.sender = sender_of(len(self.sent))
        answer = self.model.decide(command, self.now)
        self.frame.append(command)
        self.expected.append(answer)
        return answer

    def send(self, rows_max: int = 64) -> list[Answer]:
        """Decide the open frame in blocks of so many rows; Disagreement where kernel and model differ."""
        commands = rows_of(self.frame)
        _sign(commands, len(self.sent))
        self.logged.commit(self.now, rows_max)
        blocks_before = len(self.logged.blocks)
        found = self.logged.decide(commands, self.now)
        self.logged.commit(self.now, rows_max)
        self.sent.append(SentFrame(commands, found, self.now))
        answers = [answer_of(row, command) for row, command in zip(found, self.frame, strict=True)]
        for command, answer, wanted in zip(self.frame, answers, self.expected, strict=True):
            same("answer", answer, wanted, command)
        for rows, now_ns in self.logged.blocks[blocks_before:]:
            self.folded.fold(rows, now_ns)
        self._check_states()
        self._check_acks(answers)
        self._check_events(commands, found)
        self.frame, self.expected = [], []
        return answers

    def _check_states(self) -> None:
        kernel = self.logged.kernel
        same("fold", self.folded.digest(), kernel.digest(), "the log's fold against the live tables")
        found = self.logged.state() | links_of_kernel(kernel.tables)
        wanted = state_of_model(self.model) | links_of_model(self.model)
        for name in wanted:
            same(f"state of {name}", found[name], wanted[name], "the tables")
        self._check_claims()
        self._check_profit()

    def _check_claims(self) -> None:
        """Every report that was held is claimed once, in the order of arrival, and names where it came."""
        log = self.logged.log
        offsets = np.flatnonzero((log["lane"] == Lane.ENGINE) & np.isin(log["kind"], REPORTS))
        causes = map(self.logged.place_of, log["causation"][offsets].tolist())
        found = dict(zip(causes, map(self.logged.place_of, offsets.tolist()), strict=True))
        same("claims", found, self.model.claims, "reports that came before their order")

    def _check_profit(self) -> None:
        """Realised and unrealised profit are the cash and what is held at the mark, to the last unit."""
        for (_, _, number), position in self.model.positions.items():
            instrument = self.model.instruments.rows[number]
            total = position.realized + position.unrealized(instrument.mark, instrument.factor)
            worth = position.cash + position.qty * instrument.mark * instrument.factor
            same("profit", total, worth, f"instrument {number}")

    def _check_acks(self, answers: list[Answer]) -> None:
        """The last answer about an order in a frame says what the order is now."""
        orders = self.model.orders
        last: dict[Any, Answer] = {}
        for command, answer in zip(self.frame, answers, strict=True):
            if isinstance(command, ExecutionReport) and command.exec_ref:
                continue  # It is about its trade's order, whichever it names.
            if isinstance(command, SubmitOrder | ReplaceOrder | CancelOrder | ExecutionReport):
                last[command.order_id] = answer
        for order_id, answer in last.items():
            order = orders.get(order_id)
            if order and answer.code in (Code.ACCEPTED, Code.REJECTED) and answer.version == order.version:
                now = (order.cum_qty, order.leaves_qty, order.status)
                same("ack", (answer.cum_qty, answer.leaves_qty, answer.status), now, order_id)

    def _check_events(self, commands: np.ndarray, answers: np.ndarray) -> None:
        """The event behind a fresh answer says who asked for it, and when."""
        for command, answer in zip(commands, answers, strict=True):
            if answer["offset"] < 0 or answer["original_code"]:
                continue
            event = self.logged.asked[answer["offset"]]
            for name in ON_EVERY_EVENT:
                same(f"event's {name}", int(event[name]), int(command[name]), int(answer["offset"]))
            same("event's time", int(event["ts_event"]), int(command["ts_event"]) or self.now, "ts_event")


def sender_of(frame: int) -> int:
    """The principal that sends a frame."""
    return frame % 3


def _sign(commands: np.ndarray, frame: int) -> None:
    """Say who sends each command and why: what no rule looks at, and a resend may change."""
    commands["correlation_hi"] = frame + 1
    commands["correlation_lo"] = np.arange(1, len(commands) + 1)
    commands["principal"] = sender_of(frame)
    commands["auth_method"] = 1


def same(check: str, found: Any, wanted: Any, about: Any) -> None:
    """Disagreement where the two differ; of tables it names one key."""
    if found == wanted:
        return
    if isinstance(found, dict) and isinstance(wanted, dict):
        keys = [key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key)]
        about, found, wanted = keys[0], found.get(keys[0]), wanted.get(keys[0])
    raise Disagreement(f"{check}: {about}\n  found  {found}\n  wanted {wanted}")
