"""The projector's one thread: answers questions first, then folds a slice, and so on.

A slice is short, so that a question never waits long behind a fold, however far behind the projector is. It
looks at the log when it is told a position; then, for a while, by itself every millisecond, because where one
event came others follow; and from time to time anyway: a lost push costs latency only.
"""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from actors.roles.projection_switch import Switch, Verdict
from actors.roles.projector import Projector
from engine.errors import BadRequest, OrderfoldError
from engine.reads.questions import decode_question

SLICE_EVENTS = 8_192
"""Events folded between two looks at the questions: some 2 ms."""

LOOKS_FOR_S, LOOK_AGAIN_S = 0.1, 0.001
"""How long, and how often, it looks at the log by itself after an event: some microseconds each."""

POSITION_WAIT_S = 5.0
"""How long a question may wait for the position that it must reflect; then the log is not getting there."""

Deliver = Callable[[bytes | OrderfoldError], None]


class _Asked(NamedTuple):
    """A question that waits: until the position it names is folded, or its time is over."""

    question: bytes
    min_position: int
    deadline: float
    deliver: Deliver


class ProjectorLoop:
    """Runs one projector. Every method may be called from any thread; `deliver` is called from the loop's.

    `look_every_s` is how often it looks at the log, and shows that it is alive, when nobody tells it
    anything.
    """

    def __init__(
        self, projector: Projector, *, look_every_s: float, on_failure: Callable[[BaseException], None]
    ) -> None:
        self.projector = projector
        self._look_every_s = look_every_s
        self._on_failure = on_failure
        self._changed = threading.Condition()
        self._told: int | None = None
        self._questions: list[_Asked] = []
        self._switch: Switch | None = None
        self._is_stopping = False
        self.is_behind = True
        self._awake_until_s = 0.0
        self.stepped_s = time.monotonic()
        self._thread = threading.Thread(target=self._guarded, name="projector", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def tell(self, position: int) -> None:
        """The log's next offset, as somebody has seen it."""
        with self._changed:
            self._told = max(position, self._told or 0)
            self._changed.notify_all()

    def ask(self, question: bytes, deliver: Deliver) -> None:
        """Put a question; its answer, or what is wrong with it, goes to `deliver`."""
        try:
            min_position = decode_question(question).min_position
        except BadRequest as error:
            deliver(error)
            return
        with self._changed:
            deadline = time.monotonic() + POSITION_WAIT_S
            self._questions.append(_Asked(question, min_position, deadline, deliver))
            self._changed.notify_all()

    def switch_to(self, rebuilt: Projector, deliver: Callable[[Verdict | None], None]) -> None:
        """Let a projector that was folded beside this one take its place, if both are the same.

        The verdict goes to `deliver`; None where the loop ends, or another switch is under way.
        """
        with self._changed:
            is_free = self._switch is None and not self._is_stopping
            if is_free:
                self._switch = Switch(rebuilt, deliver)
            self._changed.notify_all()
        if not is_free:
            rebuilt.abandon()
            deliver(None)

    def stop(self) -> None:
        """Answer what can be answered, and end the thread."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        self._thread.join()

    def _guarded(self) -> None:
        """A broken fold poisons the projector: its owner must end the process, a new one folds again."""
        try:
            self._run()
        except BaseException as error:
            self._on_failure(error)

    def _run(self) -> None:
        while not self._is_stopping:
            questions, told = self._wait()
            late = [asked for asked in questions if not self._answer(asked)]
            self._fold_slice(told)
            self._further(self._switch)
            with self._changed:
                self._questions = late + self._questions
        if self._switch is not None:
            self._switch.give_up()

    def _wait(self) -> tuple[list[_Asked], int | None]:
        """Wait for a question, a position or the time to look; take what is there."""
        with self._changed:
            if not self.is_behind:
                is_awake = time.monotonic() < self._awake_until_s
                self._changed.wait_for(self._has_news, LOOK_AGAIN_S if is_awake else self._look_every_s)
            questions, self._questions = self._questions, []
            told, self._told = self._told, None
            return questions, told

    def _has_news(self) -> bool:
        if self._is_stopping or self._told is not None or self._switch is not None:
            return True
        return any(asked.min_position <= self.projector.applied_offset for asked in self._questions)

    def _answer(self, asked: _Asked) -> bool:
        """Answer a question if the position it names is folded, or refuse it if its time is over."""
        applied = self.projector.applied_offset
        if asked.min_position > applied and time.monotonic() < asked.deadline:
            return False
        try:
            if asked.min_position > applied:
                raise self.projector.why_not(asked.min_position)
            asked.deliver(self.projector.read(asked.question))
        except OrderfoldError as error:
            asked.deliver(error)
        return True

    def _fold_slice(self, told: int | None) -> None:
        """Fold the next slice, and see whether that was all."""
        before = self.projector.applied_offset
        if self._switch is not None and self._switch.is_comparing:
            # Standing still, it shows that it lives, and how far the log is meanwhile.
            self.projector.step(upto=before)
            self._awake_until_s = time.monotonic() + LOOKS_FOR_S
            return
        position = None if self.is_behind else told
        applied = self.projector.step(position, upto=before + SLICE_EVENTS)
        self.is_behind = applied - before == SLICE_EVENTS
        if applied > before:
            self._awake_until_s = time.monotonic() + LOOKS_FOR_S
        self.stepped_s = time.monotonic()

    def _further(self, switch: Switch | None) -> None:
        """Bring a rebuilt projector nearer to this one's place, and put it there at the end."""
        if switch is None:
            return
        verdict = switch.step(self.projector)
        self.stepped_s = time.monotonic()
        if verdict is None:
            return
        if verdict.differing:
            switch.rebuilt.abandon()
        else:
            switch.rebuilt.succeed(self.projector)
            self.projector = switch.rebuilt
        self._switch = None
        switch.deliver(verdict)
