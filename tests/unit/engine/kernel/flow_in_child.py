"""Decides one generated flow and gives the digests of all that came of it; run as a module, prints them."""

from hashlib import sha256
from typing import NamedTuple

import numpy as np

from actors.bench.flow import Flow
from engine.kernel.jit import IS_NATIVE
from engine.kernel.kernel import FrameInWork, Kernel, StagedBlock
from engine.kernel.tables import Capacity
from engine.rows.commands import command_rows
from engine.rows.events import HEAD
from engine.rows.layout import joined
from engine.vocabulary import AnswerCode, CommandKind, Lane, Scope

CAPACITY = Capacity(
    orders=1_000,
    executions=4_000,
    requests=200,
    positions=500,
    limits=20,
    accounts=10,
    strategies=20,
    instruments=8,
    venues=2,
    principals=2,
)
NOON_NS = 1_767_355_200_000_000_000
ORDERS = 120
BLOCK_ROWS = 100
CODES = {AnswerCode.ACCEPTED, AnswerCode.REJECTED, AnswerCode.DUPLICATE, AnswerCode.CONFLICT}


class Outcome(NamedTuple):
    """How many events and answers there were; the digests of their bytes, of the state and of its fold."""

    is_native: bool
    events: int
    answers: int
    events_sha256: str
    answers_sha256: str
    state: str
    folded: str

    @classmethod
    def parse(cls, text: str) -> "Outcome":
        """The outcome that a child printed."""
        native, events, answers, of_events, of_answers, state, folded = text.split()
        return cls(native == "True", int(events), int(answers), of_events, of_answers, state, folded)

    def __str__(self) -> str:
        return f"{self.events:,} events, {self.answers:,} answers, state {self.state[:16]}"


def run_flow() -> Outcome:
    """Decide definitions, market, two waves of orders, one of them again, and a mass cancel of a third."""
    kernel, folded = Kernel(CAPACITY), Kernel(CAPACITY)
    events: list[np.ndarray] = []
    answers: list[np.ndarray] = []
    for at, rows in enumerate(_frames()):
        now_ns = NOON_NS + at * 10**9
        frame, is_done = FrameInWork(rows), False
        while not is_done:
            block = StagedBlock(BLOCK_ROWS)
            log = joined(events) if events else np.zeros(0, HEAD)
            is_done = kernel.decide(frame, block, now_ns, log.__getitem__)
            events.append(block.rows().copy())
            folded.fold(events[-1], now_ns)
        answers.append(frame.answers)
    log, said = joined(events), np.concatenate(answers)
    assert set(said["code"]) >= CODES, "the flow has come to say less than it is made for"
    of_events, of_answers = (sha256(rows.tobytes()).hexdigest() for rows in (log, said))
    state, fold = kernel.digest(), folded.digest()
    return Outcome(IS_NATIVE, len(log), len(said), of_events, of_answers, state, fold)


def _frames() -> list[np.ndarray]:
    flow = Flow(seed=11, accounts=8, instruments=4)
    whole_lives = [flow.wave(ORDERS)[0] for _ in range(2)]
    submits = flow.wave(ORDERS)[0][:ORDERS]
    again = _changed(whole_lives[0])
    return [flow.definitions(), flow.market(), *whole_lives, again, submits, _mass_cancel()]


def _changed(wave: np.ndarray) -> np.ndarray:
    """A wave sent again, every seventh command with another content."""
    again: np.ndarray = wave.copy()
    again["qty"][::7] += 1
    return again


def _mass_cancel() -> np.ndarray:
    """One command that asks to cancel every open order."""
    row = command_rows(1)
    row["kind"], row["lane"], row["scope"] = CommandKind.MASS_CANCEL, Lane.OPERATOR, Scope.ALL
    row["request_hi"], row["request_lo"] = 2, 1
    return row


if __name__ == "__main__":
    print(*tuple(run_flow()))
