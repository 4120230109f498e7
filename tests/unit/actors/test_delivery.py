"""A client's way to a partition: what is under way is bounded, whatever its callers give up."""

import time

import numpy as np
import pytest

from actors.delivery import Delivery, Heard
from engine.client.session import Session
from engine.codec.frames import ANSWER_HEADER, decode_frame, encode_answers
from engine.config import ClientConfig
from engine.errors import NotReady, OrderfoldError, OutcomeUnknown, Overloaded, Unavailable
from engine.rows.answers import answer_rows
from engine.rows.commands import command_rows
from engine.vocabulary import AnswerCode

WINDOW = 3
ROWS = 4
PATIENT = ClientConfig(deadline_ms=30_000, window_frames=WINDOW, frame_rows_max=ROWS)
IMPATIENT = ClientConfig(deadline_ms=1, window_frames=WINDOW, frame_rows_max=ROWS)


class Line:
    """Calls that are under way, and their frames; a test says when each ends, and how."""

    def __init__(self) -> None:
        self.calls: list[tuple[np.ndarray, Heard]] = []
        self.each = AnswerCode.ACCEPTED

    def carry(self, frame: np.ndarray, heard: Heard) -> None:
        """Begin a call."""
        self.calls.append((frame, heard))

    def end(self, code: AnswerCode, retry_after_ms: int = 20) -> None:
        """End the oldest call with an answer frame of this code."""
        frame, heard = self.calls.pop(0)
        sent = decode_frame(frame, ROWS)
        header = np.zeros(1, ANSWER_HEADER)[0]
        header["code"], header["number"] = code, sent.header["number"]
        header["retry_after_ms"] = retry_after_ms
        answers = answer_rows(len(sent.commands) if code == AnswerCode.ACCEPTED else 0)
        answers["code"] = self.each
        answers["offset"] = -(self.each != AnswerCode.ACCEPTED)
        # Whoever sent a command knows its answer by this number again.
        answers["version"] = sent.commands["seq"][: len(answers)]
        heard(encode_answers(header, answers))


def delivery_on(line: Line) -> Delivery:
    return Delivery(Session((1, 2), 0), line.carry, IMPATIENT, later=lambda seconds, function: None)


def trouble(delivery: Delivery) -> type[OrderfoldError]:
    """What is raised to a caller with a full frame."""
    with pytest.raises(OrderfoldError) as raised:
        delivery.deliver(command_rows(ROWS))
    return type(raised.value)


def test_frames_that_were_given_up_fill_the_window_until_their_calls_end() -> None:
    """Else a client with short deadlines would pile frames up at a partition that is slow."""
    line = Line()
    delivery = delivery_on(line)

    told = [trouble(delivery) for _ in range(WINDOW + 1)]

    assert told == [OutcomeUnknown] * WINDOW + [Unavailable]
    parcel = delivery.offer(command_rows(ROWS))
    assert len(line.calls) == WINDOW
    line.end(AnswerCode.ACCEPTED)
    assert len(line.calls) == WINDOW, "one call has ended, and the next began"
    for _ in range(WINDOW):
        line.end(AnswerCode.ACCEPTED)
    assert (parcel.future.result(0)[0]["code"] == AnswerCode.ACCEPTED).all()


def test_a_refusal_at_the_deadline_says_that_nothing_happened_and_when_to_come_again() -> None:
    line = Line()
    parcel = delivery_on(line).offer(command_rows(ROWS))

    line.end(AnswerCode.OVERLOADED)

    error = parcel.future.exception(0)
    assert isinstance(error, Overloaded)
    assert error.retry_after_s == 0.02


def test_whoever_can_not_wait_for_a_log_to_be_folded_is_told_how_long_it_takes() -> None:
    line = Line()
    delivery = Delivery(Session((1, 2), 0), line.carry, PATIENT, later=lambda seconds, function: None)
    given_up, waiting = (delivery.offer(command_rows(ROWS)) for _ in range(2))

    line.end(AnswerCode.NOT_READY, 30_000 + 4_000)
    line.end(AnswerCode.NOT_READY, 4_000)

    error = given_up.future.exception(0)
    assert isinstance(error, NotReady)
    assert "needs some 34.0 s more; nothing happened" in str(error)
    assert not waiting.future.done(), "it is sent again when the log is folded"


def numbered(*numbers: int) -> np.ndarray:
    rows = command_rows(len(numbers))
    rows["seq"] = numbers
    return rows


def test_callers_who_share_a_frame_get_their_own_answers() -> None:
    line = Line()
    delivery = Delivery(Session((1, 2), 0), line.carry, PATIENT, later=lambda seconds, function: None)
    alone, first, second = (delivery.offer(rows) for rows in (numbered(1), numbered(2), numbered(3, 4)))

    line.end(AnswerCode.ACCEPTED)
    assert [len(decode_frame(frame, ROWS).commands) for frame, _ in line.calls] == [3], "they share a frame"
    line.end(AnswerCode.ACCEPTED)

    told = [parcel.future.result(0)[0]["version"].tolist() for parcel in (alone, first, second)]
    assert told == [[1], [2], [3, 4]]


def test_an_end_is_told_to_everybody_at_once() -> None:
    """Who is under way can't know what happened; who was not sent yet, or comes later, can."""
    line = Line()
    delivery = Delivery(Session((1, 2), 0), line.carry, ClientConfig(window_frames=1, frame_rows_max=ROWS))
    sent, waiting = delivery.offer(command_rows(ROWS)), delivery.offer(command_rows(ROWS))

    delivery.end(Unavailable("it was stopped"))

    later = delivery.offer(command_rows(1))
    assert len(line.calls) == 1
    with pytest.raises(OutcomeUnknown, match="it was stopped"):
        sent.future.result(0)
    for parcel in (waiting, later):
        with pytest.raises(Unavailable, match="it was stopped"):
            parcel.future.result(0)


def test_an_answer_that_comes_after_the_end_changes_nothing() -> None:
    line = Line()
    delivery = delivery_on(line)
    parcel = delivery.offer(command_rows(ROWS))
    delivery.end(Unavailable("it was stopped"))

    line.end(AnswerCode.ACCEPTED)

    assert isinstance(parcel.future.exception(0), OutcomeUnknown)


def test_a_refused_attempt_says_nothing_of_another_that_is_still_under_way() -> None:
    """A frame is sent again when one before it is given up; its first copy waits there meanwhile."""
    line = Line()
    delivery = delivery_on(line)
    first, second = delivery.offer(command_rows(ROWS)), delivery.offer(command_rows(ROWS))
    time.sleep(0.002)  # past the deadline
    line.end(AnswerCode.OVERLOADED)
    assert isinstance(first.future.exception(0), Overloaded)
    assert len(line.calls) == 2, "the second frame is under way twice"

    line.calls.reverse()
    line.end(AnswerCode.OVERLOADED)

    assert isinstance(second.future.exception(0), OutcomeUnknown)


def test_a_command_is_refused_only_once_no_other_copy_of_it_can_be_taken() -> None:
    """What is refused for lack of space is not remembered: the second copy may find some."""
    line = Line()
    delivery = delivery_on(line)
    delivery.offer(command_rows(ROWS))
    second = delivery.offer(command_rows(ROWS))
    time.sleep(0.002)  # past the deadline
    line.end(AnswerCode.OVERLOADED)
    assert len(line.calls) == 2, "the second frame is under way twice"

    line.each = AnswerCode.LOW_SPACE
    line.end(AnswerCode.ACCEPTED)
    assert not second.future.done()
    line.each = AnswerCode.ACCEPTED
    line.end(AnswerCode.ACCEPTED)

    assert (second.future.result(0)[0]["code"] == AnswerCode.ACCEPTED).all()
