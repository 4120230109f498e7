"""The demo's traffic: strategies that send frame after frame at a steady pace, and check every answer."""

import threading
import time
from collections import Counter, deque

import numpy as np

from actors.bench.percentiles import histogram_of, percentiles
from actors.demo.acked import AckedSet
from actors.demo.orders import FRAME_ROWS, Expected, OrderSource
from engine import Client
from engine.answers import Answers
from engine.errors import IntegrityError
from engine.vocabulary import AnswerCode, Reason

RECENT_FRAMES = 200
"""Frames whose times the live percentiles cover: a second or two."""


class Traffic:
    """Several senders, each with a client of its own; `finish` waits for every answer and gives them all."""

    def __init__(self, clients: list[Client], source: OrderSource, *, rows_per_second: int) -> None:
        self.acked = AckedSet()
        self.refusals: Counter[str] = Counter()
        self.repeated = 0
        self._began_s = time.monotonic()
        self._lock = threading.Lock()
        self._recent_ns: deque[int] = deque(maxlen=RECENT_FRAMES)
        self._slowest_ns = 0
        self._over = threading.Event()
        self._failures: list[BaseException] = []
        self._pause_s = FRAME_ROWS * len(clients) / rows_per_second
        self._threads = [
            threading.Thread(
                target=self._guarded, args=(client, source), name=f"strategy-{number}", daemon=True
            )
            for number, client in enumerate(clients)
        ]

    def start(self) -> None:
        """Let every sender begin."""
        self._began_s = time.monotonic()
        for thread in self._threads:
            thread.start()

    @property
    def elapsed_s(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began_s

    def ack_ms(self) -> dict[str, float]:
        """How long the latest frames took from the call to the last answer, and the slowest of all, in ms."""
        with self._lock:
            recent = list(self._recent_ns)
        figures = percentiles(histogram_of(recent), 1e6, {"p50": 50.0, "p99": 99.0})
        return {**figures, "max": round(self._slowest_ns / 1e6, 1)}

    @property
    def has_failed(self) -> bool:
        """Whether a sender has given up; `finish` raises why."""
        return bool(self._failures)

    def halt(self) -> None:
        """Send nothing new, and wait for what is under way: each client gives up at its deadline."""
        self._over.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def finish(self) -> None:
        """The same, and raise what a sender has raised."""
        self.halt()
        if self._failures:
            raise self._failures[0]

    def _guarded(self, client: Client, source: OrderSource) -> None:
        try:
            self._send_all(client, source)
        except BaseException as error:
            self._failures.append(error)
            self._over.set()

    def _send_all(self, client: Client, source: OrderSource) -> None:
        due_s = time.monotonic()
        for frame in source.frames():
            self._send(client, frame)
            # A frame that was late, as one is while a process is started again, makes no later one hurry.
            due_s = max(due_s + self._pause_s, time.monotonic() - self._pause_s)
            if self._over.wait(max(0.0, due_s - time.monotonic())):
                return

    def _send(self, client: Client, frame: Expected) -> None:
        began_ns = time.perf_counter_ns()
        answers = client.send_rows(frame.commands)
        taken_ns = time.perf_counter_ns() - began_ns
        if not (answers.outcomes == frame.codes).all():
            raise IntegrityError(f"orders got other answers than they should have got: {answers!r}")
        self.acked.add(frame.commands, answers.positions, self.elapsed_s)
        self._count(answers, taken_ns)

    def _count(self, answers: Answers, taken_ns: int) -> None:
        reasons, counts = np.unique(
            answers.rows["reason"][answers.outcomes == AnswerCode.REJECTED], return_counts=True
        )
        with self._lock:
            self._recent_ns.append(taken_ns)
            self._slowest_ns = max(self._slowest_ns, taken_ns)
            self.repeated += int((answers.codes == AnswerCode.DUPLICATE).sum())
            for reason, count in zip(reasons.tolist(), counts.tolist(), strict=True):
                self.refusals[Reason(reason).name] += count
