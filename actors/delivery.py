"""Delivery: one client's way to one partition. Gathers rows into frames, and resends until the deadline.

Rows leave at once as long as no other small frame is under way; what comes meanwhile shares the next one.
So a lone order never waits, and many callers make large frames by themselves. A frame is sent again, the same
rows under the same number, after every outcome that is unclear and after every refusal that says "later".
"""

import asyncio
import threading
import time
from collections.abc import Callable

import numpy as np

from actors.parcels import Delivered, Gathering, OutgoingFrame, Parcel, joined_rows
from engine.client.session import Session
from engine.codec.frames import AnswerFrame, decode_answers
from engine.config import ClientConfig
from engine.errors import BadRequest, NotReady, OrderfoldError, Overloaded, Unavailable
from engine.vocabulary import AnswerCode

PARTIAL_FRAMES_MAX = 1
"""Frames under way that are not full: with one, whoever comes meanwhile gathers in the next."""

RESEND_AFTER_S = 0.05
"""Pause after a call that failed: a partition that died is back in seconds, and asking costs little."""

LAST_ANSWER_S = 0.5
"""How long past the deadline to wait for the answer to a call that is under way just then."""

Heard = Callable[[bytes | None], None]
"""Takes the bytes of an answer frame, or None where a call ended without one."""

Carry = Callable[[np.ndarray, Heard], None]
"""Sends the bytes of a frame; calls back once, on any thread."""

Later = Callable[[float, Callable[[], None]], None]
"""Calls a function after so many seconds, on any thread."""


def call_later(seconds: float, function: Callable[[], None]) -> None:
    """Call a function after so many seconds, on a thread of its own."""
    timer = threading.Timer(seconds, function)
    timer.daemon = True
    timer.start()


class Delivery:
    """One client's way to one partition; every method may be called from any thread.

    `carry` sends a frame's bytes; `clock` gives steady seconds. The rows given to it must not change until
    they are answered: they are the outbox.
    """

    def __init__(
        self,
        session: Session,
        carry: Carry,
        config: ClientConfig,
        *,
        later: Later = call_later,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._carry = carry
        self._config = config
        self._later = later
        self._clock = clock
        self._lock = threading.RLock()
        self._gathering = Gathering()
        self._frames: dict[int, OutgoingFrame] = {}
        self._calls = 0
        self._is_paused = False
        self._refusal: OrderfoldError | None = None
        self._end: OrderfoldError | None = None

    def declare(self, principal: int) -> None:
        """Say which principal sends from now on."""
        with self._lock:
            self._session.principal = principal

    def deliver(self, rows: np.ndarray) -> Delivered:
        """Send COMMAND rows and wait for their answers.

        Raises Overloaded, NotReady or Unavailable where nothing happened until the deadline, OutcomeUnknown
        where something may have, BadRequest where the partition can't read what is sent.
        """
        parcel = self.offer(rows)
        try:
            return parcel.future.result(self._patience_s)
        except TimeoutError:
            self._give_up(parcel)
            return parcel.future.result(0)

    async def deliver_async(self, rows: np.ndarray) -> Delivered:
        """The same, awaited; no thread waits meanwhile."""
        parcel = self.offer(rows)
        answered = asyncio.wrap_future(parcel.future)
        done, _ = await asyncio.wait([answered], timeout=self._patience_s)
        if not done:
            self._give_up(parcel)
        return await answered

    @property
    def _patience_s(self) -> float:
        return self._config.deadline_ms / 1000 + LAST_ANSWER_S

    def offer(self, rows: np.ndarray) -> Parcel:
        """Let rows go on their way; their outcome comes to the parcel's `future`."""
        parcel = Parcel(rows, self._clock() + self._config.deadline_ms / 1000)
        with self._lock:
            if self._end is not None:
                parcel.refusal = self._end
                parcel.fail()
            elif len(rows):
                self._gathering.add(parcel)
                self._send_gathered()
        return parcel

    def end(self, reason: OrderfoldError) -> None:
        """Nothing can be sent any more: every caller learns it now, and whoever comes later at once."""
        with self._lock:
            self._end = reason
            parcels = self._gathering.empty()
            for frame in list(self._frames.values()):
                self._settle(frame)
                for part in frame.slices:
                    part.parcel.is_unclear |= frame.is_unclear or frame.calls > 0
                    parcels.append(part.parcel)
            for parcel in parcels:
                parcel.refusal = reason
                parcel.fail()

    def _send_gathered(self) -> None:
        while self._may_send():
            slices = self._gathering.take(self._config.frame_rows_max)
            rows = joined_rows(slices)
            is_partial = len(rows) < self._config.frame_rows_max
            frame = OutgoingFrame(self._session.put(rows), slices, is_partial=is_partial)
            self._frames[frame.number] = frame
            self._send(frame)

    def _may_send(self) -> bool:
        # A frame that was given up is still with the partition until its call has ended.
        under_way = max(len(self._frames), self._calls)
        if self._is_paused or not self._gathering.rows or under_way >= self._config.window_frames:
            return False
        if self._gathering.rows >= self._config.frame_rows_max:
            return True
        return sum(frame.is_partial for frame in self._frames.values()) < PARTIAL_FRAMES_MAX

    def _send(self, frame: OutgoingFrame) -> None:
        frame.attempt += 1
        frame.is_out = True
        frame.is_alone = frame.calls == 0
        frame.calls += 1
        attempt = frame.attempt
        self._calls += 1
        self._carry(self._session.frame(frame.number), lambda data: self._hear(frame, attempt, data))

    def _hear(self, frame: OutgoingFrame, attempt: int, data: bytes | None) -> None:
        """Take what came back of one attempt to send a frame."""
        answer = _decoded(data)
        with self._lock:
            self._calls -= 1
            frame.calls -= 1
            if frame.number in self._frames:
                self._take_in(frame, attempt, answer)
            self._send_gathered()

    def _take_in(self, frame: OutgoingFrame, attempt: int, answer: AnswerFrame | None) -> None:
        if answer is None:
            frame.is_unclear = True
        else:
            self._session.epoch = max(self._session.epoch, int(answer.header["epoch"]))
        is_answered = answer is not None and answer.header["code"] == AnswerCode.ACCEPTED
        if answer is not None and is_answered and (frame.is_alone or not _leaves_nothing(answer)):
            self._refusal = None
            self._settle(frame)
            frame.take_in(answer.answers, int(answer.header["tip"]))
            self._end_incomplete(frame)
        elif frame.calls == 0 or (attempt == frame.attempt and not is_answered):
            self._put_off(frame, None if is_answered else answer)

    def _put_off(self, frame: OutgoingFrame, answer: AnswerFrame | None) -> None:
        """Send a frame again after a pause, or give it up where that is too late or of no use."""
        frame.is_out = False
        refusal, pause_s = _refusal_of(answer)
        self._refusal = refusal
        if isinstance(refusal, BadRequest) or self._clock() + pause_s > frame.deadline:
            self._abandon(frame, refusal)
        elif not self._is_paused:
            self._is_paused = True
            self._later(pause_s, self._resume)

    def _resume(self) -> None:
        """Send again what came back, in its order, then go on."""
        with self._lock:
            self._is_paused = False
            for frame in list(self._frames.values()):
                if not frame.is_out and not self._is_paused:
                    self._send(frame)
            self._send_gathered()

    def _settle(self, frame: OutgoingFrame) -> None:
        del self._frames[frame.number]
        self._session.settle(frame.number)

    def _abandon(self, frame: OutgoingFrame, refusal: OrderfoldError | None) -> None:
        """Give up a frame; a caller without any other frame under way learns it now."""
        self._settle(frame)
        for parcel in frame.parcels:
            self._gathering.drop(parcel)
            parcel.refusal = refusal
            # What was refused is this attempt: another one may still be decided.
            parcel.is_unclear |= frame.is_unclear or frame.calls > 0
            parcel.is_incomplete = True
        self._end_incomplete(frame)
        self._call_on_successor(frame)

    def _end_incomplete(self, gone: OutgoingFrame) -> None:
        """End the wait of callers who lack answers and have no other frame under way."""
        for parcel in gone.parcels:
            if parcel.is_incomplete and not self._is_under_way(parcel):
                parcel.fail()

    def _call_on_successor(self, gone: OutgoingFrame) -> None:
        """Send the next frame again: it may be waiting at the partition for the one that will never come."""
        if self._frames:
            first = self._frames[min(self._frames)]
            if first.number > gone.number and first.is_out and not self._is_paused:
                self._send(first)

    def _is_under_way(self, parcel: Parcel) -> bool:
        return any(frame.carries(parcel) for frame in self._frames.values())

    def _give_up(self, parcel: Parcel) -> None:
        """End a caller's wait at its deadline, and every frame that nobody waits for any more."""
        with self._lock:
            self._gathering.drop(parcel)
            parcel.is_unclear |= self._is_under_way(parcel)
            parcel.refusal = self._refusal or Unavailable(
                "the partition answers nobody just now, and the commands were not sent: send them again"
            )
            parcel.fail()
            for frame in list(self._frames.values()):
                if all(part.parcel.is_over for part in frame.slices):
                    self._settle(frame)
                    self._call_on_successor(frame)
            self._send_gathered()


def _decoded(data: bytes | None) -> AnswerFrame | None:
    """An answer frame, or None where there is none that can be believed."""
    try:
        return None if data is None else decode_answers(data)
    except BadRequest:
        return None


def _leaves_nothing(answer: AnswerFrame) -> bool:
    """Whether a command was refused that the partition does not remember: a copy of it may still be taken."""
    return bool((answer.answers["offset"] < 0).any())


def _refusal_of(answer: AnswerFrame | None) -> tuple[OrderfoldError | None, float]:
    """What to tell the callers of a frame that is not sent again, and how long to wait before it is."""
    if answer is None:
        return None, RESEND_AFTER_S
    header = answer.header
    retry_after_s = int(header["retry_after_ms"]) / 1000
    partition = int(header["partition"])
    if header["code"] == AnswerCode.INVALID:
        return BadRequest(
            f"partition {partition} could not read frame {header['number']}, and nothing of it happened: "
            "orderfold dead-letters says why"
        ), 0.0
    if header["code"] == AnswerCode.OVERLOADED:
        waited = f"partition {partition} had no room for the commands until the deadline; nothing happened"
        return Overloaded(waited, retry_after_s), retry_after_s
    if header["code"] == AnswerCode.FENCED:
        fenced = f"partition {partition} changed its owner until the deadline; nothing happened"
        return Unavailable(fenced), retry_after_s
    return NotReady(
        f"partition {partition} opens its log and needs some {retry_after_s:.1f} s more; nothing happened"
    ), retry_after_s
