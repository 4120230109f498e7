"""The network of the simulation: calls that are delayed, reordered, lost on either way, or arrive twice.

A call to a role ends once for its caller, as a call to an actor does: with the answer, or with None where
nobody knows. What arrives twice is answered twice, and the second answer goes nowhere.
"""

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

from engine.codec.frames import FRAME_HEADER
from engine.rows.commands import COMMAND_BYTES

Heard = Callable[[Any], None]
"""What takes the end of a call."""

Serve = Callable[[Any, Heard], None]
"""What serves a request: it answers at once or later, or never if its process dies."""


class Call:
    """One call: to whom, what, and who waits for its end; `holder` is the process that has it."""

    def __init__(self, number: int, caller: str, target: str, request: Any, heard: Heard) -> None:
        self.number = number
        self.caller = caller
        self.target = target
        self.request = request
        self.holder: object | None = None
        self.is_over = False
        self._heard = heard

    def end(self, answer: Any) -> None:
        """Tell the caller, who hears of it once."""
        if not self.is_over:
            self.is_over = True
            self._heard(answer)

    def __str__(self) -> str:
        return f"call {self.number} of {self.caller} to {self.target}"


class Network:
    """Requests and answers on their way, in any order."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._calls = 0
        self.requests: list[Call] = []
        self.answers: list[tuple[Call, Any]] = []
        self._held: list[Call] = []
        self._doubled: set[bytes] = set()

    def call(self, caller: str, target: str, request: Any, heard: Heard) -> Call:
        """Send a request to a role by its name."""
        self._calls += 1
        call = Call(self._calls, caller, target, request, heard)
        self.requests.append(call)
        return call

    def take_request(self) -> Call:
        """Any of the requests, off its way."""
        return self.requests.pop(self._random.randrange(len(self.requests)))

    def double_request(self) -> Call:
        """Let any of the requests arrive twice; gives it."""
        call = self._random.choice(self.requests)
        self.requests.append(call)
        self._doubled.update(_rows_of(call.request))
        return call

    def has_doubled(self, row: np.ndarray) -> bool:
        """Whether a command arrived twice: then a refusal of one copy says nothing of the other."""
        return row.tobytes() in self._doubled

    def take_answer(self) -> tuple[Call, Any]:
        """Any of the answers, off its way."""
        return self.answers.pop(self._random.randrange(len(self.answers)))

    def hand_over(self, call: Call, process: object, serve: Serve) -> None:
        """Give a request to a process, which answers over the network."""
        call.holder = process
        self._held.append(call)
        serve(call.request, lambda answer: self._answer(call, process, answer))

    def _answer(self, call: Call, process: object, answer: Any) -> None:
        if call.holder is process:
            call.holder = None
            self._held.remove(call)
        self.answers.append((call, answer))

    def lose(self, call: Call) -> None:
        """A request or an answer gets lost; its caller learns that nobody knows."""
        self.answers.append((call, None))

    def forget(self, process: object) -> None:
        """A process has died: whoever waits for it learns that nobody knows."""
        for call in [held for held in self._held if held.holder is process]:
            call.holder = None
            self._held.remove(call)
            self.lose(call)


def _rows_of(request: Any) -> set[bytes]:
    """The commands of a frame, as bytes; none of anything else."""
    if not isinstance(request, np.ndarray):
        return set()
    rows = request[FRAME_HEADER.itemsize :].tobytes()
    return {rows[at : at + COMMAND_BYTES] for at in range(0, len(rows), COMMAND_BYTES)}
