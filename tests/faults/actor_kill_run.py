"""Kill -9 of the actors of a running engine, under load; who holds the acknowledgements survives.

    python -m tests.faults.actor_kill_run --kills 200 --seed 1

An engine in Ray is started as an operator starts it, and loses one process after the other: its partition,
its projector, its snapshotter, each at a seeded instant while frames are under way. Each must come back by
itself. What was acknowledged must then be in the log once, where the answer said; sent again, all of it must
be `DUPLICATE` there; and reads must give what a fold of the log gives that is made here. At the end of an
engine everything is sent once more, and its directory is verified.
"""

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from actors.bench.flow import Flow
from actors.bench.load import define
from actors.roles.engine_files import capacity_of
from actors.roles.projector import Projector
from engine.errors import NotReady
from engine.reads.answers import decode_answer
from engine.reads.questions import (
    AnyQuestion,
    ReadExposure,
    ReadOrders,
    ReadPositions,
    ReadProfit,
    encode_question,
)
from engine.vocabulary import AnswerCode
from storage.log_directory import log_name
from storage.log_reader import LogReader
from storage.verifier import verify_directory
from tests.cluster.engine_process import Desk, EngineProcess, at_desk, wait_for
from tests.cluster.log_census import doubled, events_of, lost
from tests.cluster.sender import Sender
from tests.faults.numbered_run import ALL_CODE, Harness, Judged, judge_groups, main_of
from tests.faults.work_place import disk

KILLS_AN_ENGINE = 20
"""Starting an engine takes as long as three kills."""

ACTORS = {"partition": "p0000", "projector": "projector", "snapshotter": "snapshotter"}
"""How the name of each kind's actor begins."""

VICTIMS = (*["partition"] * 10, *["projector"] * 5, *["snapshotter"] * 5)
"""Whom the kills of one engine meet, in an order that is drawn."""

FRAME_ORDERS = 50
"""Some 250 commands: a frame takes milliseconds, so that every part of its way is met."""

FRAMES_MAX = 12
"""Frames that are answered before a kill is timed."""

LATEST_NS = 20_000_000
"""A kill comes within so long after those: some frames later."""

CONFIG = "[snapshot]\nevents = 2000\nverify_every = 4\n[client]\ndeadline_ms = 120000\n"
"""A snapshot every few frames; clients wait as long as a busy machine may need for a new process."""

PATIENCE_S = 120.0
"""The same for who waits for a process; on an idle machine it takes four seconds."""


class Round(NamedTuple):
    """What was sent around one kill: COMMAND rows, their ANSWER rows, and those of the second time."""

    commands: np.ndarray
    answers: np.ndarray
    again: np.ndarray


def judge(seed: int, numbers: range) -> Judged:
    """Give what came of the kills with these numbers; those of one engine are done from its first on."""
    return judge_groups(numbers, KILLS_AN_ENGINE, lambda group: judge_engine(seed, group))


def judge_engine(seed: int, numbers: range) -> Judged:
    """Kill the actors of one engine one after the other."""
    judged = Judged(Counter(), Counter(), [])
    group = numbers[0] // KILLS_AN_ENGINE
    victims = random.Random(f"{seed} {group}").sample(VICTIMS, KILLS_AN_ENGINE)
    with tempfile.TemporaryDirectory(dir=disk()) as folder, running(Path(folder), seed + group) as desk:
        bench = Bench(desk)
        for number, victim in zip(numbers, victims, strict=False):
            before = bench.acked
            fault = bench.kill_one(victim, random.Random(f"{seed} {number}"))
            judged.counts["kills"] += 1
            judged.counts[f"kills of the {victim}"] += 1
            judged.counts["commands acknowledged"] += bench.acked - before
            fault = fault or (bench.fault_at_the_end() if number == numbers[-1] else None)
            if fault is not None:
                judged.broken.append(f"--seed {seed} --only {number}: after a kill of the {victim}, {fault}")
                break
        bench.close()
    return judged


@contextmanager
def running(folder: Path, seed: int) -> Iterator[Desk]:
    """An engine in Ray with definitions, and this process connected to it."""
    config = folder / "often.toml"
    config.write_text(CONFIG)
    flow = Flow(seed=seed, accounts=16, instruments=8)
    engine = EngineProcess(folder / "engine", config)
    try:
        with at_desk(engine, flow) as desk:
            define(desk.transport, flow)
            yield desk
    finally:
        engine.end()


class Bench:
    """A desk, what was acknowledged there, and a fold of the log that is made here."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._directory = desk.engine.directory
        self._rounds: list[Round] = []
        self._log = LogReader.open(self._directory / log_name(0))
        self._fold = Projector(self._log, capacity_of(desk.engine.config, 0))

    @property
    def acked(self) -> int:
        """How many commands were acknowledged."""
        return sum(len(one.commands) for one in self._rounds)

    def kill_one(self, victim: str, chance: random.Random) -> str | None:
        """Kill an actor under load and let it come back; give what is wrong then, or None."""
        sender = Sender(self._desk, FRAME_ORDERS)
        frames = chance.randrange(1, FRAMES_MAX + 1)
        wait_for(
            "frames are acknowledged", lambda: len(sender.answers) >= frames or sender.trouble, PATIENCE_S
        )
        time.sleep(chance.randrange(LATEST_NS) / 1e9)
        actor = next(name for name in self._desk.actors if name.startswith(ACTORS[victim]))
        pid = self._desk.kill(actor)
        answered = len(sender.answers)
        wait_for("frames go on", lambda: len(sender.answers) > answered or sender.trouble, PATIENCE_S)
        commands, answers = sender.finish()
        self._desk.wait_for_successor(pid, actor, PATIENCE_S)
        if sender.trouble is not None or not sender.is_right:
            return f"a client was refused or told something else: {sender.trouble}"
        self._rounds.append(Round(commands, answers, self._desk.deliver(commands)))
        return fault_of(self._rounds[-1], events_of(self._directory)) or self._fault_of_reads()

    def _fault_of_reads(self) -> str | None:
        """Ask the engine and our own fold the same; give what differs, or None."""
        position = self._fold.step()
        questions: list[AnyQuestion] = [
            ReadPositions(min_position=position),
            ReadExposure(min_position=position),
            ReadProfit(min_position=position),
            ReadOrders(min_position=position),
        ]
        for question in questions:
            theirs, ours = decode_answer(self._asked(question)), self._fold.answer(question)
            if (theirs.as_of, theirs.rows) != (ours.as_of, ours.rows):
                return f"{ours.subject} at {theirs.as_of} are not those of the log at {ours.as_of}"
        return None

    def _asked(self, question: AnyQuestion) -> bytes:
        """The engine's answer, once its projector is there and has folded so far."""

        def answer() -> bytes:
            try:
                return self._desk.transport.ask(0, encode_question(question))
            except NotReady:
                return b""

        return wait_for("reads converge", answer, PATIENCE_S)

    def fault_at_the_end(self) -> str | None:
        """Send everything once more, and verify the directory; give what is wrong, or None."""
        for one in self._rounds:
            wrong = fault_of(one._replace(again=self._desk.deliver(one.commands)))
            if wrong is not None:
                return wrong
        fault = verify_directory(self._directory).first_fault
        return None if fault is None else f"the directory is damaged: {fault}"

    def close(self) -> None:
        """Read no more."""
        self._log.close()


def fault_of(sent: Round, events: np.ndarray | None = None) -> str | None:
    """Give what is wrong with what was sent, the second time or in the log (ORDER_EVENT), or None."""
    if (sent.again["code"] != AnswerCode.DUPLICATE).any():
        return "an acknowledged command took effect when it was sent again"
    if (sent.again["offset"] != sent.answers["offset"]).any():
        return "an acknowledged command lies at another offset when it is sent again"
    if events is None:
        return None
    missing, twice = lost(events, sent.commands, sent.answers["offset"]), doubled(events)
    return f"{missing} acknowledged events are lost, {twice} are doubled" if missing or twice else None


HARNESS = Harness("actor_kill_run", "kills", KILLS_AN_ENGINE, judge, places=(disk(),), code=ALL_CODE)

if __name__ == "__main__":
    sys.exit(main_of(HARNESS))
