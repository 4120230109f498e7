"""The same, with definitions decided in a log of their own and copied from there, as an engine has it."""

from dataclasses import replace

import numpy as np

from engine.rows.answers import answer_rows
from engine.vocabulary import CommandKind
from tests.model.answers import Answer
from tests.model.commands import (
    CancelOrder,
    Command,
    Request,
    ReturnLease,
    UnknownCommand,
)
from tests.model.reference_data import Capacity
from tests.properties.logged_kernel import LoggedKernel
from tests.properties.side_by_side import ROOMY, SideBySide
from tests.properties.states import State, state_of_kernel
from tests.properties.translation import KINDS

DEFINITIONS = (
    *range(CommandKind.SET_VENUE, CommandKind.SET_TRADING_STATE + 1),
    CommandKind.SET_THROTTLES,
    CommandKind.SET_FIRM_LIMIT,
    CommandKind.GRANT_LEASE,
    CommandKind.SET_EXPOSURE_LIMITS,
)
OF_SCOPES = (CommandKind.SET_TRADING_STATE, CommandKind.SET_FIRM_LIMIT)
"""Definitions on the chain that all scopes share, which each log counts by itself."""
PARTITIONS_OWN = 1 << 127
"""Set in the request ids that a partition sees: each log remembers its own, the model knows only one log."""


class TwoLogs(LoggedKernel):
    """A partition's kernel that copies what a reference kernel decided, event by event, before it goes on.

    `copied_at[i]` is where the reference log's event i lies in the partition's; answers name that place.
    """

    def __init__(self, capacity: Capacity) -> None:
        super().__init__(capacity)
        self.reference = LoggedKernel(capacity)
        self.copied_at: list[int] = []

    def decide(self, commands: np.ndarray, now_ns: int) -> np.ndarray:
        """Decide each command where it belongs, in their order."""
        answers = answer_rows(len(commands))
        for i, command in enumerate(commands):
            row = commands[i : i + 1].copy()
            if command["kind"] in DEFINITIONS:
                answers[i] = self._define(row, now_ns)[0]
            else:
                answers[i] = super().decide(row, now_ns)[0]
        return answers

    def _define(self, row: np.ndarray, now_ns: int) -> np.ndarray:
        answer = self.reference.decide(row, now_ns)
        self.reference.commit(now_ns, 4)
        self._copy(now_ns)
        if answer["offset"] >= 0:
            answer["offset"] = self.copied_at[answer["offset"][0]]
            if row["kind"] in OF_SCOPES and answer["version"]:
                answer["version"] = self._event(answer["offset"][0])["version"]
        return answer

    def _copy(self, now_ns: int) -> None:
        """Copy all that is new, with some of the old again, into blocks of any size."""
        start = max(self.kernel.reference_next - 2, 0)
        rows = self.reference.log[start:].copy()
        new = len(self.reference.log) - self.kernel.reference_next
        first = self.kernel.next_offset
        while not self.kernel.copy_reference(rows, start, self.block, now_ns):
            self.commit(now_ns, len(self.block.buffer) - 1)
        self.copied_at += range(first, first + new)

    def _event(self, offset: int) -> np.void:
        """An event of the partition's log or of its open block."""
        rows = self.log if offset < len(self.log) else self.block.rows()
        event: np.void = rows[offset if offset < len(self.log) else offset - len(self.log)]
        return event

    def state(self) -> State:
        """The partition's state, with the requests that the reference log remembers."""
        state = state_of_kernel(self.kernel.tables)
        for number, (offset, *rest) in state_of_kernel(self.reference.kernel.tables)["requests"].items():
            state["requests"][number] = (self.copied_at[offset], *rest)
        return state


class SideBySideWithReference(SideBySide):
    """A flow's definitions go to a reference log, all else to the partition that copies it."""

    def __init__(self) -> None:
        super().__init__(ROOMY)
        self.logged = TwoLogs(ROOMY)

    def add(self, command: Command) -> Answer:
        """Put a command into the open frame, its request id marked by the log that will remember it.

        A return of a lease takes both logs: `test_leases` has it.
        """
        if isinstance(command, ReturnLease):
            command = UnknownCommand(kind=0, lane=command.lane)
        if isinstance(command, Request | CancelOrder) and command.request_id:
            is_own = KINDS[type(command)] not in DEFINITIONS
            number = command.request_id % PARTITIONS_OWN
            command = replace(command, request_id=number | PARTITIONS_OWN if is_own else number)
        return super().add(command)
